//! The tables that hold mirrored records. Odoo decides what they look like, so their statements are made at run time; this
//! file, `readers.rs` and `selection.rs` alone make them, and every name and text in them goes through [`quoted`] and [`literal`].

use futures::future::try_join_all;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection, Row as _};

use super::{
    binary,
    column::{Column, ColumnType},
    identifier::{literal, quoted},
    page::Page,
    writing::count,
};
use crate::{
    adapters::odoo::Bucket,
    db::{Db, DbError},
};

/// The staging table of a transaction.
const STAGE: &str = "pg_temp.mirror_stage";

/// One table of a mirror.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Table {
    pub(super) schema: String,
    pub(super) name: String,
}

/// What became of the rows of a page.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Merged {
    pub(super) created: i64,
    pub(super) updated: i64,
    /// The ids of both.
    pub(super) changed: Vec<i64>,
}

impl Table {
    /// The table in a statement.
    pub(super) fn sql(&self) -> String {
        format!("{}.{}", quoted(&self.schema), quoted(&self.name))
    }
}

/// A piece of a statement for each column, by its quoted name.
fn each(columns: &[Column], piece: impl Fn(&str, &Column) -> String) -> String {
    let pieces: Vec<String> = columns
        .iter()
        .map(|column| piece(&quoted(&column.name), column))
        .collect();
    pieces.concat()
}

async fn execute(connection: &mut PgConnection, statement: String) -> Result<u64, DbError> {
    let done = connection.execute(AssertSqlSafe(statement)).await?;
    Ok(done.rows_affected())
}

/// Makes a schema that does not exist yet; the error says if it does.
pub(super) async fn create_schema(
    connection: &mut PgConnection,
    schema: &str,
) -> Result<(), DbError> {
    execute(connection, format!("create schema {}", quoted(schema)))
        .await
        .map(drop)
}

/// Drops a schema with all its tables.
pub(super) async fn drop_schema(
    connection: &mut PgConnection,
    schema: &str,
) -> Result<(), DbError> {
    let statement = format!("drop schema if exists {} cascade", quoted(schema));
    execute(connection, statement).await.map(drop)
}

/// Makes the table unless it is there, and adds the columns that it lacks. Nothing is ever dropped.
pub(super) async fn shape(
    connection: &mut PgConnection,
    table: &Table,
    model: &str,
    columns: &[Column],
) -> Result<(), DbError> {
    let name = table.sql();
    let mut statements = format!(
        "create table if not exists {name} (\
            odoo_id bigint primary key, \
            raw jsonb, \
            _hash uuid not null, \
            _synced_at timestamp with time zone not null default now(), \
            _deleted_at timestamp with time zone\
        );\n\
        comment on table {name} is {};\n\
        comment on column {name}.raw is {};\n",
        literal(&format!("Odoo model {model}")),
        literal("Values whose type is not what Odoo says of their field, as they came"),
    );
    for column in columns {
        let (field, kind) = (quoted(&column.name), column.kind.sql());
        let label = literal(&column.label);
        statements += &[
            format!("alter table {name} add column if not exists {field} {kind};\n"),
            format!("comment on column {name}.{field} is {label};\n"),
        ]
        .concat();
    }
    execute(connection, statements).await.map(drop)
}

/// Makes the indexes that readers want and that are not there, once a table is nearly filled: they would slow the filling down.
/// Two connections make half of them each, in one transaction, since each commit waits for the disk.
pub(super) async fn index(db: &Db, table: &Table, columns: &[Column]) -> Result<(), DbError> {
    let statements: Vec<String> = columns
        .iter()
        .filter(|column| column.kind == ColumnType::Reference || column.field == "write_date")
        .map(|column| {
            let name = super::identifier::distinct(
                &format!("{}_{}", table.name, column.name),
                &format!("{}.{}", table.name, column.name),
            );
            format!(
                "create index if not exists {} on {} ({});",
                quoted(&name),
                table.sql(),
                quoted(&column.name)
            )
        })
        .collect();
    let half = statements.len().div_ceil(2).max(1);
    let made = statements.chunks(half).map(async |some| {
        let mut connection = db.pool().acquire().await?;
        execute(&mut connection, some.concat()).await
    });
    try_join_all(made).await.map(drop)
}

/// Stores a page within the transaction that the connection is in. Where all that is stored has lower ids, as in a first
/// sync, the rows go straight into the table; else by way of a staging table, and from there what is new or different.
pub(super) async fn store(
    connection: &mut PgConnection,
    table: &Table,
    page: &Page,
) -> Result<Merged, DbError> {
    let Some(first) = page.ids.first() else {
        return Ok(Merged::default());
    };
    let columns = &page.columns;
    let names = each(columns, |name, _| format!("{name}, "));
    if is_behind_all(connection, table, *first).await? {
        let into = format!("{} (odoo_id, {names}raw, _hash)", table.sql());
        copy(connection, &into, page.copy()).await?;
        return Ok(Merged {
            created: count(page.rows()),
            updated: 0,
            changed: page.ids.clone(),
        });
    }
    stage(connection, columns, page.copy()).await?;
    let assignments = each(columns, |name, _| format!("{name} = excluded.{name}, "));
    // A row that was inserted has no earlier version, and so no transaction that replaced one.
    let statement = format!(
        "with merged as (\
            insert into {} as stored (odoo_id, {names}raw, _hash) \
            select odoo_id, {names}raw, _hash from {STAGE} \
            on conflict (odoo_id) do update \
            set {assignments}raw = excluded.raw, _hash = excluded._hash, _synced_at = now(), _deleted_at = null \
            where stored._hash <> excluded._hash or stored._deleted_at is not null \
            returning stored.odoo_id, stored.xmax = 0 as is_new\
        ) \
        select count(*) filter (where is_new), count(*) filter (where not is_new), \
            coalesce(array_agg(odoo_id order by odoo_id), '{{}}') \
        from merged",
        table.sql()
    );
    let row = connection.fetch_one(AssertSqlSafe(statement)).await?;
    execute(connection, format!("drop table {STAGE}")).await?;
    Ok(Merged {
        created: row.try_get(0)?,
        updated: row.try_get(1)?,
        changed: row.try_get(2)?,
    })
}

