//! Who a token lets in, and how tokens come and go.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{Postgres, Transaction};

use super::{Connection, Connections, ConnectionsError};
use crate::{
    ids::ConnectionId,
    secrets::{new_token, token_hash},
};

/// How long a revoked token may still work on another server than the one that revoked it.
pub const REVOCATION_DELAY: Duration = Duration::from_secs(3);

/// The most callers that are remembered; far more than one server meets in [`REVOCATION_DELAY`].
const RECENT_LIMIT: usize = 10_000;

/// Whom a token stands for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Caller {
    /// May do everything.
    Admin,
    /// One connection's callers, such as its Odoo: may do what concerns this connection.
    Connection { id: ConnectionId, name: String },
    /// May save one connection, once.
    Pairing {
        /// The digest of the pairing code.
        hash: [u8; 32],
    },
}

/// A code that lets one Odoo save its own connection.
#[derive(Debug)]
pub struct PairingCode {
    pub code: SecretString,
    pub expires_at: DateTime<Utc>,
}

impl Connections {
    /// Whom a token lets in; `None` if it is unknown, revoked or expired.
    pub async fn authenticate(&self, token: &str) -> Result<Option<Caller>, ConnectionsError> {
        let hash = token_hash(token);
        if let Some(caller) = self.recent.get(&hash) {
            return Ok(Some(caller));
        }
        let Some(found) = sqlx::query_file!("src/connections/sql/authenticate.sql", &hash)
            .fetch_optional(self.db.pool())
            .await?
        else {
            return Ok(None);
        };
        let caller = match (
            found.role.as_str(),
            found.connection_id,
            found.connection_name,
        ) {
            ("admin", ..) => Caller::Admin,
            ("connection", Some(id), Some(name)) => Caller::Connection {
                id: ConnectionId(id),
                name,
            },
            // Not remembered: it works once.
            _ => return Ok(Some(Caller::Pairing { hash })),
        };
        self.recent.put(hash, caller.clone());
        Ok(Some(caller))
    }

    /// The connection that a caller means by `name`; an empty name means a connection's own.
    pub async fn visible(
        &self,
        caller: &Caller,
        name: &str,
    ) -> Result<Connection, ConnectionsError> {
        match caller {
            Caller::Admin if name.is_empty() => Err(ConnectionsError::Invalid {
                field: "connection",
                why: "must name a connection".to_owned(),
            }),
            Caller::Admin => self.find(name).await,
            Caller::Connection { name: own, .. } if name.is_empty() || name == own => {
                self.find(own).await
            }
            Caller::Connection { .. } => Err(ConnectionsError::NotAllowed(
                "this token is for another connection",
            )),
            Caller::Pairing { .. } => Err(ConnectionsError::NotAllowed(
                "a pairing code only saves a connection",
            )),
        }
    }

    /// Makes the first admin's token; `None` if there was one before. The token is stored nowhere here: `keep` is given
    /// it before it is good, so that a crash in between leaves no token that nobody knows.
    pub async fn ensure_admin_token<E: From<ConnectionsError>>(
        &self,
        keep: impl FnOnce(&SecretString) -> Result<(), E>,
    ) -> Result<Option<SecretString>, E> {
        let first = self.first_admin_token().await?;
        let Some((transaction, token)) = first else {
            return Ok(None);
        };
        keep(&token)?;
        transaction.commit().await.map_err(ConnectionsError::from)?;
        Ok(Some(token))
    }

    /// A new token in a transaction that makes it good, if there is no admin's token yet.
    async fn first_admin_token(
        &self,
    ) -> Result<Option<(Transaction<'static, Postgres>, SecretString)>, ConnectionsError> {
        let token = new_token("slu_admin_");
        let hash = token_hash(token.expose_secret());
        let mut transaction = self.db.begin().await?;
        lock(&mut transaction, "admin token").await?;
        let made =
            sqlx::query_file_scalar!("src/connections/sql/insert_first_admin_token.sql", &hash)
                .fetch_optional(&mut *transaction)
                .await?;
        Ok(made.map(|_hash| (transaction, token)))
    }

    /// Makes a code that saves one connection, within 15 minutes.
    pub async fn create_pairing_code(&self) -> Result<PairingCode, ConnectionsError> {
        let code = new_token("slu_pair_");
        let hash = token_hash(code.expose_secret());
        sqlx::query_file!("src/connections/sql/delete_expired_tokens.sql")
            .execute(self.db.pool())
            .await?;
        let expires_at =
            sqlx::query_file_scalar!("src/connections/sql/insert_pairing_code.sql", &hash)
                .fetch_one(self.db.pool())
                .await?;
        Ok(PairingCode { code, expires_at })
    }

    /// Makes a new token for a connection's callers and revokes the old ones.
    pub async fn rotate_token(&self, id: ConnectionId) -> Result<SecretString, ConnectionsError> {
        let mut transaction = self.db.begin().await?;
        let token = self.replace_tokens(&mut transaction, id).await?;
        transaction.commit().await?;
        self.recent.forget(id);
        Ok(token)
    }

    pub(super) async fn replace_tokens(
        &self,
        transaction: &mut Transaction<'static, Postgres>,
        id: ConnectionId,
    ) -> Result<SecretString, ConnectionsError> {
        let token = new_token("slu_conn_");
        sqlx::query_file!("src/connections/sql/delete_tokens_of_connection.sql", id.0)
            .execute(&mut **transaction)
            .await?;
        let hash = token_hash(token.expose_secret());
        sqlx::query_file!("src/connections/sql/insert_token.sql", &hash, id.0)
            .execute(&mut **transaction)
            .await?;
        Ok(token)
    }

    /// Forgets whom this server has let in lately for a connection.
    pub(super) fn forget_callers(&self, id: ConnectionId) {
        self.recent.forget(id);
    }
}

/// Lets one transaction at a time pass for `word`.
pub(super) async fn lock(
    transaction: &mut Transaction<'static, Postgres>,
    word: &str,
) -> Result<(), ConnectionsError> {
    sqlx::query_file_scalar!("src/connections/sql/lock.sql", word)
        .fetch_one(&mut **transaction)
        .await?;
    Ok(())
}

/// Callers that were let in a moment ago, so that a busy caller costs no statement per call.
#[derive(Debug, Default)]
pub(super) struct RecentCallers {
    seen: Mutex<HashMap<[u8; 32], (Instant, Caller)>>,
}

impl RecentCallers {
    fn get(&self, hash: &[u8; 32]) -> Option<Caller> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, caller) = seen.get(hash)?;
        (at.elapsed() < REVOCATION_DELAY).then(|| caller.clone())
    }

    fn put(&self, hash: [u8; 32], caller: Caller) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= RECENT_LIMIT {
            seen.clear();
        }
        seen.insert(hash, (Instant::now(), caller));
    }

    fn forget(&self, connection: ConnectionId) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|_hash, (_at, caller)| !matches!(caller, Caller::Connection { id, .. } if *id == connection));
    }
}
