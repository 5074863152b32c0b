//! Many jobs: claimed and ended together, in nobody's way, and forgotten when they are old.

use std::time::Instant;

use uuid::{NoContext, Timestamp, Uuid};

use super::*;
use crate::queue::prune::prune;

#[sqlx::test(migrations = "./migrations")]
async fn short_jobs_are_run_once_each_and_their_stories_are_whole(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("a").await;
    house.queue.set_share(connection, 2_000).await.unwrap();
    let new: Vec<NewJob> = (0..600)
        .map(|number| in_lane(connection, &format!("lane:{number}")))
        .collect();
    let added = house.queue.enqueue_all(&new).await.unwrap();
    let runs = Arc::new(AtomicUsize::new(0));
    let count = runs.clone();
    let worker = worker(&house, move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        async { Ok("nothing".to_owned()) }.boxed()
    });
    for added in added {
        let id = added.unwrap().id;
        house.until(id, EventType::Succeeded).await;
        assert_eq!(
            house.story(id).await,
            [EventType::Queued, EventType::Started, EventType::Succeeded]
        );
    }
    assert_eq!(runs.load(Ordering::SeqCst), 600);
    worker.stop().await;
}

#[sqlx::test(migrations = "./migrations")]
async fn what_waits_behind_busy_slots_goes_back_to_the_queue(pool: PgPool) {
    let settings = QueueSettings {
        workers: 2,
        ..QueueSettings::default()
    };
    let house = House::with(pool, settings);
    let connection = house.connection("a").await;
    house.queue.set_share(connection, 2_000).await.unwrap();
    let gate = Arc::new(Semaphore::new(0));
    let pass = gate.clone();
    let worker = worker(&house, move |run| {
        let pass = pass.clone();
        async move {
            let spec: serde_json::Value = run.spec()?;
            if spec["slow"] == json!(true) {
                pass.acquire().await.unwrap().forget();
            }
            Ok(String::new())
        }
        .boxed()
    });
    let short: Vec<NewJob> = (0..80).map(|_| job(connection)).collect();
    for added in house.queue.enqueue_all(&short).await.unwrap() {
        house.until(added.unwrap().id, EventType::Succeeded).await;
    }
    let slow: Vec<NewJob> = (0..20)
        .map(|_| NewJob {
            spec: json!({"slow": true}),
            ..job(connection)
        })
        .collect();
    let slow = house.queue.enqueue_all(&slow).await.unwrap();
    let mut looks = tokio::time::interval(Duration::from_millis(50));
    let given_back = async {
        loop {
            looks.tick().await;
            let told: i64 =
                sqlx::query_scalar("select count(*) from progress_event where type = 'released'")
                    .fetch_one(&house.pool)
                    .await
                    .unwrap();
            if told >= 18 {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, given_back).await.unwrap();
    gate.add_permits(20);
    for added in slow {
        let id = added.unwrap().id;
        house.until(id, EventType::Succeeded).await;
        assert_eq!(house.queue.get(id).await.unwrap().failure_count, 0);
    }
    worker.stop().await;
}

#[sqlx::test(migrations = "./migrations")]
async fn a_long_queue_of_one_connection_does_not_hold_up_another(pool: PgPool) {
    let house = House::new(pool);
    let (long, short) = (
        house.connection("long").await,
        house.connection("short").await,
    );
    house.add(job(long)).await;
    sqlx::query(
        "insert into job (id, connection_id, kind, title, spec)
        select gen_random_uuid(), $1, 'test', 'one of many', '{}' from generate_series(1, 100000)",
    )
    .bind(long)
    .execute(&house.pool)
    .await
    .unwrap();
    assert_eq!(house.claim(4).await.len(), 2, "that is its share");
    let urgent = house.add(job(short)).await;
    let began = Instant::now();
    let claimed = house.claim(4).await;
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].holding.job, urgent);
    let took = began.elapsed();
    assert!(took < Duration::from_secs(1), "a claim took {took:?}");
}

#[sqlx::test(migrations = "./migrations")]
async fn old_jobs_go_with_their_stories_and_others_stay(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("a").await;
    let young = house.add(job(connection)).await;
    house.queue.cancel(young, None).await.unwrap();
    let now = u64::try_from(chrono::Utc::now().timestamp()).unwrap();
    let mut old = Vec::new();
    for state in ["succeeded", "queued"] {
        let made = now - 100 * 24 * 60 * 60;
        let id = JobId(Uuid::new_v7(Timestamp::from_unix(NoContext, made, 0)));
        sqlx::query(
            "insert into job (id, connection_id, kind, title, spec, state, finished_at)
            values ($1, $2, 'test', 'old', '{}', $3, case $3 when 'succeeded' then now() - interval '95 days' end)",
        )
        .bind(id)
        .bind(connection)
        .bind(state)
        .execute(&house.pool)
        .await
        .unwrap();
        sqlx::query(
            "insert into progress_event (job_id, seq, type, attempt, message, code)
            values ($1, 1, $2, 1, '', ''), ($1, 2, $2, 1, '', '')",
        )
        .bind(id)
        .bind(state)
        .execute(&house.pool)
        .await
        .unwrap();
        old.push(id);
    }
    assert_eq!(prune(&house.queue).await.unwrap(), 1);
    assert!(house.queue.get(old[0]).await.is_err());
    assert!(house.story(old[0]).await.is_empty());
    assert!(house.queue.get(old[1]).await.is_ok(), "it is not finished");
    assert_eq!(house.story(young).await.len(), 2);
}
