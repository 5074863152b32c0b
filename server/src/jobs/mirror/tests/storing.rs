//! Pages become rows: typed, merged by hash, marked and removed.

use serde_json::json;
use sqlx::PgPool;

use super::*;
use crate::db::Db;

fn name() -> Vec<Column> {
    vec![column("name", ColumnType::Text)]
}

#[sqlx::test(migrations = "./migrations")]
async fn only_what_changed_is_written(pool: PgPool) {
    shaped(&mut pool.acquire().await.unwrap(), &name()).await;
    let first = json!([record(1, "a"), record(2, "b")]);
    assert_eq!(store(&pool, &name(), first.clone()).await, merged(2, 0));
    assert_eq!(store(&pool, &name(), first).await, merged(0, 0));
    let changed = json!([record(2, "B"), record(3, "c")]);
    assert_eq!(store(&pool, &name(), changed).await, merged(1, 1));
    let names = "select string_agg(name, '' order by odoo_id) from odoo_shop.res_partner";
    assert_eq!(one(&pool, names).await.unwrap(), "aBc");
}

#[sqlx::test(migrations = "./migrations")]
async fn a_record_that_comes_back_is_no_longer_deleted(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let table = shaped(&mut connection, &name()).await;
    store(&pool, &name(), json!([record(1, "a"), record(2, "b")])).await;
    assert_eq!(
        tables::mark_deleted(&mut connection, &table, &[2, 9])
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        tables::counts(&mut connection, &table).await.unwrap(),
        (1, 1)
    );
    assert_eq!(
        tables::ids(&mut connection, &table, 0, i64::MAX)
            .await
            .unwrap(),
        [1]
    );
    assert_eq!(
        store(&pool, &name(), json!([record(2, "b")])).await,
        merged(0, 1)
    );
    assert_eq!(
        tables::counts(&mut connection, &table).await.unwrap(),
        (2, 0)
    );
    assert_eq!(
        tables::remove(&mut connection, &table, &[1]).await.unwrap(),
        1
    );
    assert_eq!(
        tables::counts(&mut connection, &table).await.unwrap(),
        (1, 0)
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn every_type_arrives_as_what_it_is(pool: PgPool) {
    let columns = vec![
        column("active", ColumnType::Boolean),
        column("amount", ColumnType::Numeric),
        column("born", ColumnType::Date),
        column("colors", ColumnType::References),
        column("data", ColumnType::Bytea),
        column("note", ColumnType::Text),
        column("odd", ColumnType::Bigint),
        column("parent_id", ColumnType::Reference),
        column("properties", ColumnType::Jsonb),
        column("rate", ColumnType::Double),
        column("write_date", ColumnType::Timestamp),
    ];
    shaped(&mut pool.acquire().await.unwrap(), &columns).await;
    store(
        &pool,
        &columns,
        json!([
            {
                "id": 1, "active": false, "amount": 0.1, "born": "2026-02-28", "colors": [3, 1], "data": "AP8=",
                "note": "tab\there\nand \\ 'there'", "odd": "seven", "parent_id": 7, "properties": {"a": [1]},
                "rate": 1e300, "write_date": "2026-02-28 23:59:59",
            },
            { "id": 2, "active": false, "amount": 0, "born": false, "colors": [], "note": false, "parent_id": false },
        ]),
    )
    .await;
    let row = "select jsonb_build_array(active, amount, born, colors, data, note, odd, parent_id, properties, rate, \
               write_date at time zone 'UTC', raw)::text from odoo_shop.res_partner where odoo_id = ";
    let first: Value =
        serde_json::from_str(&one(&pool, &format!("{row}1")).await.unwrap()).unwrap();
    assert_eq!(
        first,
        json!([
            false, 0.1, "2026-02-28", [3, 1], "\\x00ff", "tab\there\nand \\ 'there'", null, 7, {"a": [1]}, 1e300,
            "2026-02-28T23:59:59", {"odd": "seven"},
        ])
    );
    let second: Value =
        serde_json::from_str(&one(&pool, &format!("{row}2")).await.unwrap()).unwrap();
    assert_eq!(
        second,
        json!([
            false,
            0,
            null,
            [],
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null
        ])
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn a_table_only_ever_grows(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let table = shaped(&mut connection, &name()).await;
    store(&pool, &name(), json!([record(1, "a")])).await;
    let more = vec![column("city", ColumnType::Text)];
    tables::shape(&mut connection, &table, "res.partner", &more)
        .await
        .unwrap();
    let city = json!([{"id": 1, "city": "Ghent"}]);
    assert_eq!(store(&pool, &more, city).await, merged(0, 1));
    let both = "select name || city from odoo_shop.res_partner";
    assert_eq!(one(&pool, both).await.unwrap(), "aGhent");
    let comment = "select col_description('odoo_shop.res_partner'::regclass, 6)";
    assert_eq!(one(&pool, comment).await.unwrap(), "It's name");
}

#[sqlx::test(migrations = "./migrations")]
async fn references_and_the_write_date_are_indexed_once(pool: PgPool) {
    let columns = [
        column("name", ColumnType::Text),
        column("parent_id", ColumnType::Reference),
        column("country_id", ColumnType::Reference),
        column("write_date", ColumnType::Timestamp),
    ];
    let table = shaped(&mut pool.acquire().await.unwrap(), &columns).await;
    let db = Db::from_pool(pool.clone());
    for _ in 0..2 {
        tables::index(&db, &table, &columns).await.unwrap();
    }
    let indexed = "select string_agg(columns, ' ' order by columns) from (\
        select substring(indexdef from '\\((.*)\\)') as columns from pg_indexes where schemaname = 'odoo_shop'\
    ) as index";
    assert_eq!(
        one(&pool, indexed).await.unwrap(),
        "country_id odoo_id parent_id write_date"
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn a_value_that_postgres_refuses_is_known_as_one(pool: PgPool) {
    let columns = vec![column("name", ColumnType::Text)];
    let mut connection = pool.acquire().await.unwrap();
    let table = shaped(&mut connection, &columns).await;
    // Somebody's own limit, of which only Postgres knows.
    let limit = "alter table odoo_shop.res_partner alter column name type varchar(3)";
    sqlx::query(limit).execute(&mut *connection).await.unwrap();
    drop(connection);
    let mut transaction = pool.begin().await.unwrap();
    let answer = br#"[{"id": 1, "name": "Acme"}]"#;
    let page = Page::read(answer, columns.into()).unwrap();
    let error = tables::store(&mut transaction, &table, &page)
        .await
        .unwrap_err();
    assert!(error.is_about_data(), "{error}");
}
