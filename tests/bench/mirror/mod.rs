//! Mirrors of 75,000 contacts: filled, kept true and cleaned up, beside a client that reads the same pages and throws them away.

mod bare;
pub(crate) mod contacts;
mod replay;
mod side;
pub(crate) mod vocabulary;

use crate::{process, report::Report};
use anyhow::{Context as _, Result, ensure};
use bare::Bare;
use contacts::{CONTACTS, FEW_FIELDS, MANY_FIELDS};
use side::Side;
use sluice_tests::{
    odoo::{Odoo, Site},
    server::Server,
};
use std::time::Duration;

/// How often what takes less than a second is measured.
const SHORT_REPEATS: usize = 5;

const DATABASE: &str = "contacts";

/// A share of what the bare client reaches.
const WANTED_SHARE: &str = "at least 0.9 times";

pub(crate) async fn measure(repeats: usize, report: &mut Report) -> Result<()> {
    let site = Site::new().await?;
    site.create_database(DATABASE).await?;
    contacts::make(&site, DATABASE).await?;
    let server = Server::start_alone(&[]).await?;
    let ours = Side::new(&server).await?;

    let odoo = site.start(DATABASE, 0).await?;
    let few = fills(&ours, &odoo, &FEW_FIELDS, 1, repeats).await?;
    report.against("full_6_fields", few.ours, Some(few.bare), WANTED_SHARE);
    let earlier = Bare::new(&odoo, &FEW_FIELDS)?.earlier_way().await?;
    let ratio = "at least 30 times";
    report.against("full_vs_earlier_way", few.ours, Some(earlier), ratio);

    let process = server.process_id().context("the server runs")?;
    let _settled = process::cpu_percent(process, Duration::from_secs(3)).await?;
    let idle = process::memory_mib(process)?;
    process::forget_peak(process)?;
    let many = fills(&ours, &odoo, &MANY_FIELDS, 1, repeats).await?;
    report.against("full_45_fields", many.ours, Some(many.bare), WANTED_SHARE);
    let peak = process::peak_memory_mib(process)? - idle;
    report.alone("peak_mib", peak, "MiB", "at most 64 above idle");

    let log = site.path().join(format!("{DATABASE}.log"));
    measure_refreshes(&ours, &odoo, &many.connection, &log, report).await?;
    let cleanup = cleanup_ms(&ours, &many.connection).await?;
    report.alone("cleanup_ms", cleanup, "ms", "at most 1000");

    // The same database, served by an Odoo that has nothing of ours on its path.
    site.stop(DATABASE).await?;
    let nothing = tempfile::tempdir()?;
    std::fs::create_dir(nothing.path().join("odoo_addon"))?;
    contacts::give_empty_addon(&nothing.path().join("odoo_addon"))?;
    site.start_again_with(&odoo, &nothing.path().join("odoo_addon"))
        .await?;
    let cleanup = cleanup_ms(&ours, &many.connection).await?;
    report.alone("cleanup_no_addon_ms", cleanup, "ms", "at most 5000");
    site.stop(DATABASE).await?;

    let odoo = site.start(DATABASE, 2).await?;
    let two = fills(&ours, &odoo, &FEW_FIELDS, 2, repeats).await?;
    let metric = "full_6_fields_2_callers";
    report.against(metric, two.ours, Some(two.bare), WANTED_SHARE);
    let pages = Bare::new(&odoo, &MANY_FIELDS)?.keep().await?;
    site.stop(DATABASE).await?;

    let replay = replay::start(pages).await?;
    let mut rates = Vec::new();
    for _ in 0..repeats {
        let connection = ours.connect_to(&replay.url(""), &MANY_FIELDS).await?;
        rates.push(ours.fill(&connection).await?);
    }
    let wanted = "at least 40000: pages kept in memory instead of an Odoo";
    report.alone("store_rows_per_s", median(rates), "rows/s", wanted);
    Ok(())
}

/// Rates of both sides, and the last connection that was filled.
struct Fills {
    ours: f64,
    bare: f64,
    connection: String,
}

/// Fills mirrors of one Odoo, each time from nothing, in turn with the bare client.
async fn fills(
    side: &Side<'_>,
    odoo: &Odoo,
    fields: &[&str],
    callers: usize,
    repeats: usize,
) -> Result<Fills> {
    let bare = Bare::new(odoo, fields)?;
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    let mut connection = String::new();
    // Odoo reads its caches once.
    bare.page(0, i64::MAX).await?;
    for _ in 0..repeats {
        let rate = bare.rate(callers).await?;
        eprintln!("   bare {rate:.0} rows/s, {} fields", fields.len());
        theirs.push(rate);
        connection = side.connect(odoo, fields).await?;
        let rate = side.fill(&connection).await?;
        eprintln!("   ours {rate:.0} rows/s, {} fields", fields.len());
        ours.push(rate);
    }
    Ok(Fills {
        ours: median(ours),
        bare: median(theirs),
        connection,
    })
}

/// What it takes to find that nothing has changed, and to take over a hundred changes.
async fn measure_refreshes(
    side: &Side<'_>,
    odoo: &Odoo,
    connection: &str,
    log: &std::path::Path,
    report: &mut Report,
) -> Result<()> {
    let mut idle = Vec::new();
    let mut calls = 0;
    for _ in 0..SHORT_REPEATS {
        let before = calls_in(log)?;
        let (seconds, counters) = side.refresh(connection).await?;
        ensure!(counters.updated == 0, "nothing had changed: {counters:?}");
        calls = calls_in(log)? - before;
        idle.push(seconds * 1000.0);
    }
    report.alone("no_change_ms", median(idle), "ms", "at most 1000");
    report.alone(
        "no_change_calls",
        f64::from(u32::try_from(calls)?),
        "calls",
        "at most 3",
    );
    let mut changed = Vec::new();
    for round in 0..SHORT_REPEATS {
        contacts::change_hundred(odoo, round).await?;
        let (seconds, counters) = side.refresh(connection).await?;
        ensure!(counters.updated == 100, "100 had changed: {counters:?}");
        changed.push(seconds * 1000.0);
    }
    report.alone("hundred_changes_ms", median(changed), "ms", "at most 1500");
    Ok(())
}

/// How many calls Odoo has logged.
fn calls_in(log: &std::path::Path) -> Result<usize> {
    Ok(std::fs::read_to_string(log)?
        .matches("POST /json/2/")
        .count())
}

async fn cleanup_ms(side: &Side<'_>, connection: &str) -> Result<f64> {
    let mut spans = Vec::new();
    for _ in 0..SHORT_REPEATS {
        let (seconds, counters) = side.cleanup(connection).await?;
        ensure!(
            counters.updated == 0 && counters.rows_done >= CONTACTS,
            "nothing was deleted: {counters:?}"
        );
        spans.push(seconds * 1000.0);
    }
    Ok(median(spans))
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
