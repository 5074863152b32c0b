//! What a job is told, and what it counts.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::store::Known;

/// What a job fetches.
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct SyncSpec {
    /// LOGIKAL's key of the project.
    pub(super) project: Uuid,
    /// The path of its directory when the job was made; empty if the project was not known then.
    pub(super) directory: String,
    pub(super) full: bool,
    pub(super) thumbnails: bool,
    pub(super) parts_lists: bool,
    pub(super) odoo: bool,
}

impl SyncSpec {
    /// Takes over where the project is, if that was not known when the job was made.
    pub(super) fn in_directory_of(&mut self, known: &Known) {
        if self.directory.is_empty() {
            self.directory.clone_from(&known.directory);
        }
    }
}

/// What became of things of one kind.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Tally {
    /// Fetched and stored.
    pub synced: i32,
    /// Had not changed.
    pub skipped: i32,
    /// Could not be had.
    pub failed: i32,
}

/// What a run counted; an attempt begins anew and counts what earlier ones have stored.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Tallies {
    /// Parts of the project.
    pub phases: Tally,
    /// Windows, doors, facades.
    pub elevations: Tally,
    /// Pictures.
    pub thumbnails: Tally,
    /// Parts lists.
    pub parts_lists: Tally,
    /// How long the attempts took that came to a checkpoint.
    pub seconds: f64,
}
