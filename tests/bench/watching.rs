//! A thousand watchers: what an idle one costs, and how long after its commit an event reaches them.

use crate::{process, report::Report};
use anyhow::{Context as _, Result, bail};
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
use std::time::Duration;
use tokio::{sync::mpsc, task::JoinSet, time::Instant};

const WATCHERS: u16 = 1_000;
const JOBS: u16 = 50;
/// Watchers that share a connection.
const TOGETHER: u16 = 50;
const EVENTS_PER_SECOND: u64 = 500;
const SPAN: Duration = Duration::from_secs(20);
/// How long all may take to hear, once the last event is made.
const PATIENCE: Duration = Duration::from_secs(30);

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
    let (tell, mut told) = mpsc::unbounded_channel();
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
        let tell = tell.clone();
        watchers.spawn(async move {
            while let Some(Ok(update)) = story.next().await {
                if let Update::Event(event) = update {
                    let _nobody_counts_any_more = tell.send(Heard::of(&event));
                }
            }
        });
    }
    let _settled = process::cpu_percent(process, Duration::from_secs(5)).await?;
    let idle = (process::memory_mib(process)? - before) * 1024.0 / f64::from(WATCHERS);
    report.alone("idle_watcher_kib", idle, "KiB", "at most 32");
    while told.try_recv().is_ok() {}

    let began = Instant::now();
    let events = make_events(&client, &jobs).await?;
    let rate = f64::from(u32::try_from(events)?) / began.elapsed().as_secs_f64();
    let due = events * u64::from(WATCHERS / JOBS);
    let mut heard = Vec::new();
    let listening = async {
        let mut so_far = 0;
        while so_far < due {
            let event: Heard = told.recv().await.context("the watchers are gone")?;
            so_far += event.events;
            heard.extend(event.delay);
        }
        anyhow::Ok(())
    };
    let Ok(listened) = tokio::time::timeout(PATIENCE, listening).await else {
        bail!("{} of {due} events were heard", heard.len());
    };
    listened?;
    heard.sort_unstable();
    let millis =
        |percent: usize| heard[(heard.len() - 1) * percent / 100].as_seconds_f64() * 1_000.0;
    report.alone("events_per_s", rate, "1/s", "500");
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

/// Pauses and resumes the jobs, all at the same pace and none at the same moment, each time one event; returns how many.
async fn make_events(client: &Client, jobs: &[String]) -> Result<u64> {
    let between = Duration::from_secs(1) / u32::try_from(EVENTS_PER_SECOND)?;
    let pace = between * u32::from(JOBS);
    let of_each = EVENTS_PER_SECOND * SPAN.as_secs() / u64::from(JOBS);
    let began = Instant::now();
    let mut making = JoinSet::new();
    for (number, job) in (1..).zip(jobs) {
        let (client, job) = (client.clone(), job.clone());
        making.spawn(async move {
            let mut ticks = tokio::time::interval_at(began + between * number, pace);
            for event in 0..of_each {
                ticks.tick().await;
                if event.is_multiple_of(2) {
                    client.pause(&job).await?;
                } else {
                    client.resume(&job).await?;
                }
            }
            anyhow::Ok(of_each)
        });
    }
    let mut made = 0;
    while let Some(events) = making.join_next().await {
        made += events??;
    }
    Ok(made)
}

/// What one message told a watcher.
struct Heard {
    events: u64,
    /// How long after its commit.
    delay: Option<TimeDelta>,
}

impl Heard {
    fn of(event: &Event) -> Self {
        Self {
            events: 1 + u64::try_from(event.folded).unwrap_or_default(),
            delay: delay(event),
        }
    }
}

fn delay(event: &Event) -> Option<TimeDelta> {
    let written = event.time.as_ref()?;
    let written = DateTime::from_timestamp(written.seconds, u32::try_from(written.nanos).ok()?)?;
    Some(Utc::now() - written)
}
