//! Another queue as a contestant: a program in its own language that takes orders line by line.

use super::{Answer, Order};
use anyhow::{Context as _, Result, ensure};
use sluice_tests::{
    checkout::{root, script},
    odoo::answer,
};
use std::{path::PathBuf, process::Stdio};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

pub(super) struct Peer {
    child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Peer {
    pub(super) async fn enter(name: &str, url: &str) -> Result<Self> {
        let home = PathBuf::from(answer(&mut Command::new(script("queue-peers.sh"))).await?);
        let programs = root().join("tests/bench/queue/peers");
        let mut command = if name == "procrastinate" {
            let mut python = Command::new(home.join("venv/bin/python"));
            python.arg(programs.join("procrastinate_peer.py"));
            python
        } else {
            let mut node = Command::new("node");
            // Beside what it imports: a module is searched from where the program lies.
            node.arg(home.join(match name {
                "pg-boss" => "pg_boss.mjs",
                _ => "graphile.mjs",
            }));
            node
        };
        if name == "graphile-batched" {
            command.arg("batched");
        }
        let mut child = command
            .env("DATABASE_URL", url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("the peer does not start")?;
        let orders = child.stdin.take().context("no stdin")?;
        let answers = BufReader::new(child.stdout.take().context("no stdout")?).lines();
        let mut peer = Self {
            child,
            orders,
            answers,
        };
        peer.read()
            .await
            .with_context(|| format!("{name} starts"))?;
        Ok(peer)
    }

    pub(super) async fn ask(&mut self, order: Order) -> Result<Answer> {
        self.orders
            .write_all(format!("{order}\n").as_bytes())
            .await?;
        self.read().await.with_context(|| order.to_string())
    }

    pub(super) async fn leave(mut self) -> Result<()> {
        drop(self.orders);
        let ended = self.child.wait().await?;
        ensure!(ended.success(), "the peer ended with {ended}");
        Ok(())
    }

    async fn read(&mut self) -> Result<Answer> {
        let line = self.answers.next_line().await?;
        Ok(serde_json::from_str(&line.context("it ended early")?)?)
    }
}
