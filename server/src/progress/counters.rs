//! How far a job is, in rows, and what became of them.

use serde::{Deserialize, Serialize};

/// Whole counts since the job began, not since the last event.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Counters {
    /// Rows in all; 0 while it is not known.
    pub rows_total: i64,
    /// Rows dealt with, whatever their outcome.
    pub rows_done: i64,
    /// Rows that made a new line.
    pub created: i64,
    /// Rows that changed a line.
    pub updated: i64,
    /// Rows that found their line as it should be.
    pub unchanged: i64,
    /// Rows that a filter or policy left out.
    pub skipped: i64,
    /// Rows that could not be applied.
    pub errors: i64,
}

impl Counters {
    /// How far the job is, in whole percent; `None` while the total is not known.
    pub fn percent(&self) -> Option<i64> {
        (self.rows_total > 0).then(|| (self.rows_done * 100 / self.rows_total).clamp(0, 100))
    }
}
