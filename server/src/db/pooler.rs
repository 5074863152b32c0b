//! Poolers that cannot be worked with, found before anything is done through them.

use sqlx::{Connection as _, Executor as _, PgConnection, postgres::PgConnectOptions};

use super::DbError;

/// By SQLSTATE: a statement that is not there, one that is there already, and one that takes other values.
const STATEMENT_OF_OTHERS: [&str; 3] = ["26000", "42P05", "08P01"];

/// Fails if what stands before Postgres hands a session's next statement to another backend and forgets what was prepared, as a
/// pgbouncer in transaction mode did before version 1.21. Each of our statements is prepared, so some would fail at any time.
pub(super) async fn refuse_forgetful(options: &PgConnectOptions) -> Result<(), DbError> {
    match try_to_confuse(options).await {
        Err(sqlx::Error::Database(error))
            if error
                .code()
                .is_some_and(|code| STATEMENT_OF_OTHERS.contains(&code.as_ref())) =>
        {
            Err(DbError::ForgetfulPooler)
        }
        result => Ok(result?),
    }
}

/// Prepares a statement and uses it again while another transaction has the backend on which it was prepared.
async fn try_to_confuse(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let mut first = PgConnection::connect_with(options).await?;
    let mut beside = PgConnection::connect_with(options).await?;
    sqlx::query_file_scalar!("src/db/sql/session.sql")
        .fetch_one(&mut first)
        .await?;
    beside.execute("begin; select").await?;
    sqlx::query_file_scalar!("src/db/sql/session.sql")
        .fetch_one(&mut first)
        .await?;
    beside.execute("rollback").await?;
    // A farewell that fails changes nothing.
    let _ = (first.close().await, beside.close().await);
    Ok(())
}
