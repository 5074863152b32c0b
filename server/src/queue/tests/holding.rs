//! Holding: what a holder may do, what a late one may not, and how an attempt ends.

use super::*;
use crate::progress::Event;

#[sqlx::test(migrations = "./migrations")]
async fn a_late_holder_changes_nothing(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("a").await;
    let id = house.add(job(connection)).await;
    let late = house.claim(1).await.remove(0);
    let rescued = house
        .queue
        .rescue(late.holding, "worker_died", "gone")
        .await
        .unwrap();
    assert_eq!(rescued, Fenced::Held);
    let current = house.claim(1).await.remove(0);
    assert_eq!(current.holding.attempt, 2);

    let before = house.story(id).await;
    let run = Run::new(house.queue.clone(), late);
    let step = run.step().await.unwrap();
    assert!(matches!(
        step.commit(&json!({}), done(9), "late").await,
        Err(JobError::Lost)
    ));
    assert!(matches!(
        run.note("late", "late").await,
        Err(JobError::Lost)
    ));
    assert!(matches!(
        run.waiting("late", "late").await,
        Err(JobError::Lost)
    ));
    for outcome in [
        Ok("late".to_owned()),
        Err(JobError::Stopped),
        Err(JobError::Fail {
            code: "late",
            message: String::new(),
        }),
        Err(JobError::Retry {
            code: "late",
            message: String::new(),
            after: None,
        }),
    ] {
        assert_eq!(
            house.queue.settle_run(&run, &outcome).await.unwrap(),
            Fenced::Lost
        );
    }
    assert_eq!(house.story(id).await, before);
    let stored = house.queue.get(id).await.unwrap();
    assert_eq!(
        (stored.state, stored.counters, stored.attempt),
        (JobState::Running, Counters::default(), 2)
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn a_checkpoint_gives_the_retry_budget_back(pool: PgPool) {
    let house = House::with(
        pool,
        QueueSettings {
            max_retries: 2,
            ..QueueSettings::default()
        },
    );
    let connection = house.connection("a").await;
    let id = house.add(job(connection)).await;
    for round in 0..4 {
        let run = Run::new(house.queue.clone(), house.claim(1).await.remove(0));
        if round == 1 {
            run.step()
                .await
                .unwrap()
                .commit(&json!({"row": 1}), done(1), "")
                .await
                .unwrap();
        }
        let outcome = Err(JobError::Retry {
            code: "bad_luck",
            message: "again".to_owned(),
            after: Some(Duration::ZERO),
        });
        assert_eq!(
            house.queue.settle_run(&run, &outcome).await.unwrap(),
            Fenced::Held
        );
    }
    let stored = house.queue.get(id).await.unwrap();
    assert_eq!(
        (stored.state, stored.retry_count),
        (JobState::Failed, 3),
        "{stored:?}"
    );
    assert_eq!(stored.error_code.as_deref(), Some("bad_luck"));
}

#[sqlx::test(migrations = "./migrations")]
async fn a_worker_runs_jobs_to_their_end(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("a").await;
    let worker = worker(&house, |run| {
        async move {
            run.step()
                .await?
                .commit(&json!({"row": 5}), done(5), "half")
                .await?;
            Ok("all done".to_owned())
        }
        .boxed()
    });
    let id = house.add(job(connection)).await;
    house.until(id, EventType::Succeeded).await;
    assert_eq!(
        house.story(id).await,
        [
            EventType::Queued,
            EventType::Started,
            EventType::Progress,
            EventType::Succeeded
        ]
    );
    worker.stop().await;
}

#[sqlx::test(migrations = "./migrations")]
async fn a_graceful_stop_uses_up_nothing(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("a").await;
    let until_asked = |run: &Run| {
        let stopping = run.stopping().clone();
        async move {
            stopping.cancelled().await;
            Err(JobError::Stopped)
        }
        .boxed()
    };
    let first = worker(&house, move |run| until_asked(run));
    let id = house.add(job(connection)).await;
    house.until(id, EventType::Started).await;
    first.stop().await;
    let stored = house.queue.get(id).await.unwrap();
    assert_eq!((stored.state, stored.failure_count), (JobState::Queued, 0));
    assert_eq!(house.story(id).await.last(), Some(&EventType::Released));
}

#[sqlx::test(migrations = "./migrations")]
async fn pause_resume_and_cancel_reach_a_running_job(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("a").await;
    let worker = worker(&house, |run| {
        async move {
            run.stopping().cancelled().await;
            run.step().await?.commit(&json!({}), done(3), "").await?;
            Err(JobError::Stopped)
        }
        .boxed()
    });
    let id = house.add(job(connection)).await;
    house.until(id, EventType::Started).await;
    house.queue.pause(id, None).await.unwrap();
    house.until(id, EventType::Paused).await;
    assert_eq!(house.queue.get(id).await.unwrap().counters.rows_done, 3);
    house.queue.resume(id, None).await.unwrap();
    house.until(id, EventType::Resumed).await;
    house.queue.cancel(id, None).await.unwrap();
    house.until(id, EventType::Cancelled).await;
    let refused = house.queue.resume(id, None).await;
    assert!(matches!(
        refused,
        Err(QueueError::State {
            state: JobState::Cancelled,
            ..
        })
    ));
    worker.stop().await;
}

#[sqlx::test(migrations = "./migrations")]
async fn a_panic_in_a_pipeline_is_an_attempt_that_failed(pool: PgPool) {
    let house = House::with(
        pool,
        QueueSettings {
            max_retries: 0,
            ..QueueSettings::default()
        },
    );
    let connection = house.connection("a").await;
    let worker = worker(&house, |_| async { panic!("a fault for the test") }.boxed());
    let id = house.add(job(connection)).await;
    house.until(id, EventType::Failed).await;
    assert_eq!(
        house.queue.get(id).await.unwrap().error_code.as_deref(),
        Some("fault")
    );
    worker.stop().await;
}

#[sqlx::test(migrations = "./migrations")]
async fn what_is_told_during_a_checkpoint_knows_its_counters(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("a").await;
    let id = house.add(job(connection)).await;
    let run = Run::new(house.queue.clone(), house.claim(1).await.remove(0));
    // The checkpoint has to wait for this lock, and what is told meanwhile for the checkpoint.
    let lock = lock_jobs(&house).await;
    let release = async {
        until_waiting(&house, 1).await;
        lock.rollback().await.unwrap();
    };
    let (checkpoint, told, ()) =
        tokio::join!(store_half(&run), run.waiting("away", "gone"), release);
    checkpoint.unwrap();
    told.unwrap();
    let events = house.progress.read(id, 0, 10).await.unwrap();
    assert_nothing_goes_back(&events);
}

#[sqlx::test(migrations = "./migrations")]
async fn a_rescue_knows_the_checkpoint_that_was_being_stored(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("a").await;
    let id = house.add(job(connection)).await;
    let run = Run::new(house.queue.clone(), house.claim(1).await.remove(0));
    // As a holder that froze in its checkpoint and goes on while it is being rescued.
    let lock = lock_jobs(&house).await;
    let rescue = async {
        until_waiting(&house, 1).await;
        house
            .queue
            .rescue(run.holding(), "lease_expired", "gone")
            .await
    };
    let release = async {
        until_waiting(&house, 2).await;
        lock.rollback().await.unwrap();
    };
    let (checkpoint, rescued, ()) = tokio::join!(store_half(&run), rescue, release);
    checkpoint.unwrap();
    assert_eq!(rescued.unwrap(), Fenced::Held);
    let events = house.progress.read(id, 0, 10).await.unwrap();
    assert_eq!(events.last().unwrap().kind, EventType::Rescued);
    assert_nothing_goes_back(&events);
}

async fn lock_jobs(house: &House) -> sqlx::Transaction<'static, sqlx::Postgres> {
    let mut lock = house.pool.begin().await.unwrap();
    sqlx::query("select from job for update")
        .execute(&mut *lock)
        .await
        .unwrap();
    lock
}

async fn store_half(run: &Run) -> Result<(), JobError> {
    let step = run.step().await?;
    step.commit(&json!({ "row": 5 }), done(5), "half").await
}

/// Waits until so many statements wait for a lock.
async fn until_waiting(house: &House, statements: i64) {
    let waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while sqlx::query_scalar::<_, i64>(waiting)
        .fetch_one(&house.pool)
        .await
        .unwrap()
        < statements
    {}
}

fn assert_nothing_goes_back(events: &[Event]) {
    let rows: Vec<i64> = events
        .iter()
        .map(|event| event.counters.rows_done)
        .collect();
    assert!(rows.is_sorted(), "{events:?}");
}
