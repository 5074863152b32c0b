//! Answers with pages that an Odoo gave before, at once: so that nothing is measured but what becomes of them.

use super::bare;
use anyhow::Result;
use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    routing::{get, post},
};
use serde_json::{Value, json};
use sluice_tests::http_service::HttpService;
use std::sync::Arc;

/// The records by rising ids, each as JSON.
type Records = Arc<[(i64, String)]>;

/// Starts to answer as the Odoo did that gave the pages.
pub(crate) async fn start(pages: bare::Pages) -> Result<HttpService> {
    let fields = Bytes::from(pages.fields);
    let mut records = Vec::new();
    for page in pages.pages {
        let read: Vec<Value> = serde_json::from_slice(&page.body)?;
        let read = read.iter().map(Value::to_string);
        records.extend(page.ids.into_iter().zip(read));
    }
    let count = records.len();
    let records: Records = records.into();
    let partner = Router::new()
        .route("/search_count", post(async move || Json(count)))
        .route(
            "/fields_get",
            post(async move || (json_headers(), fields.clone())),
        )
        .route("/search", post(highest))
        .route("/search_read", post(page))
        .with_state(records);
    let routes = Router::new()
        .route(
            "/web/version",
            get(async || Json(json!({ "version": "19.0" }))),
        )
        .route(
            "/json/2/res.users/context_get",
            post(async || Json(json!({ "uid": 2 }))),
        )
        .nest("/json/2/res.partner", partner)
        .fallback(async || {
            let told = json!({ "name": "werkzeug.exceptions.NotFound", "message": "" });
            (StatusCode::NOT_FOUND, Json(told))
        });
    HttpService::start(routes).await
}

/// The highest id that was asked for, which is all that a search is for.
async fn highest(State(records): State<Records>, Json(asked): Json<Value>) -> Json<Vec<i64>> {
    let highest = wanted(&records, &asked).last().map(|(id, _)| *id);
    Json(highest.into_iter().collect())
}

async fn page(State(records): State<Records>, Json(asked): Json<Value>) -> (HeaderMap, Vec<u8>) {
    let limit = asked["limit"].as_u64().map(usize::try_from);
    let limit = limit.and_then(Result::ok).unwrap_or(usize::MAX);
    let mut body = vec![b'['];
    for (place, (_, record)) in wanted(&records, &asked).iter().take(limit).enumerate() {
        if place > 0 {
            body.push(b',');
        }
        body.extend_from_slice(record.as_bytes());
    }
    body.push(b']');
    (json_headers(), body)
}

/// The records of the range of ids that the domain names.
fn wanted<'a>(records: &'a Records, asked: &Value) -> &'a [(i64, String)] {
    let bound = |operator: &str| {
        let conditions = asked["domain"].as_array().map_or(&[][..], Vec::as_slice);
        conditions
            .iter()
            .find(|condition| condition[0] == "id" && condition[1] == operator)
            .and_then(|condition| condition[2].as_i64())
    };
    let after = bound(">").unwrap_or(0);
    let up_to = bound("<=").unwrap_or(i64::MAX);
    let begin = records.partition_point(|(id, _)| *id <= after);
    let end = records.partition_point(|(id, _)| *id <= up_to);
    &records[begin..end]
}

fn json_headers() -> HeaderMap {
    HeaderMap::from_iter([(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    )])
}
