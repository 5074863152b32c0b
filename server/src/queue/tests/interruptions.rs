//! What an interruption may cost: never a place in the lane, never a retry that nobody used, never a stop that does not end.

use std::time::Instant;

use super::*;
use crate::db::DbError;

#[sqlx::test(migrations = "./migrations")]
async fn a_job_that_was_interrupted_goes_on_before_a_later_one_of_its_lane(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("a").await;
    let first = house.add(in_lane(connection, "supplier:1")).await;
    let begun = house.claim(1).await;
    let urgent = NewJob {
        priority: 50,
        ..in_lane(connection, "supplier:1")
    };
    let second = house.add(urgent).await;
    let held = house
        .queue
        .retry_later(
            begun[0].holding,
            EventType::Retrying,
            true,
            Duration::from_hours(1),
            "test",
            "it failed",
        )
        .await
        .unwrap();
    assert_eq!(held, Fenced::Held);
    assert!(
        house.claim(1).await.is_empty(),
        "a later list must not be applied before the rest of an earlier one"
    );
    sqlx::query("update job set run_at = now() where id = $1")
        .bind(first)
        .execute(&house.pool)
        .await
        .unwrap();
    let again = house.claim(2).await;
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].holding.job, first);
    let ended = house.queue.succeed(again[0].holding, "").await;
    assert_eq!(ended.unwrap(), Fenced::Held);
    assert_eq!(house.claim(2).await[0].holding.job, second);
}

#[sqlx::test(migrations = "./migrations")]
async fn an_outage_of_our_own_database_uses_up_no_retry(pool: PgPool) {
    let settings = QueueSettings {
        max_retries: 0,
        ..QueueSettings::default()
    };
    let house = House::with(pool, settings);
    let connection = house.connection("a").await;
    let worker = worker(&house, |run| {
        async move {
            if run.attempt() > 2 {
                return Ok(String::new());
            }
            Err(JobError::Db(DbError::Silent(Duration::from_secs(1))))
        }
        .boxed()
    });
    let id = house.add(job(connection)).await;
    house.until(id, EventType::Succeeded).await;
    assert_eq!(house.queue.get(id).await.unwrap().failure_count, 0);
    worker.stop().await;
}

#[sqlx::test(migrations = "./migrations")]
async fn a_job_of_a_restored_database_catches_up_with_the_attempts_that_odoo_has_seen(
    pool: PgPool,
) {
    let settings = QueueSettings {
        max_retries: 0,
        ..QueueSettings::default()
    };
    let house = House::with(pool, settings);
    let connection = house.connection("a").await;
    // As an Odoo answers that has seen attempt 5.
    let worker = worker(&house, |run| {
        async move {
            if run.attempt() > 5 {
                return Ok(String::new());
            }
            Err(JobError::Lost)
        }
        .boxed()
    });
    let id = house.add(job(connection)).await;
    house.until(id, EventType::Succeeded).await;
    assert_eq!(house.queue.get(id).await.unwrap().attempt, 6);
    worker.stop().await;
}

#[sqlx::test(migrations = "./migrations")]
async fn a_commit_whose_answer_was_lost_is_not_untold(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("a").await;
    let pool = house.pool.clone();
    let worker = worker(&house, move |run| {
        let pool = pool.clone();
        async move {
            if run.attempt() > 1 {
                return Ok(String::new());
            }
            run.step()
                .await?
                .commit(&json!({}), done(5), "5 rows")
                .await?;
            // Stored, but the attempt does not know.
            sqlx::query("update job set rows_done = 7 where id = $1")
                .bind(run.job())
                .execute(&pool)
                .await?;
            Err(JobError::Db(DbError::Silent(Duration::from_secs(1))))
        }
        .boxed()
    });
    let id = house.add(job(connection)).await;
    house.until(id, EventType::Retrying).await;
    let story = house.progress.read(id, 0, 100).await.unwrap();
    let retrying = story
        .iter()
        .find(|event| event.kind == EventType::Retrying)
        .unwrap();
    assert_eq!(retrying.counters.rows_done, 7);
    house.until(id, EventType::Succeeded).await;
    worker.stop().await;
}

#[sqlx::test(migrations = "./migrations")]
async fn a_stop_does_not_wait_for_a_job_that_reaches_no_checkpoint(pool: PgPool) {
    let settings = QueueSettings {
        grace: Duration::from_millis(200),
        ..QueueSettings::default()
    };
    let house = House::with(pool, settings);
    let connection = house.connection("a").await;
    let worker = worker(&house, |_| std::future::pending().boxed());
    let id = house.add(job(connection)).await;
    house.until(id, EventType::Started).await;
    let began = Instant::now();
    worker.stop().await;
    assert!(began.elapsed() < Duration::from_secs(5));
    let left = house.queue.get(id).await.unwrap();
    assert_eq!((left.state, left.failure_count), (JobState::Queued, 0));
    assert_eq!(
        house.story(id).await,
        [EventType::Queued, EventType::Started, EventType::Released]
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn behind_a_pooler_only_the_lease_tells_of_a_death(pool: PgPool) {
    let settings = QueueSettings {
        look: Duration::from_millis(50),
        ..QueueSettings::default()
    };
    let house = House::with(pool, settings);
    let connection = house.connection("a").await;
    let number: i32 = sqlx::query_scalar(
        "insert into worker (name, lock_tells) values ('behind a pooler', false) returning number",
    )
    .fetch_one(&house.pool)
    .await
    .unwrap();
    let id = house.add(job(connection)).await;
    let held = house.queue.claim(&["test".to_owned()], 1, number).await;
    assert_eq!(held.unwrap().len(), 1);
    let other = house.add(job(connection)).await;
    let worker = worker(&house, |_| async { Ok(String::new()) }.boxed());
    // Its own worker's lock tells, so by now the rescuer has looked more than twice.
    house.until(other, EventType::Succeeded).await;
    let mut looks = tokio::time::interval(Duration::from_millis(100));
    for _ in 0..5 {
        looks.tick().await;
    }
    assert_eq!(house.queue.get(id).await.unwrap().state, JobState::Running);
    sqlx::query("update job set lease_until = now() where id = $1")
        .bind(id)
        .execute(&house.pool)
        .await
        .unwrap();
    house.until(id, EventType::Rescued).await;
    house.until(id, EventType::Succeeded).await;
    worker.stop().await;
}

#[sqlx::test(migrations = "./migrations")]
async fn a_transaction_that_nobody_waits_for_any_more_stays_open_nowhere(pool: PgPool) {
    let house = House::new(pool);
    // However far it had come: until it often was there before it was given up.
    let mut there = 0;
    for steps in 0.. {
        let mut beginning = Box::pin(house.queue.db.begin());
        for _ in 0..steps {
            if futures::poll!(beginning.as_mut()).is_ready() {
                there += 1;
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(beginning);
        // All connections are at rest, and one tells of the others.
        let mut connections = Vec::new();
        for _ in 0..house.pool.size().max(2) {
            connections.push(house.pool.acquire().await.unwrap());
        }
        for connection in &mut connections {
            let open: i64 = sqlx::query_scalar(
                "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'",
            )
            .fetch_one(&mut **connection)
            .await
            .unwrap();
            assert_eq!(open, 0, "given up after {steps} steps");
        }
        if there > 9 {
            break;
        }
    }
}
