//! Enqueueing and claiming: once, in order, fair, and never more than a share.

use super::*;
use crate::queue::NewSchedule;

#[sqlx::test(migrations = "./migrations")]
async fn a_job_and_its_first_event_are_one(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("a").await;
    let id = house.add(job(connection)).await;
    assert_eq!(house.story(id).await, [EventType::Queued]);
}

#[sqlx::test(migrations = "./migrations")]
async fn the_same_request_makes_one_job_and_another_is_refused(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("a").await;
    let new = NewJob {
        request_id: Some("r1".to_owned()),
        ..job(connection)
    };
    let first = house.queue.enqueue(new.clone()).await.unwrap();
    let again = house.queue.enqueue(new.clone()).await.unwrap();
    assert_eq!(
        (first.job.id, false, true),
        (again.job.id, first.existed, again.existed)
    );
    let other = house
        .queue
        .enqueue(NewJob {
            spec: json!({"other": 1}),
            ..new
        })
        .await;
    assert!(
        matches!(other, Err(QueueError::RequestIdReused(_))),
        "{other:?}"
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn a_lane_runs_one_job_and_keeps_its_order(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("a").await;
    let first = house.add(in_lane(connection, "supplier:1")).await;
    let second = house.add(in_lane(connection, "supplier:1")).await;
    let other = house.add(in_lane(connection, "supplier:2")).await;
    let claimed: Vec<JobId> = house
        .claim(10)
        .await
        .iter()
        .map(|job| job.holding.job)
        .collect();
    assert_eq!(claimed, [first, other]);
    assert!(house.claim(10).await.is_empty());
    assert_eq!(
        house
            .queue
            .succeed(
                Holding {
                    job: first,
                    attempt: 1
                },
                ""
            )
            .await
            .unwrap(),
        Fenced::Held
    );
    assert_eq!(house.claim(10).await[0].holding.job, second);
}

#[sqlx::test(migrations = "./migrations")]
async fn a_connection_gets_no_more_than_its_share(pool: PgPool) {
    let house = House::new(pool);
    let (big, small) = (
        house.connection("big").await,
        house.connection("small").await,
    );
    for _ in 0..5 {
        house.add(job(big)).await;
    }
    house.add(job(small)).await;
    let claimed = house.claim(10).await;
    let of = |connection| {
        claimed
            .iter()
            .filter(|job| job.connection == connection)
            .count()
    };
    assert_eq!((of(big), of(small)), (2, 1));
    house.queue.set_share(big, 4).await.unwrap();
    assert_eq!(house.claim(10).await.len(), 2);
}

#[sqlx::test(migrations = "./migrations")]
async fn one_slot_serves_all_connections_in_turn(pool: PgPool) {
    let house = House::new(pool);
    let connections = [
        house.connection("a").await,
        house.connection("b").await,
        house.connection("c").await,
    ];
    for connection in connections {
        for _ in 0..3 {
            house.add(job(connection)).await;
        }
    }
    let mut served = Vec::new();
    for _ in 0..9 {
        let job = house.claim(1).await.remove(0);
        served.push(job.connection);
        let _ = house.queue.succeed(job.holding, "").await.unwrap();
    }
    for round in served.chunks(3) {
        assert_eq!(
            round.iter().collect::<HashSet<_>>().len(),
            3,
            "each round serves each connection: {served:?}"
        );
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn priority_goes_before_fairness_and_run_at_is_kept(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("a").await;
    let ordinary = house.add(job(connection)).await;
    let urgent = house
        .add(NewJob {
            priority: 5,
            ..job(connection)
        })
        .await;
    let tomorrow = chrono::Utc::now() + chrono::TimeDelta::days(1);
    house
        .add(NewJob {
            priority: 9,
            run_at: Some(tomorrow),
            ..job(connection)
        })
        .await;
    assert_eq!(house.claim(1).await[0].holding.job, urgent);
    assert_eq!(house.claim(1).await[0].holding.job, ordinary);
    assert!(house.claim(1).await.is_empty());
}

#[sqlx::test(migrations = "./migrations")]
async fn many_claims_at_once_give_no_job_twice_and_keep_every_share(pool: PgPool) {
    let house = House::new(pool);
    let mut connections = Vec::new();
    for number in 0..4 {
        let connection = house.connection(&format!("c{number}")).await;
        for lane in 0..5 {
            for _ in 0..3 {
                house
                    .add(in_lane(connection, &format!("lane:{lane}")))
                    .await;
            }
        }
        connections.push(connection);
    }
    let taken = Arc::new(Mutex::new(HashMap::<JobId, usize>::new()));
    let busy: Arc<HashMap<ConnectionId, AtomicUsize>> = Arc::new(
        connections
            .iter()
            .map(|connection| (*connection, AtomicUsize::new(0)))
            .collect(),
    );
    let claimers = (0..6).map(|_| {
        let (house, taken, busy) = (&house, taken.clone(), busy.clone());
        async move {
            while taken.lock().unwrap().len() < 60 {
                for job in house.claim(2).await {
                    let running = busy[&job.connection].fetch_add(1, Ordering::SeqCst) + 1;
                    assert!(running <= 2, "a connection runs {running} jobs");
                    *taken.lock().unwrap().entry(job.holding.job).or_default() += 1;
                    tokio::task::yield_now().await;
                    busy[&job.connection].fetch_sub(1, Ordering::SeqCst);
                    assert_eq!(
                        house.queue.succeed(job.holding, "").await.unwrap(),
                        Fenced::Held
                    );
                }
            }
        }
    });
    tokio::time::timeout(PATIENCE, futures::future::join_all(claimers))
        .await
        .unwrap();
    assert!(taken.lock().unwrap().values().all(|times| *times == 1));
}

#[sqlx::test(migrations = "./migrations")]
async fn missed_runs_of_a_schedule_are_made_up_for_once(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("a").await;
    let new = NewSchedule {
        connection,
        name: "nightly".to_owned(),
        cron: "0 3 * * *".to_owned(),
        time_zone: "Europe/Brussels".to_owned(),
        kind: "test",
        title: "nightly list".to_owned(),
        lane: None,
        spec: json!({}),
        asked: Vec::new(),
    };
    house.queue.save_schedule(&new).await.unwrap();
    sqlx::query("update schedule set next_run_at = now() - interval '5 days'")
        .execute(&house.pool)
        .await
        .unwrap();
    assert!(house.queue.run_due_schedule().await.unwrap());
    assert!(!house.queue.run_due_schedule().await.unwrap());
    let other_kind = house.queue.list_schedules("other", None, None, 10).await;
    assert!(other_kind.unwrap().is_empty());
    let kept = house
        .queue
        .list_schedules("test", Some(connection), None, 10)
        .await
        .unwrap()
        .remove(0);
    assert!(kept.next_run_at > chrono::Utc::now());
    assert_eq!(
        house.queue.get(kept.last_job.unwrap()).await.unwrap().title,
        "nightly list"
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn a_schedule_whose_last_run_still_waits_adds_no_second_one(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("a").await;
    let new = NewSchedule {
        connection,
        name: "often".to_owned(),
        cron: "* * * * *".to_owned(),
        time_zone: String::new(),
        kind: "test",
        title: "every minute".to_owned(),
        lane: Some("lane".to_owned()),
        spec: json!({}),
        asked: Vec::new(),
    };
    house.queue.save_schedule(&new).await.unwrap();
    let mut jobs = Vec::new();
    for _ in 0..2 {
        sqlx::query("update schedule set next_run_at = now() - interval '1 minute'")
            .execute(&house.pool)
            .await
            .unwrap();
        assert!(house.queue.run_due_schedule().await.unwrap());
        let kept = house.queue.list_schedules("test", None, None, 10).await;
        jobs.push(kept.unwrap().remove(0).last_job.unwrap());
    }
    assert_eq!(jobs[0], jobs[1]);
}
