//! Leases: renewed while a job is held, they cover hosts that hang and networks that are cut.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::{
    Queue, QueueError,
    run::{Run, StopCause},
    transitions::Holding,
};
use crate::ids::JobId;

/// The jobs that this server holds now.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    runs: Arc<Mutex<HashMap<Holding, Arc<Run>>>>,
}

impl Held {
    pub(super) fn add(&self, run: Arc<Run>) {
        self.runs().insert(run.holding(), run);
    }

    pub(super) fn remove(&self, holding: Holding) {
        self.runs().remove(&holding);
    }

    pub(super) fn count(&self) -> usize {
        self.runs().len()
    }

    /// Asks all holders to stop.
    pub(super) fn stop_all(&self, cause: StopCause) {
        self.runs().values().for_each(|run| run.stop(cause));
    }

    /// Gives all jobs back as they were at their last checkpoints.
    pub(super) fn give_all_back(&self) {
        self.runs().values().for_each(|run| run.give_back());
    }

    fn all(&self) -> Vec<Arc<Run>> {
        self.runs().values().cloned().collect()
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<Holding, Arc<Run>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Renews the leases of all held jobs each third of a lease, and at once when something was asked of a holder.
pub(super) async fn keep_leases(queue: Queue, held: Held, stop: CancellationToken) {
    let mut control = queue.control.subscribe();
    let mut renewed = Instant::now();
    let mut is_asked = true;
    loop {
        control.mark_unchanged();
        let begun = Instant::now();
        match renew(&queue, &held, is_asked).await {
            Ok(()) => renewed = begun,
            // By now others may hold our jobs; going on would only be refused.
            Err(error) if renewed.elapsed() >= queue.settings.lease => {
                warn!(%error, "the leases ran out unrenewed; giving up what was held");
                held.stop_all(StopCause::Lost);
            }
            Err(error) => warn!(%error, "could not renew the leases; trying again"),
        }
        let pause = if renewed == begun {
            queue.settings.lease / 3
        } else {
            queue.settings.poll
        };
        is_asked = tokio::select! {
            () = stop.cancelled() => return,
            _ = control.changed() => true,
            () = tokio::time::sleep(pause) => false,
        };
    }
}

/// Those that were claimed a moment ago have most of their lease left, unless something may have been asked of them.
async fn renew(queue: &Queue, held: &Held, is_asked: bool) -> Result<(), QueueError> {
    let mut runs = held.all();
    if !is_asked {
        runs.retain(|run| run.age() > queue.settings.lease / 6);
    }
    if runs.is_empty() {
        return Ok(());
    }
    // By id, as jobs are ended: so the two never wait for each other.
    runs.sort_unstable_by_key(|run| run.job());
    let jobs: Vec<_> = runs.iter().map(|run| run.job().0).collect();
    let attempts: Vec<_> = runs.iter().map(|run| run.attempt()).collect();
    let lease = queue.settings.lease.as_secs_f64();
    let query = sqlx::query_file!("src/queue/sql/renew.sql", &jobs, &attempts, lease)
        .fetch_all(queue.db.pool());
    // A renewal that hangs is as good as none.
    let rows = tokio::time::timeout(queue.settings.lease / 3, query)
        .await
        .map_err(|_| sqlx::Error::PoolTimedOut)??;
    let renewed: HashMap<(JobId, i32), Option<String>> = rows
        .into_iter()
        .map(|row| ((row.id, row.attempt), row.requested))
        .collect();
    for run in runs {
        match renewed.get(&(run.job(), run.attempt())) {
            None => run.stop(StopCause::Lost),
            Some(Some(wish)) if wish == "cancel" => run.stop(StopCause::Cancel),
            Some(Some(_)) => run.stop(StopCause::Pause),
            Some(None) => {}
        }
    }
    Ok(())
}
