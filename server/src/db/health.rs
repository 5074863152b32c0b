//! How the database is doing, as far as that can be seen without a word of business.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Acquire as _, PgConnection};

use super::{Db, DbError};

/// A lock that nobody else takes: the one that shows whether sessions are ours alone.
const PROBE: i64 = 7_411_000_001;

/// What a power cut may cost, as the database is set.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Durability {
    /// Nothing that was confirmed.
    Whole,
    /// The latest commits, though they were confirmed.
    Forgetful,
    /// Everything: what is on disk may fit together no more.
    Broken,
}

/// What a look at the database found.
#[derive(Clone, Debug)]
pub struct Health {
    /// Its version, such as `18.6`.
    pub version: String,
    /// Whether it is the server's own.
    pub is_own: bool,
    /// Time for one statement, there and back.
    pub round_trip: Duration,
    /// How far the database's clock is ahead of this machine's; negative if it is behind.
    pub clock_ahead: TimeDelta,
    /// Whether a session stays one session; behind a pooler in transaction mode it does not.
    pub keeps_sessions: bool,
    /// How much the database takes on disk, in bytes.
    pub size_bytes: i64,
    /// What a power cut may cost.
    pub durability: Durability,
    /// For how long the longest open transaction of the database has been open.
    pub longest_transaction: Duration,
}

impl Db {
    /// Looks at the database.
    pub async fn health(&self) -> Result<Health, DbError> {
        let mut connection = self.pool().acquire().await?;
        let connection = connection.acquire().await?;
        let keeps_sessions = keeps_sessions(connection).await?;
        let started = Instant::now();
        let seen = sqlx::query_file!("src/db/sql/look.sql")
            .fetch_one(&mut *connection)
            .await?;
        let round_trip = started.elapsed();
        Ok(Health {
            version: seen.version,
            is_own: self.cluster.is_some(),
            round_trip,
            clock_ahead: clock_ahead(seen.now, Utc::now(), round_trip),
            keeps_sessions,
            size_bytes: seen.size_bytes,
            durability: match (seen.survives_power_cut, seen.waits_for_disk) {
                (false, _) => Durability::Broken,
                (true, false) => Durability::Forgetful,
                (true, true) => Durability::Whole,
            },
            longest_transaction: Duration::try_from_secs_f64(seen.longest_transaction_seconds)
                .unwrap_or_default(),
        })
    }
}

/// The database read its clock about half a round trip ago.
fn clock_ahead(theirs: DateTime<Utc>, ours: DateTime<Utc>, round_trip: Duration) -> TimeDelta {
    let half = TimeDelta::from_std(round_trip / 2).unwrap_or_default();
    theirs + half - ours
}

/// A pooler in transaction mode gives each statement whatever session is free. With little traffic that may be the same
/// one by chance, so a lock is asked for as well: it is there only if the session that took it is still ours.
async fn keeps_sessions(connection: &mut PgConnection) -> Result<bool, DbError> {
    let first = sqlx::query_file_scalar!("src/db/sql/session.sql")
        .fetch_one(&mut *connection)
        .await?;
    if !sqlx::query_file_scalar!("src/db/sql/take_probe.sql", PROBE)
        .fetch_one(&mut *connection)
        .await?
    {
        // Another server looks at this moment.
        return Ok(true);
    }
    let mut same = true;
    for _ in 0..5 {
        same &= sqlx::query_file_scalar!("src/db/sql/session.sql")
            .fetch_one(&mut *connection)
            .await?
            == first;
    }
    let released = sqlx::query_file_scalar!("src/db/sql/release_probe.sql", PROBE)
        .fetch_one(&mut *connection)
        .await?;
    Ok(same && released)
}

#[cfg(test)]
mod tests {
    use sqlx::PgPool;

    use super::*;

    #[sqlx::test(migrations = "./migrations")]
    async fn a_direct_connection_keeps_its_session_and_its_clock(pool: PgPool) {
        let health = Db::from_pool(pool).health().await.unwrap();
        assert!(health.keeps_sessions);
        assert!(
            health.clock_ahead.abs() < TimeDelta::seconds(1),
            "{:?}",
            health.clock_ahead
        );
        assert!(health.size_bytes > 1_000_000);
        assert!(
            !health.is_own
                && health
                    .version
                    .starts_with(|digit: char| digit.is_ascii_digit())
        );
    }
}
