//! Rescue: jobs whose holder died, hung or got stuck are queued again. Every server does this for all.

use std::collections::HashSet;

use metrics::counter;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{
    Queue, QueueError,
    liveness::Alive,
    transitions::{Fenced, Holding},
};
use crate::{db::answered, ids::JobId, telemetry::metrics::RESCUES};

/// Looks for holders that are gone, at every `look`.
pub(super) struct Rescuer {
    queue: Queue,
    alive: Alive,
    /// Workers that missed their lock at the last look. Only two misses in a row count, so that a worker whose session
    /// broke can take its lock again.
    suspects: HashSet<i32>,
}

impl Rescuer {
    pub(super) fn new(queue: Queue, alive: Alive) -> Self {
        Self {
            queue,
            alive,
            suspects: HashSet::new(),
        }
    }

    pub(super) async fn run(mut self, stop: CancellationToken) {
        loop {
            if let Err(error) = answered(self.look()).await {
                warn!(%error, "could not look for lost jobs; trying again");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(self.queue.settings.look) => {}
            }
        }
    }

    /// One look. While our own session is broken we see nothing that could be trusted: perhaps Postgres restarted, and
    /// everybody's lock is gone.
    async fn look(&mut self) -> Result<(), QueueError> {
        if self.alive.borrow().is_none() {
            self.suspects.clear();
            return Ok(());
        }
        let pool = self.queue.db.pool();
        let missing: HashSet<i32> = sqlx::query_file_scalar!("src/queue/sql/look_for_dead.sql")
            .fetch_all(pool)
            .await?
            .into_iter()
            .collect();
        let dead: Vec<i32> = missing.intersection(&self.suspects).copied().collect();
        self.suspects = missing;
        if !dead.is_empty() {
            let rows = sqlx::query_file!("src/queue/sql/held_by.sql", &dead)
                .fetch_all(pool)
                .await?;
            let lost = rows.into_iter().map(|row| holding(row.id, row.attempt));
            self.rescue(
                lost,
                "worker_died",
                "the server that ran the job died; it goes on at its checkpoint",
            )
            .await?;
        }
        let rows = sqlx::query_file!("src/queue/sql/expired.sql")
            .fetch_all(pool)
            .await?;
        let lost = rows.into_iter().map(|row| holding(row.id, row.attempt));
        self.rescue(
            lost,
            "lease_expired",
            "the server that ran the job fell silent; it goes on at its checkpoint",
        )
        .await?;
        let stuck_after = self.queue.settings.stuck_after.as_secs_f64();
        let rows = sqlx::query_file!("src/queue/sql/stuck.sql", stuck_after)
            .fetch_all(pool)
            .await?;
        let lost = rows.into_iter().map(|row| holding(row.id, row.attempt));
        self.rescue(
            lost,
            "stuck",
            "the job made no progress for too long; it goes on at its checkpoint",
        )
        .await
    }

    async fn rescue(
        &self,
        lost: impl Iterator<Item = Holding>,
        code: &str,
        message: &str,
    ) -> Result<(), QueueError> {
        for holding in lost {
            if self.queue.rescue(holding, code, message).await? == Fenced::Held {
                counter!(RESCUES, "code" => code.to_owned()).increment(1);
                info!(job.id = %holding.job, job.attempt = holding.attempt, code, "rescued a job");
            }
        }
        Ok(())
    }
}

fn holding(job: JobId, attempt: i32) -> Holding {
    Holding { job, attempt }
}
