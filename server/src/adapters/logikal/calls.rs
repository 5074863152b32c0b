//! HTTP calls of one LOGIKAL service: time limits, size limits, and what its status codes mean.

use std::{error::Error, fmt, time::Duration};

use futures::StreamExt;
use reqwest::{Client, Method, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::{
    LogikalError,
    answers::{Envelope, Login},
};
use crate::adapters::Http;

/// Lists, selections and prices. Selecting makes LOGIKAL open files.
const CALL_TIME: Duration = Duration::from_mins(1);
/// The first picture of a project makes LOGIKAL open and draw it, and a parts list is computed when it is asked for.
const SLOW_CALL_TIME: Duration = Duration::from_mins(3);
/// A logout that takes longer is given up: LOGIKAL ends idle sessions itself.
const LOGOUT_TIME: Duration = Duration::from_secs(10);
const MOST_JSON: usize = 32 << 20;
const MOST_PICTURE: usize = 8 << 20;
/// Parts lists have half a megabyte to two; base64 adds a third.
const MOST_PARTS_LIST: usize = 64 << 20;

/// How a picture of an elevation should look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Whether the measures are drawn beside it.
    pub with_dimensions: bool,
}

impl Default for Picture {
    fn default() -> Self {
        Self {
            width: 300,
            height: 300,
            with_dimensions: true,
        }
    }
}

impl Picture {
    fn query(self) -> String {
        format!(
            "width={}&height={}&format=PNG&view=Interior&withdimensions={}&withdescription=false",
            self.width, self.height, self.with_dimensions
        )
    }
}

/// The service of one LOGIKAL, as one user.
pub(super) struct Calls {
    client: Client,
    /// Ends in `/`.
    endpoint: Url,
    user: String,
    password: SecretString,
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls")
            .field("endpoint", &self.endpoint.as_str())
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

impl Calls {
    pub(super) fn new(http: &Http, url: &Url, user: &str, password: SecretString) -> Self {
        let mut endpoint = url.clone();
        endpoint.set_path(&format!("{}/", url.path().trim_end_matches('/')));
        endpoint.set_query(None);
        endpoint.set_fragment(None);
        Self {
            client: http.logikal().clone(),
            endpoint,
            user: user.to_owned(),
            password,
        }
    }

    /// Opens a session and returns its token.
    pub(super) async fn login(&self) -> Result<SecretString, LogikalError> {
        let url = self.url("auth")?;
        // Without a program mode LOGIKAL's programming interface lets nobody in.
        let body = json!({ "username": self.user, "password": self.password.expose_secret(), "erp": true });
        let request = self.client.post(url).json(&body).timeout(SLOW_CALL_TIME);
        let answer = self
            .receive(
                request.send().await.map_err(|why| away(&why))?,
                MOST_JSON,
                "",
            )
            .await;
        let data = match answer {
            Ok(bytes) => data(&bytes)?,
            Err(LogikalError::SessionLost) => return Err(LogikalError::CredentialsRefused),
            Err(LogikalError::WrongPlace(why)) => return Err(LogikalError::SessionLimit(why)),
            Err(error) => return Err(error),
        };
        let login: Login = serde_json::from_value(data)
            .map_err(|_shape| LogikalError::Answer("the login gives no token".to_owned()))?;
        Ok(login.token.into())
    }

    /// Ends a session. Whether LOGIKAL heard it cannot be helped.
    pub(super) async fn logout(&self, token: &SecretString) -> Result<(), LogikalError> {
        let request = self
            .client
            .delete(self.url("auth")?)
            .bearer_auth(token.expose_secret())
            .timeout(LOGOUT_TIME);
        let response = request.send().await.map_err(|why| away(&why))?;
        self.receive(response, MOST_JSON, token.expose_secret())
            .await
            .map(drop)
    }

    /// The `data` of an answer to a GET.
    pub(super) async fn get(
        &self,
        token: &SecretString,
        path: &str,
    ) -> Result<Value, LogikalError> {
        let bytes = self
            .call(Method::GET, token, path, None, CALL_TIME, MOST_JSON)
            .await?;
        data(&bytes)
    }

