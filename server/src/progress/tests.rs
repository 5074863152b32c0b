//! The promises of the story, kept against a real Postgres.

use std::{sync::Arc, time::Duration};

use sqlx::PgPool;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Counters, Event, EventType, NewEvent, Progress, ProgressError, Watch};
use crate::{db::Db, ids::JobId};

const PATIENCE: Duration = Duration::from_secs(20);

/// One server's progress room; two of them on one pool are two servers.
fn server(pool: &PgPool) -> (Progress, CancellationToken) {
    let stop = CancellationToken::new();
    let progress = Progress::start(
        Db::from_pool(pool.clone()),
        &TaskTracker::new(),
        stop.clone(),
    );
    (progress, stop)
}

async fn tell(progress: &Progress, job: JobId, kind: EventType, rows_done: i64) {
    let mut story = progress.begin().await.unwrap();
    // Stands for the lock on the job's row, which every writer has.
    sqlx::query("select pg_advisory_xact_lock(hashtextextended($1::text, 0))")
        .bind(job)
        .execute(story.connection())
        .await
        .unwrap();
    story.tell(event(job, kind, rows_done)).await.unwrap();
    story.commit().await.unwrap();
}

fn event(job: JobId, kind: EventType, rows_done: i64) -> NewEvent {
    NewEvent {
        job,
        kind,
        attempt: 1,
        message: String::new(),
        code: String::new(),
        counters: Counters {
            rows_done,
            ..Counters::default()
        },
    }
}

async fn next(watch: &mut Watch) -> Option<Arc<Event>> {
    let next = tokio::time::timeout(PATIENCE, watch.next())
        .await
        .expect("an event was due");
    next.map(|event| event.expect("the story can be read"))
}

/// Tells and hears one event after the other, after the first, until the watcher is level with the story; returns the last.
async fn hear_as_it_happens(progress: &Progress, job: JobId, watch: &mut Watch) -> i64 {
    let mut seq = 1;
    while !watch.is_level() {
        tell(progress, job, EventType::Note, 0).await;
        seq += 1;
        assert_eq!(next(watch).await.unwrap().seq, seq);
    }
    seq
}

/// Reads to the end of the story; each event must continue the one before.
async fn to_the_end(watch: &mut Watch, mut seq: i64) -> i64 {
    while let Some(event) = next(watch).await {
        assert_eq!(event.seq, seq + event.folded + 1, "the story is unbroken");
        seq = event.seq;
    }
    seq
}

#[sqlx::test(migrations = "./migrations")]
async fn writers_at_once_leave_no_gap_and_every_watcher_sees_all_in_order(pool: PgPool) {
    let (one, two) = (server(&pool).0, server(&pool).0);
    let job = JobId::new();
    tell(&one, job, EventType::Queued, 0).await;
    let mut near = one.watch(job, 0).await.unwrap();
    let mut far = two.watch(job, 0).await.unwrap();
    let writing = futures::future::join_all((0..8).map(|writer| {
        let progress = if writer % 2 == 0 { &one } else { &two };
        async move {
            for row in 0..20 {
                tell(progress, job, EventType::Progress, row).await;
            }
        }
    }));
    writing.await;
    tell(&one, job, EventType::Succeeded, 20).await;
    assert_eq!(to_the_end(&mut near, 0).await, 162);
    assert_eq!(to_the_end(&mut far, 0).await, 162);
}

#[sqlx::test(migrations = "./migrations")]
async fn what_is_rolled_back_was_never_told(pool: PgPool) {
    let (progress, _stop) = server(&pool);
    let job = JobId::new();
    tell(&progress, job, EventType::Queued, 0).await;
    let mut story = progress.begin().await.unwrap();
    story.tell(event(job, EventType::Failed, 0)).await.unwrap();
    drop(story);
    tell(&progress, job, EventType::Succeeded, 0).await;
    let kinds: Vec<_> = progress
        .read(job, 0, 10)
        .await
        .unwrap()
        .into_iter()
        .map(|event| (event.seq, event.kind))
        .collect();
    assert_eq!(kinds, [(1, EventType::Queued), (2, EventType::Succeeded)]);
}

