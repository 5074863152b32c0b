//! JSON-RPC, the protocol of Odoo 14 to 18: one address for all, arguments by place, and errors behind HTTP's 200.

use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
};

use chrono::{DateTime, Utc};
use futures::{FutureExt, future::BoxFuture};
use reqwest::{Client, Response};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;
use url::Url;

use super::{
    Answer, Call, OdooError, Transport,
    reply::{Reply, is_lasting, presentable},
    version::major,
    wire::{away, date, receive},
};
use crate::adapters::Http;

/// Arguments whose place is certain while their name changed over the versions, in order.
const BY_PLACE: [&str; 2] = ["ids", "domain"];

/// The first version whose reading methods take `load`.
const TAKES_LOAD: u32 = 15;

/// Calls of one database over JSON-RPC.
pub(super) struct JsonRpc {
    client: Client,
    endpoint: Url,
    database: String,
    login: String,
    api_key: SecretString,
    /// What Odoo said of itself, such as `16.0`.
    version: String,
    answer_limit: usize,
    /// The number of the user, which Odoo wants with each call.
    user: OnceCell<i64>,
    /// Whether the database has answered before, so that its absence is an outage and no mistake.
    known: AtomicBool,
}

impl fmt::Debug for JsonRpc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonRpc")
            .field("endpoint", &self.endpoint.as_str())
            .field("database", &self.database)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// Whom an Odoo before 19 lets in, and where.
#[derive(Clone, Debug)]
pub struct Account<'a> {
    pub database: &'a str,
    pub login: &'a str,
    pub api_key: SecretString,
    /// Whether the database has ever answered.
    pub known: bool,
}

impl JsonRpc {
    pub(super) fn new(http: &Http, url: &Url, account: Account<'_>, version: &str) -> Self {
        Self {
            client: http.odoo().clone(),
            endpoint: endpoint(url),
            database: account.database.to_owned(),
            login: account.login.to_owned(),
            api_key: account.api_key,
            version: version.to_owned(),
            answer_limit: http.limits().odoo_answer,
            user: OnceCell::new(),
            known: AtomicBool::new(account.known),
        }
    }

    async fn run(&self, call: Call<'_>) -> Result<Answer, OdooError> {
        if call.model.starts_with("sluice.") {
            return Err(OdooError::TooOld(self.version.clone()));
        }
        let user = *self.user.get_or_try_init(|| self.log_in()).await?;
        let (by_place, named) = arguments(call.arguments, major(&self.version));
        let key = self.api_key.expose_secret();
        let asked = json!([
            self.database,
            user,
            key,
            call.model,
            call.method,
            by_place,
            named
        ]);
        let answer = self.ask("object", "execute_kw", asked).await?;
        self.known.store(true, Ordering::Relaxed);
        Ok(Answer(answer.to_string().into_bytes()))
    }

    async fn log_in(&self) -> Result<i64, OdooError> {
        let key = self.api_key.expose_secret();
        let asked = json!([self.database, self.login, key, {}]);
        let user = self.ask("common", "authenticate", asked).await?;
        // A stranger is told `false`.
        user.as_i64().ok_or(OdooError::KeyRefused)
    }

    async fn ask(&self, service: &str, method: &str, arguments: Value) -> Result<Value, OdooError> {
        let response = post(&self.client, &self.endpoint, service, method, arguments).await?;
        let reply = receive(response, self.answer_limit).await?;
        answer(reply, self.api_key.expose_secret()).map_err(|error| self.understood(error))
    }

    /// An unknown database is told as a failure to connect to it, as is one whose Postgres is away.
    fn understood(&self, error: OdooError) -> OdooError {
        match error {
            OdooError::Away(_) if self.is_nameless(&error) => OdooError::DatabaseNotFound(format!(
                "no database {:?} answers at {}",
                self.database,
                self.endpoint.as_str().trim_end_matches("/jsonrpc")
            )),
            other => other,
        }
    }

    fn is_nameless(&self, error: &OdooError) -> bool {
        !self.known.load(Ordering::Relaxed)
            && matches!(error, OdooError::Away(why) if why.contains(NO_CONNECTION))
    }
}

/// What Odoo calls a database that it cannot connect to.
const NO_CONNECTION: &str = "psycopg2.OperationalError";

impl Transport for JsonRpc {
    fn call<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Answer, OdooError>> {
        self.run(call).boxed()
    }

    fn version(&self) -> BoxFuture<'_, Result<String, OdooError>> {
        async { Ok(self.version.clone()) }.boxed()
    }

    fn clock(&self) -> BoxFuture<'_, Result<DateTime<Utc>, OdooError>> {
        async {
            let reply = post(&self.client, &self.endpoint, "common", "version", json!([]));
            date(&reply.await?)
        }
        .boxed()
    }
}

/// What an Odoo says of its version, such as `16.0`. It is asked over JSON-RPC, which takes neither a database nor a key; all versions answer it.
pub async fn version(http: &Http, url: &Url) -> Result<String, OdooError> {
    let (client, limit) = (http.odoo(), http.limits().odoo_answer);
    let response = post(client, &endpoint(url), "common", "version", json!([])).await?;
    let reply = receive(response, limit).await?;
    let told = answer(reply, "")?;
    told.get("server_serie")
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| OdooError::Answer("it does not say its version".to_owned()))
}

