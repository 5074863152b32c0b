//! A supplier's web server: one list, a redirect to it, one to a place that is none of its business, and nothing else.

use crate::http_service::HttpService;
use anyhow::Result;
use axum::{
    Router,
    http::{StatusCode, header},
    routing::get,
};

/// Starts to serve a list as `/list.csv`, `/moved.csv` as a redirect to it and `/inwards.csv` as one to the machine itself.
pub async fn start(list: Vec<u8>) -> Result<HttpService> {
    let list = axum::body::Bytes::from(list);
    let redirect = |to| get(async move || (StatusCode::FOUND, [(header::LOCATION, to)]));
    let routes = Router::new()
        .route(
            "/list.csv",
            get(async move || ([(header::CONTENT_TYPE, "text/csv")], list)),
        )
        .route("/moved.csv", redirect("/list.csv"))
        .route("/inwards.csv", redirect("http://127.0.0.2/list.csv"));
    HttpService::start(routes).await
}
