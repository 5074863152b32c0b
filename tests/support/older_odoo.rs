//! An Odoo as it was before JSON-2: the real one, of which nothing is to be seen but its JSON-RPC, and that says another version.

use crate::odoo::Odoo;
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// A front of the Odoo that all stories share; it ends when it is dropped.
pub struct OlderOdoo {
    address: SocketAddr,
    road: Arc<Road>,
    _serving: JoinSet<()>,
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
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let road = Arc::new(Road {
            version: version.to_owned(),
            target: format!("{}/jsonrpc", odoo.access.url),
            http: reqwest::Client::builder().build()?,
            asked: Mutex::default(),
        });
        let mut serving = JoinSet::new();
        let served = Arc::clone(&road);
        serving.spawn(async move {
            let mut callers = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let road = Arc::clone(&served);
                callers.spawn(async move {
                    // Whoever hangs up has had enough.
                    let _served = serve(stream, &road).await;
                });
            }
        });
        Ok(Self {
            address,
            road,
            _serving: serving,
        })
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The arguments of all calls of a method of a model so far: those by place, then those by name.
    pub fn calls_of(&self, method: &str) -> Vec<(Value, Value)> {
        let asked = self
            .road
            .asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        asked
            .iter()
            .filter(|params| params["args"][4] == method)
            .map(|params| (params["args"][5].clone(), params["args"][6].clone()))
            .collect()
    }

    /// How often somebody has logged in so far.
    pub fn logins(&self) -> usize {
        let asked = self
            .road
            .asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let logins = asked
            .iter()
            .filter(|params| params["method"] == "authenticate");
        logins.count()
    }
}

async fn serve(stream: TcpStream, road: &Road) -> Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let (mut path, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await?;
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(told) = line.strip_prefix("content-length:") {
                length = told.trim().parse()?;
            } else if path.is_empty() {
                let asked = line.split(' ').nth(1).context("a request names a path")?;
                asked.clone_into(&mut path);
            } else if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        let (status, body) = if path == "/jsonrpc" {
            ("200 OK", answer(&body, road).await?)
        } else {
            ("404 Not Found", b"<h1>Not Found</h1>".to_vec())
        };
        let kind = if path == "/jsonrpc" {
            "application/json"
        } else {
            "text/html"
        };
        // The time of the machine, which the real one tells too.
        let date = chrono::Utc::now().to_rfc2822();
        let head = format!(
            "HTTP/1.1 {status}\r\nDate: {date}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let stream = stream.get_mut();
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(&body).await?;
    }
}

async fn answer(body: &[u8], road: &Road) -> Result<Vec<u8>> {
    let asked: Value = serde_json::from_slice(body)?;
    let params = &asked["params"];
    if params["service"] == "common" && params["method"] == "version" {
        let told = json!({ "server_version": road.version, "server_serie": road.version });
        let told = json!({ "jsonrpc": "2.0", "id": asked["id"], "result": told });
        return Ok(told.to_string().into_bytes());
    }
    road.asked
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(params.clone());
    let answer = road.http.post(&road.target).json(&asked).send().await?;
    Ok(answer.bytes().await?.to_vec())
}
