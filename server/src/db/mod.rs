//! Postgres: our own cluster or a given one, the pool, migrations, and a listener. No word of business.

mod embedded;
mod error;
mod health;
mod listener;
mod notifier;
mod patience;
mod pooler;

use std::{fmt::Display, str::FromStr as _, sync::Arc, time::Duration};

use secrecy::ExposeSecret as _;
use sqlx::{
    Connection as _, Executor as _, PgConnection, PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::time::{Instant, timeout};
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use self::embedded::Cluster;
pub use self::{
    embedded::ClusterError,
    error::DbError,
    health::{Durability, Health},
    listener::{Listener, Signal},
    notifier::Notifier,
    patience::answered,
};
use crate::config::Settings;

/// How long a pooled connection has to show that it still leads to Postgres.
const PING: Duration = Duration::from_secs(2);
/// How many of the connections are for the statements that run for each job: adding, claiming and ending, at the same time.
const QUICK: u32 = 3;
/// How long a connection is believed to live after its last answer: a quick one, or any to a Postgres of this machine, which does not
/// fall silent without a word.
const TRUSTED: Duration = Duration::from_millis(100);
/// The oldest Postgres whose SQL we use.
const OLDEST_VERSION: i32 = 15_00_00;

/// Access to the database; clones share one pool.
#[derive(Clone, Debug)]
pub struct Db {
    pool: PgPool,
    quick: PgPool,
    /// Transactions that are being opened, whether somebody waits for them or not.
    beginnings: TaskTracker,
    cluster: Option<Arc<Cluster>>,
}

impl Db {
    /// Connects to the given Postgres, or starts the server's own, and brings the schema up to date.
    pub async fn connect(settings: &Settings) -> Result<Self, DbError> {
        let (options, cluster) = if let Some(url) = &settings.database_url {
            let options = PgConnectOptions::from_str(url.expose_secret()).map_err(DbError::Url)?;
            wait_until_up(&options, settings.database_wait).await?;
            let patience = settings.database_wait;
            patiently(patience, async || pooler::refuse_forgetful(&options).await).await?;
            (options, None)
        } else {
            let cluster = Cluster::start(settings).await?;
            (cluster.options(), Some(Arc::new(cluster)))
        };
        patiently(settings.database_wait, async || {
            keep_search_path(&options).await
        })
        .await?;
        let options = options.application_name("sluice-server");
        let quick_connections = QUICK.min(settings.database_connections / 2).max(1);
        let trusted = match cluster {
            Some(_) => TRUSTED,
            None => Duration::ZERO,
        };
        let pool = pool(trusted)
            .max_connections((settings.database_connections - quick_connections).max(1))
            .connect_lazy_with(options.clone());
        let quick = pool_of_quick(quick_connections).connect_lazy_with(options);
        let db = Self {
            pool,
            quick,
            beginnings: TaskTracker::new(),
            cluster,
        };
        match patiently(settings.database_wait, async || db.prepare().await).await {
            Ok(()) => Ok(db),
            Err(error) => {
                db.close().await;
                Err(error)
            }
        }
    }

    /// Wraps a pool on a database whose schema is up to date, as tests have.
    pub fn from_pool(pool: PgPool) -> Self {
        Self {
            quick: pool.clone(),
            pool,
            beginnings: TaskTracker::new(),
            cluster: None,
        }
    }

    /// The pool, for single statements.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// A few connections for the statements that run for each job, however many there are.
    ///
    /// Each statement is planned once per connection, and only by index: it would take longer to plan than to run, and a plan
    /// that was made for a small table is kept when the table has grown. Who was just used is not asked whether it lives.
    pub fn quick(&self) -> &PgPool {
        &self.quick
    }

    /// Opens a transaction.
    ///
    /// It comes into being even if nobody waits for it any more, and is then undone as every transaction that is dropped. Were
    /// the wait for Postgres' answer broken off, its connection would go back to the pool with the transaction open, and what
    /// others believe to be committed at once would be part of it.
    pub async fn begin(&self) -> Result<Transaction<'static, Postgres>, DbError> {
        let pool = self.pool.clone();
        let beginning = self.beginnings.spawn(async move { pool.begin().await });
        match beginning.await {
            Ok(begun) => Ok(begun?),
            // It ended with the runtime, or by a panic of the driver's.
            Err(_) => Err(sqlx::Error::WorkerCrashed.into()),
        }
    }

    /// Closes the pool, and stops Postgres if it is the server's own.
    pub async fn close(&self) {
        let both = async { tokio::join!(self.pool.close(), self.quick.close()) };
        if timeout(PING, both).await.is_err() {
            warn!("some connections to postgres did not take a farewell");
        }
        if let Some(cluster) = &self.cluster {
            cluster.stop().await;
        }
    }

    async fn prepare(&self) -> Result<(), DbError> {
        let version = sqlx::query_file_scalar!("src/db/sql/server_version_num.sql")
            .fetch_one(&self.pool)
            .await?;
        if version < OLDEST_VERSION {
            return Err(DbError::TooOld {
                major: version / 10_000,
            });
        }
        sqlx::migrate!("./migrations").run(&self.pool).await?;
        Ok(())
    }
}

