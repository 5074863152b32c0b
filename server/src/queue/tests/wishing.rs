//! What callers wish of jobs: what a wish answers, and whose jobs it reaches.

use super::*;

#[sqlx::test(migrations = "./migrations")]
async fn a_wish_answers_with_the_job_as_it_left_it(pool: PgPool) {
    let house = House::new(pool);
    let connection = house.connection("a").await;
    let id = house.add(job(connection)).await;
    let own = Some(connection);
    let steps = [
        (house.queue.pause(id, own).await, JobState::Paused, 2),
        // It is paused already, so nothing is told.
        (house.queue.pause(id, own).await, JobState::Paused, 2),
        (house.queue.resume(id, own).await, JobState::Queued, 3),
        (house.queue.cancel(id, own).await, JobState::Cancelled, 4),
        (house.queue.retry(id, own).await, JobState::Queued, 5),
    ];
    for (steered, state, last_seq) in steps {
        let steered = steered.unwrap();
        assert_eq!((steered.job.state, steered.last_seq), (state, last_seq));
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn a_wish_for_the_job_of_another_connection_finds_none(pool: PgPool) {
    let house = House::new(pool);
    let id = house.add(job(house.connection("a").await)).await;
    let stranger = Some(house.connection("b").await);
    let queue = &house.queue;
    let answers = [
        queue.pause(id, stranger).await,
        queue.resume(id, stranger).await,
        queue.cancel(id, stranger).await,
        queue.retry(id, stranger).await,
    ];
    for answer in answers {
        assert!(matches!(answer, Err(QueueError::NotFound(_))), "{answer:?}");
    }
    assert_eq!(queue.get(id).await.unwrap().state, JobState::Queued);
}
