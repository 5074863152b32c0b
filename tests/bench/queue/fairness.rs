//! Whether a connection with a long queue holds up another one.

use super::{DATABASE, Order, ours};
use crate::report::Report;
use anyhow::Result;
use futures::{FutureExt as _, future::BoxFuture};
use ours::{Ours, connection, noop};
use sluice_server::{
    ids::ConnectionId,
    queue::{JobError, JobState, NewJob, Queue, Run, RunJob, Worker},
};
use sluice_tests::{cluster::Cluster, until::pass};
use sqlx::Executor as _;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// What the measured connection enqueues, one after the other.
const JOBS: usize = 40;
/// How long each job takes by itself.
const WORK: Duration = Duration::from_millis(25);

/// The time of a few jobs alone, and beside a connection for which `queued` jobs wait and run.
pub(super) async fn measure(cluster: &Cluster, queued: usize, report: &mut Report) -> Result<()> {
    let mut postgres = cluster.connect("postgres").await?;
    for statement in [
        "drop database if exists contest with (force)",
        "create database contest",
    ] {
        postgres.execute(statement).await?;
    }
    let mut ours = Ours::enter(&Cluster::url_at(cluster.port, DATABASE)).await?;
    let small = connection(&ours.pool, "small").await?;
    let queue = ours.queue(4);
    // Both have the default share of two; the contest's own jobs stand for somebody's very long queue.
    let worker = Worker::start(
        queue.clone(),
        vec![Arc::new(Slow("small")), Arc::new(Slow("noop"))],
        "fairness".to_owned(),
    );
    let alone = span(&queue, small).await?;
    ours.ask(Order::Bulk(queued)).await?;
    sqlx::query("update share set max_running = 2")
        .execute(&ours.pool)
        .await?;
    let beside = span(&queue, small).await?;
    worker.stop().await;
    ours.leave().await?;
    report.cost(
        "beside_a_long_queue",
        beside.as_secs_f64() * 1_000.0,
        alone.as_secs_f64() * 1_000.0,
        "ms",
        "at most 2",
    );
    Ok(())
}

/// How long the jobs of a connection take from the first enqueueing to the last end.
async fn span(queue: &Queue, connection: ConnectionId) -> Result<Duration> {
    let began = Instant::now();
    for _ in 0..JOBS {
        let new = NewJob {
            kind: "small",
            ..noop(connection, 0.0)
        };
        let job = queue.enqueue(new).await?.job.id;
        while queue.get(job).await?.state != JobState::Succeeded {
            pass(Duration::from_millis(1)).await;
        }
    }
    Ok(began.elapsed())
}

/// A job that takes some time.
struct Slow(&'static str);

impl RunJob for Slow {
    fn kind(&self) -> &'static str {
        self.0
    }

    fn run<'a>(&'a self, _run: &'a Run) -> BoxFuture<'a, Result<String, JobError>> {
        async {
            pass(WORK).await;
            Ok(String::new())
        }
        .boxed()
    }
}
