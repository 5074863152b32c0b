//! The room's promises on a real Postgres: what of a mirror needs no Odoo.

mod odd_answers;
mod schemas;
mod storing;

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Row as _};

use super::{
    column::{Column, ColumnType},
    page::Page,
    tables::{self, Merged, Table},
};

/// A column whose field has the same name.
fn column(name: &str, kind: ColumnType) -> Column {
    Column {
        field: name.to_owned(),
        name: name.to_owned(),
        kind,
        label: format!("It's {name}"),
    }
}

fn table() -> Table {
    Table {
        schema: "odoo_shop".to_owned(),
        name: "res_partner".to_owned(),
    }
}

/// A table of these columns in a schema of its own.
async fn shaped(connection: &mut PgConnection, columns: &[Column]) -> Table {
    let table = table();
    tables::create_schema(connection, &table.schema)
        .await
        .unwrap();
    tables::shape(connection, &table, "res.partner", columns)
        .await
        .unwrap();
    table
}

async fn store(pool: &PgPool, columns: &[Column], records: Value) -> Merged {
    let page = Page::read(records.to_string().as_bytes(), columns.into()).unwrap();
    let mut transaction = pool.begin().await.unwrap();
    let merged = tables::store(&mut transaction, &table(), &page)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(
        merged.changed.len(),
        usize::try_from(merged.created + merged.updated).unwrap()
    );
    Merged {
        changed: Vec::new(),
        ..merged
    }
}

/// One value in its text form.
async fn one(pool: &PgPool, statement: &str) -> Option<String> {
    sqlx::query(AssertSqlSafe(statement.to_owned()))
        .fetch_one(pool)
        .await
        .unwrap()
        .get(0)
}

fn merged(created: i64, updated: i64) -> Merged {
    Merged {
        created,
        updated,
        changed: Vec::new(),
    }
}

fn record(id: i64, name: &str) -> Value {
    json!({ "id": id, "name": name })
}
