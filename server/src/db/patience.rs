//! How long an answer of Postgres is waited for. The kernel alone would hold a half-open line for a quarter of an hour.

use std::time::Duration;

use tokio::time::timeout;

use super::DbError;

/// Longer than any of our statements takes, and short beside a lease.
const PATIENCE: Duration = Duration::from_secs(8);

/// Does something with the database that must not wait for ever. Whatever connection it held is closed when it gives up.
///
/// # Errors
/// `DbError::Silent` when no answer came; else what the work itself fails with.
pub async fn answered<T, E: From<DbError>>(
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    timeout(PATIENCE, work)
        .await
        .unwrap_or_else(|_| Err(DbError::Silent(PATIENCE).into()))
}
