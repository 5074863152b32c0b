//! What the server does beside answering calls and running jobs.

use std::time::Duration;

use metrics::gauge;
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};
use tracing::{info, warn};

use crate::{
    jobs::{mirror::Mirror, project_sync::Projects, search::Search, supplier_import::Imports},
    queue::Queue,
    telemetry::metrics::{JOBS_DUE, JOBS_OLDEST_DUE, JOBS_RUNNING, LEASE_AGE, SERVERS_ALIVE},
};

/// Begins them all; they end when the set is dropped.
pub(super) fn start(
    imports: &Imports,
    mirror: &Mirror,
    projects: &Projects,
    search: &Search,
    queue: &Queue,
) -> JoinSet<()> {
    let mut beside = JoinSet::new();
    beside.spawn(keep_lists_pruned(imports.clone()));
    beside.spawn(keep_mirrors_pruned(mirror.clone()));
    beside.spawn(keep_projects_pruned(projects.clone()));
    beside.spawn(keep_search_pruned(search.clone()));
    beside.spawn(keep_embedding(search.clone()));
    beside.spawn(keep_load_measured(queue.clone()));
    beside
}

/// Drops lists that nobody fetched or used, now and then.
async fn keep_lists_pruned(imports: Imports) {
    let mut hourly = interval(Duration::from_hours(1));
    loop {
        hourly.tick().await;
        match imports.prune().await {
            Ok(0) => {}
            Ok(lists) => info!(lists, "dropped lists that nobody used"),
            Err(error) => warn!("cannot drop old lists: {error}"),
        }
    }
}

/// Drops the tables of connections that are gone.
async fn keep_mirrors_pruned(mirror: Mirror) {
    let mut look = interval(Duration::from_mins(1));
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        match mirror.prune().await {
            Ok(0) => {}
            Ok(schemas) => info!(schemas, "dropped the tables of connections that are gone"),
            Err(error) => warn!("cannot drop tables of connections that are gone: {error}"),
        }
    }
}

/// Drops pictures and parts lists that no elevation refers to any more.
async fn keep_projects_pruned(projects: Projects) {
    let mut hourly = interval(Duration::from_hours(1));
    loop {
        hourly.tick().await;
        match projects.prune().await {
            Ok(0) => {}
            Ok(contents) => info!(
                contents,
                "dropped pictures and parts lists that nothing refers to"
            ),
            Err(error) => warn!("cannot drop old pictures and parts lists: {error}"),
        }
    }
}

/// Drops the vectors of connections that are gone.
async fn keep_search_pruned(search: Search) {
    let mut look = interval(Duration::from_mins(1));
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        match search.prune().await {
            Ok(0) => {}
            Ok(tables) => info!(tables, "dropped the vectors of connections that are gone"),
            Err(error) => warn!("cannot drop vectors of connections that are gone: {error}"),
        }
    }
}

/// Starts to embed what waits although nobody is at it, such as after a crash between a sync and its embedding.
async fn keep_embedding(search: Search) {
    let mut look = interval(Duration::from_secs(15));
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        match search.sweep().await {
            Ok(0) => {}
            Ok(jobs) => info!(jobs, "started to embed what had been left waiting"),
            Err(error) => warn!("cannot look for what waits to be embedded: {error}"),
        }
    }
}

/// Measures how busy the queue is, as often as Prometheus usually reads.
async fn keep_load_measured(queue: Queue) {
    let mut look = interval(Duration::from_secs(15));
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        match queue.load().await {
            Ok(load) => {
                gauge!(JOBS_DUE).set(to_float(load.due));
                gauge!(JOBS_RUNNING).set(to_float(load.running));
                gauge!(JOBS_OLDEST_DUE).set(load.oldest_seconds);
                gauge!(SERVERS_ALIVE).set(to_float(load.workers_alive));
                let lease = queue.lease().as_secs_f64();
                let left = load.shortest_lease_seconds.unwrap_or(lease);
                gauge!(LEASE_AGE).set((lease - left).max(0.0));
            }
            Err(error) => warn!("cannot measure the queue: {error}"),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn to_float(count: i64) -> f64 {
    count as f64
}
