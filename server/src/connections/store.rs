//! Saving, finding and deleting connections.

use std::collections::HashMap;

use secrecy::SecretString;
use sqlx::{Postgres, Transaction};
use url::Url;

use super::{
    Caller, Connection, Connections, ConnectionsError, Draft, Endpoint, Saved,
    access::lock,
    draft::{invalid, key},
};
use crate::{db::DbError, ids::ConnectionId};

impl Connections {
    /// The endpoint that a draft describes, to try it before it is saved.
    pub async fn endpoint_of(
        &self,
        caller: &Caller,
        draft: &Draft,
    ) -> Result<Endpoint, ConnectionsError> {
        let known = self.find_if_any(&draft.name).await?;
        may_save(caller, draft, known.as_ref())?;
        let api_key = match (&draft.api_key, &known) {
            (Some(api_key), _) => api_key.clone(),
            (None, Some(known)) => self.endpoint(known.id).await?.api_key,
            (None, None) => return Err(key_needed()),
        };
        let login = match &known {
            Some(known) if draft.login.is_empty() => known.login.clone(),
            _ => draft.login.clone(),
        };
        Ok(Endpoint {
            url: draft.url.clone(),
            database: draft.database.clone(),
            api_key,
            login,
            calls_per_second: None,
            known: false,
            odoo_version: None,
        })
    }

    /// Creates a connection or changes the one of this name. A pairing code is used up by it.
    pub async fn save(&self, caller: &Caller, draft: &Draft) -> Result<Saved, ConnectionsError> {
        let mut transaction = self.db.begin().await?;
        lock(&mut transaction, &draft.name).await?;
        let known = sqlx::query_file_as!(
            Connection,
            "src/connections/sql/find_by_name.sql",
            draft.name
        )
        .fetch_optional(&mut *transaction)
        .await?;
        may_save(caller, draft, known.as_ref())?;
        let connection = match &known {
            Some(known) => self.update(&mut transaction, known.id, draft).await?,
            None => self.insert(&mut transaction, draft).await?,
        };
        let pairs = match caller {
            Caller::Pairing { hash } => {
                use_pairing_code(&mut transaction, hash).await?;
                true
            }
            Caller::Admin | Caller::Connection { .. } => false,
        };
        // Whoever pairs has lost the old token, or never had one.
        let token = if pairs || known.is_none() {
            Some(self.replace_tokens(&mut transaction, connection.id).await?)
        } else {
            None
        };
        transaction.commit().await?;
        self.forget_callers(connection.id);
        Ok(Saved { connection, token })
    }

    async fn insert(
        &self,
        transaction: &mut Transaction<'static, Postgres>,
        draft: &Draft,
    ) -> Result<Connection, ConnectionsError> {
        let id = ConnectionId::new();
        let api_key = draft.api_key.as_ref().ok_or_else(key_needed)?;
        let sealed = self.keyring.seal(id.0.as_bytes(), api_key)?;
        let inserted = sqlx::query_file_as!(
            Connection,
            "src/connections/sql/insert.sql",
            id.0,
            draft.name,
            draft.url_text(),
            draft.database,
            sealed,
            draft.max_running,
            draft.login,
            draft.calls_per_second
        );
        Ok(inserted.fetch_one(&mut **transaction).await?)
    }

    async fn update(
        &self,
        transaction: &mut Transaction<'static, Postgres>,
        id: ConnectionId,
        draft: &Draft,
    ) -> Result<Connection, ConnectionsError> {
        let seal = |api_key| self.keyring.seal(id.0.as_bytes(), api_key);
        let sealed = draft.api_key.as_ref().map(seal).transpose()?;
        let updated = sqlx::query_file_as!(
            Connection,
            "src/connections/sql/update.sql",
            id.0,
            draft.url_text(),
            draft.database,
            sealed,
            draft.max_running,
            draft.login,
            draft.calls_per_second
        );
        Ok(updated.fetch_one(&mut **transaction).await?)
    }

    /// The connection of this name. Says nothing about who may see it: callers come in by [`Connections::visible`].
    pub(super) async fn find(&self, name: &str) -> Result<Connection, ConnectionsError> {
        self.find_if_any(name)
            .await?
            .ok_or_else(|| ConnectionsError::NotFound(name.to_owned()))
    }

    async fn find_if_any(&self, name: &str) -> Result<Option<Connection>, ConnectionsError> {
        Ok(
            sqlx::query_file_as!(Connection, "src/connections/sql/find_by_name.sql", name)
                .fetch_optional(self.db.pool())
                .await?,
        )
    }

    /// At most `limit` connections by name, those after `after`; an empty one means from the start.
    pub async fn list(&self, after: &str, limit: i64) -> Result<Vec<Connection>, ConnectionsError> {
        let listed = sqlx::query_file_as!(Connection, "src/connections/sql/list.sql", after, limit);
        Ok(listed.fetch_all(self.db.pool()).await?)
    }

