//! Proof that a worker lives: a session lock that Postgres drops the moment its process dies.

use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{Queue, QueueError};

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
                    () = until_lost(&mut session) => warn!(worker.number = taken_number, "lost the liveness lock; taking it again"),
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
    let mut session = PgListener::connect_with(queue.db.pool()).await?;
    session.eager_reconnect(false);
    let give_up = Instant::now() + queue.settings.lease;
    let mut number = number;
    loop {
        let wanted = match number {
            Some(number) => number,
            None => {
                sqlx::query_file_scalar!("src/queue/sql/sign_on.sql", name)
                    .fetch_one(&mut session)
                    .await?
            }
        };
        let taken = sqlx::query_file_scalar!("src/queue/sql/take_liveness_lock.sql", wanted)
            .fetch_one(&mut session)
            .await?;
        if taken {
            return Ok((session, wanted));
        }
        number = (Instant::now() < give_up).then_some(wanted);
        tokio::time::sleep(PAUSE).await;
    }
}

/// Returns when Postgres, or the way to it, closed the session.
async fn until_lost(session: &mut PgListener) {
    // Nobody notifies this session; it would only wake us to wait again.
    while let Ok(Some(_)) = session.try_recv().await {}
}
