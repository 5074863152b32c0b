//! The queue beside other queues on Postgres: the same jobs that do nothing, on one Postgres, in one run.

mod fairness;
mod ours;
mod peer;

use crate::report::Report;
use anyhow::{Context as _, Result};
use ours::Ours;
use peer::Peer;
use sluice_tests::cluster::Cluster;
use sqlx::{Connection as _, Executor as _, PgConnection};
use std::{collections::BTreeMap, fmt};

const DATABASE: &str = "contest";

/// What a contestant is told to do.
#[derive(Clone, Copy)]
pub(crate) enum Order {
    /// Enqueue so many jobs one by one, from ten callers at once.
    Single(usize),
    /// Enqueue so many jobs by the thousand.
    Bulk(usize),
    /// Run what is queued, so many jobs, with so many workers.
    Drain(usize, usize),
    /// Enqueue so many jobs into the idle queue, one each 20 ms, and tell how long each took to start.
    Latency(usize),
}

impl fmt::Display for Order {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Single(jobs) => write!(out, "single {jobs}"),
            Self::Bulk(jobs) => write!(out, "bulk {jobs}"),
            Self::Drain(jobs, workers) => write!(out, "drain {jobs} {workers}"),
            Self::Latency(jobs) => write!(out, "latency {jobs}"),
        }
    }
}

/// What a contestant answers: how long it took, and for latencies each one's milliseconds.
#[derive(Default, serde::Deserialize)]
pub(crate) struct Answer {
    seconds: f64,
    #[serde(default)]
    samples: Vec<f64>,
}

enum Contestant {
    Ours(Box<Ours>),
    Peer(Box<Peer>),
}

impl Contestant {
    async fn enter(name: &str, url: &str) -> Result<Self> {
        Ok(match name {
            OURS => Self::Ours(Box::new(Ours::enter(url).await?)),
            _ => Self::Peer(Box::new(Peer::enter(name, url).await?)),
        })
    }

    async fn ask(&mut self, order: Order) -> Result<Answer> {
        match self {
            Self::Ours(ours) => ours.ask(order).await,
            Self::Peer(peer) => peer.ask(order).await,
        }
    }

    /// Leaves, so that Postgres counts all it did.
    async fn leave(self) -> Result<()> {
        match self {
            Self::Ours(ours) => ours.leave().await,
            Self::Peer(peer) => peer.leave().await,
        }
    }
}

const OURS: &str = "sluice";

/// How many jobs are timed on an idle queue: enough for five to be slower than the slowest hundredth.
const IDLE_JOBS: usize = 500;

/// The contestants, each with the share of the jobs that it gets: a slow one would take the whole day.
const CONTESTANTS: [(&str, f64); 5] = [
    (OURS, 1.0),
    ("graphile-batched", 1.0),
    ("graphile", 0.05),
    ("pg-boss", 0.1),
    ("procrastinate", 0.01),
];

/// The metrics, whether more is better, and their units.
const METRICS: [(&str, bool, &str); 9] = [
    ("enqueue_single", true, "jobs/s"),
    ("enqueue_bulk", true, "jobs/s"),
    ("finished_10_workers", true, "jobs/s"),
    ("finished_64_workers", true, "jobs/s"),
    ("finished_held_open", true, "jobs/s"),
    ("start_p50", false, "ms"),
    ("start_p99", false, "ms"),
    ("dead_tuples", false, "per job"),
    ("wal", false, "B/job"),
];

/// Everything that was measured: metric, contestant, values.
type Seen = BTreeMap<(&'static str, &'static str), Vec<f64>>;

/// Measures each contestant `repeats` times in turn, and what it leaves behind once, after all `jobs`.
pub(crate) async fn measure(
    jobs: usize,
    repeats: usize,
    with_peers: bool,
    report: &mut Report,
) -> Result<()> {
    // Postgres' own defaults; only what is written has to reach the disk, as everywhere.
    let cluster = Cluster::start(&["fsync = on"], None).await?;
    let mut contest = Contest {
        cluster,
        seen: Seen::new(),
    };
    let contestants: Vec<_> = CONTESTANTS
        .into_iter()
        .filter(|(name, _)| with_peers || *name == OURS)
        .collect();
    for round in 1..=repeats {
        for (name, share) in &contestants {
            eprintln!("   {name}, {round} of {repeats}");
            contest.rates(name, scaled(jobs, *share)).await?;
        }
    }
    for (name, share) in &contestants {
        eprintln!("   what {name} leaves behind");
        contest.footprint(name, scaled(jobs, *share)).await?;
    }
    contest.tell(report)?;
    fairness::measure(&contest.cluster, jobs / 2, report).await
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a count of jobs is small and positive"
)]
fn scaled(jobs: usize, share: f64) -> usize {
    ((jobs as f64 * share) as usize).max(1_000)
}

struct Contest {
    cluster: Cluster,
    seen: Seen,
}

