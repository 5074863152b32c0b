//! Forgetting: jobs that finished long ago, and the details of their stories.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

use super::{Queue, QueueError};
use crate::{ids::JobId, progress::Progress};

/// How often old jobs are looked for.
const EVERY: Duration = Duration::from_hours(1);

/// Forgets old jobs at every hour.
pub(super) async fn keep_pruned(queue: Queue, stop: CancellationToken) {
    loop {
        match prune(&queue).await {
            Ok(0) => {}
            Ok(dropped) => info!(dropped, "dropped jobs that finished long ago"),
            Err(error) => warn!(%error, "could not drop old jobs; trying again in an hour"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Drops old jobs with their stories, then shortens the stories of younger ones. Returns how many jobs were dropped.
pub(super) async fn prune(queue: &Queue) -> Result<u64, QueueError> {
    let (mut dropped, mut after) = (0, JobId(Uuid::nil()));
    loop {
        let mut transaction = queue.db.begin().await?;
        let kept = queue.settings.keep_jobs.as_secs_f64();
        let jobs: Vec<JobId> = sqlx::query_file_scalar!("src/queue/sql/prune.sql", kept, after.0)
            .fetch_all(&mut *transaction)
            .await?;
        Progress::forget(&mut transaction, &jobs).await?;
        transaction.commit().await?;
        dropped += jobs.len() as u64;
        match jobs.into_iter().max() {
            Some(last) => after = last,
            None => break,
        }
    }
    queue.progress.prune(queue.settings.keep_events).await?;
    sqlx::query_file!("src/queue/sql/prune_workers.sql")
        .execute(queue.db.pool())
        .await?;
    Ok(dropped)
}
