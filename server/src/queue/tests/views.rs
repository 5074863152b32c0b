//! What an administrator sees in the database: why a job does not get on.

use super::*;

async fn whys(house: &House) -> HashMap<JobId, String> {
    sqlx::query_as::<_, (JobId, String)>("select job_id, why from sluice.stuck_jobs")
        .fetch_all(&house.pool)
        .await
        .unwrap()
        .into_iter()
        .collect()
}

async fn change(house: &House, id: JobId, change: &'static str) {
    sqlx::query(change)
        .bind(id)
        .execute(&house.pool)
        .await
        .unwrap();
}

#[sqlx::test(migrations = "./migrations")]
async fn stuck_jobs_tells_of_each_job_why(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("a").await;
    house.queue.set_share(connection, 4).await.unwrap();
    let mut living = house.pool.acquire().await.unwrap();
    let number: i32 =
        sqlx::query_scalar("insert into worker (name) values ('alive') returning number")
            .fetch_one(&house.pool)
            .await
            .unwrap();
    sqlx::query("select pg_advisory_lock(7411, $1)")
        .bind(number)
        .execute(&mut *living)
        .await
        .unwrap();
    let mut running = Vec::new();
    for lane in ["gone", "over", "still", "away"] {
        running.push(house.add(in_lane(connection, lane)).await);
    }
    let kinds = ["test".to_owned()];
    let held = house.queue.claim(&kinds, 4, number).await.unwrap();
    assert_eq!(held.len(), 4);
    assert!(whys(&house).await.is_empty(), "all is well");
    let [gone, over, still, away] = running[..] else {
        panic!("four run");
    };
    change(&house, gone, "update job set worker = 4711 where id = $1").await;
    change(
        &house,
        over,
        "update job set lease_until = now() - interval '1 second' where id = $1",
    )
    .await;
    change(
        &house,
        still,
        "update job set progressed_at = now() - interval '1 hour' where id = $1",
    )
    .await;
    change(&house, away, "update job set progressed_at = now() - interval '1 hour', waiting_reason = 'Odoo' where id = $1").await;

    let busy = house.add(in_lane(connection, "gone")).await;
    let crowded = house.add(job(connection)).await;
    let other = house.connection("b").await;
    let alone = house.add(job(other)).await;
    let failed = house.add(job(other)).await;
    for id in [busy, crowded, alone] {
        change(
            &house,
            id,
            "update job set run_at = now() - interval '1 hour' where id = $1",
        )
        .await;
    }
    change(
        &house,
        failed,
        "update job set failure_count = 1 where id = $1",
    )
    .await;

    let wanted = [
        (gone, "holder_gone"),
        (over, "lease_over"),
        (still, "no_progress"),
        (away, "odoo_away"),
        (busy, "lane_busy"),
        (crowded, "share_used_up"),
        (alone, "no_worker"),
        (failed, "retries"),
    ];
    let wanted: HashMap<JobId, String> = wanted
        .into_iter()
        .map(|(id, why)| (id, why.to_owned()))
        .collect();
    assert_eq!(whys(&house).await, wanted);
}

#[sqlx::test(migrations = "./migrations")]
async fn import_status_tells_how_far_an_import_is(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("shop").await;
    let id = house.add(job(connection)).await;
    change(
        &house,
        id,
        "update job set kind = 'supplier_import', rows_total = 200, rows_done = 50 where id = $1",
    )
    .await;
    house.add(job(connection)).await;
    let seen: Vec<(JobId, String, String, f64)> = sqlx::query_as(
        "select job_id, connection, state, percent::float8 from sluice.import_status",
    )
    .fetch_all(&house.pool)
    .await
    .unwrap();
    assert_eq!(seen, [(id, "shop".to_owned(), "queued".to_owned(), 25.0)]);
}
