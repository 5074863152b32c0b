//! Claiming: one statement that gives due jobs to a worker and tells of it.

use super::{Queue, QueueError, run::Claimed, transitions::Holding};
use crate::{
    ids::{ConnectionId, JobId},
    progress::Counters,
};

struct ClaimedRow {
    id: JobId,
    connection: ConnectionId,
    kind: String,
    spec: serde_json::Value,
    attempt: i32,
    failure_count: i32,
    checkpoint: Option<serde_json::Value>,
    rows_total: i64,
    rows_done: i64,
    created_count: i64,
    updated_count: i64,
    unchanged_count: i64,
    skipped_count: i64,
    error_count: i64,
    /// Where the start is in the story, if it was written and not told by the job's row.
    #[expect(
        dead_code,
        reason = "the statement writes the event by returning its place"
    )]
    told_seq: Option<i64>,
}

impl Queue {
    /// Gives at most `limit` due jobs of these kinds to a worker.
    ///
    /// The shares are locked in the version that was counted: so no connection gets more than its share, however many
    /// servers claim at once. A share that another claim has, or had meanwhile, is skipped, not waited for.
    pub(super) async fn claim(
        &self,
        kinds: &[String],
        limit: usize,
        worker: i32,
    ) -> Result<Vec<Claimed>, QueueError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let lease = self.settings.lease.as_secs_f64();
        let rows = sqlx::query_file_as!(
            ClaimedRow,
            "src/queue/sql/claim.sql",
            kinds,
            limit,
            worker,
            lease
        )
        .fetch_all(self.db.quick())
        .await?;
        let claimed: Vec<Claimed> = rows.into_iter().map(Claimed::from).collect();
        let jobs: Vec<JobId> = claimed.iter().map(|job| job.holding.job).collect();
        self.progress.wake(&jobs);
        Ok(claimed)
    }
}

impl From<ClaimedRow> for Claimed {
    fn from(row: ClaimedRow) -> Self {
        Self {
            holding: Holding {
                job: row.id,
                attempt: row.attempt,
            },
            connection: row.connection,
            kind: row.kind,
            spec: row.spec,
            checkpoint: row.checkpoint,
            failures: row.failure_count,
            counters: Counters {
                rows_total: row.rows_total,
                rows_done: row.rows_done,
                created: row.created_count,
                updated: row.updated_count,
                unchanged: row.unchanged_count,
                skipped: row.skipped_count,
                errors: row.error_count,
            },
        }
    }
}
