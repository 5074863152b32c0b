//! Rows that could not be applied: stored with the checkpoint that answers for them, listed in pages.

use serde_json::{Value, json};
use sqlx::{PgConnection, PgExecutor};

use super::prepare::RowError;
use crate::{db::DbError, ids::JobId};

/// How many errors are stored in one statement.
const AT_ONCE: usize = 2000;

/// Stores errors within a step.
pub(super) async fn insert(
    connection: &mut PgConnection,
    job: JobId,
    errors: &[RowError],
) -> Result<(), DbError> {
    for errors in errors.chunks(AT_ONCE) {
        let rows: Vec<i32> = errors.iter().map(|error| row_number(error.row)).collect();
        let codes: Vec<String> = errors.iter().map(|error| error.code.clone()).collect();
        let columns: Vec<String> = errors.iter().map(|error| storable(&error.column)).collect();
        let messages: Vec<String> = errors
            .iter()
            .map(|error| storable(&error.message))
            .collect();
        let fields: Vec<Value> = errors.iter().map(|error| json!(error.values)).collect();
        sqlx::query_file!(
            "src/jobs/supplier_import/sql/insert_row_errors.sql",
            job.0,
            &rows,
            &codes,
            &columns,
            &messages,
            &fields
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// The next errors of a job behind a row, of one code or of all.
pub(super) async fn after(
    executor: impl PgExecutor<'_>,
    job: JobId,
    row: u32,
    code: Option<&str>,
    limit: i64,
) -> Result<Vec<RowError>, DbError> {
    let found = sqlx::query_file!(
        "src/jobs/supplier_import/sql/list_row_errors.sql",
        job.0,
        row_number(row),
        code,
        limit
    )
    .fetch_all(executor)
    .await?;
    let texts = |fields: Value| serde_json::from_value(fields).unwrap_or_default();
    Ok(found
        .into_iter()
        .map(|found| RowError {
            row: u32::try_from(found.row_number).unwrap_or_default(),
            code: found.code,
            column: found.column_name,
            message: found.message,
            values: texts(found.fields),
        })
        .collect())
}

fn row_number(row: u32) -> i32 {
    i32::try_from(row).unwrap_or(i32::MAX)
}

/// Postgres stores every character but one.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
