//! What the queue can answer instead of doing what was asked.

use super::{Job, JobState};
use crate::{db::DbError, ids::JobId};

/// Errors of the queue.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// No job has this id.
    #[error("no job {0}")]
    NotFound(JobId),
    /// No schedule has this name.
    #[error("no schedule named {0}")]
    ScheduleNotFound(String),
    /// The job's state does not allow this.
    #[error("a job that is {} cannot be {wish}", .state.word())]
    State {
        /// The state that the job is in.
        state: JobState,
        /// What was asked, as a participle: "paused", "resumed".
        wish: &'static str,
    },
    /// The request id belongs to an earlier request with other contents.
    #[error("request id {0} was used before for something else")]
    RequestIdReused(String),
    /// Another job holds the lane or waits for it.
    #[error("job {} is at it already", .0.id)]
    LaneBusy(Box<Job>),
    /// The cron expression or time zone cannot be read.
    #[error("{0}")]
    Schedule(String),
    /// Postgres could not answer.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for QueueError {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(error.into())
    }
}