/// A pool whose connections are asked whether they live when they were idle for longer than `trusted`.
fn pool(trusted: Duration) -> PgPoolOptions {
    PgPoolOptions::new()
        .acquire_timeout(Duration::from_secs(30))
        .idle_timeout(Duration::from_mins(5))
        .test_before_acquire(false)
        .before_acquire(move |connection, meta| {
            Box::pin(async move {
                if meta.idle_for < trusted {
                    return Ok(true);
                }
                // A line that is silent is no better than one that is closed; the next connection is tried.
                let answer = timeout(PING, connection.ping()).await;
                Ok(matches!(answer, Ok(Ok(()))))
            })
        })
}

fn pool_of_quick(connections: u32) -> PgPoolOptions {
    pool(TRUSTED)
        .max_connections(connections)
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection
                    .execute(include_str!("sql/plan_once.sql"))
                    .await?;
                Ok(())
            })
        })
}

/// Before the first statement on a table, and at each start: a restored database has lost what is set for roles.
async fn keep_search_path(options: &PgConnectOptions) -> Result<(), DbError> {
    let mut connection = PgConnection::connect_with(options).await?;
    connection
        .execute(include_str!("sql/keep_search_path.sql"))
        .await?;
    // A farewell that fails changes nothing.
    let _ = connection.close().await;
    Ok(())
}

/// A given Postgres may start at the same time as we do.
async fn wait_until_up(options: &PgConnectOptions, patience: Duration) -> Result<(), DbError> {
    let connection = patiently(patience, async || {
        Ok::<_, DbError>(PgConnection::connect_with(options).await?)
    })
    .await?;
    info!(
        host = options.get_host(),
        port = options.get_port(),
        "connected to postgres"
    );
    let _ = connection.close().await;
    Ok(())
}

/// An error of an attempt that may go better later.
pub trait MayPass: Display {
    /// Whether it may.
    fn may_pass(&self) -> bool;
}

impl MayPass for DbError {
    fn may_pass(&self) -> bool {
        self.is_transient()
    }
}

/// Tries again for as long as the patience lasts, if what is wrong may pass.
pub async fn patiently<T, E: MayPass>(
    patience: Duration,
    mut attempt: impl AsyncFnMut() -> Result<T, E>,
) -> Result<T, E> {
    let deadline = Instant::now() + patience;
    let mut delay = Duration::from_millis(100);
    loop {
        let error = match attempt().await {
            Err(error) if error.may_pass() && Instant::now() + delay < deadline => error,
            settled => return settled,
        };
        warn!(
            "postgres is not ready yet: {error}; trying again in {} ms",
            delay.as_millis()
        );
        tokio::time::sleep(delay).await;
        delay = (delay * 2).min(Duration::from_secs(5));
    }
}
