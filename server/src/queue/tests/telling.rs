//! Stories: one unbroken line of events, whether the log has them or the job's row tells them.

use super::*;
use crate::progress::Event;

async fn lines(house: &House, job: JobId) -> Vec<Event> {
    let lines = house.progress.read(job, 0, 1_000).await.unwrap();
    for (line, seq) in lines.iter().zip(1..) {
        assert_eq!(line.seq, seq, "the story is unbroken: {lines:?}");
    }
    lines
}

async fn written(house: &House, job: JobId) -> i64 {
    sqlx::query_scalar("select count(*) from progress_event where job_id = $1")
        .bind(job)
        .fetch_one(&house.pool)
        .await
        .unwrap()
}

async fn run_to_its_end(house: &House, result: &str) -> JobId {
    let holding = house.claim(1).await.remove(0).holding;
    let ended = house.queue.succeed(holding, result).await.unwrap();
    assert_eq!(ended, Fenced::Held);
    holding.job
}

#[sqlx::test(migrations = "./migrations")]
async fn a_short_job_tells_its_story_by_its_row_alone(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("a").await;
    let id = house.add(job(connection)).await;
    let mut watch = house.progress.watch(id, 0).await.unwrap();
    assert_eq!(run_to_its_end(&house, "all is well").await, id);

    let told: Vec<_> = lines(&house, id)
        .await
        .into_iter()
        .map(|line| (line.kind, line.attempt, line.message))
        .collect();
    let wanted = [
        (EventType::Queued, 0, "a test"),
        (EventType::Started, 1, "started"),
        (EventType::Succeeded, 1, "all is well"),
    ];
    assert_eq!(
        told,
        wanted.map(|(kind, attempt, message)| (kind, attempt, message.to_owned()))
    );
    assert_eq!(written(&house, id).await, 0);

    let mut seen = Vec::new();
    while let Some(event) = tokio::time::timeout(PATIENCE, watch.next()).await.unwrap() {
        seen.push(event.unwrap().kind);
    }
    assert_eq!(seen, wanted.map(|(kind, _, _)| kind));
    let mut late = house.progress.watch(id, 2).await.unwrap();
    assert_eq!(late.next().await.unwrap().unwrap().seq, 3);
    assert!(late.next().await.is_none());
}

#[sqlx::test(migrations = "./migrations")]
async fn what_happens_before_the_first_start_and_after_it_keeps_its_place(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("a").await;
    let id = house.add(job(connection)).await;
    house.queue.pause(id, None).await.unwrap();
    house.queue.resume(id, None).await.unwrap();
    let run = Run::new(house.queue.clone(), house.claim(1).await.remove(0));
    let step = run.step().await.unwrap();
    step.commit(&json!({}), done(4), "").await.unwrap();
    let rescued = house.queue.rescue(run.holding(), "worker_died", "gone");
    assert_eq!(rescued.await.unwrap(), Fenced::Held);
    run_to_its_end(&house, "").await;

    let lines = lines(&house, id).await;
    let kinds: Vec<EventType> = lines.iter().map(|line| line.kind).collect();
    assert_eq!(
        kinds,
        [
            EventType::Queued,
            EventType::Paused,
            EventType::Resumed,
            EventType::Started,
            EventType::Progress,
            EventType::Rescued,
            EventType::Started,
            EventType::Succeeded,
        ]
    );
    assert_eq!(lines[6].message, "attempt 2 goes on after row 4");
    assert_eq!((lines[7].attempt, lines[7].counters), (2, done(4)));
}

#[sqlx::test(migrations = "./migrations")]
async fn a_story_from_before_rows_told_goes_on_where_it_was(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("a").await;
    let id = house.add(job(connection)).await;
    // As an earlier server left it: everything is in the log.
    for statement in [
        "update job set told_count = 0, attempt = 1, retry_count = 1, started_at = now()",
        "insert into progress_event (job_id, seq, type, attempt, message, code)
        select id, seq, case seq when 1 then 'queued' when 2 then 'started' else 'released' end, 1, '', ''
        from job, generate_series(1, 3) as seq",
    ] {
        sqlx::query(statement).execute(&house.pool).await.unwrap();
    }
    run_to_its_end(&house, "").await;
    lines(&house, id).await;
    assert_eq!(
        house.story(id).await,
        [
            EventType::Queued,
            EventType::Started,
            EventType::Released,
            EventType::Started,
            EventType::Succeeded
        ]
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn of_an_old_story_stays_how_it_ended(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("a").await;
    let (short, long) = (
        house.add(job(connection)).await,
        house.add(job(connection)).await,
    );
    assert_eq!(run_to_its_end(&house, "").await, short);
    let run = Run::new(house.queue.clone(), house.claim(1).await.remove(0));
    for rows in 1..=3 {
        let step = run.step().await.unwrap();
        step.commit(&json!({}), done(rows), "").await.unwrap();
    }
    let ended = house.queue.succeed(run.holding(), "").await.unwrap();
    assert_eq!(ended, Fenced::Held);
    for statement in [
        "update job set finished_at = now() - interval '1 day' where state = 'succeeded'",
        "update progress_event set written_at = now() - interval '1 day'",
    ] {
        sqlx::query(statement).execute(&house.pool).await.unwrap();
    }
    let shortened = house.progress.prune(Duration::from_hours(1)).await;
    assert_eq!(shortened.unwrap(), 1);
    assert_eq!(
        lines(&house, short).await.len(),
        3,
        "nothing of it was written"
    );
    let kept = house.progress.read(long, 0, 1_000).await.unwrap();
    let kept: Vec<_> = kept.iter().map(|line| (line.seq, line.kind)).collect();
    assert_eq!(kept, [(5, EventType::Progress), (6, EventType::Succeeded)]);
    assert!(matches!(
        house.progress.watch(long, 2).await,
        Err(crate::progress::ProgressError::Pruned { oldest_seq: 5 })
    ));
}
