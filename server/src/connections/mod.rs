//! The Odoo databases that Sluice serves, and the tokens that let callers in.
//!
//! Promises: an API key is stored sealed and a token as its digest; a pairing code works once; a revoked token
//! stops working within [`REVOCATION_DELAY`] on every server; a caller sees no connection but its own; a password of LOGIKAL
//! goes only where it was saved for.

mod access;
mod draft;
mod logikal;
mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use url::Url;

pub use access::{Caller, PairingCode, REVOCATION_DELAY};
pub use draft::Draft;
pub use logikal::{LogikalDraft, LogikalSite};

use crate::{
    db::{Db, DbError},
    ids::ConnectionId,
    secrets::{Keyring, SecretsError},
};
use access::RecentCallers;

/// All connections and their callers. Clones share one state.
#[derive(Clone, Debug)]
pub struct Connections {
    db: Db,
    keyring: Arc<Keyring>,
    recent: Arc<RecentCallers>,
}

impl Connections {
    /// Connections that are stored in `db`, their keys sealed by `keyring`.
    pub fn new(db: Db, keyring: Arc<Keyring>) -> Self {
        Self {
            db,
            keyring,
            recent: Arc::default(),
        }
    }
}

/// One Odoo database, without its secrets.
#[derive(Clone, Debug)]
pub struct Connection {
    pub id: ConnectionId,
    /// How people and callers call it; never changes.
    pub name: String,
    pub url: String,
    pub database: String,
    /// How many of its jobs may run at once.
    pub max_running: i32,
    /// The login of the service user, where one was given.
    pub login: String,
    /// How many calls a second each server may make; `None` means as many as it can.
    pub calls_per_second: Option<i32>,
    pub created_at: DateTime<Utc>,
    /// When Odoo was last reached with success.
    pub tested_at: Option<DateTime<Utc>>,
    /// What Odoo said of itself then.
    pub odoo_version: Option<String>,
    /// What the addon said of itself then.
    pub addon_version: Option<String>,
}

/// What it takes to call an Odoo.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub url: Url,
    pub database: String,
    pub api_key: SecretString,
    /// Whose key it is; only an Odoo before 19 wants to know.
    pub login: String,
    /// How many calls a second may be made; `None` means as many as we can.
    pub calls_per_second: Option<i32>,
    /// Whether this database has ever answered.
    pub known: bool,
    /// What it said of itself then.
    pub odoo_version: Option<String>,
}

/// A connection that was just saved.
#[derive(Debug)]
pub struct Saved {
    pub connection: Connection,
    /// The token for its callers, if it got a new one. It is stored nowhere.
    pub token: Option<SecretString>,
}

/// Why something about connections cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionsError {
    /// No connection has this name.
    #[error("there is no connection {0:?}")]
    NotFound(String),
    /// The caller is known, but this is not for it.
    #[error("{0}")]
    NotAllowed(&'static str),
    /// A value cannot be used.
    #[error("{field} {why}")]
    Invalid {
        /// The field of the request.
        field: &'static str,
        /// What would be right; ends the sentence that begins with the field.
        why: String,
    },
    /// The pairing code was used meanwhile, or expired.
    #[error("the pairing code was used already or has expired: make a new one")]
    PairingCodeUsed,
    /// The connection has jobs that are not finished.
    #[error("the connection {0:?} still has unfinished jobs: wait for them or cancel them")]
    Busy(String),
    /// A credential cannot be sealed or opened.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for ConnectionsError {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(error.into())
    }
}
