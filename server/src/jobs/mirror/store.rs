//! What is known of mirrored models: how they are mirrored, how far each is, their columns, and what was put aside.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

use super::{
    choice::{Dropped, FieldChoice},
    column::ColumnType,
    identifier::{distinct, schema_name, table_name},
    tables::{self, Table},
};
use crate::{
    db::{Db, DbError},
    ids::{ConnectionId, JobId},
};

/// How often a record is tried before it waits for somebody.
pub(super) const MOST_TRIES: i32 = 4;

/// How many records a page has where nobody says.
pub(super) const PAGE_SIZE: i32 = 1000;

/// How one model is mirrored, and how far it is.
#[derive(Clone, Debug)]
pub(super) struct ModelRow {
    pub(super) model: String,
    pub(super) field_choice: FieldChoice,
    pub(super) field_names: Vec<String>,
    pub(super) domain: Value,
    pub(super) page_size: i32,
    pub(super) cron: String,
    pub(super) time_zone: String,
    pub(super) table_name: Option<String>,
    pub(super) cursor: Option<DateTime<Utc>>,
    pub(super) last_job: Option<JobId>,
}

impl ModelRow {
    /// The conditions of its domain.
    pub(super) fn conditions(&self) -> &[Value] {
        self.domain
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default()
    }
}

/// A field that was ever chosen.
#[derive(Clone, Debug)]
pub(super) struct FieldRow {
    pub(super) field: String,
    pub(super) column_name: Option<String>,
    pub(super) column_type: Option<ColumnType>,
    pub(super) is_read: bool,
    pub(super) dropped_code: Option<String>,
    pub(super) dropped_reason: Option<String>,
}

/// A record that could not be read from Odoo or stored.
#[derive(Clone, Debug)]
pub struct Parked {
    /// Its id in Odoo.
    pub odoo_id: i64,
    /// What went wrong the last time.
    pub error: String,
    /// How often it was tried.
    pub tries: i32,
    /// When it was last tried.
    pub tried_at: DateTime<Utc>,
}

/// One model of one connection: all that the statements want.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    pub(super) connection: ConnectionId,
    pub(super) model: &'a str,
}

/// The model, if it is mirrored.
pub(super) async fn model(db: &Db, scope: Scope<'_>) -> Result<Option<ModelRow>, DbError> {
    let found = sqlx::query_file_as!(
        ModelRow,
        "src/jobs/mirror/sql/model.sql",
        scope.connection.0,
        scope.model
    );
    Ok(found.fetch_optional(db.pool()).await?)
}

/// All mirrored models of a connection, by name.
pub(super) async fn models(db: &Db, connection: ConnectionId) -> Result<Vec<ModelRow>, DbError> {
    let found = sqlx::query_file_as!(ModelRow, "src/jobs/mirror/sql/models.sql", connection.0);
    Ok(found.fetch_all(db.pool()).await?)
}

/// Mirrors a model from now on, as it was said before or as suits it.
pub(super) async fn ensure_model(db: &Db, scope: Scope<'_>) -> Result<(), DbError> {
    sqlx::query_file!(
        "src/jobs/mirror/sql/ensure_model.sql",
        scope.connection.0,
        scope.model,
        PAGE_SIZE
    )
    .execute(db.pool())
    .await?;
    Ok(())
}

/// Remembers the latest job of a model.
pub(super) async fn set_job(db: &Db, scope: Scope<'_>, job: JobId) -> Result<(), DbError> {
    sqlx::query_file!(
        "src/jobs/mirror/sql/set_job.sql",
        scope.connection.0,
        scope.model,
        job.0
    )
    .execute(db.pool())
    .await?;
    Ok(())
}

