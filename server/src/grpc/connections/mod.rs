//! `sluice.v1.Connections`: saving, trying and pairing of Odoo databases.

mod logikal;
mod refusals;

use secrecy::{ExposeSecret, SecretString};
use sluice_proto::v1::{
    Connection as ConnectionMessage, ConnectionsCreatePairingCodeRequest,
    ConnectionsCreatePairingCodeResponse, ConnectionsDeleteRequest, ConnectionsDeleteResponse,
    ConnectionsGetLogikalRequest, ConnectionsGetLogikalResponse, ConnectionsGetRequest,
    ConnectionsGetResponse, ConnectionsListInstalledModulesRequest,
    ConnectionsListInstalledModulesResponse, ConnectionsListRequest, ConnectionsListResponse,
    ConnectionsRotateKeyRequest, ConnectionsRotateKeyResponse, ConnectionsRotateTokenRequest,
    ConnectionsRotateTokenResponse, ConnectionsSaveLogikalRequest, ConnectionsSaveLogikalResponse,
    ConnectionsSaveRequest, ConnectionsSaveResponse, ConnectionsTestRequest,
    ConnectionsTestResponse, InstalledModule,
    connections_server::Connections as ConnectionsContract,
};
use tonic::{Request, Response, Status};

use super::{
    auth::{admin, caller},
    page::{Question, cut},
    replies::timestamp,
};
use crate::{
    connections::{Caller, Connection, Connections, ConnectionsError, Draft},
    jobs::{Greeting, OdooClients, project_sync::LogikalSites},
    queue::Queue,
};

/// The service.
#[derive(Clone)]
pub(crate) struct ConnectionsService {
    connections: Connections,
    odoo: OdooClients,
    sites: LogikalSites,
    queue: Queue,
}

impl ConnectionsService {
    pub(crate) fn new(
        connections: Connections,
        odoo: OdooClients,
        sites: LogikalSites,
        queue: Queue,
    ) -> Self {
        Self {
            connections,
            odoo,
            sites,
            queue,
        }
    }

    /// The connection of this name, if the caller is an admin.
    async fn administered<T>(
        &self,
        request: &Request<T>,
        name: &str,
    ) -> Result<Connection, Status> {
        admin(request)?;
        Ok(self.connections.visible(&Caller::Admin, name).await?)
    }

    async fn remember(
        &self,
        connection: &Connection,
        greeting: &Greeting,
    ) -> Result<Connection, Status> {
        let told = &greeting.description;
        Ok(self
            .connections
            .tested(connection.id, &told.odoo_version, &told.addon_version)
            .await?)
    }
}

