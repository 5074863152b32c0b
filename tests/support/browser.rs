//! A real browser: tours are short Python programs beside this file, driven by Playwright, that a test starts and answers.

use crate::{checkout::root, checkout::script, odoo::answer};
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::{path::PathBuf, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::Command,
};

/// How long a tour may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(10);

/// Where the pictures of the tours go.
pub fn pictures() -> PathBuf {
    root().join("target/screens")
}

/// Goes on a tour, and returns what it saw. What the tour asks for, such as `restart Odoo`, is done by `asked`.
pub async fn tour(
    name: &str,
    given: &Value,
    mut asked: impl AsyncFnMut(&str) -> Result<()>,
) -> Result<Value> {
    let python = answer(&mut Command::new(script("browser.sh"))).await?;
    let mut process = Command::new(python)
        .arg("-B")
        .arg(root().join(format!("tests/support/browser/{name}.py")))
        .arg(given.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut answers = process.stdin.take().context("the tour listens")?;
    let mut lines = BufReader::new(process.stdout.take().context("the tour talks")?).lines();
    let going = async {
        let mut saw = None;
        while let Some(line) = lines.next_line().await? {
            if let Some(what) = line.strip_prefix("asks ") {
                asked(what).await?;
                answers.write_all(b"done\n").await?;
            } else if let Some(told) = line.strip_prefix("saw ") {
                saw = Some(serde_json::from_str(told)?);
            }
        }
        let status = process.wait().await?;
        if !status.success() {
            bail!("the tour {name} failed ({status}); its last picture is in target/screens");
        }
        saw.context("the tour told nothing")
    };
    tokio::time::timeout(PATIENCE, going)
        .await
        .with_context(|| format!("the tour {name} did not end"))?
}
