//! What LOGIKAL no longer lists: marked as gone, never deleted, and only where the listing can be believed.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use uuid::Uuid;

use super::{board::Phase, upkeep};
use crate::{
    adapters::logikal::{Elevation, Listing, Phase as ListedPhase},
    queue::JobError,
};

/// What was listed, and whether that is all.
#[derive(Debug, Default)]
pub(super) struct Listed {
    phases: Vec<Uuid>,
    all_phases: bool,
    /// By our own key of the phase: its GUID, and its elevations if all of them could be read.
    elevations: BTreeMap<Uuid, (String, Option<Vec<Uuid>>)>,
}

impl Listed {
    pub(super) fn phases(&mut self, listing: &Listing<ListedPhase>) {
        self.phases = listing.entries.iter().map(|phase| phase.id).collect();
        self.all_phases = listing.is_complete();
    }

    pub(super) fn phase(&mut self, phase: &Phase, listing: &Listing<Elevation>) {
        let all = listing.entries.iter().map(|entry| entry.id).collect();
        let all = listing.is_complete().then_some(all);
        self.elevations
            .insert(phase.id, (phase.guid.to_string(), all));
    }

    /// A phase turned out to be out of reach.
    pub(super) fn incomplete(&mut self, phase: &str) {
        for (guid, all) in self.elevations.values_mut() {
            if guid == phase {
                *all = None;
            }
        }
    }
}

/// A sweep of one project.
pub(super) struct Sweeping<'run> {
    pub(super) project: Uuid,
    pub(super) listed: &'run Listed,
    /// Whether somebody has confirmed that most of it may be gone.
    pub(super) is_confirmed: bool,
    pub(super) has_errors: bool,
}

/// What is told of a sweep.
pub(super) struct Told {
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Sweeping<'_> {
    pub(super) async fn sweep(&self, connection: &mut PgConnection) -> Result<Told, JobError> {
        if self.has_errors {
            return Ok(Told {
                code: "sweep_left_out",
                message: "nothing is marked as gone, since not everything could be had".to_owned(),
            });
        }
        let (mut gone, mut doubtful) = (0, 0);
        for (phase, (_, all)) in &self.listed.elevations {
            let Some(all) = all else {
                continue;
            };
            let (known, missing) = upkeep::missing_elevations(connection, *phase, all).await?;
            if self.is_doubtful(known, missing, all.is_empty()) {
                doubtful += missing;
            } else if missing > 0 {
                gone += upkeep::sweep_elevations(connection, *phase, all).await?;
            }
        }
        if self.listed.all_phases {
            let phases = &self.listed.phases;
            let (known, missing) = upkeep::missing_phases(connection, self.project, phases).await?;
            if self.is_doubtful(known, missing, phases.is_empty()) {
                doubtful += missing;
            } else if missing > 0 {
                gone += upkeep::sweep_phases(connection, self.project, phases).await?;
            }
        }
        Ok(if doubtful > 0 {
            Told {
                code: "sweep_doubtful",
                message: format!(
                    "{doubtful} of what is stored are no longer listed, which is most of it: nothing of that is marked as gone \
                     until somebody asks for everything"
                ),
            }
        } else {
            Told {
                code: "swept",
                message: match gone {
                    0 => "everything that is stored is still there".to_owned(),
                    1 => "one elevation is gone".to_owned(),
                    many => format!("{many} elevations are gone"),
                },
            }
        })
    }

    /// An empty listing, or one that lacks most of what there was, is more likely a fault than the truth.
    fn is_doubtful(&self, known: i64, missing: i64, is_empty: bool) -> bool {
        missing > 0 && !self.is_confirmed && (is_empty || known >= 4 && missing * 2 > known)
    }
}
