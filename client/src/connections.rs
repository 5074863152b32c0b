//! Calls of `Connections`: the Odoo databases that the server serves.

use secrecy::{ExposeSecret as _, SecretString};
use sluice_proto::v1::{
    Connection, ConnectionsCreatePairingCodeRequest, ConnectionsCreatePairingCodeResponse,
    ConnectionsDeleteRequest, ConnectionsGetRequest, ConnectionsListRequest,
    ConnectionsRotateKeyRequest, ConnectionsRotateTokenRequest, ConnectionsSaveRequest,
    ConnectionsTestRequest, ConnectionsTestResponse, connections_client::ConnectionsClient,
};

use crate::{connect::Client, error::ClientError};

impl Client {
    /// Creates a connection or changes one. The token is that of a new connection and is shown this once.
    pub async fn save_connection(
        &self,
        request: ConnectionsSaveRequest,
    ) -> Result<(Connection, Option<SecretString>), ClientError> {
        let answer = ConnectionsClient::new(self.wire())
            .save(self.timed(request))
            .await?
            .into_inner();
        let connection = answer
            .connection
            .ok_or_else(|| ClientError::incomplete("connection"))?;
        let token = (!answer.token.is_empty()).then(|| SecretString::from(answer.token));
        Ok((connection, token))
    }

    /// Asks the server to call Odoo, and tells what it found.
    pub async fn test_connection(
        &self,
        name: &str,
    ) -> Result<ConnectionsTestResponse, ClientError> {
        let request = ConnectionsTestRequest {
            name: name.to_owned(),
        };
        self.patiently(request, |wire, request| async move {
            ConnectionsClient::new(wire).test(request).await
        })
        .await
    }

    /// One connection, without its secrets. An empty name is the one that the token belongs to.
    pub async fn connection(&self, name: &str) -> Result<Connection, ClientError> {
        let request = ConnectionsGetRequest {
            name: name.to_owned(),
        };
        let answer = self
            .patiently(request, |wire, request| async move {
                ConnectionsClient::new(wire).get(request).await
            })
            .await?;
        answer
            .connection
            .ok_or_else(|| ClientError::incomplete("connection"))
    }

    /// All connections by name.
    pub async fn connections(&self) -> Result<Vec<Connection>, ClientError> {
        let mut connections = Vec::new();
        let mut request = ConnectionsListRequest {
            page_size: 500,
            page_token: String::new(),
        };
        loop {
            let page = self
                .patiently(request.clone(), |wire, request| async move {
                    ConnectionsClient::new(wire).list(request).await
                })
                .await?;
            connections.extend(page.connections);
            if page.next_page_token.is_empty() {
                return Ok(connections);
            }
            request.page_token = page.next_page_token;
        }
    }

    /// Removes a connection, its tokens and its finished jobs.
    pub async fn delete_connection(&self, name: &str) -> Result<(), ClientError> {
        let request = self.timed(ConnectionsDeleteRequest {
            name: name.to_owned(),
        });
        ConnectionsClient::new(self.wire()).delete(request).await?;
        Ok(())
    }

    /// Replaces the Odoo API key of a connection, after the server has tried it.
    pub async fn rotate_key(&self, name: &str, api_key: &SecretString) -> Result<(), ClientError> {
        let request = self.timed(ConnectionsRotateKeyRequest {
            name: name.to_owned(),
            api_key: api_key.expose_secret().to_owned(),
        });
        ConnectionsClient::new(self.wire())
            .rotate_key(request)
            .await?;
        Ok(())
    }

    /// Makes a new token for the connection's callers; the old ones stop working.
    pub async fn rotate_token(&self, name: &str) -> Result<SecretString, ClientError> {
        let request = self.timed(ConnectionsRotateTokenRequest {
            name: name.to_owned(),
        });
        let answer = ConnectionsClient::new(self.wire())
            .rotate_token(request)
            .await?;
        Ok(SecretString::from(answer.into_inner().token))
    }

    /// Makes a code with which one Odoo saves its own connection, once and soon.
    pub async fn create_pairing_code(
        &self,
    ) -> Result<ConnectionsCreatePairingCodeResponse, ClientError> {
        let request = self.timed(ConnectionsCreatePairingCodeRequest {});
        let answer = ConnectionsClient::new(self.wire())
            .create_pairing_code(request)
            .await?;
        Ok(answer.into_inner())
    }
}