#[sqlx::test(migrations = "./migrations")]
async fn a_watch_resumes_where_it_was_and_ends_with_the_story(pool: PgPool) {
    let (progress, _stop) = server(&pool);
    let job = JobId::new();
    tell(&progress, job, EventType::Queued, 0).await;
    // A retried job: the first terminal event is not the end.
    tell(&progress, job, EventType::Failed, 0).await;
    tell(&progress, job, EventType::Resumed, 0).await;
    let mut first = progress.watch(job, 0).await.unwrap();
    for seq in 1..=3 {
        assert_eq!(next(&mut first).await.unwrap().seq, seq);
    }
    drop(first);
    tell(&progress, job, EventType::Succeeded, 0).await;
    let mut resumed = progress.watch(job, 3).await.unwrap();
    assert_eq!(next(&mut resumed).await.unwrap().kind, EventType::Succeeded);
    assert!(next(&mut resumed).await.is_none());
    let mut late = progress.watch(job, 4).await.unwrap();
    assert!(
        next(&mut late).await.is_none(),
        "nothing comes after the end"
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn a_slow_watcher_gets_folded_progress_and_never_misses_the_end(pool: PgPool) {
    let (progress, _stop) = server(&pool);
    let job = JobId::new();
    tell(&progress, job, EventType::Queued, 0).await;
    let mut slow = progress.watch(job, 0).await.unwrap();
    let mut quick = progress.watch(job, 0).await.unwrap();
    assert_eq!(next(&mut slow).await.unwrap().seq, 1);
    // From here on, being behind is slowness.
    let level = hear_as_it_happens(&progress, job, &mut slow).await;
    let telling = async {
        for row in 0..700 {
            tell(&progress, job, EventType::Progress, row).await;
        }
        tell(&progress, job, EventType::Note, 700).await;
        tell(&progress, job, EventType::Succeeded, 700).await;
    };
    // The slow one reads on when all that it missed is known to have reached this server.
    let (quick_saw, ()) = tokio::join!(to_the_end(&mut quick, 0), telling);
    assert_eq!(quick_saw, level + 702);
    let mut seen = 0;
    let mut seq = level;
    while let Some(event) = next(&mut slow).await {
        assert_eq!(event.seq, seq + event.folded + 1);
        (seq, seen) = (event.seq, seen + 1);
    }
    assert_eq!(seq, quick_saw);
    assert!(seen < 300, "{seen} events for a watcher 700 behind");
}

#[sqlx::test(migrations = "./migrations")]
async fn what_is_told_here_is_heard_without_another_look_at_the_log(pool: PgPool) {
    let (progress, _stop) = server(&pool);
    let job = JobId::new();
    tell(&progress, job, EventType::Queued, 0).await;
    let mut watch = progress.watch(job, 0).await.unwrap();
    assert_eq!(next(&mut watch).await.unwrap().seq, 1);
    let level = hear_as_it_happens(&progress, job, &mut watch).await;
    let mut told = progress.begin().await.unwrap();
    told.tell(event(job, EventType::Note, 3)).await.unwrap();
    sqlx::query("drop view story_line cascade")
        .execute(told.connection())
        .await
        .unwrap();
    told.commit().await.unwrap();
    let heard = next(&mut watch).await.unwrap();
    assert_eq!((heard.seq, heard.counters.rows_done), (level + 1, 3));
}

#[sqlx::test(migrations = "./migrations")]
async fn pruned_events_are_refused_with_the_oldest_that_is_kept(pool: PgPool) {
    let (progress, _stop) = server(&pool);
    let job = JobId::new();
    for kind in [
        EventType::Queued,
        EventType::Started,
        EventType::Progress,
        EventType::Succeeded,
    ] {
        tell(&progress, job, kind, 0).await;
    }
    assert_eq!(
        progress.prune(Duration::from_hours(1)).await.unwrap(),
        0,
        "the story is young"
    );
    sqlx::query("update progress_event set written_at = now() - interval '1 day'")
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(progress.prune(Duration::from_hours(1)).await.unwrap(), 1);
    let refused = progress.watch(job, 1).await;
    assert!(
        matches!(refused, Err(ProgressError::Pruned { oldest_seq: 4 })),
        "{refused:?}"
    );
    let mut watch = progress.watch(job, 0).await.unwrap();
    assert_eq!(next(&mut watch).await.unwrap().seq, 4);
    assert!(next(&mut watch).await.is_none());
    assert!(matches!(
        progress.watch(JobId::new(), 0).await,
        Err(ProgressError::NotFound)
    ));
}

#[sqlx::test(migrations = "./migrations")]
async fn watchers_learn_that_the_server_stops(pool: PgPool) {
    let (progress, stop) = server(&pool);
    let job = JobId::new();
    tell(&progress, job, EventType::Queued, 0).await;
    let mut watch = progress.watch(job, 1).await.unwrap();
    stop.cancel();
    let next = tokio::time::timeout(PATIENCE, watch.next()).await.unwrap();
    assert!(
        matches!(next, Some(Err(ProgressError::ShuttingDown))),
        "{next:?}"
    );
}
