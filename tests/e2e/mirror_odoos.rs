//! Mirrors of an Odoo that is not as most are: one with several processes, and one that has nothing of ours.

use anyhow::{Context as _, Result};
use serde_json::json;
use sluice_client::v1::{ConnectionsSaveRequest, EventType, ForceSyncSyncModelRequest};
use sluice_tests::{
    crowded_odoo::CrowdedOdoo,
    mirror::{CONNECTION, Mirrored},
    odoo::Site,
    postgres::Database,
    world::events_until,
};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::fs;

const DATABASE: &str = "other";

/// So many pages of 40 are enough to tell one caller from two.
const PAGES: usize = 60;

async fn mirrored(odoo: sluice_tests::odoo::Odoo) -> Result<Mirrored> {
    let mirrored = Mirrored::between(odoo, Database::new().await?).await?;
    let request = mirrored.connection();
    mirrored.client.save_connection(request).await?;
    mirrored.configure(mirrored.categories(40), &[]).await?;
    Ok(mirrored)
}

#[tokio::test]
async fn an_odoo_with_processes_is_read_by_two_callers_and_nothing_is_lost() -> Result<()> {
    let site = Site::new().await?;
    site.create_database(DATABASE).await?;
    let mut mirrored = mirrored(site.start(DATABASE, 2).await?).await?;
    let tested = mirrored.client.test_connection(CONNECTION).await?;
    assert_eq!(tested.workers, 2);
    // Gaps of all widths between the ids.
    let ids = mirrored.create(3_000).await?;
    let gone: Vec<i64> = ids.iter().copied().filter(|id| id % 7 == 0).collect();
    mirrored.unlink(&gone).await?;
    let wide: Vec<i64> = ids[900..1_600]
        .iter()
        .copied()
        .filter(|id| id % 7 != 0)
        .collect();
    mirrored.unlink(&wide).await?;

    let everything = ForceSyncSyncModelRequest {
        full: true,
        ..mirrored.changes()
    };
    let job = mirrored.client.sync_model(everything.clone()).await?;
    let begun = |event: &sluice_client::v1::Event| {
        event
            .counters
            .is_some_and(|counters| counters.rows_done >= 200)
    };
    events_until(&mirrored.client, &job.id, begun).await?;
    mirrored.server.kill().await?;
    mirrored.write(&ids[1..6], json!({ "color": 9 })).await?;
    mirrored.server.begin().await?;
    let counters = mirrored.succeeded(&job).await?;
    assert_eq!(counters.created, counters.rows_done);
    mirrored.sync(mirrored.changes()).await?;
    let left = mirrored.equals_odoo().await?;
    assert_eq!(i64::try_from(left)?, counters.created);

    // Once more, over rows that are all there.
    let again = mirrored.sync(everything).await?;
    assert_eq!((again.created, again.updated), (0, 0));
    assert_eq!(again.unchanged, counters.created);
    Ok(())
}

#[tokio::test]
async fn an_odoo_that_wants_fewer_calls_is_asked_by_one_caller_from_then_on() -> Result<()> {
    let site = Site::new().await?;
    site.create_database(DATABASE).await?;
    let mirrored = mirrored(site.start(DATABASE, 2).await?).await?;
    let crowded = CrowdedOdoo::start(&mirrored.odoo).await?;
    let request = ConnectionsSaveRequest {
        url: crowded.url(),
        ..mirrored.connection()
    };
    mirrored.client.save_connection(request).await?;
    mirrored.create(PAGES * 40).await?;
    let everything = ForceSyncSyncModelRequest {
        full: true,
        ..mirrored.changes()
    };
    mirrored.sync(everything).await?;
    assert_eq!(mirrored.equals_odoo().await?, PAGES * 40);
    // Two callers would run into each other at nearly every page.
    let refused = crowded.refused();
    assert!(
        (1..PAGES / 5).contains(&refused),
        "{refused} calls were refused"
    );
    Ok(())
}

#[tokio::test]
async fn without_our_addon_late_commits_and_deletions_are_found() -> Result<()> {
    let site = Site::new().await?;
    site.create_database(DATABASE).await?;
    let odoo = site.start(DATABASE, 0).await?;
    site.stop(DATABASE).await?;
    let addons = without_addons()?;
    site.start_again_with(&odoo, addons.path()).await?;
    let mirrored = mirrored(odoo).await?;
    let tested = mirrored.client.test_connection(CONNECTION).await?;
    assert_eq!(tested.addon_version, "");
    let ids = mirrored.create(50).await?;
    mirrored.sync(mirrored.changes()).await?;

    let mut late = PgConnection::connect(&site.postgres_url(DATABASE)?).await?;
    let mut open = late.begin().await?;
    sqlx::query(AssertSqlSafe(format!(
        "update res_partner_category set color = 9, write_date = now() at time zone 'UTC' where id = {}",
        ids[4]
    )))
    .execute(&mut *open)
    .await?;
    mirrored.write(&ids[10..12], json!({ "color": 5 })).await?;
    mirrored.sync(mirrored.changes()).await?;
    open.commit().await?;
    mirrored.unlink(&ids[20..23]).await?;
    mirrored.sync(mirrored.changes()).await?;
    let cleaned = mirrored.cleanup(mirrored.deleted()).await?;
    assert_eq!(
        cleaned.r#type(),
        EventType::Succeeded,
        "{}",
        cleaned.message
    );
    assert_eq!(cleaned.counters.context("counters")?.updated, 3);
    assert_eq!(mirrored.equals_odoo().await?, 47);
    Ok(())
}

/// A folder of addons with nothing of ours.
fn without_addons() -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let addon = folder.path().join("nothing");
    fs::create_dir(&addon)?;
    fs::write(addon.join("__init__.py"), "")?;
    fs::write(addon.join("__manifest__.py"), "{'name': 'Nothing'}")?;
    Ok(folder)
}
