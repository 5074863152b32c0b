//! Programs run as a user would run them: `sluice`, `grpcurl`, a line of shell.

use anyhow::{Context as _, Result};
use std::env;
use tokio::process::Command;

use crate::{checkout::script, odoo::answer};

/// What a command printed, and how it ended.
#[derive(Debug)]
pub struct Outcome {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Runs a line of shell with these variables, from the root of the checkout; `grpcurl` is installed if it is not there.
pub async fn shell(line: &str, variables: &[(&str, &str)]) -> Result<Outcome> {
    let tools = answer(&mut Command::new(script("tools.sh"))).await?;
    let path = env::var_os("PATH").unwrap_or_default();
    let mut command = Command::new("bash");
    command
        .arg("-euo")
        .arg("pipefail")
        .arg("-c")
        .arg(line)
        .env("PATH", format!("{tools}:{}", path.display()))
        .envs(variables.iter().copied())
        .current_dir(crate::checkout::root());
    outcome(command).await
}

/// Runs a command to its end, at most a minute.
pub async fn outcome(mut command: Command) -> Result<Outcome> {
    let ended = tokio::time::timeout(
        crate::until::PATIENCE,
        command
            .kill_on_drop(true)
            .stdin(std::process::Stdio::null())
            .output(),
    );
    let output = ended.await.context("the command did not end")??;
    Ok(Outcome {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
