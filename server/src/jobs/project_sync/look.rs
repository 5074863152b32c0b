//! Projects as they are shown.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{ProjectError, Projects, request::Wanted, spec::Tallies};
use crate::{
    db::{Db, DbError},
    ids::ConnectionId,
};

/// A project.
#[derive(Clone, Debug)]
pub struct ProjectView {
    /// Our own key of it.
    pub id: Uuid,
    /// LOGIKAL's key of it.
    pub guid: Uuid,
    /// The path of its directory.
    pub directory: String,
    /// Its name.
    pub name: String,
    /// A text, since its leading zeros count.
    pub job_number: String,
    /// The number of the offer.
    pub offer_number: String,
    /// Who works on it.
    pub person_in_charge: String,
    /// That of its prices.
    pub currency: String,
    /// When it was last changed in LOGIKAL.
    pub changed_date: Option<DateTime<Utc>>,
    /// When a sync last came to its end.
    pub synced_at: Option<DateTime<Utc>>,
    /// The job that made it.
    pub last_job_id: Option<Uuid>,
    last_tally: Option<Value>,
    /// How many elevations are there, recycled ones not counted.
    pub elevations: i64,
}

impl ProjectView {
    /// What the last sync counted.
    pub fn tallies(&self) -> Option<Tallies> {
        serde_json::from_value(self.last_tally.clone()?).ok()
    }
}

/// A phase with its elevations.
#[derive(Clone, Debug)]
pub struct PhaseView {
    /// LOGIKAL's key of it inside the project.
    pub guid: Uuid,
    /// Its name.
    pub name: String,
    /// In LOGIKAL's order.
    pub elevations: Vec<ElevationView>,
}

/// An elevation with counts of its parts.
#[expect(clippy::struct_excessive_bools, reason = "each is a column of its own")]
#[derive(Clone, Debug)]
pub struct ElevationView {
    /// Our own key of it.
    pub id: Uuid,
    phase_id: Uuid,
    /// LOGIKAL's key of it.
    pub guid: Uuid,
    /// Its name.
    pub name: String,
    /// How many of it are made.
    pub amount: f64,
    /// Millimetres.
    pub width_mm: f64,
    /// Millimetres.
    pub height_mm: f64,
    /// Whether it lies in LOGIKAL's recycle bin.
    pub is_recycled: bool,
    /// The profile system.
    pub system: String,
    /// Of one with everything.
    pub total_price_per_unit: Option<f64>,
    /// Whether its picture is stored.
    pub has_thumbnail: bool,
    /// Whether its parts list is stored.
    pub has_parts_list: bool,
    /// Panes and panels.
    pub glass: i64,
    /// Other lines.
    pub parts: i64,
    /// Whether nothing of it failed at the last sync.
    pub is_current: bool,
}

/// Something that the last sync could not have.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What was wanted.
    pub part: String,
    /// The phase's name.
    pub phase: String,
    /// The elevation's name.
    pub elevation: String,
    /// A stable word.
    pub code: String,
    /// A sentence.
    pub message: String,
}

impl Projects {
    /// At most `limit` projects by directory, name and GUID, those after `after`.
    pub async fn list(
        &self,
        connection: ConnectionId,
        after: &(String, String, Uuid),
        limit: i64,
    ) -> Result<Vec<ProjectView>, ProjectError> {
        let listed = sqlx::query_file_as!(
            ProjectView,
            "src/jobs/project_sync/sql/list.sql",
            connection.0,
            after.0,
            after.1,
            after.2,
            limit
        );
        Ok(listed.fetch_all(self.db.pool()).await?)
    }

    /// A project that is stored, and its phases with their elevations.
    pub async fn show(
        &self,
        connection: ConnectionId,
        wanted: &Wanted,
    ) -> Result<(ProjectView, Vec<PhaseView>, Vec<Failure>), ProjectError> {
        let known = self.known(connection, wanted).await?;
        let Some(known) = known else {
            return Err(ProjectError::NotFound {
                wanted: match wanted {
                    Wanted::Guid(guid) => guid.to_string(),
                    Wanted::Named { name, .. } => format!("{name:?}"),
                },
                near: Vec::new(),
            });
        };
        let pool = self.db.pool();
        let shown = view(&self.db, known.id).await?;
        let mut elevations: HashMap<Uuid, Vec<ElevationView>> = HashMap::new();
        let rows = sqlx::query_file_as!(
            ElevationView,
            "src/jobs/project_sync/sql/show_elevations.sql",
            known.id
        );
        for row in rows.fetch_all(pool).await? {
            elevations.entry(row.phase_id).or_default().push(row);
        }
        let phases = sqlx::query_file!("src/jobs/project_sync/sql/show_phases.sql", known.id)
            .fetch_all(pool)
            .await?
            .into_iter()
            .map(|phase| PhaseView {
                guid: phase.guid,
                name: phase.name,
                elevations: elevations.remove(&phase.id).unwrap_or_default(),
            })
            .collect();
        let failures = match shown.last_job_id {
            Some(job) => {
                sqlx::query_file_as!(
                    Failure,
                    "src/jobs/project_sync/sql/failures.sql",
                    known.id,
                    job
                )
                .fetch_all(pool)
                .await?
            }
            None => Vec::new(),
        };
        Ok((shown, phases, failures))
    }
}

/// A project that is stored.
pub(super) async fn view(db: &Db, project: Uuid) -> Result<ProjectView, DbError> {
    let shown = sqlx::query_file_as!(ProjectView, "src/jobs/project_sync/sql/show.sql", project);
    Ok(shown.fetch_one(db.pool()).await?)
}
