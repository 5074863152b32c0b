//! Servers that die, stop, or lose Odoo in the middle of an import.

use crate::fate::rows_are_applied;
use anyhow::{Context as _, Result};
use sluice_client::v1::{Event, EventType, JobState};
use sluice_tests::{
    odoo::Site,
    proxy::Weather,
    server::Server,
    until::until,
    world::{SMALL_BATCHES, World, events_until},
};

fn tells(story: &[Event], wanted: EventType) -> bool {
    story.iter().any(|event| event.r#type() == wanted)
}

#[tokio::test]
async fn a_killed_server_goes_on_where_it_was_and_no_row_takes_effect_twice() -> Result<()> {
    let mut world = World::with_settings(&[SMALL_BATCHES]).await?;
    let list = world.list(4_000).await?;
    let line = world.slow_line().await?;
    let job = world.client.enqueue(world.import(&list)).await?.job;
    let before = events_until(&world.client, &job.id, rows_are_applied).await?;
    let done = before.last().and_then(|event| event.counters);
    assert!(
        done.context("progress")?.rows_done < 4_000,
        "it must die in mid-import"
    );

    world.server.kill().await?;
    world.server.begin().await?;
    line.weather(Weather::Clear);

    let story = events_until(&world.client, &job.id, |_| false).await?;
    assert!(tells(&story, EventType::Succeeded), "{story:#?}");
    assert!(tells(&story, EventType::Rescued), "{story:#?}");
    let job = world.client.job(&job.id).await?;
    assert!(job.attempt > 1);
    let counters = job.counters.context("counters")?;
    assert_eq!(counters.rows_done, 4_000);
    assert_eq!(
        counters.created,
        list.tally_after(None).created,
        "each row counts once"
    );
    world.odoo.holds_exactly(world.supplier, &list).await?;
    world.reports_exactly(&job.id, &list).await
}

#[tokio::test]
async fn a_graceful_stop_hands_the_job_over_and_a_watcher_sees_one_story() -> Result<()> {
    let mut world = World::with_settings(&[SMALL_BATCHES]).await?;
    let list = world.clean_list(3_000).await?;
    let line = world.slow_line().await?;
    let job = world.client.enqueue(world.import(&list)).await?.job;
    events_until(&world.client, &job.id, rows_are_applied).await?;

    // This watcher stays on the line while the server goes away and comes back.
    let watcher = world.client.clone();
    let server = &mut world.server;
    let (story, restarted) = tokio::join!(events_until(&watcher, &job.id, |_| false), async {
        let ended = server.stop().await?;
        assert!(ended.success(), "{ended}");
        line.weather(Weather::Clear);
        server.begin().await
    });
    restarted?;
    let story = story?;
    assert!(tells(&story, EventType::Released), "{story:#?}");
    assert!(tells(&story, EventType::Succeeded), "{story:#?}");
    world.odoo.holds_exactly(world.supplier, &list).await?;
    Ok(())
}

#[tokio::test]
async fn an_import_waits_for_an_odoo_that_is_away() -> Result<()> {
    let site = Site::new().await?;
    site.create_database("away").await?;
    let odoo = site.start("away", 0).await?;
    let world = World::on(Server::start(&[SMALL_BATCHES]).await?, odoo.clone()).await?;
    let list = world.clean_list(2_000).await?;
    let line = world.slow_line().await?;
    let job = world.client.enqueue(world.import(&list)).await?.job;
    events_until(&world.client, &job.id, rows_are_applied).await?;

    site.stop("away").await?;
    events_until(&world.client, &job.id, |event| {
        event.r#type() == EventType::Waiting
    })
    .await?;
    // A call that was under way may still be answered, and then it is away again.
    let waiting = until(
        "the job says what it waits for",
        async || Ok(world.client.job(&job.id).await?),
        |job| !job.waiting_reason.is_empty() || job.state() != JobState::Running,
    )
    .await?;
    assert_eq!(waiting.state(), JobState::Running, "{waiting:#?}");

    site.start_again(&odoo).await?;
    line.weather(Weather::Clear);
    let story = events_until(&world.client, &job.id, |_| false).await?;
    assert!(tells(&story, EventType::Continued), "{story:#?}");
    assert!(tells(&story, EventType::Succeeded), "{story:#?}");
    world.odoo.holds_exactly(world.supplier, &list).await?;
    Ok(())
}
