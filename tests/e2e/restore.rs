//! The server's database is restored from a backup while Odoo has gone on: what Odoo knows decides.

use crate::fate::rows_are_applied;
use anyhow::{Context as _, Result, ensure};
use sluice_tests::{
    cluster::Cluster,
    odoo::Odoo,
    proxy::Weather,
    server::Server,
    until::until,
    world::{SMALL_BATCHES, World, events_until},
};

#[tokio::test]
async fn an_import_goes_on_after_a_restore_to_an_earlier_point_and_doubles_no_row() -> Result<()> {
    let cluster = Cluster::start(&[], None).await?;
    cluster.create_database("sluice").await?;
    let url = Cluster::url_at(cluster.port, "sluice");
    let settings = [
        ("DATABASE_URL", url.as_str()),
        ("SLUICE_LEASE", "2s"),
        SMALL_BATCHES,
    ];
    let mut world = World::on(Server::start_alone(&settings).await?, Odoo::shared()?).await?;
    let list = world.list(4_000).await?;
    let line = world.slow_line().await?;
    let job = world.client.enqueue(world.import(&list)).await?.job;
    events_until(&world.client, &job.id, rows_are_applied).await?;
    world.server.kill().await?;
    line.weather(Weather::Clear);
    cluster.back_up().await?;

    // After the backup two more attempts reach Odoo, and the import ends there.
    world.server.begin().await?;
    events_until(&world.client, &job.id, |event| event.attempt == 2).await?;
    world.server.kill().await?;
    world.server.begin().await?;
    let look = async || Ok(world.client.job(&job.id).await?);
    until("the import ends", look, |job| job.finished_at.is_some()).await?;
    world.odoo.holds_exactly(world.supplier, &list).await?;

    world.server.kill().await?;
    cluster.restore().await?;
    world.server.begin().await?;
    let restored = world.client.job(&job.id).await?;
    ensure!(
        restored.finished_at.is_none(),
        "the restore brought nothing back"
    );
    let look = async || Ok(world.client.job(&job.id).await?);
    let ended = until("the import ends again", look, |job| {
        job.finished_at.is_some()
    })
    .await?;
    assert_eq!(
        ended.state().as_str_name(),
        "JOB_STATE_SUCCEEDED",
        "{ended:?}"
    );
    let counters = ended.counters.context("counters")?;
    assert_eq!(counters.rows_done, 4_000);
    world.odoo.holds_exactly(world.supplier, &list).await?;
    world.reports_exactly(&job.id, &list).await
}
