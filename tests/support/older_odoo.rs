//! An Odoo as it was before JSON-2: the real one, of which nothing is to be seen but its JSON-RPC, and that says another version.

use crate::{http_service::HttpService, odoo::Odoo};
use anyhow::Result;
use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::post,
};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};

/// A front of the Odoo that all stories share; it ends when it is dropped.
pub struct OlderOdoo {
    service: HttpService,
    road: Arc<Road>,
}

struct Road {
    version: String,
    /// Where the real one takes JSON-RPC.
    target: String,
    http: reqwest::Client,
    asked: Mutex<Vec<Value>>,
}

impl OlderOdoo {
    /// A front that says it is of this version, such as `14.0`.
    pub async fn start(odoo: &Odoo, version: &str) -> Result<Self> {
        let road = Arc::new(Road {
            version: version.to_owned(),
            target: format!("{}/jsonrpc", odoo.access.url),
            http: reqwest::Client::builder().build()?,
            asked: Mutex::default(),
        });
        let routes = Router::new()
            .route("/jsonrpc", post(answer))
            .fallback(async || (StatusCode::NOT_FOUND, Html("<h1>Not Found</h1>")))
            .with_state(Arc::clone(&road));
        let service = HttpService::start(routes).await?;
        Ok(Self { service, road })
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        self.service.url("")
    }

    /// The arguments of all calls of a method of a model so far: those by place, then those by name.
    pub fn calls_of(&self, method: &str) -> Vec<(Value, Value)> {
        self.road.asked(|asked| {
            asked
                .iter()
                .filter(|params| params["args"][4] == method)
                .map(|params| (params["args"][5].clone(), params["args"][6].clone()))
                .collect()
        })
    }

    /// How often somebody has logged in so far.
    pub fn logins(&self) -> usize {
        self.road.asked(|asked| {
            let logins = asked
                .iter()
                .filter(|params| params["method"] == "authenticate");
            logins.count()
        })
    }
}

impl Road {
    fn asked<T>(&self, look: impl FnOnce(&mut Vec<Value>) -> T) -> T {
        look(&mut self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn on(&self, asked: &Value) -> reqwest::Result<axum::body::Bytes> {
        let answer = self.http.post(&self.target).json(asked).send().await?;
        answer.bytes().await
    }
}

async fn answer(State(road): State<Arc<Road>>, Json(asked): Json<Value>) -> Response {
    let params = &asked["params"];
    if params["service"] == "common" && params["method"] == "version" {
        let told = json!({ "server_version": road.version, "server_serie": road.version });
        return Json(json!({ "jsonrpc": "2.0", "id": asked["id"], "result": told }))
            .into_response();
    }
    road.asked(|calls| calls.push(params.clone()));
    match road.on(&asked).await {
        Ok(answer) => ([(header::CONTENT_TYPE, "application/json")], answer).into_response(),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}
