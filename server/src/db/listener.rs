//! Hears notifications of one channel, whatever happens to its connection.

use std::time::Duration;

use sqlx::{
    PgPool,
    postgres::{PgListener, PgPoolOptions},
};
use tokio::{sync::mpsc, task::JoinSet, time::timeout};
use tracing::{debug, warn};

use super::{Db, DbError, answered};

const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(10);
/// How long a line may be quiet before it is asked whether it still leads to Postgres.
const QUIET: Duration = Duration::from_secs(10);
/// How many signals wait for a slow user before Postgres keeps the rest.
const BACKLOG: usize = 256;

/// What a listener tells its user.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Signal {
    /// Listening (again): anything may have happened before, so look before waiting.
    Connected,
    /// A notification with its payload.
    Payload(String),
}

/// Listens until it is dropped.
#[derive(Debug)]
pub struct Listener {
    signals: mpsc::Receiver<Signal>,
    _task: JoinSet<()>,
}

impl Listener {
    /// Starts to listen on a channel, with a connection of its own outside the pool.
    pub fn start(db: &Db, channel: &'static str) -> Self {
        let (sender, signals) = mpsc::channel(BACKLOG);
        let options = db.pool().connect_options().as_ref().clone();
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with(options);
        let mut task = JoinSet::new();
        task.spawn(run(pool, channel, sender));
        Self {
            signals,
            _task: task,
        }
    }

    /// The next signal. May be given up at any time without losing one.
    pub async fn next(&mut self) -> Signal {
        match self.signals.recv().await {
            Some(signal) => signal,
            // The task ends only with the runtime, and then nobody waits any more.
            None => std::future::pending().await,
        }
    }
}

async fn run(pool: PgPool, channel: &'static str, signals: mpsc::Sender<Signal>) {
    let mut delay = FIRST_DELAY;
    loop {
        match answered(listen(&pool, channel)).await {
            Ok(listener) => {
                // Only here, not at the connection: a server that accepts and then refuses must not be hammered.
                delay = FIRST_DELAY;
                if forward(listener, channel, &signals).await.is_err() {
                    return;
                }
            }
            Err(error) => warn!(
                channel,
                "cannot listen: {error}; trying again in {} ms",
                delay.as_millis()
            ),
        }
        tokio::time::sleep(delay).await;
        delay = (delay * 2).min(LONGEST_DELAY);
    }
}

async fn listen(pool: &PgPool, channel: &str) -> Result<PgListener, DbError> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.eager_reconnect(false);
    listener.listen(channel).await?;
    Ok(listener)
}

/// Passes signals on until the connection is lost; fails when nobody is there to take them.
async fn forward(
    mut listener: PgListener,
    channel: &str,
    signals: &mpsc::Sender<Signal>,
) -> Result<(), mpsc::error::SendError<Signal>> {
    signals.send(Signal::Connected).await?;
    loop {
        let Ok(heard) = timeout(QUIET, listener.try_recv()).await else {
            // A line that somebody cut without telling us looks just like a quiet one.
            let asked = sqlx::query_file_scalar!("src/db/sql/ping.sql").fetch_one(&mut listener);
            if let Err(error) = answered(async { asked.await.map_err(DbError::from) }).await {
                warn!(channel, "the listening connection leads nowhere: {error}");
                return Ok(());
            }
            continue;
        };
        match heard {
            Ok(Some(notification)) => {
                signals
                    .send(Signal::Payload(notification.payload().to_owned()))
                    .await?;
            }
            Ok(None) => {
                debug!(channel, "the listening connection was closed");
                return Ok(());
            }
            Err(error) => {
                warn!(channel, "stopped listening: {error}");
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use sqlx::PgPool;

    use super::*;

    async fn next(listener: &mut Listener) -> Signal {
        timeout(Duration::from_secs(20), listener.next())
            .await
            .expect("a signal within 20 s")
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_listener_says_when_it_listens_and_hears_what_follows(pool: PgPool) {
        let mut listener = Listener::start(&Db::from_pool(pool.clone()), "test_channel");
        assert_eq!(next(&mut listener).await, Signal::Connected);
        sqlx::query("select pg_notify('test_channel', 'a')")
            .execute(&pool)
            .await
            .unwrap();
        assert_eq!(next(&mut listener).await, Signal::Payload("a".to_owned()));
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_listener_whose_connection_is_cut_listens_again_and_says_so(pool: PgPool) {
        let mut listener = Listener::start(&Db::from_pool(pool.clone()), "test_channel");
        assert_eq!(next(&mut listener).await, Signal::Connected);
        sqlx::query(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'listen%'",
        )
        .execute(&pool)
        .await
        .unwrap();
        assert_eq!(next(&mut listener).await, Signal::Connected);
        sqlx::query("select pg_notify('test_channel', 'b')")
            .execute(&pool)
            .await
            .unwrap();
        assert_eq!(next(&mut listener).await, Signal::Payload("b".to_owned()));
    }
}
