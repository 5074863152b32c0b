//! How long it takes until rows flow again: after a crash, a freeze, an outage of Odoo; and how long a stop takes.

mod stand;

use crate::report::Report;
use anyhow::{Context as _, Result, ensure};
use futures::StreamExt as _;
use sluice_tests::{
    odoo::Odoo,
    price_list::PriceList,
    proxy::Weather,
    until::{pass, until_within},
};
use stand::Stand;
use std::time::{Duration, Instant};

const FREEZES: usize = 3;
const OUTAGES: usize = 5;
const STOPS: usize = 3;
/// Long enough for the waits between two questions to reach their longest.
const OUTAGE: Duration = Duration::from_secs(20);
/// Slow enough for a list to be in the middle when something happens.
const DELAY: Duration = Duration::from_millis(250);
const WATCHERS: usize = 1_000;

/// Two servers with default settings on one Postgres, and an Odoo behind a slow line.
pub(crate) async fn measure(
    odoo: &Odoo,
    list: &PriceList,
    kills: usize,
    report: &mut Report,
) -> Result<()> {
    let mut stand = Stand::set(odoo, list).await?;

    let mut killed = Vec::new();
    for _ in 0..kills {
        let job = stand.running_job().await?;
        let holder = stand.holder(&job).await?;
        let began = Instant::now();
        stand.servers[holder].kill().await?;
        stand.until_attempt(&job, 2).await?;
        killed.push(began.elapsed());
        stand.servers[holder].begin().await?;
        stand.until_over(&job).await?;
    }
    add(report, "kill_to_rerun_p99_ms", &mut killed, "at most 2,000");

    let mut frozen = Vec::new();
    for _ in 0..FREEZES {
        let job = stand.running_job().await?;
        let holder = stand.holder(&job).await?;
        let began = Instant::now();
        stand.servers[holder].signal("STOP").await?;
        stand.until_attempt(&job, 2).await?;
        frozen.push(began.elapsed());
        stand.servers[holder].signal("CONT").await?;
        stand.until_over(&job).await?;
    }
    add(
        report,
        "stop_to_rerun_p99_ms",
        &mut frozen,
        "at most 32,000",
    );

    let mut back = Vec::new();
    for _ in 0..OUTAGES {
        let job = stand.running_job().await?;
        stand.to_odoo.weather(Weather::Cut);
        pass(OUTAGE).await;
        let before = stand.last_checkpoint(&job).await?;
        let began = Instant::now();
        stand.to_odoo.weather(Weather::Clear);
        let look = async || stand.last_checkpoint(&job).await;
        until_within(Duration::from_mins(1), "rows flow again", look, |seq| {
            *seq > before
        })
        .await?;
        back.push(began.elapsed());
        stand.until_over(&job).await?;
    }
    add(report, "odoo_back_ms", &mut back, "at most 3,000");

    let mut stopped = Vec::new();
    for _ in 0..STOPS {
        let job = stand.running_job().await?;
        let holder = stand.holder(&job).await?;
        let server = &mut stand.servers[holder];
        let mut watchers = Vec::new();
        let client = server.client().await?;
        for _ in 0..WATCHERS {
            let mut story = client.watch(&job);
            story
                .next()
                .await
                .context("a stream ended before it began")??;
            watchers.push(story);
        }
        let began = Instant::now();
        let ended = server.stop().await?;
        stopped.push(began.elapsed());
        ensure!(ended.success(), "the server ended with {ended}");
        drop(watchers);
        server.begin().await?;
        stand.until_over(&job).await?;
        ensure!(stand.failures(&job).await? == 0, "the stop used up a retry");
    }
    add(report, "shutdown_ms", &mut stopped, "at most 10,000");
    Ok(())
}

/// Of fifty or fewer samples the 99th percentile is the longest.
fn add(report: &mut Report, metric: &'static str, samples: &mut [Duration], wanted: &'static str) {
    samples.sort_unstable();
    let millis = |index: usize| {
        samples
            .get(index)
            .map_or(0.0, |sample| sample.as_secs_f64() * 1_000.0)
    };
    eprintln!(
        "   {metric}: median {:.0}, longest {:.0} of {}",
        millis(samples.len() / 2),
        millis(samples.len().saturating_sub(1)),
        samples.len()
    );
    report.alone(
        metric,
        millis(samples.len().saturating_sub(1)),
        "ms",
        wanted,
    );
}
