//! What the server sends to the addon that keeps LOGIKAL projects, and what it answers.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::answers::{BatchStatus, RowError};
use crate::ids::JobId;

/// Elevations of a project, to be applied in one transaction of Odoo.
#[derive(Debug, Serialize)]
pub struct ProjectBatch<'a> {
    /// The job.
    pub job: JobId,
    /// The fence: Odoo refuses an attempt lower than the highest it has seen.
    pub attempt: i32,
    /// The project itself.
    pub project: &'a Value,
    /// Its elevations, each with `row`, its number in the job.
    pub rows: &'a [Value],
}

/// What became of elevations.
#[derive(Clone, Debug, Deserialize)]
pub struct ProjectAnswer {
    /// Whether Odoo did what was asked.
    pub status: BatchStatus,
    /// Rows that made a new elevation.
    #[serde(default)]
    pub created: Vec<i64>,
    /// Rows that changed one.
    #[serde(default)]
    pub updated: Vec<i64>,
    /// Rows that found theirs as it should be.
    #[serde(default)]
    pub unchanged: Vec<i64>,
    /// Rows that Odoo could not take.
    #[serde(default)]
    pub errors: Vec<RowError>,
    /// Rows that were answered from the ledger of an earlier call.
    #[serde(default)]
    pub replayed_rows: Vec<i64>,
}

/// The end of a project's job.
#[derive(Debug, Serialize)]
pub struct ProjectEnd {
    /// The job.
    pub job: JobId,
    /// The fence.
    pub attempt: i32,
    /// LOGIKAL's key of the project.
    pub project: Uuid,
    /// All that is there, by the GUIDs of phase and elevation.
    pub present: Vec<(Uuid, Uuid)>,
}
