//! Jobs: durable, claimed by row locks, fenced by their attempt, rescued when a holder dies.
//!
//! Promises:
//! - a job has one holder: claiming adds one to `attempt`, and every later statement of a holder names it;
//! - a lane has one running job, a connection no more than its share, and nobody waits for ever;
//! - a change of state and the event that tells of it are one transaction;
//! - no transaction stays open while a job works;
//! - whoever dies when, the job is queued again within seconds, from its last checkpoint.
//!
//! Every change of state is one function of `enqueue`, `claim`, `wishes` (what callers want) or `transitions` (what a
//! holder reports), and its statement is a file in `sql/`. What a job does is none of this room's business: it calls
//! [`RunJob`].

mod claim;
mod enqueue;
mod error;
mod farewell;
mod gather;
mod handle;
mod job;
mod lease;
mod line;
mod listing;
mod liveness;
mod prune;
mod rescue;
mod retry;
mod run;
mod schedule;
mod settings;
mod settle;
mod transitions;
mod wishes;
mod worker;

#[cfg(test)]
mod tests;

pub use enqueue::{Added, Enqueued, Made, Times};
pub use error::QueueError;
pub use handle::Queue;
pub use job::{Job, JobState, NewJob};
pub use listing::{JobFilter, Liveness, Load, Position};
pub use run::{JobError, Run, RunJob, Step};
pub use schedule::{NewSchedule, Schedule};
pub use settings::QueueSettings;
pub use wishes::Steered;
pub use worker::Worker;
