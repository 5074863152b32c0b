//! What a job of the mirror is to do, as its row keeps it; and how far it is, as its checkpoint keeps it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::window::Window;

/// What a sync is to read. The same request always makes the same spec.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct SyncSpec {
    /// Odoo's name of the model.
    pub(super) model: String,
    /// Which of its records.
    pub(super) what: What,
}

/// Which records a sync reads.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Those that changed since the last time; all of them the first time.
    #[default]
    Changes,
    /// All of them again.
    Everything,
    /// The first so many.
    Trial(i64),
    /// Those that were changed in a range of time.
    Range {
        /// From this time on.
        from: DateTime<Utc>,
        /// Before this time; none means no end.
        to: Option<DateTime<Utc>>,
    },
    /// These.
    Ids(Vec<i64>),
    /// Those that were put aside.
    Parked,
}

/// What a cleanup is to compare.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct CleanupSpec {
    /// Odoo's name of the model.
    pub(super) model: String,
    /// Whether nothing is marked.
    pub(super) dry_run: bool,
    /// The largest share of the records that may be found missing, in percent; none if somebody has confirmed any.
    pub(super) max_percent: Option<i64>,
    /// Whether rows are removed instead of marked.
    pub(super) hard_delete: bool,
}

/// How far a sync is.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Checkpoint {
    /// What is read, settled at the start; none before.
    pub(super) course: Option<Course>,
    /// Whether the records that were put aside have been tried.
    pub(super) tried_parked: bool,
    /// Whether the records of the course have been counted.
    pub(super) is_counted: bool,
    /// All records of the course up to this id are stored.
    pub(super) last_id: i64,
}

impl Checkpoint {
    /// Whether the whole model is read.
    pub(super) fn is_full(&self) -> bool {
        self.course.as_ref().is_some_and(|course| course.is_full)
    }
}

/// What is read.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Course {
    pub(super) window: Window,
    /// Whether it covers the whole model.
    pub(super) is_full: bool,
    /// What becomes the model's cursor at the end; none if it stays.
    pub(super) cursor: Option<DateTime<Utc>>,
}