#[tonic::async_trait]
impl ConnectionsContract for ConnectionsService {
    async fn save(
        &self,
        request: Request<ConnectionsSaveRequest>,
    ) -> Result<Response<ConnectionsSaveResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let api_key = SecretString::from(asked.api_key);
        let draft = Draft::new(
            &asked.name,
            &asked.url,
            &asked.database,
            &api_key,
            asked.max_running,
        )?
        .with_login(&asked.login)?
        .with_pace(asked.calls_per_second)?;
        let endpoint = self.connections.endpoint_of(&caller, &draft).await?;
        let greeting = if asked.skip_test {
            None
        } else {
            Some(self.odoo.greet(endpoint).await?)
        };
        let mut saved = self.connections.save(&caller, &draft).await?;
        self.queue
            .set_share(saved.connection.id, saved.connection.max_running)
            .await?;
        if let Some(greeting) = &greeting {
            saved.connection = self.remember(&saved.connection, greeting).await?;
        }
        let token = saved
            .token
            .map(|token| token.expose_secret().to_owned())
            .unwrap_or_default();
        Ok(Response::new(ConnectionsSaveResponse {
            connection: Some(message(saved.connection)),
            token,
        }))
    }

    async fn test(
        &self,
        request: Request<ConnectionsTestRequest>,
    ) -> Result<Response<ConnectionsTestResponse>, Status> {
        let connection = self
            .connections
            .visible(&caller(&request)?, &request.get_ref().name)
            .await?;
        let greeting = self
            .odoo
            .greet(self.connections.endpoint(connection.id).await?)
            .await?;
        self.remember(&connection, &greeting).await?;
        let Greeting {
            description,
            round_trip,
        } = greeting;
        Ok(Response::new(ConnectionsTestResponse {
            odoo_version: description.odoo_version,
            addon_version: description.addon_version,
            user: description.user,
            workers: description.workers,
            round_trip_ms: round_trip.as_secs_f64() * 1000.0,
            modules: description.modules,
            missing_rights: description.missing_rights,
        }))
    }

    async fn get(
        &self,
        request: Request<ConnectionsGetRequest>,
    ) -> Result<Response<ConnectionsGetResponse>, Status> {
        let connection = self
            .connections
            .visible(&caller(&request)?, &request.get_ref().name)
            .await?;
        Ok(Response::new(ConnectionsGetResponse {
            connection: Some(message(connection)),
        }))
    }

    async fn list(
        &self,
        request: Request<ConnectionsListRequest>,
    ) -> Result<Response<ConnectionsListResponse>, Status> {
        admin(&request)?;
        let asked = request.into_inner();
        let question = Question::new("connections", &[], 50, 500);
        let page = question.page::<String>(asked.page_size, &asked.page_token)?;
        let limit = i64::try_from(page.size + 1).unwrap_or(i64::MAX);
        let found = self
            .connections
            .list(page.after.as_deref().unwrap_or_default(), limit)
            .await?;
        let (found, next_page_token) = cut(found, page.size, &question, |last| last.name.clone());
        let connections = found.into_iter().map(message).collect();
        Ok(Response::new(ConnectionsListResponse {
            connections,
            next_page_token,
        }))
    }

    async fn list_installed_modules(
        &self,
        request: Request<ConnectionsListInstalledModulesRequest>,
    ) -> Result<Response<ConnectionsListInstalledModulesResponse>, Status> {
        let connection = self
            .connections
            .visible(&caller(&request)?, &request.get_ref().name)
            .await?;
        let modules = self.odoo.of(connection.id).await?.modules().await?;
        let modules = modules
            .into_iter()
            .map(|module| InstalledModule {
                name: module.name,
                title: module.title,
                version: module.version,
                is_application: module.is_application,
            })
            .collect();
        Ok(Response::new(ConnectionsListInstalledModulesResponse {
            modules,
        }))
    }

    async fn delete(
        &self,
        request: Request<ConnectionsDeleteRequest>,
    ) -> Result<Response<ConnectionsDeleteResponse>, Status> {
        let connection = self.administered(&request, &request.get_ref().name).await?;
        if !self.queue.drop_share(connection.id).await? {
            return Err(ConnectionsError::Busy(connection.name).into());
        }
        self.connections.delete(&connection).await?;
        Ok(Response::new(ConnectionsDeleteResponse {}))
    }

    async fn rotate_key(
        &self,
        request: Request<ConnectionsRotateKeyRequest>,
    ) -> Result<Response<ConnectionsRotateKeyResponse>, Status> {
        // A connection's own token is enough: whoever holds it can start what the key is good for, and the address stays.
        let connection = self
            .connections
            .visible(&caller(&request)?, &request.get_ref().name)
            .await?;
        let api_key = SecretString::from(request.into_inner().api_key);
        let endpoint = self
            .connections
            .endpoint_with_key(connection.id, &api_key)
            .await?;
        let greeting = self.odoo.greet(endpoint).await?;
        self.connections
            .replace_key(connection.id, &api_key)
            .await?;
        self.remember(&connection, &greeting).await?;
        Ok(Response::new(ConnectionsRotateKeyResponse {}))
    }

    async fn rotate_token(
        &self,
        request: Request<ConnectionsRotateTokenRequest>,
    ) -> Result<Response<ConnectionsRotateTokenResponse>, Status> {
        let connection = self.administered(&request, &request.get_ref().name).await?;
        let token = self.connections.rotate_token(connection.id).await?;
        Ok(Response::new(ConnectionsRotateTokenResponse {
            token: token.expose_secret().to_owned(),
        }))
    }

    async fn create_pairing_code(
        &self,
        request: Request<ConnectionsCreatePairingCodeRequest>,
    ) -> Result<Response<ConnectionsCreatePairingCodeResponse>, Status> {
        admin(&request)?;
        let pairing = self.connections.create_pairing_code().await?;
        Ok(Response::new(ConnectionsCreatePairingCodeResponse {
            code: pairing.code.expose_secret().to_owned(),
            expires_at: Some(timestamp(pairing.expires_at)),
        }))
    }

    async fn save_logikal(
        &self,
        request: Request<ConnectionsSaveLogikalRequest>,
    ) -> Result<Response<ConnectionsSaveLogikalResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let connection = self.connections.visible(&caller, &asked.connection).await?;
        let logikal = logikal::save(&self.connections, &self.sites, &connection, asked).await?;
        Ok(Response::new(ConnectionsSaveLogikalResponse {
            logikal: Some(logikal),
        }))
    }

    async fn get_logikal(
        &self,
        request: Request<ConnectionsGetLogikalRequest>,
    ) -> Result<Response<ConnectionsGetLogikalResponse>, Status> {
        let caller = caller(&request)?;
        let connection = self
            .connections
            .visible(&caller, &request.get_ref().connection)
            .await?;
        let site = self.connections.logikal(connection.id).await?;
        Ok(Response::new(ConnectionsGetLogikalResponse {
            logikal: site.map(logikal::message),
        }))
    }
}

fn message(connection: Connection) -> ConnectionMessage {
    ConnectionMessage {
        name: connection.name,
        url: connection.url,
        database: connection.database,
        max_running: connection.max_running,
        created_at: Some(timestamp(connection.created_at)),
        tested_at: connection.tested_at.map(timestamp),
        odoo_version: connection.odoo_version.unwrap_or_default(),
        addon_version: connection.addon_version.unwrap_or_default(),
        login: connection.login,
        calls_per_second: connection.calls_per_second.unwrap_or_default(),
    }
}
