//! What the mirror tells of what it stores, within its own transactions: so nothing that changed is ever missed, and nothing that is
//! gone is ever found.

use sqlx::{AssertSqlSafe, PgConnection};

use super::vectors::Vectors;
use crate::{db::DbError, ids::ConnectionId};

/// Records of a model were stored, new or changed; those that were archived among them leave the index. `table` is the mirrored
/// table in a statement, with a column `active` where `has_active`. Returns whether anything waits to be embedded now.
pub(in crate::jobs) async fn changed(
    connection: &mut PgConnection,
    (of, model): (ConnectionId, &str),
    table: &str,
    has_active: bool,
    ids: &[i64],
) -> Result<bool, DbError> {
    let Some(searched) = searched_as(connection, of, model).await? else {
        return Ok(false);
    };
    if ids.is_empty() {
        return Ok(false);
    }
    if has_active {
        let statement =
            format!("select odoo_id from {table} where odoo_id = any($1) and active = false");
        let archived: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(statement))
            .bind(ids)
            .fetch_all(&mut *connection)
            .await?;
        if !archived.is_empty() {
            forget(connection, searched, &archived).await?;
            let archived: std::collections::HashSet<i64> = archived.into_iter().collect();
            let living: Vec<i64> = ids
                .iter()
                .copied()
                .filter(|id| !archived.contains(id))
                .collect();
            note(connection, searched, &living).await?;
            return Ok(!living.is_empty());
        }
    }
    note(connection, searched, ids).await?;
    Ok(true)
}

/// Records of a model are gone from Odoo.
pub(in crate::jobs) async fn gone(
    connection: &mut PgConnection,
    of: ConnectionId,
    model: &str,
    ids: &[i64],
) -> Result<(), DbError> {
    match searched_as(connection, of, model).await? {
        Some(searched) => forget(connection, searched, ids).await,
        None => Ok(()),
    }
}

/// A model is searchable no longer, or mirrored no longer, so that nobody would tell of its changes.
pub(in crate::jobs) async fn drop_model(
    connection: &mut PgConnection,
    of: ConnectionId,
    model: &str,
) -> Result<(), DbError> {
    sqlx::query_file!(
        "src/jobs/search/sql/set_searched_as.sql",
        of.0,
        model,
        None::<i32>
    )
    .execute(&mut *connection)
    .await?;
    for row in super::store::models(connection, of).await? {
        if row.model != model {
            continue;
        }
        for generation in generations_of(connection, row.id).await? {
            let vectors = Vectors {
                generation,
                model: row.id,
            };
            vectors.drop_table(connection).await?;
        }
        sqlx::query_file!("src/jobs/search/sql/delete_model.sql", of.0, model)
            .fetch_optional(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Under which id changes of a model are noted; holds that until the transaction ends.
async fn searched_as(
    connection: &mut PgConnection,
    of: ConnectionId,
    model: &str,
) -> Result<Option<i32>, DbError> {
    let found = sqlx::query_file_scalar!("src/jobs/search/sql/searched_as.sql", of.0, model)
        .fetch_optional(connection)
        .await?;
    Ok(found.flatten())
}

async fn note(connection: &mut PgConnection, model: i32, ids: &[i64]) -> Result<(), DbError> {
    sqlx::query_file!("src/jobs/search/sql/note.sql", model, ids)
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes all that is known of records. What waits goes first: whoever embeds one of them holds its row, and has stored it by
/// the time that the rest is removed.
pub(super) async fn forget(
    connection: &mut PgConnection,
    model: i32,
    ids: &[i64],
) -> Result<(), DbError> {
    sqlx::query_file!("src/jobs/search/sql/unnote.sql", model, ids)
        .execute(&mut *connection)
        .await?;
    sqlx::query_file!("src/jobs/search/sql/forget_failed.sql", model, ids)
        .execute(&mut *connection)
        .await?;
    sqlx::query_file!("src/jobs/search/sql/forget_texts.sql", model, ids)
        .execute(&mut *connection)
        .await?;
    for generation in generations_of(connection, model).await? {
        let vectors = Vectors { generation, model };
        vectors.remove(connection, ids).await?;
    }
    Ok(())
}

/// The generations that have vectors of a model.
pub(super) async fn generations_of(
    connection: &mut PgConnection,
    model: i32,
) -> Result<Vec<i64>, DbError> {
    let found = sqlx::query_file_scalar!("src/jobs/search/sql/generations_of_model.sql", model);
    Ok(found.fetch_all(connection).await?)
}

/// Lets every living record of a mirrored table be looked at again. `living` is the condition for those, on the table `stored`.
pub(super) async fn note_all(
    connection: &mut PgConnection,
    model: i32,
    table: &str,
    living: &str,
) -> Result<u64, DbError> {
    let statement = format!(
        "insert into search_outbox as noted (model_id, record_id) \
        select $1, odoo_id from {table} as stored where {living} order by odoo_id \
        on conflict (model_id, record_id) do update \
        set version = noted.version + 1, tries = 0, run_at = excluded.run_at"
    );
    let done = sqlx::query(AssertSqlSafe(statement))
        .bind(model)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}
