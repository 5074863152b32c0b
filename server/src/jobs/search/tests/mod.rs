//! The room's promises on a real Postgres: what of them needs no embedder, which the stories end to end have.

use std::{sync::Arc, time::Duration};

use sqlx::{AssertSqlSafe, Executor as _, PgConnection, PgPool};
use tokio::time::timeout;

use super::{
    extension,
    nearest::Nearest,
    outbox,
    store::{self, Due, StoredText},
    vectors::Vectors,
};
use crate::{
    connections::{Caller, Connections, Draft},
    db::Db,
    ids::ConnectionId,
    secrets::Keyring,
};

const MODEL: &str = "res.partner";

/// How long somebody who should be waiting is watched.
const A_WHILE: Duration = Duration::from_millis(100);

/// A connection with a mirrored model.
async fn mirrored(pool: &PgPool) -> ConnectionId {
    let db = Db::from_pool(pool.clone());
    let connections = Connections::new(db, Arc::new(Keyring::of_one_key([7; 32])));
    let draft = Draft::new("shop", "http://127.0.0.1:9", "shop", &"key".into(), 0).unwrap();
    let saved = connections.save(&Caller::Admin, &draft).await.unwrap();
    let of = saved.connection.id;
    sqlx::query(
        "insert into mirror_model (connection_id, model, field_choice, page_size) values ($1, $2, 'stored', 1000)",
    )
    .bind(of.0)
    .bind(MODEL)
    .execute(pool)
    .await
    .unwrap();
    sqlx::query("create table mirrored (odoo_id bigint, active boolean)")
        .execute(pool)
        .await
        .unwrap();
    of
}

/// Makes the model searchable, as far as the mirror is concerned.
async fn make_searchable(connection: &mut PgConnection, of: ConnectionId) -> i32 {
    let saved = sqlx::query_file_scalar!(
        "src/jobs/search/sql/save_model.sql",
        of.0,
        MODEL,
        &Vec::new()
    );
    let id = saved.fetch_one(&mut *connection).await.unwrap();
    sqlx::query_file!(
        "src/jobs/search/sql/set_searched_as.sql",
        of.0,
        MODEL,
        Some(id)
    )
    .execute(connection)
    .await
    .unwrap();
    id
}

async fn tell(connection: &mut PgConnection, of: ConnectionId, ids: &[i64]) -> bool {
    outbox::changed(connection, (of, MODEL), "mirrored", true, ids)
        .await
        .unwrap()
}

async fn due(pool: &PgPool, model: i32) -> Vec<Due> {
    let db = Db::from_pool(pool.clone());
    store::due(&db, model, i64::MIN, 100).await.unwrap()
}

#[sqlx::test(migrations = "./migrations")]
async fn a_model_that_is_not_searchable_leaves_nothing_to_do(pool: PgPool) {
    let of = mirrored(&pool).await;
    let mut connection = pool.acquire().await.unwrap();
    assert!(!tell(&mut connection, of, &[1, 2]).await);
    let id = make_searchable(&mut connection, of).await;
    assert!(due(&pool, id).await.is_empty());
    assert!(tell(&mut connection, of, &[1, 2]).await);
    assert_eq!(due(&pool, id).await.len(), 2);
}

#[sqlx::test(migrations = "./migrations")]
async fn whoever_makes_a_model_searchable_waits_for_pages_on_their_way(pool: PgPool) {
    let of = mirrored(&pool).await;
    let mut page = pool.begin().await.unwrap();
    assert!(!tell(&mut page, of, &[1]).await);
    let mut setting = pool.begin().await.unwrap();
    {
        // What is noted at once would miss the page that is being stored.
        let mut waiting = Box::pin(make_searchable(&mut setting, of));
        assert!(timeout(A_WHILE, &mut waiting).await.is_err());
        page.commit().await.unwrap();
        waiting.await;
    }
    let mut next = pool.begin().await.unwrap();
    let mut waiting = Box::pin(tell(&mut next, of, &[2]));
    assert!(timeout(A_WHILE, &mut waiting).await.is_err());
    setting.commit().await.unwrap();
    assert!(waiting.await, "the next page knows that it is searchable");
}