    /// Selects what `identifier` names, so that the session goes there.
    pub(super) async fn select(
        &self,
        token: &SecretString,
        path: &str,
        identifier: &str,
    ) -> Result<(), LogikalError> {
        let body = json!({ "identifier": identifier });
        self.call(
            Method::POST,
            token,
            path,
            Some(body),
            SLOW_CALL_TIME,
            MOST_JSON,
        )
        .await
        .map(drop)
    }

    /// The bytes of a picture.
    pub(super) async fn picture(
        &self,
        token: &SecretString,
        path: &str,
        picture: Picture,
    ) -> Result<Vec<u8>, LogikalError> {
        let path = format!("{path}?{}", picture.query());
        self.call(
            Method::GET,
            token,
            &path,
            None,
            SLOW_CALL_TIME,
            MOST_PICTURE,
        )
        .await
    }

    /// A large `data`, as it comes: text.
    pub(super) async fn long_text(
        &self,
        token: &SecretString,
        path: &str,
    ) -> Result<String, LogikalError> {
        let bytes = self
            .call(
                Method::GET,
                token,
                path,
                None,
                SLOW_CALL_TIME,
                MOST_PARTS_LIST,
            )
            .await?;
        match data(&bytes)? {
            Value::String(text) => Ok(text),
            _ => Err(LogikalError::Answer(format!("{path} gives no text"))),
        }
    }

    async fn call(
        &self,
        method: Method,
        token: &SecretString,
        path: &str,
        body: Option<Value>,
        time: Duration,
        most: usize,
    ) -> Result<Vec<u8>, LogikalError> {
        let mut request = self
            .client
            .request(method, self.url(path)?)
            .bearer_auth(token.expose_secret())
            .timeout(time);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.map_err(|why| away(&why))?;
        self.receive(response, most, token.expose_secret()).await
    }

    fn url(&self, path: &str) -> Result<Url, LogikalError> {
        self.endpoint.join(path).map_err(|why| {
            LogikalError::Answer(format!("the connection's address cannot be used: {why}"))
        })
    }

    /// The body of an answer of success. Secrets that LOGIKAL might repeat are cut out of messages.
    async fn receive(
        &self,
        response: Response,
        most: usize,
        token: &str,
    ) -> Result<Vec<u8>, LogikalError> {
        let status = response.status();
        let mut body = Vec::new();
        let mut pieces = response.bytes_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|why| away(&why))?;
            if body.len() + piece.len() > most {
                return Err(LogikalError::TooLarge { limit: most });
            }
            body.extend_from_slice(&piece);
        }
        if status.is_success() {
            return Ok(body);
        }
        let envelope: Envelope = serde_json::from_slice(&body).unwrap_or_default();
        let mut complaint = envelope.complaint();
        for secret in [token, self.password.expose_secret()] {
            if !secret.is_empty() {
                complaint = complaint.replace(secret, "(secret)");
            }
        }
        Err(refusal(status, complaint))
    }
}

fn refusal(status: StatusCode, complaint: String) -> LogikalError {
    match status.as_u16() {
        401 => LogikalError::SessionLost,
        403 => LogikalError::NotAllowed(complaint),
        404 => LogikalError::NotFound(complaint),
        405 | 409 => LogikalError::WrongPlace(complaint),
        429 | 503 => LogikalError::SessionLimit(complaint),
        500 | 502 | 504 => LogikalError::Away(format!("it answers {status}, {complaint}")),
        300..=399 => LogikalError::Answer(
            "the address redirects: save the connection with the address it leads to".to_owned(),
        ),
        _ => LogikalError::Rejected(complaint),
    }
}

fn data(bytes: &[u8]) -> Result<Value, LogikalError> {
    let envelope: Envelope = serde_json::from_slice(bytes).map_err(|_shape| {
        LogikalError::Answer("it is no JSON: is this the address of LOGIKAL's service?".to_owned())
    })?;
    Ok(envelope.data)
}

/// Says why no whole answer arrived, with the innermost cause, which is the one that helps.
fn away(why: &reqwest::Error) -> LogikalError {
    let mut cause: &dyn Error = why;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    LogikalError::Away(if why.is_connect() {
        format!("the connection cannot be opened ({cause})")
    } else if why.is_timeout() {
        "no answer in time".to_owned()
    } else {
        format!("the connection broke ({cause})")
    })
}