    /// The names of all connections.
    pub async fn names(&self) -> Result<HashMap<ConnectionId, String>, ConnectionsError> {
        let rows = sqlx::query_file!("src/connections/sql/names.sql")
            .fetch_all(self.db.pool())
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (ConnectionId(row.id), row.name))
            .collect())
    }

    /// The name of a connection.
    pub async fn name_of(&self, id: ConnectionId) -> Result<String, ConnectionsError> {
        sqlx::query_file_scalar!("src/connections/sql/name_of.sql", id.0)
            .fetch_optional(self.db.pool())
            .await?
            .ok_or_else(|| ConnectionsError::NotFound(id.to_string()))
    }

    /// What it takes to call the Odoo of a connection, its key opened.
    pub async fn endpoint(&self, id: ConnectionId) -> Result<Endpoint, ConnectionsError> {
        let (sealed, endpoint) = self.sealed_endpoint(id, SecretString::default()).await?;
        let api_key = self.keyring.unseal(id.0.as_bytes(), &sealed)?;
        Ok(Endpoint {
            api_key,
            ..endpoint
        })
    }

    /// The stored key, still sealed, and the endpoint with `api_key` in its place.
    async fn sealed_endpoint(
        &self,
        id: ConnectionId,
        api_key: SecretString,
    ) -> Result<(Vec<u8>, Endpoint), ConnectionsError> {
        let found = sqlx::query_file!("src/connections/sql/endpoint.sql", id.0)
            .fetch_optional(self.db.pool())
            .await?
            .ok_or_else(|| ConnectionsError::NotFound(id.to_string()))?;
        let url = Url::parse(&found.url)
            .map_err(|why| invalid("url", format!("cannot be read ({why})")))?;
        let endpoint = Endpoint {
            url,
            database: found.database,
            api_key,
            login: found.login,
            calls_per_second: found.calls_per_second,
            known: found.known,
            odoo_version: found.odoo_version,
        };
        Ok((found.api_key_sealed, endpoint))
    }

    /// The endpoint of a connection with another key, to try the key before it replaces the old one.
    pub async fn endpoint_with_key(
        &self,
        id: ConnectionId,
        api_key: &SecretString,
    ) -> Result<Endpoint, ConnectionsError> {
        let api_key = key(api_key)?.ok_or_else(key_needed)?;
        // The old key stays sealed: one that no longer opens must not be in the way of a new one.
        let (_sealed, endpoint) = self.sealed_endpoint(id, api_key).await?;
        Ok(Endpoint {
            known: false,
            ..endpoint
        })
    }

    /// Replaces the API key of a connection.
    pub async fn replace_key(
        &self,
        id: ConnectionId,
        api_key: &SecretString,
    ) -> Result<(), ConnectionsError> {
        let api_key = key(api_key)?.ok_or_else(key_needed)?;
        let sealed = self.keyring.seal(id.0.as_bytes(), &api_key)?;
        sqlx::query_file!("src/connections/sql/replace_key.sql", id.0, sealed)
            .execute(self.db.pool())
            .await?;
        Ok(())
    }

    /// Remembers what Odoo said of itself, and returns the connection as it is now.
    pub async fn tested(
        &self,
        id: ConnectionId,
        odoo_version: &str,
        addon_version: &str,
    ) -> Result<Connection, ConnectionsError> {
        let told = sqlx::query_file_as!(
            Connection,
            "src/connections/sql/tested.sql",
            id.0,
            odoo_version,
            addon_version
        );
        told.fetch_optional(self.db.pool())
            .await?
            .ok_or_else(|| ConnectionsError::NotFound(id.to_string()))
    }

    /// Deletes a connection and its tokens. [`ConnectionsError::Busy`] while the queue still has work of it.
    pub async fn delete(&self, connection: &Connection) -> Result<(), ConnectionsError> {
        sqlx::query_file!("src/connections/sql/delete.sql", connection.id.0)
            .execute(self.db.pool())
            .await
            .map_err(|error| match DbError::from(error) {
                error if error.violates("share_connection_id_fkey") => {
                    ConnectionsError::Busy(connection.name.clone())
                }
                error => error.into(),
            })?;
        self.forget_callers(connection.id);
        Ok(())
    }
}

async fn use_pairing_code(
    transaction: &mut Transaction<'static, Postgres>,
    hash: &[u8; 32],
) -> Result<(), ConnectionsError> {
    sqlx::query_file_scalar!("src/connections/sql/use_pairing_code.sql", hash)
        .fetch_optional(&mut **transaction)
        .await?
        .map(|_hash| ())
        .ok_or(ConnectionsError::PairingCodeUsed)
}

/// Whether a caller may save this draft over what is known under its name.
fn may_save(
    caller: &Caller,
    draft: &Draft,
    known: Option<&Connection>,
) -> Result<(), ConnectionsError> {
    match caller {
        Caller::Admin => Ok(()),
        Caller::Connection { .. } => Err(ConnectionsError::NotAllowed(
            "only an admin saves connections",
        )),
        // Without this, a code could send a stored key to an address of its own.
        Caller::Pairing { .. } if draft.api_key.is_none() => Err(key_needed()),
        Caller::Pairing { .. } => match known {
            Some(known) if !draft.is_of(known) => Err(invalid(
                "name",
                "is taken by another database: choose another",
            )),
            Some(_) | None => Ok(()),
        },
    }
}

fn key_needed() -> ConnectionsError {
    invalid("api_key", "must be the API key of Odoo's service user")
}
