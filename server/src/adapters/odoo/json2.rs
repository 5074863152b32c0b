//! JSON-2, Odoo's protocol since version 19: one POST per call, named arguments, the API key as bearer token.

use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
};

use chrono::{DateTime, Utc};
use futures::{FutureExt, future::BoxFuture};
use reqwest::{
    Client, Response, StatusCode,
    header::{AUTHORIZATION, HeaderMap, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::{
    Answer, Call, OdooError, Transport,
    reply::Reply,
    wire::{away, date, receive},
};
use crate::adapters::Http;

/// Calls of one database over JSON-2.
pub(super) struct Json2 {
    client: Client,
    /// Ends in `/json/2/`.
    endpoint: Url,
    database: String,
    api_key: SecretString,
    answer_limit: usize,
    /// Whether the database has answered before, so that its absence is an outage and no mistake.
    known: AtomicBool,
}

impl fmt::Debug for Json2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Json2")
            .field("endpoint", &self.endpoint.as_str())
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

impl Json2 {
    pub(super) fn new(http: &Http, url: &Url, database: &str, api_key: SecretString) -> Self {
        let mut endpoint = url.clone();
        endpoint.set_path(&format!("{}/json/2/", url.path().trim_end_matches('/')));
        endpoint.set_query(None);
        endpoint.set_fragment(None);
        Self {
            client: http.odoo().clone(),
            endpoint,
            database: database.to_owned(),
            api_key,
            answer_limit: http.limits().odoo_answer,
            known: AtomicBool::new(false),
        }
    }

    pub(super) fn known(http: &Http, url: &Url, database: &str, api_key: SecretString) -> Self {
        Self {
            known: AtomicBool::new(true),
            ..Self::new(http, url, database, api_key)
        }
    }

    async fn post(&self, call: Call<'_>) -> Result<Answer, OdooError> {
        let model = call.model;
        let url = self
            .endpoint
            .join(&format!("{model}/{}", call.method))
            .map_err(|why| {
                OdooError::Answer(format!("the connection's address cannot be used: {why}"))
            })?;
        let request = self
            .client
            .post(url)
            .headers(self.headers()?)
            .json(&call.arguments);
        let response = request.send().await.map_err(|why| away(&why))?;
        let reply = receive(response, self.answer_limit).await?;
        self.understand(model, reply)
    }

    /// Asks for Odoo's version, which costs Odoo next to nothing.
    async fn get_version(&self) -> Result<Response, OdooError> {
        let mut url = self.endpoint.clone();
        let root = url.path().trim_end_matches("json/2/").to_owned();
        url.set_path(&format!("{root}web/version"));
        let request = self.client.get(url).headers(self.headers()?);
        request.send().await.map_err(|why| away(&why))
    }

    async fn read_version(&self) -> Result<String, OdooError> {
        let reply = receive(self.get_version().await?, self.answer_limit).await?;
        let told: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        told.get("version")
            .and_then(Value::as_str)
            .map(str::to_owned)
            .ok_or_else(|| OdooError::Answer("it does not say its version".to_owned()))
    }

    fn headers(&self) -> Result<HeaderMap, OdooError> {
        // A key or a name that no header can carry is not one that Odoo has given out.
        let mut key = HeaderValue::from_str(&format!("bearer {}", self.api_key.expose_secret()))
            .map_err(|_not_a_header| OdooError::KeyRefused)?;
        key.set_sensitive(true);
        let database = HeaderValue::from_bytes(self.database.as_bytes())
            .map_err(|_not_a_header| self.database_not_found())?;
        Ok(HeaderMap::from_iter([
            (AUTHORIZATION, key),
            (
                reqwest::header::HeaderName::from_static("x-odoo-database"),
                database,
            ),
        ]))
    }

    fn understand(&self, model: &str, reply: Reply) -> Result<Answer, OdooError> {
        if reply.status == StatusCode::NOT_FOUND && !reply.is_json {
            if !self.known.load(Ordering::Relaxed) {
                return Err(self.database_not_found());
            }
            return Err(OdooError::Away(format!(
                "it answers, but for now without the database {:?}",
                self.database
            )));
        }
        let answer = reply.answer(model, self.api_key.expose_secret());
        if answer.is_ok() {
            self.known.store(true, Ordering::Relaxed);
        }
        answer
    }

    fn database_not_found(&self) -> OdooError {
        OdooError::DatabaseNotFound(format!(
            "no Odoo 19 with the database {:?} answers at {}",
            self.database,
            self.endpoint.as_str().trim_end_matches("/json/2/")
        ))
    }
}

impl Transport for Json2 {
    fn call<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Answer, OdooError>> {
        self.post(call).boxed()
    }

    fn version(&self) -> BoxFuture<'_, Result<String, OdooError>> {
        self.read_version().boxed()
    }

    fn clock(&self) -> BoxFuture<'_, Result<DateTime<Utc>, OdooError>> {
        async { date(&self.get_version().await?) }.boxed()
    }
}