/// Waits until nobody else shapes the mirror of this connection; until the transaction ends nobody else will.
pub(super) async fn lock(connection: &mut PgConnection, of: ConnectionId) -> Result<(), DbError> {
    sqlx::query_file!("src/jobs/mirror/sql/lock.sql", of.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// The schema of a connection; none before its first run.
pub(super) async fn schema_of(
    connection: &mut PgConnection,
    of: ConnectionId,
) -> Result<Option<String>, DbError> {
    Ok(
        sqlx::query_file_scalar!("src/jobs/mirror/sql/schema_of.sql", of.0)
            .fetch_optional(connection)
            .await?,
    )
}

/// The schema of a connection, made if it has none. `name` is the connection's. The caller holds the lock.
pub(super) async fn ensure_schema(
    transaction: &mut sqlx::Transaction<'static, sqlx::Postgres>,
    of: ConnectionId,
    name: &str,
) -> Result<String, DbError> {
    use sqlx::Acquire as _;
    if let Some(schema) = schema_of(transaction, of).await? {
        return Ok(schema);
    }
    // `a-b` and `a_b` want the same one, and a given Postgres may have one of somebody else's.
    let wanted = schema_name(name);
    for schema in [wanted.clone(), distinct(&wanted, &of.to_string())] {
        let taken = sqlx::query_file!("src/jobs/mirror/sql/insert_schema.sql", schema, of.0)
            .execute(&mut **transaction)
            .await?;
        if taken.rows_affected() == 0 {
            continue;
        }
        let mut attempt = transaction.begin().await?;
        match tables::create_schema(&mut attempt, &schema).await {
            Ok(()) => {
                attempt.commit().await?;
                return Ok(schema);
            }
            Err(error) if error.exists_already() && schema == wanted => {
                attempt.rollback().await?;
                sqlx::query_file!("src/jobs/mirror/sql/release_schema.sql", schema, of.0)
                    .execute(&mut **transaction)
                    .await?;
            }
            Err(error) => return Err(error),
        }
    }
    Err(DbError::from(sqlx::Error::RowNotFound))
}

/// The table of a model, named if it has no name yet. The caller holds the lock.
pub(super) async fn ensure_table(
    connection: &mut PgConnection,
    scope: Scope<'_>,
    row: &ModelRow,
    schema: String,
) -> Result<Table, DbError> {
    if let Some(name) = &row.table_name {
        let name = name.clone();
        return Ok(Table { schema, name });
    }
    let wanted = table_name(scope.model);
    let taken = sqlx::query_file_scalar!(
        "src/jobs/mirror/sql/table_taken.sql",
        scope.connection.0,
        wanted
    )
    .fetch_one(&mut *connection)
    .await?;
    let name = if taken {
        distinct(&wanted, scope.model)
    } else {
        wanted
    };
    sqlx::query_file!(
        "src/jobs/mirror/sql/set_table.sql",
        scope.connection.0,
        scope.model,
        name
    )
    .execute(connection)
    .await?;
    Ok(Table { schema, name })
}

/// The fields of a model that were ever chosen.
pub(super) async fn fields(
    connection: &mut PgConnection,
    scope: Scope<'_>,
) -> Result<Vec<FieldRow>, DbError> {
    let found = sqlx::query_file_as!(
        FieldRow,
        "src/jobs/mirror/sql/fields.sql",
        scope.connection.0,
        scope.model
    );
    Ok(found.fetch_all(connection).await?)
}

/// Says what became of a field.
pub(super) async fn save_field(
    connection: &mut PgConnection,
    scope: Scope<'_>,
    field: &FieldRow,
) -> Result<(), DbError> {
    sqlx::query_file!(
        "src/jobs/mirror/sql/save_field.sql",
        scope.connection.0,
        scope.model,
        field.field,
        field.column_name,
        field.column_type as Option<ColumnType>,
        field.is_read,
        field.dropped_code,
        field.dropped_reason,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Says that a field is read no longer.
pub(super) async fn drop_field(
    connection: &mut PgConnection,
    scope: Scope<'_>,
    dropped: &Dropped,
) -> Result<(), DbError> {
    let field = FieldRow {
        field: dropped.field.clone(),
        column_name: None,
        column_type: None,
        is_read: false,
        dropped_code: Some(dropped.code.clone()),
        dropped_reason: Some(dropped.reason.clone()),
    };
    save_field(connection, scope, &field).await
}

/// Makes the next sync of a model a full one.
pub(super) async fn void_cursor(
    connection: &mut PgConnection,
    scope: Scope<'_>,
) -> Result<(), DbError> {
    sqlx::query_file!(
        "src/jobs/mirror/sql/void_cursor.sql",
        scope.connection.0,
        scope.model
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// All changes in Odoo before `cursor` are stored; the caller's transaction stores the last of them.
pub(super) async fn move_cursor(
    connection: &mut PgConnection,
    scope: Scope<'_>,
    cursor: DateTime<Utc>,
) -> Result<(), DbError> {
    sqlx::query_file!(
        "src/jobs/mirror/sql/move_cursor.sql",
        scope.connection.0,
        scope.model,
        cursor
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Puts records aside, each with what went wrong.
pub(super) async fn park(
    connection: &mut PgConnection,
    scope: Scope<'_>,
    parked: &[(i64, String)],
) -> Result<(), DbError> {
    for (odoo_id, error) in parked {
        sqlx::query_file!(
            "src/jobs/mirror/sql/park.sql",
            scope.connection.0,
            scope.model,
            odoo_id,
            error
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Records that are stored now are no longer put aside.
pub(super) async fn unpark(
    connection: &mut PgConnection,
    scope: Scope<'_>,
    ids: &[i64],
) -> Result<(), DbError> {
    sqlx::query_file!(
        "src/jobs/mirror/sql/unpark.sql",
        scope.connection.0,
        scope.model,
        ids
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The first records that are put aside.
pub(super) async fn parked(db: &Db, scope: Scope<'_>, limit: i64) -> Result<Vec<Parked>, DbError> {
    let found = sqlx::query_file_as!(
        Parked,
        "src/jobs/mirror/sql/parked.sql",
        scope.connection.0,
        scope.model,
        limit
    );
    Ok(found.fetch_all(db.pool()).await?)
}

/// Ids of records that are put aside and may be tried again.
pub(super) async fn parked_ids(db: &Db, scope: Scope<'_>, limit: i64) -> Result<Vec<i64>, DbError> {
    Ok(sqlx::query_file_scalar!(
        "src/jobs/mirror/sql/parked_ids.sql",
        scope.connection.0,
        scope.model,
        MOST_TRIES,
        limit
    )
    .fetch_all(db.pool())
    .await?)
}

/// How many records are put aside.
pub(super) async fn count_parked(db: &Db, scope: Scope<'_>) -> Result<i64, DbError> {
    Ok(sqlx::query_file_scalar!(
        "src/jobs/mirror/sql/count_parked.sql",
        scope.connection.0,
        scope.model
    )
    .fetch_one(db.pool())
    .await?)
}

/// Lets all records that are put aside be tried again.
pub(super) async fn reset_parked(db: &Db, scope: Scope<'_>) -> Result<u64, DbError> {
    let reset = sqlx::query_file!(
        "src/jobs/mirror/sql/reset_parked.sql",
        scope.connection.0,
        scope.model
    )
    .execute(db.pool())
    .await?;
    Ok(reset.rows_affected())
}
