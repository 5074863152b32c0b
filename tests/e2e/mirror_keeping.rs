//! A mirror over the years: old records, several models, and refreshes that nobody asks for.

use anyhow::{Context as _, Result};
use sluice_client::v1::{ForceSyncSyncModelRequest, MirrorState, MirroredModel};
use sluice_tests::{
    mirror::{CONNECTION, MODEL, Mirrored},
    until::until,
};
use sqlx::AssertSqlSafe;

#[tokio::test]
async fn a_record_that_nobody_touched_for_years_is_mirrored() -> Result<()> {
    let mirrored = Mirrored::new().await?;
    let ids = mirrored.create(3).await?;
    let mut odoo = mirrored.odoos_database().await?;
    sqlx::query(AssertSqlSafe(format!(
        "update res_partner_category set write_date = '2001-02-03 04:05:06' where id = {}",
        ids[1]
    )))
    .execute(&mut odoo)
    .await?;
    let counters = mirrored.sync(mirrored.changes()).await?;
    assert_eq!(counters.created, 3);
    let kept = "select odoo_id, write_date at time zone 'UTC' || '' from odoo_mirrored.res_partner_category order by write_date limit 1";
    let kept = mirrored.rows(kept).await?;
    assert_eq!(
        kept,
        [[ids[1].to_string(), "2001-02-03 04:05:06".to_owned()]]
    );
    Ok(())
}

#[tokio::test]
async fn each_model_has_a_cursor_of_its_own_and_all_of_them_make_it_done() -> Result<()> {
    const OTHER: &str = "res.partner.industry";
    let mirrored = Mirrored::new().await?;
    let other = MirroredModel {
        model: OTHER.to_owned(),
        ..MirroredModel::default()
    };
    mirrored.configure(other, &[]).await?;
    mirrored.create(3).await?;
    mirrored.sync(mirrored.changes()).await?;
    let status = mirrored.client.mirror_status(CONNECTION).await?;
    assert_ne!(status.state(), MirrorState::Done);
    assert!(mirrored.status(MODEL).await?.cursor.is_some());
    assert!(mirrored.status(OTHER).await?.cursor.is_none());
    let second = ForceSyncSyncModelRequest {
        model: OTHER.to_owned(),
        ..mirrored.changes()
    };
    mirrored.sync(second).await?;
    let status = mirrored.client.mirror_status(CONNECTION).await?;
    assert_eq!((status.state(), status.percent), (MirrorState::Done, 100));
    Ok(())
}

#[tokio::test]
async fn a_mirror_refreshes_itself_when_it_is_due() -> Result<()> {
    let mirrored = Mirrored::new().await?;
    mirrored.create(3).await?;
    mirrored.sync(mirrored.changes()).await?;
    let often = MirroredModel {
        interval: Some(prost_types::Duration {
            seconds: 300,
            nanos: 0,
        }),
        ..mirrored.categories(1000)
    };
    mirrored.configure(often, &[]).await?;
    let settings = mirrored.status(MODEL).await?.configuration;
    assert_eq!(settings.context("its settings")?.cron, "*/5 * * * *");
    mirrored.create(4).await?;
    let mut database = mirrored.database().connect().await?;
    sqlx::query("update schedule set next_run_at = now()")
        .execute(&mut database)
        .await?;
    until(
        "the new records are mirrored",
        async || Ok(mirrored.status(MODEL).await?.rows),
        |rows| *rows == 7,
    )
    .await?;
    mirrored.equals_odoo().await?;
    Ok(())
}
