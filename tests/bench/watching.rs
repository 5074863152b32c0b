//! A thousand watchers: what an idle one costs, and how long after its commit an event reaches them.

use crate::{process, report::Report};
use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt as _;
use sluice_client::{
    Client, Update,
    v1::{Event, ImportQueueEnqueueRequest, SupplierImport, supplier_import::Source},
};
use sluice_tests::{
    cluster::Cluster,
    odoo::Odoo,
    price_list::PriceList,
    server::Server,
    world::{CONNECTION, mapping, save_connection},
};
use sqlx::{Connection as _, Executor as _, PgConnection};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::task::JoinSet;

const WATCHERS: u16 = 1_000;
const JOBS: u16 = 50;
/// Watchers that share a connection.
const TOGETHER: u16 = 50;
const EVENTS_PER_SECOND: u64 = 500;
const SPAN: Duration = Duration::from_secs(20);

pub(crate) async fn measure(odoo: &Odoo, list: &PriceList, report: &mut Report) -> Result<()> {
    let cluster = Cluster::start(&[], None).await?;
    cluster.create_database("sluice").await?;
    let url = Cluster::url_at(cluster.port, "sluice");
    let server = Server::start_alone(&[("DATABASE_URL", url.as_str())]).await?;
    let process = server.process_id().context("the server runs")?;
    let client = server.client().await?;
    save_connection(&client, CONNECTION, odoo).await?;
    let supplier = odoo.create_supplier("Watched", "WATCHED").await?;
    let jobs = waiting_jobs(&client, supplier, list).await?;
    keep_waiting(&url).await?;

    let before = process::memory_mib(process)?;
    let delays: Arc<Mutex<Vec<TimeDelta>>> = Arc::default();
    let mut watchers = JoinSet::new();
    let mut shared = client.clone();
    for number in 0..WATCHERS {
        if number % TOGETHER == 0 {
            shared = server.client().await?;
        }
        let mut story = shared.watch(&jobs[usize::from(number % JOBS)]);
        story
            .next()
            .await
            .context("a stream ended before it began")??;
        let delays = Arc::clone(&delays);
        watchers.spawn(async move {
            while let Some(Ok(update)) = story.next().await {
                if let Update::Event(event) = update {
                    delays
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .extend(delay(&event));
                }
            }
        });
    }
    let _settled = process::cpu_percent(process, Duration::from_secs(5)).await?;
    let idle = (process::memory_mib(process)? - before) * 1024.0 / f64::from(WATCHERS);
    report.alone("idle_watcher_kib", idle, "KiB", "at most 32");
    delays
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clear();

    let made = make_events(&client, &jobs).await?;
    let heard = {
        let mut delays = delays.lock().unwrap_or_else(PoisonError::into_inner);
        delays.sort_unstable();
        delays.clone()
    };
    let due = usize::try_from(made)? * usize::from(WATCHERS / JOBS);
    ensure!(
        heard.len() * 100 >= due * 99,
        "{} of {due} events were heard",
        heard.len()
    );
    let millis =
        |percent: usize| heard[(heard.len() - 1) * percent / 100].as_seconds_f64() * 1_000.0;
    report.alone(
        "events_per_s",
        f64::from(made) / SPAN.as_secs_f64(),
        "1/s",
        "500",
    );
    report.alone("commit_to_watcher_p50_ms", millis(50), "ms", "");
    report.alone("commit_to_watcher_p99_ms", millis(99), "ms", "at most 50");
    Ok(())
}

/// Takes the workers away: a job that is resumed is due at once, and nothing is to happen to it but what we do.
async fn keep_waiting(url: &str) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    connection
        .execute("update share set max_running = 0")
        .await?;
    Ok(connection.close().await?)
}

/// Jobs that begin next year.
async fn waiting_jobs(client: &Client, supplier: i64, list: &PriceList) -> Result<Vec<String>> {
    let mut jobs = Vec::new();
    for _ in 0..JOBS {
        let next_year = Utc::now() + TimeDelta::days(365);
        let request = ImportQueueEnqueueRequest {
            import: Some(SupplierImport {
                connection: CONNECTION.to_owned(),
                supplier: supplier.to_string(),
                source: Some(Source::Content(list.first_rows(10).csv())),
                mapping: mapping(),
                ..SupplierImport::default()
            }),
            run_at: Some(prost_types::Timestamp {
                seconds: next_year.timestamp(),
                nanos: 0,
            }),
            ..ImportQueueEnqueueRequest::default()
        };
        jobs.push(client.enqueue_with(request).await?.job.id);
    }
    Ok(jobs)
}

/// Pauses and resumes the jobs in turn, each time one event; returns how many.
async fn make_events(client: &Client, jobs: &[String]) -> Result<u32> {
    let mut ticks =
        tokio::time::interval(Duration::from_secs(1) / u32::try_from(EVENTS_PER_SECOND)?);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    let mut calls = JoinSet::new();
    let total = usize::try_from(EVENTS_PER_SECOND * SPAN.as_secs())?;
    for number in 0..total {
        ticks.tick().await;
        let (client, job) = (client.clone(), jobs[number % jobs.len()].clone());
        let pauses = (number / jobs.len()).is_multiple_of(2);
        calls.spawn(async move {
            if pauses {
                client.pause(&job).await
            } else {
                client.resume(&job).await
            }
        });
    }
    let mut made = 0;
    while let Some(call) = calls.join_next().await {
        made += u32::from(call?.is_ok());
    }
    // The last events are on their way for less than this.
    let _heard = tokio::time::timeout(Duration::from_secs(2), std::future::pending::<()>()).await;
    Ok(made)
}

fn delay(event: &Event) -> Option<TimeDelta> {
    let written = event.time.as_ref()?;
    let written = DateTime::from_timestamp(written.seconds, u32::try_from(written.nanos).ok()?)?;
    Some(Utc::now() - written)
}
