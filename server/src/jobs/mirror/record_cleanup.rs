//! The job that finds out which mirrored records Odoo no longer has, and marks them if they are not too many.

use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::json;

use super::{
    comparing::{Compared, Comparison},
    connection_unusable,
    spec::CleanupSpec,
    store::{self, Scope},
    tables::{self, Table},
    writing::count,
};
use crate::{
    db::Db,
    jobs::{OdooClients, patience::Patience, search::outbox},
    progress::Counters,
    queue::{JobError, Run, RunJob},
};

/// The kind of these jobs.
pub const CLEANUP: &str = "record_cleanup";

/// How many rows one statement marks.
const MARKED_AT_ONCE: usize = 10_000;

/// Runs cleanups.
#[derive(Clone, Debug)]
pub struct RecordCleanup {
    pub(super) db: Db,
    pub(super) clients: OdooClients,
    /// How long a job waits for an Odoo that is away.
    pub(super) max_outage: Duration,
}

impl RunJob for RecordCleanup {
    fn kind(&self) -> &'static str {
        CLEANUP
    }

    fn run<'a>(&'a self, run: &'a Run) -> BoxFuture<'a, Result<String, JobError>> {
        Box::pin(self.cleanup(run))
    }
}

impl RecordCleanup {
    async fn cleanup(&self, run: &Run) -> Result<String, JobError> {
        let spec: CleanupSpec = run.spec()?;
        let scope = Scope {
            connection: run.connection(),
            model: &spec.model,
        };
        let not_mirrored = || JobError::Fail {
            code: "not_mirrored",
            message: format!("{} is not mirrored", spec.model),
        };
        let row = store::model(&self.db, scope).await?;
        let row = row.ok_or_else(not_mirrored)?;
        store::set_job(&self.db, scope, run.job()).await?;
        let mut connection = self.db.pool().acquire().await?;
        let schema = store::schema_of(&mut connection, scope.connection).await?;
        let (Some(schema), Some(name)) = (schema, row.table_name.clone()) else {
            return Err(not_mirrored());
        };
        let table = Table { schema, name };
        let (rows, _) = tables::counts(&mut connection, &table).await?;
        drop(connection);
        let odoo = self.clients.of(run.connection()).await;
        let odoo = odoo.map_err(connection_unusable)?;
        let patience = Patience::new(run, self.max_outage);
        // Each attempt compares anew: only one listing from start to end tells what is gone.
        let mut counters = Counters {
            rows_total: rows,
            ..Counters::default()
        };
        let comparison = Comparison {
            run,
            db: &self.db,
            odoo: &odoo,
            patience: &patience,
            model: &spec.model,
            table: &table,
        };
        let compared = comparison.compare(row.conditions(), &mut counters).await?;
        let missing = count(compared.missing.len());
        check_ratio(&spec, missing, rows)?;
        if spec.dry_run {
            counters.skipped = missing;
        } else {
            counters.updated = missing;
        }
        let told = summary(&spec, &compared, rows);
        let mut step = run.step().await?;
        if !spec.dry_run {
            for ids in compared.missing.chunks(MARKED_AT_ONCE) {
                if spec.hard_delete {
                    tables::remove(step.connection(), &table, ids).await?;
                } else {
                    tables::mark_deleted(step.connection(), &table, ids).await?;
                }
                store::unpark(step.connection(), scope, ids).await?;
                outbox::gone(step.connection(), scope.connection, scope.model, ids).await?;
            }
        }
        counters.rows_done = rows;
        step.commit(&json!({}), counters, &told).await?;
        Ok(told)
    }
}

/// Too many at once are more likely a rule in Odoo that hides them than deletions.
fn check_ratio(spec: &CleanupSpec, missing: i64, rows: i64) -> Result<(), JobError> {
    let Some(most) = spec.max_percent.filter(|_| !spec.dry_run) else {
        return Ok(());
    };
    // Exact, without a division: missing / rows > most / 100.
    if i128::from(missing) * 100 > i128::from(rows) * i128::from(most) {
        return Err(JobError::Fail {
            code: "too_many_deleted",
            message: format!(
                "Odoo no longer lists {missing} of {rows} records, more than the {most} % that are allowed: nothing was marked. \
                 See whether the service user may still see them all; if they are gone, run it again with confirmation"
            ),
        });
    }
    Ok(())
}

fn summary(spec: &CleanupSpec, compared: &Compared, rows: i64) -> String {
    let missing = compared.missing.len();
    let done = match (spec.dry_run, spec.hard_delete) {
        (true, _) => "gone from Odoo, nothing was marked",
        (false, true) => "gone from Odoo and removed",
        (false, false) => "gone from Odoo and marked as deleted",
    };
    let unknown = match compared.unknown {
        0 => String::new(),
        unknown => format!("; {unknown} of Odoo's are not mirrored yet"),
    };
    format!("{rows} records compared: {missing} {done}{unknown}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(max_percent: Option<i64>) -> CleanupSpec {
        CleanupSpec {
            model: "res.partner".to_owned(),
            dry_run: false,
            max_percent,
            hard_delete: false,
        }
    }

    #[test]
    fn half_of_the_records_are_never_deleted_unasked() {
        assert!(check_ratio(&spec(Some(20)), 50, 100).is_err());
        assert!(check_ratio(&spec(Some(20)), 21, 100).is_err());
        assert!(check_ratio(&spec(Some(20)), 20, 100).is_ok());
        assert!(check_ratio(&spec(None), 100, 100).is_ok());
        assert!(check_ratio(&spec(Some(20)), 0, 0).is_ok());
    }
}
