//! One line of a job's story.

use chrono::{DateTime, Utc};

use super::Counters;
use crate::ids::JobId;

/// What an event tells. The text form is what the log keeps.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum EventType {
    /// The job was enqueued.
    Queued,
    /// A worker began an attempt.
    Started,
    /// The job passed a checkpoint.
    Progress,
    /// The job waits for another system.
    Waiting,
    /// The job goes on after waiting.
    Continued,
    /// Something worth knowing that changes nothing.
    Note,
    /// The attempt failed; the job runs again later.
    Retrying,
    /// The holder died or hung; the job is queued again.
    Rescued,
    /// The server stops gracefully; the job is queued again.
    Released,
    /// The job is paused.
    Paused,
    /// The job is queued again by somebody's wish.
    Resumed,
    /// The job came to its end.
    Succeeded,
    /// The job could not go on.
    Failed,
    /// The job was cancelled.
    Cancelled,
}

impl EventType {
    /// Whether the story ends here, unless somebody retries the job.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// An event as the log keeps it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event {
    /// Whose story it is.
    pub job: JobId,
    /// Its place in the story, from 1 without gaps.
    pub seq: i64,
    /// What it tells.
    pub kind: EventType,
    /// When it was written, on the database's clock.
    pub written_at: DateTime<Utc>,
    /// The attempt that wrote it.
    pub attempt: i32,
    /// One line for people; may be empty on [`EventType::Progress`].
    pub message: String,
    /// A stable `lower_snake` word; empty where the type says all.
    pub code: String,
    /// The whole count after this event.
    pub counters: Counters,
    /// Progress events right before this one that a slow watcher was spared.
    pub folded: i64,
}

/// An event about to be written; the log gives it its seq and time.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Whose story it is.
    pub job: JobId,
    /// What it tells.
    pub kind: EventType,
    /// The attempt that writes it; 0 before the first.
    pub attempt: i32,
    /// One line for people.
    pub message: String,
    /// A stable `lower_snake` word, or empty.
    pub code: String,
    /// The whole count after this event.
    pub counters: Counters,
}

impl NewEvent {
    /// The event at the place that the log gave it.
    pub(super) fn at(self, seq: i64, written_at: DateTime<Utc>) -> Event {
        Event {
            job: self.job,
            seq,
            kind: self.kind,
            written_at,
            attempt: self.attempt,
            message: self.message,
            code: self.code,
            counters: self.counters,
            folded: 0,
        }
    }
}
