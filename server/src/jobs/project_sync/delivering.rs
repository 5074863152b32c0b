//! Hands elevations to Odoo, in batches, as they come; each takes effect once, whoever is interrupted when.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lz4_flex::decompress_size_prepended;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    finding::{Failed, Found},
    look,
};
use crate::{
    adapters::odoo::{BatchStatus, Odoo, ProjectBatch, ProjectEnd},
    db::Db,
    jobs::patience::Patience,
    queue::{JobError, Run},
};

/// The addon that takes them.
const ADDON: &str = "sluice_logikal";
/// So many elevations go into one call of Odoo.
const MOST_ROWS: i64 = 6;

/// Hands one project over.
pub(super) struct Delivering<'run> {
    pub(super) db: &'run Db,
    pub(super) run: &'run Run,
    pub(super) odoo: Arc<Odoo>,
    pub(super) patience: &'run Patience<'run>,
    /// Our own key of the project.
    pub(super) project: Uuid,
}

impl Delivering<'_> {
    /// Whether this Odoo has our addon; says so where it has not.
    pub(super) async fn is_wanted(&self) -> Result<bool, JobError> {
        let described = self
            .patience
            .answered("handing elevations over", || self.odoo.describe())
            .await?;
        let why = match described {
            Ok(description) if description.modules.iter().any(|module| module == ADDON) => {
                return Ok(true);
            }
            Ok(_) => "this Odoo has no Sluice addon for LOGIKAL".to_owned(),
            Err(error) => error.to_string(),
        };
        let message = format!("nothing is handed to Odoo: {why}");
        self.run.note("odoo_left_out", &message).await?;
        Ok(false)
    }

    /// Hands over what is stored completely, as it comes, until `walked`; what is left then is for [`Delivering::rest`].
    pub(super) async fn live(
        &self,
        complete: &mut mpsc::UnboundedReceiver<Uuid>,
        walked: &CancellationToken,
        found: mpsc::Sender<Found>,
    ) -> Result<(), JobError> {
        let mut ids = Vec::new();
        loop {
            let most = usize::try_from(MOST_ROWS).unwrap_or(1);
            tokio::select! {
                biased;
                () = walked.cancelled() => return Ok(()),
                count = complete.recv_many(&mut ids, most) => {
                    if count == 0 {
                        return Ok(());
                    }
                }
            }
            let (_, failed) = self.page(0, Some(&ids)).await?;
            ids.clear();
            for failed in failed {
                if found.send(Found::Failed(failed)).await.is_err() {
                    return Ok(());
                }
            }
        }
    }

    /// Hands over all that Odoo has not; returns what it did not take.
    pub(super) async fn rest(&self) -> Result<Vec<Failed>, JobError> {
        let (mut after, mut failures) = (0, Vec::new());
        loop {
            let (last, failed) = self.page(after, None).await?;
            failures.extend(failed);
            match last {
                Some(last) => after = last,
                None => return Ok(failures),
            }
            if self.run.stopping().is_cancelled() {
                return Err(JobError::Stopped);
            }
        }
    }

    /// Tells Odoo what is there, so that it puts the rest aside.
    pub(super) async fn finish(&self, guid: Uuid) -> Result<(), JobError> {
        let present = sqlx::query_file!("src/jobs/project_sync/sql/present.sql", self.project)
            .fetch_all(self.db.pool())
            .await?;
        let end = ProjectEnd {
            job: self.run.job(),
            attempt: self.run.attempt(),
            project: guid,
            present: present
                .iter()
                .map(|row| (row.phase, row.elevation))
                .collect(),
        };
        let answer = self
            .patience
            .call("finishing", || self.odoo.finish_project(&end))
            .await?;
        held(answer.status)
    }

    /// Hands over the next elevations after a row number; returns the last one's number, and what Odoo did not take.
    async fn page(
        &self,
        after: i32,
        ids: Option<&[Uuid]>,
    ) -> Result<(Option<i32>, Vec<Failed>), JobError> {
        let rows = sqlx::query_file!(
            "src/jobs/project_sync/sql/rows_to_deliver.sql",
            self.project,
            self.run.job().0,
            after,
            ids as Option<&[Uuid]>,
            MOST_ROWS
        )
        .fetch_all(self.db.pool())
        .await?;
        let Some(last) = rows.last().map(|row| row.row_number) else {
            return Ok((None, Vec::new()));
        };
        let sent: Vec<Value> = rows
            .iter()
            .map(|row| {
                let mut payload = row.payload.clone();
                payload["row"] = json!(row.row_number);
                payload["thumbnail"] = json!(row.thumbnail.as_deref().and_then(picture));
                payload
            })
            .collect();
        let project = self.header().await?;
        let batch = ProjectBatch {
            job: self.run.job(),
            attempt: self.run.attempt(),
            project: &project,
            rows: &sent,
        };
        let answer = self
            .patience
            .call("handing elevations over", || {
                self.odoo.apply_project(&batch)
            })
            .await?;
        held(answer.status)?;
        let mut taken = (Vec::new(), Vec::new());
        let mut failures = Vec::new();
        for row in rows {
            let number = i64::from(row.row_number);
            let error = answer.errors.iter().find(|error| error.row == number);
            if let Some(error) = error {
                failures.push(Failed::by_odoo(&row.payload, &error.message));
            } else if [&answer.created, &answer.updated, &answer.unchanged]
                .iter()
                .any(|list| list.contains(&number))
                && !answer.replayed_rows.contains(&number)
            {
                taken.0.push(row.id);
                taken.1.push(row.digest);
            }
        }
        sqlx::query_file!(
            "src/jobs/project_sync/sql/set_delivered.sql",
            self.run.job().0,
            &taken.0,
            &taken.1
        )
        .execute(self.db.pool())
        .await?;
        Ok((Some(last), failures))
    }

    async fn header(&self) -> Result<Value, JobError> {
        let view = look::view(self.db, self.project).await?;
        Ok(json!({
            "guid": view.guid, "name": view.name, "directory": view.directory, "job_number": view.job_number,
            "offer_number": view.offer_number, "person_in_charge": view.person_in_charge, "currency": view.currency,
            "changed_date": view.changed_date,
        }))
    }
}

fn picture(packed: &[u8]) -> Option<String> {
    let bytes = decompress_size_prepended(packed).ok()?;
    Some(STANDARD.encode(bytes))
}

/// What Odoo's fence says.
fn held(status: BatchStatus) -> Result<(), JobError> {
    match status {
        BatchStatus::Applied => Ok(()),
        BatchStatus::StaleAttempt | BatchStatus::WrongSupplier => Err(JobError::Lost),
    }
}
