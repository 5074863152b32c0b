//! Why something about imports cannot be done, by what a caller can do about it.

use thiserror::Error;

use super::{file::FileError, mapping::MappingError};
use crate::{
    adapters::{SourceError, odoo::OdooError},
    connections::ConnectionsError,
    db::DbError,
    queue::QueueError,
};

/// Why something about imports cannot be done.
#[derive(Debug, Error)]
pub enum ImportError {
    /// A field of the request cannot be used; `why` ends the sentence that begins with its name.
    #[error("{field} {why}")]
    Field {
        /// The field's path.
        field: &'static str,
        /// What would be right.
        why: String,
    },
    /// The list is larger than this server accepts.
    #[error("the list is larger than the {limit} bytes that are accepted")]
    TooLarge {
        /// The most bytes.
        limit: u64,
    },
    /// No complete list of this connection has this id.
    #[error("there is no such uploaded list; lists that nobody uses are dropped after a day")]
    UploadNotFound,
    /// The list as a whole cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The mapping does not fit the list, or lacks something.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// The list's address cannot be fetched.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Odoo knows no such contact.
    #[error("Odoo knows no contact with the id, reference or name '{0}'")]
    SupplierNotFound(String),
    /// Several contacts fit.
    #[error("several contacts are meant by '{reference}': {candidates}; use the id")]
    SupplierAmbiguous {
        /// What was asked for.
        reference: String,
        /// Their ids and names.
        candidates: String,
    },
    /// The contact is no supplier.
    #[error(
        "the contact '{0}' is not a supplier in Odoo: it has no purchases and no price lines; make it one first"
    )]
    NotASupplier(String),
    /// The job is no import.
    #[error("the job is not an import of a price list")]
    NotAnImport,
    /// The job's list is not stored: it had no row errors, or has not begun to read it.
    #[error(
        "the job has no list of which a fix file could be made: it had no row errors, or has not begun"
    )]
    NoList,
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

impl From<sqlx::Error> for ImportError {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(error.into())
    }
}