fn endpoint(url: &Url) -> Url {
    let mut endpoint = url.clone();
    endpoint.set_path(&format!("{}/jsonrpc", url.path().trim_end_matches('/')));
    endpoint.set_query(None);
    endpoint.set_fragment(None);
    endpoint
}

async fn post(
    client: &Client,
    endpoint: &Url,
    service: &str,
    method: &str,
    arguments: Value,
) -> Result<Response, OdooError> {
    let asked = json!({
        "jsonrpc": "2.0",
        "method": "call",
        "id": 1,
        "params": { "service": service, "method": method, "args": arguments },
    });
    let request = client.post(endpoint.clone()).json(&asked);
    request.send().await.map_err(|why| away(&why))
}

/// Named arguments as this version takes them: some by place, the others by name.
fn arguments(all: Value, major: u32) -> (Vec<Value>, Map<String, Value>) {
    let Value::Object(mut named) = all else {
        return (Vec::new(), Map::new());
    };
    if major < TAKES_LOAD {
        named.remove("load");
    }
    let by_place = BY_PLACE.iter().filter_map(|name| named.remove(*name));
    (by_place.collect(), named)
}

/// What was returned, or why nothing was. `secret` is cut out of messages, should Odoo ever repeat it.
fn answer(reply: Reply, secret: &str) -> Result<Value, OdooError> {
    let told = reply.answer("", secret)?;
    let told: Result<Value, _> = serde_json::from_slice(told.json());
    let Ok(Value::Object(mut told)) = told else {
        return Err(OdooError::Answer(
            "it is no JSON-RPC: is this address an Odoo?".to_owned(),
        ));
    };
    if let Some(error) = told.get("error") {
        return Err(failure(error, secret));
    }
    // A method that returns nothing is answered without a result.
    Ok(told.remove("result").unwrap_or(Value::Null))
}

/// Tells errors apart by the exception's name; the code is the same for all of them.
fn failure(error: &Value, secret: &str) -> OdooError {
    let text = |name: &str| {
        error
            .pointer(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let name = text("/data/name");
    let message = presentable(text("/data/message"), secret);
    match name {
        "odoo.exceptions.AccessDenied" => OdooError::KeyRefused,
        "odoo.exceptions.AccessError" => OdooError::NotAllowed(message),
        "" => OdooError::Answer(presentable(text("/message"), secret)),
        _ if name.starts_with("psycopg2.") && !is_lasting(name) => {
            OdooError::Away(format!("its database failed ({name})"))
        }
        _ => OdooError::Rejected {
            name: name.to_owned(),
            message,
        },
    }
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;

    use super::*;

    fn told(body: &Value) -> Result<Value, OdooError> {
        let reply = Reply {
            status: StatusCode::OK,
            is_json: true,
            retry_after: None,
            location: None,
            body: body.to_string().into_bytes(),
        };
        answer(reply, "s3cret")
    }

    /// An error as Odoo 14 was seen to tell it; 19 says 0 for its code.
    fn error(name: &str, message: &str) -> Value {
        json!({"jsonrpc": "2.0", "id": 1, "error": {
            "code": 200, "message": "Odoo Server Error",
            "data": {"name": name, "message": message, "arguments": [message], "context": {}, "debug": "Traceback: s3cret"},
        }})
    }

    #[test]
    fn the_exceptions_name_decides() {
        let table = [
            ("odoo.exceptions.AccessDenied", "KeyRefused"),
            ("odoo.exceptions.AccessError", "NotAllowed"),
            ("odoo.exceptions.UserError", "Rejected"),
            ("builtins.ValueError", "Rejected"),
            ("psycopg2.OperationalError", "Away"),
            ("psycopg2.errors.SerializationFailure", "Away"),
            ("psycopg2.errors.UndefinedTable", "Rejected"),
        ];
        for (name, expected) in table {
            let shown = format!("{:?}", told(&error(name, "no")).unwrap_err());
            assert!(shown.starts_with(expected), "{name}: {shown}");
        }
    }

    #[test]
    fn neither_traceback_nor_key_gets_through() {
        let odd = error("odoo.exceptions.UserError", "the key s3cret is odd");
        let shown = format!("{:?}", told(&odd).unwrap_err());
        assert!(shown.contains("the key (secret) is odd"), "{shown}");
        assert!(!shown.contains("Traceback"), "{shown}");
    }

    #[test]
    fn what_is_no_answer_is_said_to_be_none() {
        for body in [
            json!([]),
            json!({"error": {"message": "404: Not Found", "code": 404}}),
        ] {
            assert!(matches!(told(&body), Err(OdooError::Answer(_))), "{body}");
        }
        assert_eq!(told(&json!({"result": [1]})).unwrap(), json!([1]));
        assert_eq!(told(&json!({"id": 1})).unwrap(), Value::Null);
    }

    #[test]
    fn arguments_find_their_places() {
        let all = json!({"domain": [["id", ">", 7]], "fields": ["name"], "load": null, "ids": [3]});
        let (by_place, named) = arguments(all.clone(), 14);
        assert_eq!(by_place, [json!([3]), json!([["id", ">", 7]])]);
        assert_eq!(Value::Object(named), json!({"fields": ["name"]}));
        let (_, named) = arguments(all, 15);
        assert_eq!(
            Value::Object(named),
            json!({"fields": ["name"], "load": null})
        );
    }
}
