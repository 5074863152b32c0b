//! Our queue as a contestant: the server's own rooms with default settings, every guarantee on, each job in a lane of its own.

use super::{Answer, Order, count};
use anyhow::{Result, ensure};
use futures::future::{BoxFuture, join_all};
use serde::Deserialize;
use serde_json::json;
use sluice_server::{
    config::Sources,
    db::Db,
    ids::ConnectionId,
    progress::Progress,
    queue::{JobError, NewJob, Queue, QueueSettings, Run, RunJob, Worker},
};
use sqlx::PgPool;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

const CALLERS: usize = 10;
/// What is added by one call.
const BULK: usize = 1_000;
/// More than ever run at once: in this contest workers are the limit, not a connection's share.
const SHARE: i32 = 10_000;

/// The rooms that a queue needs, on one database.
pub(super) struct Ours {
    pub(super) db: Db,
    pub(super) pool: PgPool,
    connection: ConnectionId,
    tasks: TaskTracker,
    stop: CancellationToken,
    data_dir: tempfile::TempDir,
}

impl Ours {
    pub(super) async fn enter(url: &str) -> Result<Self> {
        let data_dir = tempfile::tempdir()?;
        let flags = [
            ("data_dir", data_dir.path().display().to_string()),
            ("database_url", url.to_owned()),
        ];
        let settings = Sources {
            flags: flags
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            ..Sources::default()
        }
        .load()?;
        let db = Db::connect(&settings).await?;
        let pool = PgPool::connect(url).await?;
        let connection = connection(&pool, "contest").await?;
        let ours = Self {
            db,
            pool,
            connection,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            data_dir,
        };
        let queue = ours.queue(10);
        queue.set_share(connection, SHARE).await?;
        Ok(ours)
    }

    pub(super) async fn ask(&mut self, order: Order) -> Result<Answer> {
        match order {
            Order::Single(jobs) => self.single(jobs).await,
            Order::Bulk(jobs) => self.bulk(jobs).await,
            Order::Drain(jobs, workers) => self.drain(jobs, workers).await,
            Order::Latency(jobs) => self.latency(jobs).await,
        }
    }

    pub(super) async fn leave(self) -> Result<()> {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.pool.close().await;
        self.db.close().await;
        Ok(self.data_dir.close()?)
    }

    /// A queue with so many workers.
    pub(super) fn queue(&self, workers: usize) -> Queue {
        let progress = Progress::start(self.db.clone(), &self.tasks, self.stop.clone());
        let settings = QueueSettings {
            workers,
            ..QueueSettings::default()
        };
        Queue::start(
            self.db.clone(),
            progress,
            settings,
            &self.tasks,
            self.stop.clone(),
        )
    }

    async fn single(&self, jobs: usize) -> Result<Answer> {
        let queue = self.queue(10);
        let left = AtomicUsize::new(jobs);
        let began = Instant::now();
        let callers = (0..CALLERS).map(|_| async {
            while take_one(&left) {
                queue.enqueue(noop(self.connection, 0.0)).await?;
            }
            anyhow::Ok(())
        });
        join_all(callers)
            .await
            .into_iter()
            .collect::<Result<()>>()?;
        Ok(answer(began))
    }

    pub(super) async fn bulk(&self, jobs: usize) -> Result<Answer> {
        let queue = self.queue(10);
        let began = Instant::now();
        let mut left = jobs;
        while left > 0 {
            let now = left.min(BULK);
            let new: Vec<NewJob> = (0..now).map(|_| noop(self.connection, 0.0)).collect();
            for added in queue.enqueue_all(&new).await? {
                added?;
            }
            left -= now;
        }
        Ok(answer(began))
    }

