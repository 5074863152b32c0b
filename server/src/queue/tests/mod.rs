//! The queue's promises, kept against a real Postgres.

mod claiming;
mod holding;
mod interruptions;
mod leaving;
mod many;
mod rescuing;
mod telling;
mod views;
mod wishing;

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::{FutureExt as _, future::BoxFuture};
use serde_json::json;
use sqlx::PgPool;
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    JobError, JobState, NewJob, Queue, QueueError, QueueSettings, Run, RunJob, Worker,
    run::Claimed,
    transitions::{Fenced, Holding},
};
use crate::{
    db::Db,
    ids::{ConnectionId, JobId},
    progress::{Counters, EventType, Progress},
};

/// How long a test waits for what should come at once.
const PATIENCE: Duration = Duration::from_secs(20);

struct House {
    pool: PgPool,
    queue: Queue,
    progress: Progress,
    stop: CancellationToken,
}

impl House {
    fn new(pool: PgPool) -> Self {
        Self::with(pool, QueueSettings::default())
    }

    fn with(pool: PgPool, settings: QueueSettings) -> Self {
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let db = Db::from_pool(pool.clone());
        let progress = Progress::start(db.clone(), &tasks, stop.clone());
        let queue = Queue::start(db, progress.clone(), settings, &tasks, stop.clone());
        Self {
            pool,
            queue,
            progress,
            stop,
        }
    }

    async fn connection(&self, name: &str) -> ConnectionId {
        let id = ConnectionId::new();
        sqlx::query("insert into connection (id, name, url, database, api_key_sealed) values ($1, $2, 'http://odoo', 'db', '')")
            .bind(id)
            .bind(name)
            .execute(&self.pool)
            .await
            .unwrap();
        id
    }

    async fn add(&self, new: NewJob) -> JobId {
        self.queue.enqueue(new).await.unwrap().job.id
    }

    async fn claim(&self, limit: usize) -> Vec<Claimed> {
        self.queue
            .claim(&["test".to_owned()], limit, 1)
            .await
            .unwrap()
    }

    /// Waits until the job's story tells this.
    async fn until(&self, job: JobId, kind: EventType) {
        let told = async {
            let mut watch = self.progress.watch(job, 0).await.unwrap();
            while let Some(event) = watch.next().await {
                if event.unwrap().kind == kind {
                    return;
                }
            }
            panic!("the story ended without {kind:?}");
        };
        tokio::time::timeout(PATIENCE, told)
            .await
            .unwrap_or_else(|_| panic!("{kind:?} did not come"));
    }

    async fn story(&self, job: JobId) -> Vec<EventType> {
        self.progress
            .read(job, 0, 1_000)
            .await
            .unwrap()
            .into_iter()
            .map(|event| event.kind)
            .collect()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn job(connection: ConnectionId) -> NewJob {
    NewJob {
        connection,
        kind: "test",
        title: "a test".to_owned(),
        spec: json!({}),
        lane: None,
        priority: 0,
        run_at: None,
        request_id: None,
    }
}

fn in_lane(connection: ConnectionId, lane: &str) -> NewJob {
    NewJob {
        lane: Some(lane.to_owned()),
        ..job(connection)
    }
}

fn done(rows: i64) -> Counters {
    Counters {
        rows_total: 10,
        rows_done: rows,
        ..Counters::default()
    }
}

/// A pipeline that does what a closure says.
struct Pipeline<F>(F);

impl<F> RunJob for Pipeline<F>
where
    F: for<'a> Fn(&'a Run) -> BoxFuture<'a, Result<String, JobError>> + Send + Sync + 'static,
{
    fn kind(&self) -> &'static str {
        "test"
    }

    fn run<'a>(&'a self, run: &'a Run) -> BoxFuture<'a, Result<String, JobError>> {
        (self.0)(run)
    }
}

fn worker<F>(house: &House, run: F) -> Worker
where
    F: for<'a> Fn(&'a Run) -> BoxFuture<'a, Result<String, JobError>> + Send + Sync + 'static,
{
    Worker::start(
        house.queue.clone(),
        vec![Arc::new(Pipeline(run))],
        "test".to_owned(),
    )
}
