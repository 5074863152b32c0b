//! Logs and metrics: where they go, and what their fields are called.
//!
//! A message reads alone; fields are there to filter by. Their names are the same everywhere: `job.id`, `job.kind`,
//! `job.attempt`, `connection`, `duration_ms`, `process.id`, `incident`. `error!` means that somebody must act.

mod log;
pub mod metrics;

pub use self::log::{LogError, start_log};
