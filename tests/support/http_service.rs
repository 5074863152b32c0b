//! A small HTTP service that a test or a bench puts in the place of somebody else's; it serves as long as its value lives.

use anyhow::Result;
use axum::Router;
use std::net::SocketAddr;
use tokio::{net::TcpListener, task::JoinSet};

/// A service on a free port of this machine.
#[derive(Debug)]
pub struct HttpService {
    address: SocketAddr,
    _serving: JoinSet<()>,
}

impl HttpService {
    /// Starts serving.
    pub async fn start(routes: Router) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            // It ends with this value only: a connection that fails is the caller's own trouble.
            let _never = axum::serve(listener, routes).await;
        });
        Ok(Self {
            address,
            _serving: serving,
        })
    }

    /// The address of a path, such as `/list.csv`; of the service itself for an empty one.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}
