//! A connection goes only when its work has gone.

use super::*;

#[sqlx::test(migrations = "./migrations")]
async fn a_connection_with_unfinished_work_keeps_all_of_it(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("shop").await;
    let finished = house.add(job(connection)).await;
    house.queue.cancel(finished).await.unwrap();
    let waiting = house.add(job(connection)).await;
    assert!(!house.queue.drop_share(connection).await.unwrap());
    assert!(house.queue.get(finished).await.is_ok());
    assert!(delete_connection(&house, connection).await.is_err());
    house.queue.cancel(waiting).await.unwrap();
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
