//! Lists that the server fetches by itself, once or again and again.

use crate::fate::{Fate, fate};
use anyhow::{Context as _, Result};
use sluice_client::v1::{
    JobState, JobsListRequest, Schedule, SupplierImport, supplier_import::Source,
};
use sluice_tests::{
    file_server,
    until::until_within,
    world::{CONNECTION, World},
};
use std::time::Duration;

/// The tests' lists come from this machine, which only a setting allows.
const PRIVATE_SOURCES: (&str, &str) = ("SLUICE_PRIVATE_SOURCES", "127.0.0.1");

#[tokio::test]
async fn a_list_is_fetched_from_its_address_and_through_a_redirect() -> Result<()> {
    let world = World::with_settings(&[PRIVATE_SOURCES]).await?;
    let list = world.clean_list(50).await?;
    let supplier = file_server::start(list.csv()).await?;
    let from = |path: &str| SupplierImport {
        source: Some(Source::Url(supplier.url(path))),
        ..world.import(&list)
    };
    for path in ["/list.csv", "/moved.csv"] {
        world.imported(from(path)).await?;
        world.odoo.holds_exactly(world.supplier, &list).await?;
    }
    let gone = fate(&world, from("/gone.csv")).await?;
    assert_eq!(gone, Fate::Failed("source_missing".to_owned()));
    let inwards = fate(&world, from("/inwards.csv")).await?;
    assert_eq!(inwards, Fate::Failed("source_refused".to_owned()));
    Ok(())
}

#[tokio::test]
async fn a_schedule_imports_by_itself_and_stops_when_it_is_deleted() -> Result<()> {
    let world = World::with_settings(&[PRIVATE_SOURCES]).await?;
    let list = world.clean_list(50).await?;
    let supplier = file_server::start(list.csv()).await?;
    let saved = world
        .client
        .save_schedule(Schedule {
            connection: CONNECTION.to_owned(),
            name: "each-minute".to_owned(),
            cron: "* * * * *".to_owned(),
            import: Some(SupplierImport {
                source: Some(Source::Url(supplier.url("/list.csv"))),
                ..world.import(&list)
            }),
            ..Schedule::default()
        })
        .await?;
    assert!(saved.next_run_at.is_some());

    until_within(
        Duration::from_mins(3),
        "the schedule has run",
        async || Ok(world.client.jobs(JobsListRequest::default(), 10).await?),
        |jobs| jobs.iter().any(|job| job.state() == JobState::Succeeded),
    )
    .await?;
    world.odoo.holds_exactly(world.supplier, &list).await?;
    let schedules = world.client.schedules(CONNECTION).await?;
    let latest = &schedules
        .first()
        .context("the schedule is kept")?
        .last_job_id;
    assert_eq!(world.client.job(latest).await?.kind, "supplier_import");
    let asked = world.client.asked(latest).await?;
    assert_eq!(asked.schedule, "each-minute");
    let import = asked.import.context("the job is an import")?;
    assert_eq!(import.supplier, world.supplier.to_string());
    let address = Some(Source::Url(supplier.url("/list.csv")));
    assert_eq!(
        (import.connection.as_str(), import.source),
        (CONNECTION, address)
    );

    world
        .client
        .delete_schedule(CONNECTION, "each-minute")
        .await?;
    assert!(world.client.schedules(CONNECTION).await?.is_empty());
    Ok(())
}