impl Contest {
    async fn rates(&mut self, name: &'static str, jobs: usize) -> Result<()> {
        let (few, some) = (scaled(jobs, 0.02), scaled(jobs, 0.25));
        let mut fresh = self.fresh(name).await?;
        let single = fresh.ask(Order::Single(few)).await?;
        self.add_rate("enqueue_single", name, few, &single);
        fresh.leave().await?;

        for (metric, workers) in [("finished_10_workers", 10), ("finished_64_workers", 64)] {
            let mut fresh = self.fresh(name).await?;
            let bulk = fresh.ask(Order::Bulk(some)).await?;
            self.add_rate("enqueue_bulk", name, some, &bulk);
            self.settle().await?;
            let drain = fresh.ask(Order::Drain(some, workers)).await?;
            self.add_rate(metric, name, some, &drain);
            fresh.leave().await?;
        }

        let mut fresh = self.fresh(name).await?;
        let mut samples = fresh.ask(Order::Latency(IDLE_JOBS)).await?.samples;
        samples.sort_by(f64::total_cmp);
        for (metric, part) in [("start_p50", 50), ("start_p99", 99)] {
            let sample = samples.get((samples.len() - 1) * part / 100);
            self.add(metric, name, *sample.context("no samples")?);
        }
        fresh.leave().await?;

        let mut fresh = self.fresh(name).await?;
        let mut holder = self.connect().await?;
        holder
            .execute("begin isolation level repeatable read; select txid_current()")
            .await?;
        fresh.ask(Order::Bulk(some)).await?;
        self.settle().await?;
        let drain = fresh.ask(Order::Drain(some, 10)).await?;
        self.add_rate("finished_held_open", name, some, &drain);
        holder.close().await?;
        fresh.leave().await
    }

    /// Dead rows made and log written on the way of each job from its enqueueing to its end.
    async fn footprint(&mut self, name: &'static str, jobs: usize) -> Result<()> {
        let mut fresh = self.fresh(name).await?;
        self.settle().await?;
        let mut look = self.connect().await?;
        let before: String = sqlx::query_scalar("select pg_current_wal_lsn()::text")
            .fetch_one(&mut look)
            .await?;
        fresh.ask(Order::Bulk(jobs)).await?;
        fresh.ask(Order::Drain(jobs, 10)).await?;
        fresh.leave().await?;
        let after = "select pg_wal_lsn_diff(pg_current_wal_lsn(), $1::pg_lsn)::float8, \
            (select sum(n_tup_upd + n_tup_del)::float8 from pg_stat_user_tables)";
        let (wal, dead): (f64, f64) = sqlx::query_as(after)
            .bind(before)
            .fetch_one(&mut look)
            .await?;
        look.close().await?;
        let jobs = count(jobs);
        self.add("wal", name, wal / jobs);
        self.add("dead_tuples", name, dead / jobs);
        Ok(())
    }

    /// A contestant in a database of its own.
    async fn fresh(&self, name: &str) -> Result<Contestant> {
        let mut connection = self.cluster.connect("postgres").await?;
        for statement in [
            "drop database if exists contest with (force)",
            "create database contest",
            "checkpoint",
        ] {
            connection.execute(statement).await?;
        }
        connection.close().await?;
        Contestant::enter(name, &Cluster::url_at(self.cluster.port, DATABASE)).await
    }

    async fn connect(&self) -> Result<PgConnection> {
        self.cluster.connect(DATABASE).await
    }

    /// Lets Postgres know what it holds before jobs are run, as it would after a while by itself.
    async fn settle(&self) -> Result<()> {
        let mut connection = self.connect().await?;
        connection.execute("vacuum analyze").await?;
        Ok(connection.close().await?)
    }

    fn add_rate(&mut self, metric: &'static str, name: &'static str, jobs: usize, answer: &Answer) {
        self.add(metric, name, count(jobs) / answer.seconds);
    }

    fn add(&mut self, metric: &'static str, name: &'static str, value: f64) {
        eprintln!("      {metric} {value:.2}");
        self.seen.entry((metric, name)).or_default().push(value);
    }

    /// One row per metric: ours beside the best peer.
    fn tell(&mut self, report: &mut Report) -> Result<()> {
        for (metric, more_is_better, unit) in METRICS {
            let ours = self.median(metric, OURS).context("ours was not measured")?;
            let mut best: Option<(f64, &str)> = None;
            for (name, _) in CONTESTANTS.into_iter().filter(|(name, _)| *name != OURS) {
                let Some(value) = self.median(metric, name) else {
                    continue;
                };
                let is_better = best.is_none_or(|(other, _)| (value > other) == more_is_better);
                if is_better {
                    best = Some((value, name));
                }
            }
            if let Some((value, name)) = best {
                eprintln!("   {metric}: best peer {name}");
                if more_is_better {
                    report.rate(metric, ours, value, unit, "at least 1");
                } else {
                    report.cost(metric, ours, value, unit, "at most 1");
                }
            } else {
                report.alone(metric, ours, unit, "");
            }
        }
        Ok(())
    }

    fn median(&mut self, metric: &'static str, name: &'static str) -> Option<f64> {
        let values = self.seen.get_mut(&(metric, name))?;
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a count of jobs stays far below 2^52"
)]
fn count(jobs: usize) -> f64 {
    jobs as f64
}
