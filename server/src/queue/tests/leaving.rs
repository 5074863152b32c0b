//! A connection goes only when its work has gone.

use super::*;

#[sqlx::test(migrations = "./migrations")]
async fn a_connection_with_unfinished_work_keeps_all_of_it(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("shop").await;
    let finished = house.add(job(connection)).await;
    house.queue.cancel(finished, None).await.unwrap();
    let waiting = house.add(job(connection)).await;
    assert!(!house.queue.drop_share(connection).await.unwrap());
    assert!(house.queue.get(finished).await.is_ok());
    assert!(delete_connection(&house, connection).await.is_err());
    house.queue.cancel(waiting, None).await.unwrap();
    assert!(house.queue.drop_share(connection).await.unwrap());
    assert!(matches!(
        house.queue.get(finished).await,
        Err(QueueError::NotFound(_))
    ));
    let stories: i64 = sqlx::query_scalar("select count(*) from progress_event")
        .fetch_one(&house.pool)
        .await
        .unwrap();
    assert_eq!(stories, 0);
    delete_connection(&house, connection).await.unwrap();
}

#[sqlx::test(migrations = "./migrations")]
async fn a_connection_without_work_can_go_at_once(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("shop").await;
    assert!(house.queue.drop_share(connection).await.unwrap());
    delete_connection(&house, connection).await.unwrap();
}

async fn delete_connection(house: &House, id: ConnectionId) -> Result<(), sqlx::Error> {
    sqlx::query("delete from connection where id = $1")
        .bind(id)
        .execute(&house.pool)
        .await
        .map(|_done| ())
}

#[sqlx::test(migrations = "./migrations")]
async fn who_adds_while_a_share_goes_adds_all_or_nothing(pool: PgPool) {
    let house = House::new(pool);
    let (gone, other) = (
        house.connection("gone").await,
        house.connection("other").await,
    );
    for connection in [gone, other] {
        house.queue.set_share(connection, 2).await.unwrap();
    }
    let new = [job(other), job(gone)];
    let mut dropping = house.pool.begin().await.unwrap();
    sqlx::query("delete from share where connection_id = $1")
        .bind(gone)
        .execute(&mut *dropping)
        .await
        .unwrap();
    let mut looks = tokio::time::interval(Duration::from_millis(10));
    let drop_when_waited_for = async {
        loop {
            looks.tick().await;
            let is_waited_for: bool = sqlx::query_scalar(
                "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')",
            )
            .fetch_one(&house.pool)
            .await
            .unwrap();
            if is_waited_for {
                return dropping.commit().await.unwrap();
            }
        }
    };
    let both = async { tokio::join!(house.queue.enqueue_all(&new), drop_when_waited_for) };
    let (added, ()) = tokio::time::timeout(PATIENCE, both).await.unwrap();
    assert!(added.is_err(), "{added:?}");
    let jobs = "select count(*) from job";
    let count: i64 = sqlx::query_scalar(jobs)
        .fetch_one(&house.pool)
        .await
        .unwrap();
    assert_eq!(count, 0);
    let again = house.queue.enqueue_all(&new).await.unwrap();
    assert!(again.iter().all(Result::is_ok), "{again:?}");
}

#[sqlx::test(migrations = "./migrations")]
async fn a_worker_says_it_lives_only_when_others_can_see_it(pool: PgPool) {
    let house = House::new(pool);
    assert_eq!(house.queue.load().await.unwrap().workers_alive, 0);
    let worker = worker(&house, |_| async { Ok(String::new()) }.boxed());
    worker.until_alive().await;
    assert_eq!(house.queue.load().await.unwrap().workers_alive, 1);
    worker.stop().await;
}