#[sqlx::test(migrations = "./migrations")]
async fn a_change_that_comes_while_a_record_is_embedded_is_not_lost(pool: PgPool) {
    let of = mirrored(&pool).await;
    let mut connection = pool.acquire().await.unwrap();
    let id = make_searchable(&mut connection, of).await;
    tell(&mut connection, of, &[1, 2]).await;
    let read = due(&pool, id).await;
    tell(&mut connection, of, &[2]).await;
    let held = store::hold(&mut connection, id, &read).await.unwrap();
    assert_eq!(held, [1], "2 is another text by now");
    store::done(&mut connection, id, &held).await.unwrap();
    let left = due(&pool, id).await;
    assert_eq!((left.len(), left[0].record_id), (1, 2));
}

#[sqlx::test(migrations = "./migrations")]
async fn a_record_that_is_deleted_while_it_is_embedded_is_not_stored_or_goes_with_it(pool: PgPool) {
    let of = mirrored(&pool).await;
    let mut connection = pool.acquire().await.unwrap();
    let id = make_searchable(&mut connection, of).await;
    tell(&mut connection, of, &[1, 2]).await;
    let read = due(&pool, id).await;
    outbox::gone(&mut connection, of, MODEL, &[1])
        .await
        .unwrap();
    let mut storing = pool.begin().await.unwrap();
    let held = store::hold(&mut storing, id, &read).await.unwrap();
    assert_eq!(held, [2], "1 was deleted before it was stored");
    let text = StoredText {
        record_id: 2,
        part: 0,
        title: "Acme".to_owned(),
        content: "Name: Acme".to_owned(),
    };
    store::replace_texts(&mut storing, id, &[text])
        .await
        .unwrap();
    store::done(&mut storing, id, &held).await.unwrap();
    let mut deleting = Box::pin(outbox::gone(&mut connection, of, MODEL, &[2]));
    assert!(timeout(A_WHILE, &mut deleting).await.is_err(), "it waits");
    storing.commit().await.unwrap();
    deleting.await.unwrap();
    let db = Db::from_pool(pool.clone());
    assert!(store::texts_of(&db, id, &[1, 2]).await.unwrap().is_empty());
    assert!(due(&pool, id).await.is_empty());
}

#[sqlx::test(migrations = "./migrations")]
async fn an_archived_record_leaves_at_once_and_waits_for_nothing(pool: PgPool) {
    let of = mirrored(&pool).await;
    let mut connection = pool.acquire().await.unwrap();
    let id = make_searchable(&mut connection, of).await;
    tell(&mut connection, of, &[1, 2, 3]).await;
    sqlx::query("insert into mirrored values (1, false), (2, true), (3, null)")
        .execute(&mut *connection)
        .await
        .unwrap();
    assert!(tell(&mut connection, of, &[1, 2, 3]).await);
    let left: Vec<i64> = due(&pool, id)
        .await
        .iter()
        .map(|due| due.record_id)
        .collect();
    assert_eq!(left, [2, 3]);
    assert!(!tell(&mut connection, of, &[1]).await);
}

#[sqlx::test(migrations = "./migrations")]
async fn whoever_asks_alone_is_searched_for_with_more_care(pool: PgPool) {
    let extension = extension::ensure(&Db::from_pool(pool.clone()))
        .await
        .unwrap();
    let table = Vectors {
        generation: 1,
        model: 7,
    };
    let made = format!(
        "create table {table} (record_id bigint, part integer, embedding {half});\
        insert into {table} values (1, 0, '[1, 0]'), (2, 0, '[0, 1]'), (3, 0, '[3, 1]');\
        create index on {table} using hnsw (embedding {class})",
        table = table.sql(),
        half = extension.half(2),
        class = extension.index_class()
    );
    sqlx::raw_sql(AssertSqlSafe(made))
        .execute(&pool)
        .await
        .unwrap();
    for (is_alone, limit, expected) in [(true, 40, "200"), (false, 10, "40"), (false, 200, "200")] {
        let nearest = Nearest {
            extension: &extension,
            tables: &[table],
            vector: "[1, 0.1]",
            limit,
            is_alone,
        };
        let mut transaction = pool.begin().await.unwrap();
        // The index is asked even of so few.
        transaction
            .execute("set local enable_seqscan = off")
            .await
            .unwrap();
        let found = nearest.of_all(&mut transaction).await.unwrap();
        let records: Vec<i64> = found.iter().map(|near| near.record).collect();
        assert_eq!(records, [1, 3, 2]);
        let effort: String = sqlx::query_scalar("select current_setting('hnsw.ef_search')")
            .fetch_one(&mut *transaction)
            .await
            .unwrap();
        assert_eq!(effort, expected);
    }
}
