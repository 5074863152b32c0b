//! What can go wrong with the database, told apart by what the caller can do.

use std::{sync::Arc, time::Duration};

use sqlx::{migrate::MigrateError, postgres::PgDatabaseError};
use thiserror::Error;

use super::ClusterError;

/// Why the database did not do as asked.
#[derive(Debug, Error)]
pub enum DbError {
    /// A statement or a connection failed.
    #[error("database: {0}")]
    Statement(#[source] sqlx::Error),
    /// No answer came: the line is half-open, or Postgres stands still.
    #[error("database: no answer within {} s", .0.as_secs())]
    Silent(Duration),
    /// The address of the database cannot be read. It is not repeated here, since it may carry a password.
    #[error(
        "database_url cannot be read as an address such as postgres://user:password@host:5432/name"
    )]
    Url(#[source] sqlx::Error),
    /// The schema cannot be brought up to date.
    #[error("the schema cannot be brought up to date: {0}")]
    Migration(#[from] MigrateError),
    /// The given Postgres is older than we can use.
    #[error("postgres {major} is too old: sluice needs 15 or newer")]
    TooOld {
        /// Its major version.
        major: i32,
    },
    /// What stands before Postgres forgets prepared statements, and each of ours is prepared.
    #[error(
        "a pooler in transaction mode that forgets prepared statements stands before postgres: connect directly, \
         use session mode, or pgbouncer 1.21 or newer with max_prepared_statements"
    )]
    ForgetfulPooler,
    /// What befell a transaction that several callers shared.
    #[error(transparent)]
    Shared(Arc<DbError>),
    /// The server's own Postgres does not start.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        Self::Statement(error)
    }
}

impl DbError {
    /// Whether the same statement may succeed a moment later, without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        let error = match self {
            Self::Statement(error)
            | Self::Migration(
                MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _),
            ) => error,
            Self::Silent(_) => return true,
            Self::Shared(error) => return error.is_transient(),
            _ => return false,
        };
        match error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(error) => {
                error.code().is_some_and(|code| is_transient_state(&code))
            }
            _ => false,
        }
    }

    /// Whether a row was refused by the constraint or unique index of this name.
    pub fn violates(&self, constraint: &str) -> bool {
        self.postgres()
            .is_some_and(|error| error.constraint() == Some(constraint))
    }

    /// Whether a value was refused that the statement brought: out of range, too long, or in no form Postgres reads.
    pub fn is_about_data(&self) -> bool {
        let Self::Statement(sqlx::Error::Database(error)) = self else {
            return false;
        };
        error
            .code()
            .is_some_and(|code| code.starts_with("22") || code.starts_with("54"))
    }

    /// Whether something of this name was there before: a schema, a table or a role.
    pub fn exists_already(&self) -> bool {
        self.postgres().is_some_and(|error| {
            matches!(error.code(), "42P06" | "42P07" | "42710")
                || error.constraint() == Some("pg_authid_rolname_index")
        })
    }

    /// Whether something cannot be dropped because others need it.
    pub fn is_in_use(&self) -> bool {
        self.postgres().is_some_and(|error| error.code() == "2BP01")
    }

    /// Whether a table is named that is not there.
    pub fn is_about_a_missing_table(&self) -> bool {
        self.postgres().is_some_and(|error| error.code() == "42P01")
    }

    /// Whether disk, memory or another resource was used up.
    pub fn is_out_of_resources(&self) -> bool {
        self.postgres()
            .is_some_and(|error| error.code().starts_with("53"))
    }

    fn postgres(&self) -> Option<&PgDatabaseError> {
        let Self::Statement(error) = self else {
            return None;
        };
        error.as_database_error()?.try_downcast_ref()
    }
}

/// By SQLSTATE: connections lost, conflicts between transactions, a disk or memory or the clients' limit used up, and a server
/// that starts or stops.
fn is_transient_state(code: &str) -> bool {
    code.starts_with("08")
        || code.starts_with("53")
        || matches!(
            code,
            "40001" | "40P01" | "55P03" | "57P01" | "57P02" | "57P03"
        )
}

#[cfg(test)]
mod tests {
    use sqlx::PgPool;

    use super::*;

    #[sqlx::test(migrations = "./migrations")]
    async fn a_violated_constraint_is_known_by_its_name(pool: PgPool) {
        let error = sqlx::query(
            "insert into share (connection_id, max_running) values (gen_random_uuid(), 1)",
        )
        .execute(&pool)
        .await
        .map_err(DbError::from)
        .unwrap_err();
        assert!(error.violates("share_connection_id_fkey"), "{error}");
        assert!(!error.violates("share_pkey"));
        assert!(!error.is_transient());
    }

    #[sqlx::test(migrations = "./migrations")]
    async fn a_terminated_session_is_transient(pool: PgPool) {
        let error = sqlx::query("select pg_terminate_backend(pg_backend_pid())")
            .execute(&pool)
            .await
            .map_err(DbError::from)
            .unwrap_err();
        assert!(error.is_transient(), "{error}");
    }
}
