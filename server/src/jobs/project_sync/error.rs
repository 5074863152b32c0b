//! Why something about projects cannot be done, by what a caller can do about it.

use thiserror::Error;
use uuid::Uuid;

use super::entering::refused;
use crate::{
    adapters::logikal::LogikalError,
    connections::ConnectionsError,
    db::DbError,
    queue::{JobError, QueueError},
};

/// A project that a name may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// LOGIKAL's key.
    pub guid: Uuid,
    /// The path of its directory.
    pub directory: String,
    /// Its name.
    pub name: String,
}

/// Why something about projects cannot be done.
#[derive(Debug, Error)]
pub enum ProjectError {
    /// A field of the request cannot be used; `why` ends the sentence that begins with its name.
    #[error("{field} {why}")]
    Field {
        /// The field's name.
        field: &'static str,
        /// What would be right.
        why: String,
    },
    /// No LOGIKAL was saved for the connection.
    #[error("this connection has no LOGIKAL yet: save its address, user and password")]
    NotSet,
    /// There is no such project.
    #[error("LOGIKAL has no project {wanted}{}", near_in_words(.near))]
    NotFound {
        /// What was looked for.
        wanted: String,
        /// Names that are like it.
        near: Vec<String>,
    },
    /// Several projects fit.
    #[error("several projects are called {name:?}: name the directory or the id")]
    Ambiguous {
        /// The name.
        name: String,
        /// All that fit.
        candidates: Vec<Candidate>,
    },
    /// LOGIKAL did not do as asked.
    #[error(transparent)]
    Logikal(#[from] LogikalError),
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

impl From<sqlx::Error> for ProjectError {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(error.into())
    }
}

impl ProjectError {
    /// What it means for a job.
    pub(super) fn into_job_error(self) -> JobError {
        let message = self.to_string();
        let code = match self {
            Self::Db(error) | Self::Connections(ConnectionsError::Db(error)) => {
                return JobError::Db(error);
            }
            Self::Logikal(LogikalError::NotFound(_)) => "directory_not_found",
            Self::Logikal(error) => return refused(&error),
            Self::NotSet => "logikal_not_set",
            Self::Field { .. } => "too_many_directories",
            _ => "connection_unusable",
        };
        JobError::Fail { code, message }
    }
}

fn near_in_words(near: &[String]) -> String {
    if near.is_empty() {
        String::new()
    } else {
        format!("; it has {}", near.join(", "))
    }
}
