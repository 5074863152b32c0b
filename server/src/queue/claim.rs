//! Claiming: one short transaction that gives due jobs to a worker.

use super::{Queue, QueueError, run::Claimed, transitions::Holding};
use crate::{
    ids::{ConnectionId, JobId},
    progress::{Counters, EventType, NewEvent},
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
}

impl Queue {
    /// Gives at most `limit` due jobs of these kinds to a worker.
    ///
    /// First the shares are locked, then a second statement with a fresh view counts what runs: so no connection gets
    /// more than its share, however many servers claim at once. A share that is locked is skipped, not waited for.
    pub(super) async fn claim(
        &self,
        kinds: &[String],
        limit: usize,
        worker: i32,
    ) -> Result<Vec<Claimed>, QueueError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut story = self.progress.begin().await?;
        let shares = sqlx::query_file_scalar!("src/queue/sql/lock_shares.sql", kinds, limit)
            .fetch_all(story.connection())
            .await?;
        if shares.is_empty() {
            return Ok(Vec::new());
        }
        let lease = self.settings.lease.as_secs_f64();
        let rows = sqlx::query_file_as!(
            ClaimedRow,
            "src/queue/sql/claim.sql",
            &shares,
            kinds,
            limit,
            worker,
            lease
        )
        .fetch_all(story.connection())
        .await?;
        let claimed: Vec<Claimed> = rows.into_iter().map(Claimed::from).collect();
        let started: Vec<NewEvent> = claimed.iter().map(started).collect();
        story.tell_all(&started).await?;
        story.commit().await?;
        Ok(claimed)
    }
}

fn started(job: &Claimed) -> NewEvent {
    let message = match job.holding.attempt {
        1 => "started".to_owned(),
        attempt if job.counters.rows_done > 0 => format!(
            "attempt {attempt} goes on after row {}",
            job.counters.rows_done
        ),
        attempt => format!("attempt {attempt} started"),
    };
    NewEvent {
        job: job.holding.job,
        kind: EventType::Started,
        attempt: job.holding.attempt,
        message,
        code: String::new(),
        counters: job.counters,
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
