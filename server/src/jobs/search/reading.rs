//! Reads records from the tables of the mirror. Odoo decides what those look like, so the statements are made at run time.

use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::plan::TextPlan;
use crate::{
    db::DbError,
    jobs::mirror::{Source, quoted},
};

/// How much of one value is read, in characters: more than all parts of a record take.
const LONGEST_VALUE: usize = 300_000;

/// What a text is made of.
#[derive(Clone, Debug)]
pub(super) struct SourceRecord {
    pub(super) id: i64,
    /// How it is called, where its table knows that.
    pub(super) title: Option<String>,
    /// Its columns as texts, in the order of the plan.
    pub(super) values: Vec<Option<String>>,
}

/// Which records are read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Which<'a> {
    /// These, as far as they are neither deleted nor archived.
    Ids(&'a [i64]),
    /// The first so many of those.
    First(i64),
}

/// Reads records, by id.
pub(super) async fn read(
    connection: &mut PgConnection,
    source: &Source,
    plan: &TextPlan,
    which: Which<'_>,
) -> Result<Vec<SourceRecord>, DbError> {
    let title = plan.title.as_deref();
    let title = title.map_or_else(|| "null::text".to_owned(), as_text);
    let columns: Vec<String> = plan
        .fields
        .iter()
        .map(|field| format!(", {}", as_text(&field.column)))
        .collect();
    let columns = columns.concat();
    let (condition, limit) = match which {
        Which::Ids(_) => ("and stored.odoo_id = any($1)", String::new()),
        Which::First(limit) => ("and $1::bigint[] is null", format!(" limit {limit}")),
    };
    let statement = format!(
        "select stored.odoo_id, {title}{columns} from {} as stored where {} {condition} order by stored.odoo_id{limit}",
        source.table,
        source.is_living(),
    );
    let ids = match which {
        Which::Ids(ids) => Some(ids),
        Which::First(_) => None,
    };
    let rows = sqlx::query(AssertSqlSafe(statement))
        .bind(ids)
        .persistent(false)
        .fetch_all(connection)
        .await?;
    let records: Result<_, sqlx::Error> = rows
        .iter()
        .map(|row| {
            let values: Result<_, sqlx::Error> =
                (2..row.len()).map(|index| row.try_get(index)).collect();
            Ok(SourceRecord {
                id: row.try_get(0)?,
                title: row.try_get(1)?,
                values: values?,
            })
        })
        .collect();
    Ok(records?)
}

/// How many records could be read.
pub(super) async fn living(connection: &mut PgConnection, source: &Source) -> Result<i64, DbError> {
    let statement = format!(
        "select count(*) from {} as stored where {}",
        source.table,
        source.is_living()
    );
    Ok(sqlx::query_scalar(AssertSqlSafe(statement))
        .fetch_one(connection)
        .await?)
}

fn as_text(column: &str) -> String {
    format!("left(stored.{}::text, {LONGEST_VALUE})", quoted(column))
}
