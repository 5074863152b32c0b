//! A job as the queue knows it.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{
    ids::{ConnectionId, JobId},
    progress::Counters,
};

/// Where a job is in its life. A retry is `Queued` with a later `run_at`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum JobState {
    /// Waits for a worker, for its lane, or for `run_at`.
    Queued,
    /// A worker holds it.
    Running,
    /// Somebody paused it.
    Paused,
    /// It came to its end, perhaps with row errors.
    Succeeded,
    /// It could not go on.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
}

impl JobState {
    /// The state's name, as the table keeps it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the job is at an end, unless somebody retries it.
    pub fn is_finished(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// A job to be enqueued.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Whom it works for.
    pub connection: ConnectionId,
    /// What it does: the [`kind`](super::RunJob::kind) of some pipeline.
    pub kind: &'static str,
    /// One line for people.
    pub title: String,
    /// What to do; only the kind's pipeline reads it.
    pub spec: Value,
    /// What only one running job of the connection may hold.
    pub lane: Option<String>,
    /// Higher runs first; 0 is ordinary.
    pub priority: i16,
    /// The earliest time to start; `None` means now.
    pub run_at: Option<DateTime<Utc>>,
    /// Makes the enqueueing idempotent within the connection.
    pub request_id: Option<String>,
}

/// A job as it is at one moment.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Whom it works for.
    pub connection: ConnectionId,
    /// What it does.
    pub kind: String,
    /// One line for people.
    pub title: String,
    /// What to do; only the kind's pipeline reads it.
    pub spec: Value,
    /// What only one running job of the connection may hold.
    pub lane: Option<String>,
    /// Where it is in its life.
    pub state: JobState,
    /// What was asked of its holder and is not yet done: "pause" or "cancel".
    pub requested: Option<String>,
    /// Higher runs first.
    pub priority: i16,
    /// The earliest time to start.
    pub run_at: DateTime<Utc>,
    /// The number of the current or last run; 0 before the first.
    pub attempt: i32,
    /// All restarts, whatever their cause.
    pub retry_count: i32,
    /// Failures since the last checkpoint.
    pub failure_count: i32,
    /// What the holder waits for.
    pub waiting_reason: Option<String>,
    /// How far it is; only the kind's pipeline reads it.
    pub checkpoint: Option<Value>,
    /// How far it is, in rows.
    pub counters: Counters,
    /// Why the last attempt failed: a stable word.
    pub error_code: Option<String>,
    /// Why the last attempt failed: a sentence.
    pub error_message: Option<String>,
    /// What made the enqueueing idempotent.
    pub request_id: Option<String>,
    /// When it was enqueued.
    pub created_at: DateTime<Utc>,
    /// When its first attempt began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it came to an end.
    pub finished_at: Option<DateTime<Utc>>,
}

/// A row of the job table, as the statements of this room return it.
pub(super) struct JobRow {
    pub(super) id: JobId,
    pub(super) connection: ConnectionId,
    pub(super) kind: String,
    pub(super) title: String,
    pub(super) spec: Value,
    pub(super) lane: Option<String>,
    pub(super) state: JobState,
    pub(super) requested: Option<String>,
    pub(super) priority: i16,
    pub(super) run_at: DateTime<Utc>,
    pub(super) attempt: i32,
    pub(super) retry_count: i32,
    pub(super) failure_count: i32,
    pub(super) waiting_reason: Option<String>,
    pub(super) checkpoint: Option<Value>,
    pub(super) rows_total: i64,
    pub(super) rows_done: i64,
    pub(super) created_count: i64,
    pub(super) updated_count: i64,
    pub(super) unchanged_count: i64,
    pub(super) skipped_count: i64,
    pub(super) error_count: i64,
    pub(super) error_code: Option<String>,
    pub(super) error_message: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) started_at: Option<DateTime<Utc>>,
    pub(super) finished_at: Option<DateTime<Utc>>,
}

impl From<JobRow> for Job {
    fn from(row: JobRow) -> Self {
        Self {
            id: row.id,
            connection: row.connection,
            kind: row.kind,
            title: row.title,
            spec: row.spec,
            lane: row.lane,
            state: row.state,
            requested: row.requested,
            priority: row.priority,
            run_at: row.run_at,
            attempt: row.attempt,
            retry_count: row.retry_count,
            failure_count: row.failure_count,
            waiting_reason: row.waiting_reason,
            checkpoint: row.checkpoint,
            counters: Counters {
                rows_total: row.rows_total,
                rows_done: row.rows_done,
                created: row.created_count,
                updated: row.updated_count,
                unchanged: row.unchanged_count,
                skipped: row.skipped_count,
                errors: row.error_count,
            },
            error_code: row.error_code,
            error_message: row.error_message,
            request_id: row.request_id,
            created_at: row.created_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
        }
    }
}
