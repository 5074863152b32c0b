//! Why something about search cannot be done, by what a caller can do about it.

use thiserror::Error;

use crate::{
    adapters::embeddings::EmbedError,
    connections::ConnectionsError,
    db::DbError,
    jobs::mirror::MirrorError,
    queue::{JobError, QueueError},
    secrets::SecretsError,
};

/// Why something about search cannot be done.
#[derive(Debug, Error)]
pub enum SearchError {
    /// A field of the request cannot be used; `why` ends the sentence that begins with its name.
    #[error("{field} {why}")]
    Field {
        /// The field's path.
        field: String,
        /// What would be right.
        why: String,
    },
    /// Postgres has no pgvector.
    #[error(
        "this Postgres has no pgvector, which search needs ({0}): install it on its machine (Debian: postgresql-NN-pgvector) and run \
         `create extension vector` in Sluice's database as a superuser, or let Sluice run its own Postgres, which has it"
    )]
    ExtensionMissing(String),
    /// Its pgvector is from before half precision.
    #[error(
        "this Postgres has pgvector {0}, and search needs 0.7 or newer: install it and run `alter extension vector update`"
    )]
    ExtensionTooOld(String),
    /// The connection has no embedder.
    #[error("no embedder is set: save one before anything is made searchable")]
    EmbedderNotSet,
    /// The embedder did not do as asked.
    #[error(transparent)]
    Embedder(#[from] EmbedError),
    /// The model is not searchable.
    #[error("{0} is not searchable: make it so first")]
    NotSearchable(String),
    /// The record is not in the index.
    #[error(
        "{model} {record} is not in the index: not embedded yet, archived, deleted, or without a text"
    )]
    RecordNotSearchable {
        /// Odoo's name of the model.
        model: String,
        /// Its id in Odoo.
        record: i64,
    },
    /// The mirror, or Odoo behind it, cannot be used.
    #[error(transparent)]
    Mirror(#[from] MirrorError),
    /// The connection cannot be used.
    #[error(transparent)]
    Connections(#[from] ConnectionsError),
    /// The embedder's key cannot be sealed or opened.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The queue did not take the job.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// Postgres could not answer.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for SearchError {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(error.into())
    }
}

impl SearchError {
    /// What it means for a job.
    pub(super) fn into_job_error(self) -> JobError {
        match self {
            Self::Db(error) => JobError::Db(error),
            other => JobError::Fail {
                code: "search_unusable",
                message: other.to_string(),
            },
        }
    }
}

/// A field of the request that cannot be used; `why` ends the sentence that begins with its name.
pub(super) fn field(field: impl Into<String>, why: impl Into<String>) -> SearchError {
    SearchError::Field {
        field: field.into(),
        why: why.into(),
    }
}
