//! A sync against a server that answers as no healthy Odoo would: what is stored stays true, and the cursor stays honest.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::*;
use crate::{
    adapters::{Http, Limits},
    connections::{Caller, Connections, Draft},
    db::Db,
    ids::ConnectionId,
    jobs::{
        OdooClients,
        mirror::{Mirror, MirrorState, ModelSettings, What},
    },
    progress::{EventType, Progress},
    queue::{Job, JobState, Queue, QueueSettings, Worker},
    secrets::Keyring,
};

const MODEL: &str = "x.thing";
/// Of all records there might be.
const HIGHEST_ID: i64 = 8;

/// What is answered to `search_read`, in order; the last answer is repeated.
type Pages = Arc<Mutex<VecDeque<String>>>;

struct House {
    queue: Queue,
    progress: Progress,
    mirror: Mirror,
    connection: ConnectionId,
    pages: Pages,
    worker: Worker,
    _serving: JoinSet<()>,
}

impl House {
    async fn new(pool: PgPool, page_size: i32) -> Self {
        Self::with_pace(pool, page_size, None).await
    }

    async fn with_pace(pool: PgPool, page_size: i32, calls_per_second: Option<i32>) -> Self {
        let pages = Pages::default();
        let (url, serving) = serve(pages.clone()).await;
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let db = Db::from_pool(pool);
        let progress = Progress::start(db.clone(), &tasks, stop.clone());
        let queue = Queue::start(
            db.clone(),
            progress.clone(),
            QueueSettings::default(),
            &tasks,
            stop,
        );
        let connections = Connections::new(db.clone(), Arc::new(Keyring::of_one_key([7; 32])));
        let draft = Draft::new("shop", &url, "shop", &"key".into(), 0).unwrap();
        let draft = draft.with_pace(calls_per_second).unwrap();
        let saved = connections.save(&Caller::Admin, &draft).await.unwrap();
        let connection = saved.connection.id;
        let clients = OdooClients::new(connections.clone(), Http::open(Limits::default()).unwrap());
        let outage = Duration::from_secs(5);
        let mirror = Mirror::new(db, queue.clone(), connections, clients, outage);
        let worker = Worker::start(
            queue.clone(),
            vec![Arc::new(mirror.sync_runner())],
            "test".to_owned(),
        );
        let settings = ModelSettings {
            model: MODEL.to_owned(),
            page_size,
            ..ModelSettings::default()
        };
        mirror
            .configure(connection, &[settings], &[])
            .await
            .unwrap();
        Self {
            queue,
            progress,
            mirror,
            connection,
            pages,
            worker,
            _serving: serving,
        }
    }

    /// Syncs while Odoo answers with these pages, and returns the job at its end.
    async fn sync(&self, pages: Vec<String>) -> Job {
        *self.pages.lock().unwrap() = pages.into();
        let made = self
            .mirror
            .sync(self.connection, MODEL, What::Changes, None);
        let job = made.await.unwrap().job.id;
        let mut watch = self.progress.watch(job, 0).await.unwrap();
        while let Some(event) = watch.next().await {
            if matches!(
                event.unwrap().kind,
                EventType::Succeeded | EventType::Failed
            ) {
                break;
            }
        }
        self.queue.get(job).await.unwrap()
    }

    async fn state(&self) -> (MirrorState, i64, bool) {
        let status = self.mirror.status(self.connection).await.unwrap();
        let model = &status.models[0];
        (model.state, model.rows, model.cursor.is_some())
    }
}

/// Answers each request on a connection of its own until it is dropped.
async fn serve(pages: Pages) -> (String, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (path, body) = asked(&mut stream).await;
            let reply = answer(&path, &body, &pages);
            stream.write_all(reply.as_bytes()).await.unwrap();
        }
    });
    (url, serving)
}

/// Reads a whole request, and returns its path and its body.
async fn asked(stream: &mut TcpStream) -> (String, String) {
    let mut request = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let count = stream.read(&mut piece).await.unwrap();
        request.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| {
                line.to_lowercase()
                    .strip_prefix("content-length: ")?
                    .parse()
                    .ok()
            })
            .unwrap_or(0_usize);
        if body.len() >= length {
            let path = head.split(' ').nth(1).unwrap_or_default();
            return (path.to_owned(), body.to_owned());
        }
    }
}

fn answer(path: &str, body: &str, pages: &Pages) -> String {
    match path.rsplit('/').next().unwrap_or_default() {
        "fields_get" => good(&json!({
            "id": {"type": "integer", "store": true},
            "name": {"type": "char", "store": true, "string": "Name"},
            "size": {"type": "integer", "store": true, "string": "Size"},
            "write_date": {"type": "datetime", "store": true},
        })),
        "search_count" => good(&json!(4)),
        "search" if body.contains("id desc") => good(&json!([HIGHEST_ID])),
        "search" => good(&json!([1, 2])),
        "version" => reply("200 OK", "date: Sat, 31 Jan 2026 10:00:00 GMT\r\n", "{}"),
        "search_read" => {
            let mut pages = pages.lock().unwrap();
            if pages.len() > 1 {
                pages.pop_front().unwrap()
            } else {
                pages[0].clone()
            }
        }
        _ => json_reply(
            "404 Not Found",
            r#"{"name": "werkzeug.exceptions.NotFound", "message": "no such model"}"#,
        ),
    }
}

