//! How patient the queue is.

use std::time::Duration;

/// The queue's settings; the defaults are the ones to run with.
#[derive(Clone, Debug)]
pub struct QueueSettings {
    /// How many jobs this server runs at once.
    pub workers: usize,
    /// How long a holder may be silent before the job is taken from it. Renewed each third of it.
    pub lease: Duration,
    /// How long a live holder may go without a checkpoint before the job is taken from it.
    pub stuck_after: Duration,
    /// How often the queue is looked at although nobody woke us.
    pub poll: Duration,
    /// How often the holders are looked at; a dead one is found in two looks.
    pub look: Duration,
    /// Retries without a checkpoint in between, before the job fails.
    pub max_retries: i32,
    /// How long a stopping server waits for its jobs to reach a checkpoint.
    pub grace: Duration,
    /// How long finished jobs are kept.
    pub keep_jobs: Duration,
    /// How long the whole story of a finished job is kept; afterwards only how it ended.
    pub keep_events: Duration,
}

impl Default for QueueSettings {
    fn default() -> Self {
        Self {
            workers: 4,
            lease: Duration::from_secs(30),
            stuck_after: Duration::from_mins(15),
            poll: Duration::from_secs(1),
            look: Duration::from_millis(500),
            max_retries: 3,
            grace: Duration::from_secs(20),
            keep_jobs: Duration::from_hours(90 * 24),
            keep_events: Duration::from_hours(14 * 24),
        }
    }
}
