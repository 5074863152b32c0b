//! The durable story of each job, and those who watch it.
//!
//! The row of a job tells how its story begins and that it ended well, so that a short job writes nothing else; the view
//! `story_line` has that beside what is written here, and is what readers read.
//!
//! Promise: events of one job count from 1 without gaps, are seen only once they are committed, and reach every
//! watcher in order. A server's own events go from the commit straight into the memory of those who watch them there; all others
//! are read from the log in Postgres. Wake-ups only hurry that reading, so a lost one loses nothing.

mod counters;
mod event;
mod feed;
mod hub;
mod log;
mod story;
mod watch;

#[cfg(test)]
mod tests;

pub use counters::Counters;
pub use event::{Event, EventType, NewEvent};
pub use hub::Progress;
pub use story::Story;
pub use watch::{Touched, Watch};

use crate::db::DbError;

/// What reading a story can answer instead of events.
#[derive(Debug, thiserror::Error)]
pub enum ProgressError {
    /// The job has no story: it never existed or is forgotten.
    #[error("no such job")]
    NotFound,
    /// The first events asked for are pruned; the story begins at `oldest_seq`.
    #[error("the story is kept from event {oldest_seq} on")]
    Pruned {
        /// The first event that is kept.
        oldest_seq: i64,
    },
    /// The server is stopping; the story goes on at another one, or here later.
    #[error("the server is shutting down")]
    ShuttingDown,
    /// Postgres could not answer.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for ProgressError {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(error.into())
    }
}
