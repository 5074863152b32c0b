//! Pausing, resuming, cancelling; waiting in a lane; asking twice.

use crate::fate::rows_are_applied;
use anyhow::{Context as _, Result};
use sluice_client::{
    Code,
    v1::{EventType, ImportQueueEnqueueRequest, JobState, Reason},
};
use sluice_tests::{
    proxy::Weather,
    until::until,
    world::{SMALL_BATCHES, World, events_until},
};

#[tokio::test]
async fn a_paused_import_stops_and_goes_on_after_its_checkpoint() -> Result<()> {
    let world = World::with_settings(&[SMALL_BATCHES]).await?;
    let list = world.clean_list(3_000).await?;
    let line = world.slow_line().await?;
    let job = world.client.enqueue(world.import(&list)).await?.job;
    events_until(&world.client, &job.id, rows_are_applied).await?;

    world.client.pause(&job.id).await?;
    events_until(&world.client, &job.id, |event| {
        event.r#type() == EventType::Paused
    })
    .await?;
    let paused = world.client.job(&job.id).await?;
    assert_eq!(paused.state(), JobState::Paused);
    let done = paused.counters.context("counters")?.rows_done;
    assert!(done > 0 && done < 3_000, "{done} rows were done");

    line.weather(Weather::Clear);
    world.client.resume(&job.id).await?;
    let story = events_until(&world.client, &job.id, |_| false).await?;
    let after = story
        .iter()
        .skip_while(|event| event.r#type() != EventType::Resumed)
        .filter_map(|event| event.counters);
    assert!(
        after.map(|counters| counters.rows_done).min() >= Some(done),
        "{story:#?}"
    );
    world.odoo.holds_exactly(world.supplier, &list).await?;
    Ok(())
}

#[tokio::test]
async fn a_cancelled_import_ends_and_what_is_applied_stays() -> Result<()> {
    let world = World::with_settings(&[SMALL_BATCHES]).await?;
    let list = world.clean_list(3_000).await?;
    let line = world.slow_line().await?;
    let job = world.client.enqueue(world.import(&list)).await?.job;
    events_until(&world.client, &job.id, rows_are_applied).await?;

    world.client.cancel(&job.id).await?;
    line.weather(Weather::Clear);
    let story = events_until(&world.client, &job.id, |_| false).await?;
    let end = story.last().context("a story")?;
    assert_eq!(end.r#type(), EventType::Cancelled);
    let created = end.counters.context("counters")?.created;
    let lines = world.odoo.lines_of(world.supplier).await?.len();
    assert_eq!(
        i64::try_from(lines)?,
        created,
        "what was counted is what is there"
    );

    let again = world.client.pause(&job.id).await.unwrap_err();
    assert_eq!(
        (again.code, again.reason),
        (Code::FailedPrecondition, Some(Reason::JobState))
    );
    Ok(())
}

#[tokio::test]
async fn a_cancelled_import_can_be_retried_and_finishes_the_list() -> Result<()> {
    let world = World::with_settings(&[SMALL_BATCHES]).await?;
    let list = world.clean_list(2_000).await?;
    let line = world.slow_line().await?;
    let job = world.client.enqueue(world.import(&list)).await?.job;
    events_until(&world.client, &job.id, rows_are_applied).await?;
    world.client.cancel(&job.id).await?;
    line.weather(Weather::Clear);
    events_until(&world.client, &job.id, |_| false).await?;

    world.client.retry(&job.id).await?;
    until(
        "the retried import succeeds",
        async || Ok(world.client.job(&job.id).await?.state()),
        |state| *state == JobState::Succeeded,
    )
    .await?;
    world.odoo.holds_exactly(world.supplier, &list).await?;
    Ok(())
}

#[tokio::test]
async fn imports_of_one_supplier_wait_for_each_other() -> Result<()> {
    let world = World::with_settings(&[SMALL_BATCHES]).await?;
    let list = world.clean_list(1_500).await?;
    let line = world.slow_line().await?;
    let first = world.client.enqueue(world.import(&list)).await?.job;
    events_until(&world.client, &first.id, |event| {
        event.r#type() == EventType::Started
    })
    .await?;
    let second = world.client.enqueue(world.import(&list)).await?;
    assert_eq!(second.behind.as_deref(), Some(first.id.as_str()));
    line.weather(Weather::Clear);

    events_until(&world.client, &second.job.id, |_| false).await?;
    let (first, second) = (
        world.client.job(&first.id).await?,
        world.client.job(&second.job.id).await?,
    );
    let at = |time: Option<prost_types::Timestamp>| time.map(|time| (time.seconds, time.nanos));
    assert!(
        at(second.started_at) >= at(first.finished_at),
        "{first:?} {second:?}"
    );
    assert_eq!(second.counters.context("counters")?.unchanged, 1_500);
    Ok(())
}

#[tokio::test]
async fn asking_twice_with_one_request_id_makes_one_job() -> Result<()> {
    let world = World::with_settings(&[SMALL_BATCHES]).await?;
    let list = world.clean_list(20).await?;
    let request = ImportQueueEnqueueRequest {
        import: Some(world.import(&list)),
        request_id: uuid::Uuid::new_v4().to_string(),
        ..ImportQueueEnqueueRequest::default()
    };
    let first = world.client.enqueue_with(request.clone()).await?;
    let second = world.client.enqueue_with(request.clone()).await?;
    assert_eq!(first.job.id, second.job.id);
    assert!(!first.existed && second.existed);

    let other = ImportQueueEnqueueRequest {
        import: Some(world.import(&list.first_rows(3))),
        ..request
    };
    let refused = world.client.enqueue_with(other).await.unwrap_err();
    assert_eq!(
        (refused.code, refused.reason),
        (Code::AlreadyExists, Some(Reason::RequestIdReused))
    );
    Ok(())
}
