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

/// A page's ids and its bytes.
type Pages = Arc<[(Vec<i64>, Bytes)]>;

/// Starts to answer as the Odoo did that gave the pages.
pub(crate) async fn start(pages: bare::Pages) -> Result<HttpService> {
    let records: usize = pages.pages.iter().map(|page| page.ids.len()).sum();
    let fields = Bytes::from(pages.fields);
    let pages: Pages = pages
        .pages
        .into_iter()
        .map(|page| (page.ids, Bytes::from(page.body)))
        .collect();
    let partner = Router::new()
        .route("/search_count", post(async move || Json(records)))
        .route(
            "/fields_get",
            post(async move || (json_headers(), fields.clone())),
        )
        .route("/search_read", post(page))
        .with_state(pages);
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

async fn page(State(pages): State<Pages>, Json(asked): Json<Value>) -> (HeaderMap, Bytes) {
    let after = after(&asked);
    let page = pages
        .iter()
        .find(|(ids, _)| ids.first().is_some_and(|first| *first > after))
        .map_or(Bytes::from_static(b"[]"), |(_, body)| body.clone());
    (json_headers(), page)
}

/// Behind which id the records are asked for.
fn after(asked: &Value) -> i64 {
    let conditions = asked["domain"].as_array().map_or(&[][..], Vec::as_slice);
    conditions
        .iter()
        .find(|condition| condition[0] == "id" && condition[1] == ">")
        .and_then(|condition| condition[2].as_i64())
        .unwrap_or_default()
}

fn json_headers() -> HeaderMap {
    HeaderMap::from_iter([(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    )])
}
