//! How projects look in the contract.

use sluice_proto::v1::{self, Reason};
use tonic::{Code, Status};

use super::{
    errors::{database_away, field, internal, refusal},
    replies::timestamp,
};
use crate::jobs::project_sync::{
    ElevationView, Failure, LogikalError, PhaseView, ProjectError, ProjectView, Tally,
};

pub(crate) fn project(view: ProjectView) -> v1::Project {
    v1::Project {
        id: view.guid.to_string(),
        name: view.name,
        directory: view.directory,
        job_number: view.job_number,
        offer_number: view.offer_number,
        person_in_charge: view.person_in_charge,
        currency: view.currency,
        changed_at: view.changed_date.map(timestamp),
        synced_at: view.synced_at.map(timestamp),
        elevations: small(view.elevations),
    }
}

pub(crate) fn phase(view: PhaseView) -> v1::ProjectPhase {
    v1::ProjectPhase {
        id: view.guid.to_string(),
        name: view.name,
        elevations: view.elevations.into_iter().map(elevation).collect(),
    }
}

fn elevation(view: ElevationView) -> v1::ProjectElevation {
    v1::ProjectElevation {
        id: view.guid.to_string(),
        name: view.name,
        amount: view.amount,
        width_mm: view.width_mm,
        height_mm: view.height_mm,
        is_recycled: view.is_recycled,
        system: view.system,
        unit_price: view
            .total_price_per_unit
            .map(|price| price.to_string())
            .unwrap_or_default(),
        has_thumbnail: view.has_thumbnail,
        has_parts_list: view.has_parts_list,
        glass: small(view.glass),
        parts: small(view.parts),
        is_current: view.is_current,
    }
}

pub(crate) fn last_sync(view: &ProjectView, failures: Vec<Failure>) -> Option<v1::ProjectSync> {
    let tallies = view.tallies()?;
    Some(v1::ProjectSync {
        job_id: view.last_job_id?.to_string(),
        phases: Some(tally(tallies.phases)),
        elevations: Some(tally(tallies.elevations)),
        thumbnails: Some(tally(tallies.thumbnails)),
        parts_lists: Some(tally(tallies.parts_lists)),
        seconds: tallies.seconds,
        failures: failures
            .into_iter()
            .map(|failure| v1::ProjectFailure {
                phase: failure.phase,
                elevation: failure.elevation,
                part: failure.part,
                code: failure.code,
                message: failure.message,
            })
            .collect(),
    })
}

fn tally(tally: Tally) -> v1::ProjectTally {
    v1::ProjectTally {
        synced: tally.synced,
        skipped: tally.skipped,
        failed: tally.failed,
    }
}

fn small(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

impl From<ProjectError> for Status {
    fn from(error: ProjectError) -> Self {
        let message = error.to_string();
        match error {
            ProjectError::Field { field: name, why } => field(name, why),
            ProjectError::NotSet => refusal(
                Code::FailedPrecondition,
                Reason::LogikalNotSet,
                message,
                &[],
            ),
            ProjectError::NotFound { near, .. } => refusal(
                Code::NotFound,
                Reason::ProjectNotFound,
                message,
                &[("near", near.join(", "))],
            ),
            ProjectError::Ambiguous { candidates, .. } => {
                let candidates: Vec<String> = candidates
                    .into_iter()
                    .map(|candidate| format!("{} in {}", candidate.guid, candidate.directory))
                    .collect();
                refusal(
                    Code::FailedPrecondition,
                    Reason::ProjectAmbiguous,
                    message,
                    &[("candidates", candidates.join(", "))],
                )
            }
            ProjectError::Logikal(error) => error.into(),
            ProjectError::Connections(error) => error.into(),
            ProjectError::Queue(error) => error.into(),
            ProjectError::Db(error) if error.is_transient() => database_away(&error),
            ProjectError::Db(error) => internal(&error),
        }
    }
}

impl From<LogikalError> for Status {
    fn from(error: LogikalError) -> Self {
        let (code, reason) = match &error {
            LogikalError::Away(_) | LogikalError::SessionLimit(_) | LogikalError::SessionLost => {
                (Code::Unavailable, Reason::LogikalUnreachable)
            }
            LogikalError::NotFound(_) => (Code::NotFound, Reason::ProjectNotFound),
            _ => (Code::FailedPrecondition, Reason::LogikalRefused),
        };
        refusal(code, reason, error.to_string(), &[])
    }
}
