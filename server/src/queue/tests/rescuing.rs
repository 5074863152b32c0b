//! Rescue: the dead, the silent and the stuck lose their jobs; the living keep them.

use super::*;

#[sqlx::test(migrations = "./migrations")]
async fn a_dead_workers_job_is_rescued_and_a_live_ones_is_not(pool: PgPool) {
    let settings = QueueSettings {
        look: Duration::from_millis(50),
        ..QueueSettings::default()
    };
    let house = House::with(pool, settings);
    let connection = house.connection("a").await;
    house.queue.set_share(connection, 5).await.unwrap();
    let orphan = house.add(job(connection)).await;
    // A worker number whose lock nobody holds, as after kill -9.
    let held = house
        .queue
        .claim(&["test".to_owned()], 1, 4_711)
        .await
        .unwrap();
    assert_eq!(held.len(), 1);
    let gate = Arc::new(Semaphore::new(0));
    let pass = gate.clone();
    let worker = worker(&house, move |_| {
        let pass = pass.clone();
        async move {
            pass.acquire().await.unwrap().forget();
            Ok(String::new())
        }
        .boxed()
    });
    let lively = house.add(job(connection)).await;
    house.until(orphan, EventType::Rescued).await;
    house.until(lively, EventType::Started).await;
    gate.add_permits(2);
    house.until(orphan, EventType::Succeeded).await;
    house.until(lively, EventType::Succeeded).await;
    assert_eq!(
        house.story(lively).await,
        [EventType::Queued, EventType::Started, EventType::Succeeded]
    );
    worker.stop().await;
}

#[sqlx::test(migrations = "./migrations")]
async fn a_worker_that_loses_its_session_keeps_its_job(pool: PgPool) {
    let settings = QueueSettings {
        look: Duration::from_millis(300),
        ..QueueSettings::default()
    };
    let house = House::with(pool, settings);
    let connection = house.connection("a").await;
    let gate = Arc::new(Semaphore::new(0));
    let pass = gate.clone();
    let worker = worker(&house, move |_| {
        let pass = pass.clone();
        async move {
            pass.acquire().await.unwrap().forget();
            Ok(String::new())
        }
        .boxed()
    });
    let id = house.add(job(connection)).await;
    house.until(id, EventType::Started).await;
    let killed: i64 = sqlx::query_scalar(
        "select count(pg_terminate_backend(pid)) from pg_locks
        where locktype = 'advisory' and classid = 7411
            and database = (select oid from pg_database where datname = current_database())",
    )
    .fetch_one(&house.pool)
    .await
    .unwrap();
    assert_eq!(killed, 1);
    let mut looks = tokio::time::interval(Duration::from_millis(100));
    let back = async {
        loop {
            looks.tick().await;
            let locks: i64 = sqlx::query_scalar(
                "select count(*) from pg_locks where locktype = 'advisory' and classid = 7411 and granted
                    and database = (select oid from pg_database where datname = current_database())",
            )
            .fetch_one(&house.pool)
            .await
            .unwrap();
            if locks == 1 {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, back).await.unwrap();
    gate.add_permits(1);
    house.until(id, EventType::Succeeded).await;
    assert_eq!(
        house.story(id).await,
        [EventType::Queued, EventType::Started, EventType::Succeeded]
    );
    worker.stop().await;
}

#[sqlx::test(migrations = "./migrations")]
async fn silent_and_stuck_holders_are_found_but_waiting_ones_left_alone(pool: PgPool) {
    let settings = QueueSettings {
        look: Duration::from_millis(50),
        ..QueueSettings::default()
    };
    let house = House::with(pool, settings);
    let connection = house.connection("a").await;
    house.queue.set_share(connection, 5).await.unwrap();
    let worker = worker(&house, |run| {
        async move {
            if run.attempt() > 1 {
                return Ok(String::new());
            }
            run.waiting("odoo_away", "Odoo does not answer").await?;
            run.stopping().cancelled().await;
            Err(JobError::Stopped)
        }
        .boxed()
    });
    let ids = [
        house.add(job(connection)).await,
        house.add(job(connection)).await,
        house.add(job(connection)).await,
    ];
    for id in ids {
        house.until(id, EventType::Waiting).await;
    }
    let [silent, stuck, waiting] = ids;
    let age = |what: &'static str, id: JobId| sqlx::query(what).bind(id).execute(&house.pool);
    age(
        "update job set progressed_at = now() - interval '1 hour' where id = $1",
        waiting,
    )
    .await
    .unwrap();
    age(
        "update job set lease_until = now() - interval '1 second' where id = $1",
        silent,
    )
    .await
    .unwrap();
    age("update job set progressed_at = now() - interval '1 hour', waiting_reason = null where id = $1", stuck).await.unwrap();
    for (id, code) in [(silent, "lease_expired"), (stuck, "stuck")] {
        house.until(id, EventType::Rescued).await;
        let story = house.progress.read(id, 0, 100).await.unwrap();
        let rescued = story
            .iter()
            .find(|event| event.kind == EventType::Rescued)
            .unwrap();
        assert_eq!(rescued.code, code);
        house.until(id, EventType::Succeeded).await;
    }
    assert_eq!(house.story(waiting).await.last(), Some(&EventType::Waiting));
    worker.stop().await;
}
