//! Connections keep apart: each has a schema of its own, which goes with it.

use std::{sync::Arc, time::Duration};

use sqlx::PgPool;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::*;
use crate::{
    adapters::{Http, Limits},
    connections::{Caller, Connections, Draft},
    db::Db,
    ids::ConnectionId,
    jobs::{
        OdooClients,
        mirror::{
            Listing, Mirror, MirrorError, What,
            store::{self, Scope},
        },
    },
    progress::Progress,
    queue::{NewJob, Queue, QueueError, QueueSettings},
    secrets::Keyring,
};

struct House {
    db: Db,
    queue: Queue,
    connections: Connections,
    mirror: Mirror,
}

impl House {
    fn new(pool: PgPool) -> Self {
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let db = Db::from_pool(pool);
        let progress = Progress::start(db.clone(), &tasks, stop.clone());
        let settings = QueueSettings::default();
        let queue = Queue::start(db.clone(), progress, settings, &tasks, stop);
        let connections = Connections::new(db.clone(), Arc::new(Keyring::of_one_key([7; 32])));
        let clients = OdooClients::new(connections.clone(), Http::open(Limits::default()).unwrap());
        let mirror = Mirror::new(
            db.clone(),
            queue.clone(),
            connections.clone(),
            clients,
            Duration::from_millis(1),
        );
        Self {
            db,
            queue,
            connections,
            mirror,
        }
    }

    /// A connection whose Odoo is away.
    async fn connection(&self, name: &str) -> ConnectionId {
        let draft = Draft::new(name, "http://127.0.0.1:9", "shop", &"key".into(), 0).unwrap();
        let saved = self.connections.save(&Caller::Admin, &draft).await.unwrap();
        saved.connection.id
    }

    async fn schema(&self, of: ConnectionId, name: &str) -> String {
        let mut transaction = self.db.begin().await.unwrap();
        store::lock(&mut transaction, of).await.unwrap();
        let schema = store::ensure_schema(&mut transaction, of, name)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        schema
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn names_that_look_alike_get_schemas_of_their_own(pool: PgPool) {
    let house = House::new(pool.clone());
    let (dash, line) = (house.connection("a-b").await, house.connection("a_b").await);
    let first = house.schema(dash, "a-b").await;
    let second = house.schema(line, "a_b").await;
    assert_eq!(first, "odoo_a_b");
    assert_ne!(first, second);
    assert_eq!(house.schema(dash, "a-b").await, first);
}

#[sqlx::test(migrations = "./migrations")]
async fn somebody_elses_schema_is_left_alone(pool: PgPool) {
    let house = House::new(pool.clone());
    tables::create_schema(&mut pool.acquire().await.unwrap(), "odoo_shop")
        .await
        .unwrap();
    let shop = house.connection("shop").await;
    assert_ne!(house.schema(shop, "shop").await, "odoo_shop");
    house
        .connections
        .delete(
            &house
                .connections
                .visible(&Caller::Admin, "shop")
                .await
                .unwrap(),
        )
        .await
        .unwrap();
    assert_eq!(house.mirror.prune().await.unwrap(), 1);
    let left = "select string_agg(nspname, ',') from pg_namespace where nspname like 'odoo%'";
    assert_eq!(one(&pool, left).await.unwrap(), "odoo_shop");
    assert_eq!(house.mirror.prune().await.unwrap(), 0);
}

#[sqlx::test(migrations = "./migrations")]
async fn models_whose_tables_would_be_one_get_two(pool: PgPool) {
    let house = House::new(pool.clone());
    let shop = house.connection("shop").await;
    let mut names = Vec::new();
    for model in ["a.b_c", "a.b.c"] {
        let scope = Scope {
            connection: shop,
            model,
        };
        store::ensure_model(&house.db, scope).await.unwrap();
        let row = store::model(&house.db, scope).await.unwrap().unwrap();
        let mut connection = pool.acquire().await.unwrap();
        let table = store::ensure_table(&mut connection, scope, &row, "s".to_owned());
        names.push(table.await.unwrap().name);
    }
    assert_eq!(names[0], "a_b_c");
    assert_ne!(names[0], names[1]);
}

#[sqlx::test(migrations = "./migrations")]
async fn one_run_per_model_is_enqueued_and_a_repeated_request_is_no_second(pool: PgPool) {
    let house = House::new(pool);
    let shop = house.connection("shop").await;
    let job = |request: Option<&str>| NewJob {
        connection: shop,
        kind: "model_sync",
        title: "Sync res.partner".to_owned(),
        spec: json!({"model": "res.partner"}),
        lane: Some("model:res.partner".to_owned()),
        priority: 0,
        run_at: None,
        request_id: request.map(str::to_owned),
    };
    // All at once: exactly one may get through.
    let both = tokio::join!(
        house.queue.enqueue_alone(job(Some("one"))),
        house.queue.enqueue_alone(job(Some("two"))),
        house.queue.enqueue_alone(job(None)),
    );
    let answers = [both.0, both.1, both.2];
    let made: Vec<_> = answers.iter().flatten().collect();
    assert_eq!(made.len(), 1);
    let made = &made[0].job;
    for refused in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        assert!(matches!(refused, QueueError::LaneBusy(job) if job.id == made.id));
    }
    let again = house
        .queue
        .enqueue_alone(job(made.request_id.as_deref()))
        .await;
    if made.request_id.is_some() {
        assert!(again.unwrap().existed);
    }
    house.queue.cancel(made.id, None).await.unwrap();
    assert!(!house.queue.enqueue_alone(job(None)).await.unwrap().existed);
}

#[sqlx::test(migrations = "./migrations")]
async fn what_is_not_mirrored_cannot_be_looked_at(pool: PgPool) {
    let house = House::new(pool);
    let shop = house.connection("shop").await;
    let listing = Listing::default();
    let records = house.mirror.records(shop, "res.partner", &listing).await;
    assert!(
        matches!(records, Err(MirrorError::NotMirrored(_))),
        "{records:?}"
    );
    let sync = house.mirror.sync(shop, "../web", What::Changes, None).await;
    assert!(matches!(sync, Err(MirrorError::Field { .. })), "{sync:?}");
    // Odoo is away, so that nobody can say whether it has the model.
    let sync = house
        .mirror
        .sync(shop, "res.partner", What::Changes, None)
        .await;
    assert!(matches!(sync, Err(MirrorError::Odoo(_))), "{sync:?}");
    assert!(house.mirror.status(shop).await.unwrap().models.is_empty());
}