fn reply(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
    )
}

fn json_reply(status: &str, body: &str) -> String {
    reply(status, "content-type: application/json\r\n", body)
}

fn good(body: &Value) -> String {
    json_reply("200 OK", &body.to_string())
}

fn things(ids: &[i64]) -> String {
    let things: Vec<Value> = ids
        .iter()
        .map(|id| json!({"id": id, "name": format!("thing {id}"), "size": id}))
        .collect();
    good(&Value::Array(things))
}

fn html() -> String {
    reply(
        "200 OK",
        "content-type: text/html\r\n",
        "<p>please log in</p>",
    )
}

#[sqlx::test(migrations = "./migrations")]
async fn a_page_that_comes_broken_is_asked_for_again(pool: PgPool) {
    let house = House::new(pool, 1000).await;
    let half = json_reply("200 OK", r#"[{"id": 1, "name": "th"#);
    let told_as_good = json_reply("200 OK", r#"{"error": {"message": "no"}}"#);
    let job = house
        .sync(vec![html(), half, told_as_good, things(&[1, 2])])
        .await;
    assert_eq!(job.state, JobState::Succeeded, "{job:?}");
    assert_eq!(house.state().await, (MirrorState::Done, 2, true));
    house.worker.stop().await;
}

#[sqlx::test(migrations = "./migrations")]
async fn records_that_never_come_whole_are_put_aside(pool: PgPool) {
    let house = House::new(pool, 1000).await;
    let job = house.sync(vec![html()]).await;
    assert_eq!(job.counters.errors, 2, "{job:?}");
    assert_eq!(house.state().await, (MirrorState::Partial, 0, true));
    // The next run finds them well again.
    let job = house.sync(vec![things(&[1, 2]), things(&[])]).await;
    assert_eq!(job.counters.created, 2, "{job:?}");
    assert_eq!(house.state().await, (MirrorState::Done, 2, true));
    house.worker.stop().await;
}

#[sqlx::test(migrations = "./migrations")]
async fn a_record_that_comes_on_two_pages_stops_the_run_and_moves_no_cursor(pool: PgPool) {
    let house = House::new(pool, 2).await;
    let job = house.sync(vec![things(&[1, 2]), things(&[2, 3])]).await;
    assert_eq!(job.state, JobState::Failed, "{job:?}");
    assert_eq!(job.error_code.as_deref(), Some("odoo_answer"));
    assert_eq!(house.state().await, (MirrorState::Failed, 2, false));
    house.worker.stop().await;
}

#[sqlx::test(migrations = "./migrations")]
async fn a_value_of_another_type_and_one_of_5_mb_are_stored(pool: PgPool) {
    let house = House::new(pool.clone(), 1000).await;
    let long = "x".repeat(5 << 20);
    let page = good(&json!([{"id": 1, "name": long, "size": "large"}]));
    let job = house.sync(vec![page]).await;
    assert_eq!(job.counters.created, 1, "{job:?}");
    let kept = "select length(name) || ' ' || raw::text from odoo_shop.x_thing";
    assert_eq!(
        one(&pool, kept).await.unwrap(),
        "5242880 {\"size\": \"large\"}"
    );
    house.worker.stop().await;
}

#[sqlx::test(migrations = "./migrations")]
async fn an_odoo_that_wants_fewer_calls_gets_its_pause(pool: PgPool) {
    let house = House::new(pool, 1000).await;
    let wait = reply("429 Too Many Requests", "retry-after: 1\r\n", "");
    let job = house.sync(vec![wait, things(&[1])]).await;
    assert_eq!(job.state, JobState::Succeeded, "{job:?}");
    let waited = job.finished_at.unwrap() - job.started_at.unwrap();
    assert!(waited.num_milliseconds() >= 1000, "{waited}");
    house.worker.stop().await;
}

#[sqlx::test(migrations = "./migrations")]
async fn a_connection_keeps_to_its_pace(pool: PgPool) {
    let house = House::with_pace(pool, 1, Some(10)).await;
    let pages = (1..=8).map(|id| things(&[id])).chain([things(&[])]);
    let job = house.sync(pages.collect()).await;
    assert_eq!(job.counters.created, 8, "{job:?}");
    let took = job.finished_at.unwrap() - job.started_at.unwrap();
    // Nine pages are eight gaps at least.
    assert!(took.num_milliseconds() >= 800, "{took}");
    house.worker.stop().await;
}
