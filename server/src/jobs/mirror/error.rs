//! Why something about mirrors cannot be done, by what a caller can do about it.

use thiserror::Error;

use crate::{
    adapters::odoo::OdooError, connections::ConnectionsError, db::DbError, queue::QueueError,
};

/// Why something about mirrors cannot be done.
#[derive(Debug, Error)]
pub enum MirrorError {
    /// A field of the request cannot be used; `why` ends the sentence that begins with its name.
    #[error("{field} {why}")]
    Field {
        /// The field's path.
        field: String,
        /// What would be right.
        why: String,
    },
    /// There is no table of the model yet.
    #[error("there is no mirror of {0} yet: sync it first")]
    NotMirrored(String),
    /// Not all that is needed was stored yet; the models that are missing, if any is mirrored at all.
    #[error("the mirror is not filled yet: {}", if .0.is_empty() { "none of the well-known models is mirrored".to_owned() } else { .0.join(", ") })]
    NotReady(Vec<String>),
    /// Odoo did not do as asked.
    #[error(transparent)]
    Odoo(#[from] OdooError),
    /// The connection cannot be used.
    #[error(transparent)]
    Connections(#[from] ConnectionsError),
    /// The queue did not take the job.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// Postgres could not answer.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for MirrorError {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(error.into())
    }
}

/// A field of the request that cannot be used; `why` ends the sentence that begins with its name.
pub(super) fn field(field: impl Into<String>, why: impl Into<String>) -> MirrorError {
    MirrorError::Field {
        field: field.into(),
        why: why.into(),
    }
}