/// Whether all stored rows have lower ids.
async fn is_behind_all(
    connection: &mut PgConnection,
    table: &Table,
    first: i64,
) -> Result<bool, DbError> {
    // The highest id comes from the index; whether any is higher would be looked for in the whole table while Postgres does not
    // know yet what is in it.
    let statement = format!(
        "select coalesce(max(odoo_id) < $1, true) from {}",
        table.sql()
    );
    Ok(sqlx::query_scalar(AssertSqlSafe(statement))
        .bind(first)
        .fetch_one(connection)
        .await?)
}

async fn stage(
    connection: &mut PgConnection,
    columns: &[Column],
    rows: &[u8],
) -> Result<(), DbError> {
    let declared = each(columns, |name, column| {
        format!("{name} {}, ", column.kind.sql())
    });
    let statement = format!(
        "create temporary table mirror_stage (\
            odoo_id bigint, {declared}raw jsonb, _hash uuid\
        )"
    );
    execute(connection, statement).await?;
    copy(connection, STAGE, rows).await
}

/// Copies rows in the binary form, without its header, into a table that may have a list of columns behind it.
pub(super) async fn copy(
    connection: &mut PgConnection,
    into: &str,
    rows: &[u8],
) -> Result<(), DbError> {
    let mut incoming = connection
        .copy_in_raw(&format!("copy {into} from stdin with (format binary)"))
        .await?;
    for part in [binary::HEADER, rows, binary::TRAILER] {
        if let Err(error) = incoming.send(part).await {
            // The reason for the break is what Postgres says to the end of it.
            incoming.abort("the rows cannot be sent").await?;
            return Err(error.into());
        }
    }
    incoming.finish().await?;
    Ok(())
}

/// How many rows are there that Odoo has, and how many that it has no longer.
pub(super) async fn counts(
    connection: &mut PgConnection,
    table: &Table,
) -> Result<(i64, i64), DbError> {
    let statement = format!(
        "select count(*) filter (where _deleted_at is null), count(*) filter (where _deleted_at is not null) from {}",
        table.sql()
    );
    let row = connection.fetch_one(AssertSqlSafe(statement)).await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// The ids from one up to, but without, another of rows that Odoo has as far as is known, in rising order.
pub(super) async fn ids(
    connection: &mut PgConnection,
    table: &Table,
    from: i64,
    end: i64,
) -> Result<Vec<i64>, DbError> {
    let statement = format!(
        "select odoo_id from {} where odoo_id >= $1 and odoo_id < $2 and _deleted_at is null order by odoo_id",
        table.sql()
    );
    Ok(sqlx::query_scalar(AssertSqlSafe(statement))
        .bind(from)
        .bind(end)
        .fetch_all(connection)
        .await?)
}

/// The same in short, as Odoo tells its own: a bucket for each range of `width` ids that has any.
pub(super) async fn digests(
    connection: &mut PgConnection,
    table: &Table,
    width: i64,
) -> Result<Vec<Bucket>, DbError> {
    let statement = format!(
        "select odoo_id / $1, count(*), md5(string_agg(odoo_id::text, ',' order by odoo_id)) \
         from {} where _deleted_at is null group by 1 order by 1",
        table.sql()
    );
    let rows = sqlx::query(AssertSqlSafe(statement))
        .bind(width)
        .fetch_all(connection)
        .await?;
    let buckets: Result<_, sqlx::Error> = rows
        .iter()
        .map(|row| {
            Ok(Bucket {
                number: row.try_get(0)?,
                count: row.try_get(1)?,
                digest: row.try_get(2)?,
            })
        })
        .collect();
    Ok(buckets?)
}

/// Marks rows as gone.
pub(super) async fn mark_deleted(
    connection: &mut PgConnection,
    table: &Table,
    ids: &[i64],
) -> Result<u64, DbError> {
    let statement = format!(
        "update {} set _deleted_at = now() where odoo_id = any($1) and _deleted_at is null",
        table.sql()
    );
    let done = sqlx::query(AssertSqlSafe(statement))
        .bind(ids)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// Removes rows.
pub(super) async fn remove(
    connection: &mut PgConnection,
    table: &Table,
    ids: &[i64],
) -> Result<u64, DbError> {
    let statement = format!("delete from {} where odoo_id = any($1)", table.sql());
    let done = sqlx::query(AssertSqlSafe(statement))
        .bind(ids)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}
