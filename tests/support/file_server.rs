//! A supplier's web server: one list, a redirect to it, one to a place that is none of its business, and nothing else.

use anyhow::Result;
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// Serves `/list.csv`, `/moved.csv` as a redirect to it and `/inwards.csv` as one to the machine itself, as long as this
/// value lives.
pub struct FileServer {
    address: SocketAddr,
    _serving: JoinSet<()>,
}

impl FileServer {
    /// Starts serving a list.
    pub async fn start(list: Vec<u8>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A caller who hangs up early has had enough; the next one is served all the same.
                let _served = answer(stream, &list).await;
            }
        });
        Ok(Self {
            address,
            _serving: serving,
        })
    }

    /// The address of a path, such as `/list.csv`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

async fn answer(mut stream: TcpStream, list: &[u8]) -> Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await?);
    }
    let (head, body) = if request.starts_with(b"GET /list.csv ") {
        ("200 OK\r\nContent-Type: text/csv", list)
    } else if request.starts_with(b"GET /moved.csv ") {
        ("302 Found\r\nLocation: /list.csv", &b""[..])
    } else if request.starts_with(b"GET /inwards.csv ") {
        ("302 Found\r\nLocation: http://127.0.0.2/list.csv", &b""[..])
    } else {
        ("404 Not Found", &b""[..])
    };
    let head = format!(
        "HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    Ok(stream.shutdown().await?)
}
