//! Proof that a worker lives: a session lock that Postgres drops the moment its process dies.

use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{Queue, QueueError};
use crate::db::answered;

/// How long to wait between two tries to take the lock.
const PAUSE: Duration = Duration::from_millis(200);

/// The worker's number while its lock is held; `None` while it is not, and then nothing may be claimed.
pub(super) type Alive = watch::Receiver<Option<i32>>;

/// Holds the liveness lock until `stop`; taken again at once when its session is lost.
pub(super) async fn keep_alive(
    queue: Queue,
    name: String,
    alive: watch::Sender<Option<i32>>,
    stop: CancellationToken,
) {
    let mut number = None;
    while !stop.is_cancelled() {
        let taken = tokio::select! {
            () = stop.cancelled() => return,
            taken = take(&queue, &name, number) => taken,
        };
        match taken {
            Ok((mut session, taken_number)) => {
                info!(worker.number = taken_number, "holding the liveness lock");
                number = Some(taken_number);
                alive.send_replace(number);
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = until_lost(&queue, &mut session, taken_number) => warn!(worker.number = taken_number, "lost the liveness lock; taking it again"),
                }
                alive.send_replace(None);
                // What is held may have been given away meanwhile: find out now rather than at the next renewal.
                queue.control.send_replace(());
            }
            Err(error) => {
                warn!(%error, "cannot take the liveness lock; trying again");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Takes the lock of an earlier session again; one that a half-dead session keeps is given up after a lease.
async fn take(
    queue: &Queue,
    name: &str,
    number: Option<i32>,
) -> Result<(PgListener, i32), QueueError> {
    let mut session = answered(async {
        let session = PgListener::connect_with(queue.db.pool()).await;
        session.map_err(QueueError::from)
    })
    .await?;
    session.eager_reconnect(false);
    let give_up = Instant::now() + queue.settings.lease;
    let mut number = number;
    loop {
        let wanted = match number {
            Some(number) => number,
            None => answered(sign_on(&mut session, name)).await?,
        };
        if answered(take_lock(&mut session, wanted)).await? {
            answered(doubt(queue, &mut session, wanted)).await?;
            return Ok((session, wanted));
        }
        number = (Instant::now() < give_up).then_some(wanted);
        tokio::time::sleep(PAUSE).await;
    }
}

async fn sign_on(session: &mut PgListener, name: &str) -> Result<i32, QueueError> {
    Ok(sqlx::query_file_scalar!("src/queue/sql/sign_on.sql", name)
        .fetch_one(session)
        .await?)
}

async fn take_lock(session: &mut PgListener, number: i32) -> Result<bool, QueueError> {
    Ok(
        sqlx::query_file_scalar!("src/queue/sql/take_liveness_lock.sql", number)
            .fetch_one(session)
            .await?,
    )
}

async fn keeps_lock(session: &mut PgListener, number: i32) -> Result<bool, QueueError> {
    Ok(
        sqlx::query_file_scalar!("src/queue/sql/keeps_liveness_lock.sql", number)
            .fetch_one(session)
            .await?,
    )
}

/// A pooler in transaction mode gives the session's next statement to whatever backend is free. While another transaction has
/// the backend that was free last, that is not the one which took the lock.
async fn doubt(queue: &Queue, session: &mut PgListener, number: i32) -> Result<(), QueueError> {
    let mut beside = queue.db.begin().await?;
    sqlx::query_file!("src/queue/sql/clock.sql")
        .fetch_one(&mut *beside)
        .await?;
    if !keeps_lock(session, number).await? {
        distrust(queue, number).await?;
    }
    Ok(())
}

/// From now on only the lease tells whether this worker lives.
async fn distrust(queue: &Queue, number: i32) -> Result<(), QueueError> {
    warn!(
        worker.number = number,
        "postgres is behind a pooler that does not keep sessions: jobs of a server that dies come back only when their lease ends"
    );
    sqlx::query_file!("src/queue/sql/distrust_lock.sql", number)
        .execute(queue.db.pool())
        .await?;
    Ok(())
}

/// Returns when the session is closed, or leads nowhere any more though nobody said so.
async fn until_lost(queue: &Queue, session: &mut PgListener, number: i32) {
    let mut trusted = true;
    loop {
        match timeout(queue.settings.lease / 3, session.try_recv()).await {
            // Nobody notifies this session; it would only wake us to wait again.
            Ok(Ok(Some(_))) => {}
            Ok(_) => return,
            Err(_) => match answered(keeps_lock(session, number)).await {
                Ok(false) if trusted => {
                    trusted = answered(distrust(queue, number)).await.is_err();
                }
                Ok(_) => {}
                Err(_) => return,
            },
        }
    }
}
