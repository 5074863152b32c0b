//! An idle server, and one that reads and checks a very long list.

use crate::{process, report::Report};
use anyhow::{Context as _, Result, ensure};
use sluice_client::v1::{EventType, SupplierImport};
use sluice_tests::{
    odoo::Odoo,
    price_list::PriceList,
    server::Server,
    world::{events_until, mapping, save_connection},
};
use std::{
    fs::File,
    io::{BufWriter, Write as _},
    time::{Duration, Instant},
};

pub(crate) async fn measure(
    server: &Server,
    odoo: &Odoo,
    rows: usize,
    report: &mut Report,
) -> Result<()> {
    let process = server.process_id().context("the server runs")?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("long.csv");
    let list = PriceList::new(2, rows);
    let mut file = BufWriter::new(File::create(&path)?);
    list.write_csv(&mut file)?;
    file.flush()?;
    let client = server.client().await?;
    save_connection(&client, "shop", odoo).await?;
    let supplier = odoo.create_supplier("Dry run", "DRY-RUN").await?;

    let idle_cpu = process::cpu_percent(process, Duration::from_secs(10)).await?;
    let idle = process::memory_mib(process)?;
    process::forget_peak(process)?;

    let started = Instant::now();
    let uploaded = client.upload_file(&path, "shop").await?;
    let staged = started.elapsed();
    let import = SupplierImport {
        connection: "shop".to_owned(),
        supplier: supplier.to_string(),
        source: Some(uploaded.source()),
        mapping: mapping(),
        dry_run: true,
        ..SupplierImport::default()
    };
    let job = client.enqueue(import).await?.job;
    let story = events_until(&client, &job.id, |_| false).await?;
    let whole = started.elapsed();
    let reading = whole.saturating_sub(staged).as_secs_f64();
    let end = story.last().context("a story")?;
    ensure!(
        end.r#type() == EventType::Succeeded,
        "the dry run ended with {end:?}"
    );
    let counters = end.counters.context("counters")?;
    ensure!(
        counters.rows_done == i64::try_from(rows)?,
        "only {} rows were read",
        counters.rows_done
    );
    ensure!(counters.errors > 0 || rows < 50, "no bad row was found");

    #[expect(
        clippy::cast_precision_loss,
        reason = "a list has far fewer rows than 2^52"
    )]
    let rows = rows as f64;
    let peak = process::peak_memory_mib(process)? - idle;
    let wanted = "at least 200000, upload and staging included";
    report.alone(
        "dry_run_rows_per_s",
        rows / whole.as_secs_f64(),
        "rows/s",
        wanted,
    );
    report.alone(
        "dry_run_job_rows_per_s",
        rows / reading,
        "rows/s",
        "the job alone, after the upload",
    );
    report.alone("dry_run_peak_mib", peak, "MiB", "at most 128 above idle");
    report.alone("idle_mib", idle, "MiB", "at most 40");
    report.alone("idle_cpu_percent", idle_cpu, "%", "below 1");
    Ok(())
}
