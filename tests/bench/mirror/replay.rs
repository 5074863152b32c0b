//! Answers with pages that an Odoo gave before, at once: so that nothing is measured but what becomes of them.

use super::bare::{Kept, Pages};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::{net::SocketAddr, sync::Arc};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

pub(crate) struct Replay {
    address: SocketAddr,
    _serving: JoinSet<()>,
}

impl Replay {
    pub(crate) async fn start(pages: Pages) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let pages = Arc::new(pages);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut callers = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let pages = Arc::clone(&pages);
                callers.spawn(async move {
                    // Whoever hangs up has had enough.
                    let _served = serve(stream, &pages).await;
                });
            }
        });
        Ok(Self {
            address,
            _serving: serving,
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Answers one caller until it hangs up.
async fn serve(stream: TcpStream, pages: &Pages) -> Result<()> {
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
        let mut asked = vec![0; length];
        stream.read_exact(&mut asked).await?;
        let (status, body) = answer(&path, &asked, pages)?;
        let head = format!(
            "HTTP/1.1 {status}\r\nDate: Sat, 31 Jan 2026 10:00:00 GMT\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        let stream = stream.get_mut();
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(&body).await?;
    }
}

fn answer<'a>(
    path: &str,
    asked: &[u8],
    pages: &'a Pages,
) -> Result<(&'static str, std::borrow::Cow<'a, [u8]>)> {
    let records: usize = pages.pages.iter().map(|page| page.ids.len()).sum();
    let told = match path {
        "/web/version" => json!({ "version": "19.0" }),
        "/json/2/res.users/context_get" => json!({ "uid": 2 }),
        "/json/2/res.partner/search_count" => json!(records),
        "/json/2/res.partner/fields_get" => {
            return Ok(("200 OK", pages.fields.as_slice().into()));
        }
        "/json/2/res.partner/search_read" => {
            let page = page_behind(after(asked)?, &pages.pages);
            return Ok(("200 OK", page.into()));
        }
        _ => {
            let told = json!({ "name": "werkzeug.exceptions.NotFound", "message": "" });
            return Ok(("404 Not Found", told.to_string().into_bytes().into()));
        }
    };
    Ok(("200 OK", told.to_string().into_bytes().into()))
}

/// Behind which id the records are asked for.
fn after(asked: &[u8]) -> Result<i64> {
    let asked: Value = serde_json::from_slice(asked)?;
    let conditions = asked["domain"].as_array().context("a domain")?;
    Ok(conditions
        .iter()
        .find(|condition| condition[0] == "id" && condition[1] == ">")
        .and_then(|condition| condition[2].as_i64())
        .unwrap_or_default())
}

fn page_behind(after: i64, pages: &[Kept]) -> &[u8] {
    pages
        .iter()
        .find(|page| page.ids.first().is_some_and(|first| *first > after))
        .map_or(b"[]", |page| &page.body)
}
