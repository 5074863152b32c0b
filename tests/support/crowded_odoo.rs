//! An Odoo behind a gate that lets one call in at a time, and asks everybody else to come back, as hosted ones do.

use crate::{http_service::HttpService, odoo::Odoo};
use anyhow::Result;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::Semaphore;

/// What goes through the gate as it is.
const PASSED_ON: [&str; 3] = ["authorization", "content-type", "x-odoo-database"];

/// The gate; it ends when it is dropped.
pub struct CrowdedOdoo {
    service: HttpService,
    gate: Arc<Gate>,
}

struct Gate {
    target: String,
    http: reqwest::Client,
    free: Semaphore,
    refused: AtomicUsize,
}

impl CrowdedOdoo {
    /// Puts a gate before an Odoo.
    pub async fn start(odoo: &Odoo) -> Result<Self> {
        let gate = Arc::new(Gate {
            target: odoo.access.url.clone(),
            http: reqwest::Client::builder().build()?,
            free: Semaphore::new(1),
            refused: AtomicUsize::new(0),
        });
        let routes = Router::new().fallback(pass).with_state(Arc::clone(&gate));
        let service = HttpService::start(routes).await?;
        Ok(Self { service, gate })
    }

    /// Where the gate is.
    pub fn url(&self) -> String {
        self.service.url("")
    }

    /// How many calls were asked to come back.
    pub fn refused(&self) -> usize {
        self.gate.refused.load(Ordering::Relaxed)
    }
}

async fn pass(
    State(gate): State<Arc<Gate>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Ok(_turn) = gate.free.try_acquire() else {
        gate.refused.fetch_add(1, Ordering::Relaxed);
        return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "0")]).into_response();
    };
    let mut request = gate.http.request(method, format!("{}{uri}", gate.target));
    for name in PASSED_ON {
        if let Some(value) = headers.get(name) {
            request = request.header(name, value);
        }
    }
    let answered = async {
        let answer = request.body(body).send().await?;
        let (status, kind) = (
            answer.status(),
            answer.headers().get("content-type").cloned(),
        );
        let kind = kind.map(|kind| [(header::CONTENT_TYPE, kind)]);
        Ok::<_, reqwest::Error>((status, kind, answer.bytes().await?).into_response())
    };
    answered
        .await
        .unwrap_or_else(|error| (StatusCode::BAD_GATEWAY, error.to_string()).into_response())
}