    async fn drain(&self, jobs: usize, workers: usize) -> Result<Answer> {
        let began = Instant::now();
        let pipeline = Arc::new(Noop::new(jobs));
        let worker = Worker::start(
            self.queue(workers),
            vec![pipeline.clone()],
            "contest".to_owned(),
        );
        pipeline.until_done().await;
        // The peers' time ends when their handlers have run; ours when the last end is stored.
        while self.unfinished().await? > 0 {
            tokio::task::yield_now().await;
        }
        let answer = answer(began);
        worker.stop().await;
        let succeeded: i64 =
            sqlx::query_scalar("select count(*) from job where state = 'succeeded'")
                .fetch_one(&self.pool)
                .await?;
        ensure!(
            count(jobs) <= count(usize::try_from(succeeded)?),
            "{succeeded} of {jobs} jobs succeeded"
        );
        Ok(answer)
    }

    async fn latency(&self, jobs: usize) -> Result<Answer> {
        let pipeline = Arc::new(Noop::new(jobs));
        let queue = self.queue(10);
        let worker = Worker::start(queue.clone(), vec![pipeline.clone()], "contest".to_owned());
        let mut pause = tokio::time::interval(Duration::from_millis(20));
        // The worker has signed on by then.
        for _ in 0..50 {
            pause.tick().await;
        }
        for _ in 0..jobs {
            pause.tick().await;
            queue.enqueue(noop(self.connection, pipeline.now())).await?;
        }
        pipeline.until_done().await;
        worker.stop().await;
        let samples = pipeline.waits();
        Ok(Answer {
            seconds: 0.0,
            samples,
        })
    }

    async fn unfinished(&self) -> Result<i64> {
        Ok(
            sqlx::query_scalar("select count(*) from job where state in ('queued', 'running')")
                .fetch_one(&self.pool)
                .await?,
        )
    }
}

/// A connection that jobs can be of; nobody calls its Odoo.
pub(super) async fn connection(pool: &PgPool, name: &str) -> Result<ConnectionId> {
    let id = ConnectionId::new();
    sqlx::query("insert into connection (id, name, url, database, api_key_sealed) values ($1, $2, 'http://odoo', 'db', '')")
        .bind(id)
        .bind(name)
        .execute(pool)
        .await?;
    Ok(id)
}

fn take_one(left: &AtomicUsize) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
        left.checked_sub(1)
    })
    .is_ok()
}

fn answer(began: Instant) -> Answer {
    Answer {
        seconds: began.elapsed().as_secs_f64(),
        samples: Vec::new(),
    }
}

/// A job that does nothing; `asked_at` is when, in milliseconds of the contest, and 0 if nobody wants to know.
pub(super) fn noop(connection: ConnectionId, asked_at: f64) -> NewJob {
    static LANES: AtomicUsize = AtomicUsize::new(0);
    NewJob {
        connection,
        kind: "noop",
        title: "nothing".to_owned(),
        spec: json!({ "asked_at": asked_at }),
        lane: Some(format!("lane:{}", LANES.fetch_add(1, Ordering::Relaxed))),
        priority: 0,
        run_at: None,
        request_id: None,
    }
}

#[derive(Deserialize)]
struct Spec {
    asked_at: f64,
}

/// Does nothing, and counts.
struct Noop {
    epoch: Instant,
    left: AtomicUsize,
    waits: Mutex<Vec<f64>>,
    done: CancellationToken,
}

impl Noop {
    fn new(jobs: usize) -> Self {
        Self {
            epoch: Instant::now(),
            left: AtomicUsize::new(jobs),
            waits: Mutex::default(),
            done: CancellationToken::new(),
        }
    }

    fn now(&self) -> f64 {
        self.epoch.elapsed().as_secs_f64() * 1_000.0
    }

    async fn until_done(&self) {
        self.done.cancelled().await;
    }

    fn waits(&self) -> Vec<f64> {
        std::mem::take(&mut *self.waits.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl RunJob for Noop {
    fn kind(&self) -> &'static str {
        "noop"
    }

    fn run<'a>(&'a self, run: &'a Run) -> BoxFuture<'a, Result<String, JobError>> {
        Box::pin(async move {
            let spec: Spec = run.spec()?;
            if spec.asked_at > 0.0 {
                let waited = self.now() - spec.asked_at;
                self.waits
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(waited);
            }
            if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
                self.done.cancel();
            }
            Ok(String::new())
        })
    }
}
