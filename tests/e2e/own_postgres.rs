//! A server that nobody gave a Postgres.

use anyhow::{Context as _, Result};
use sluice_client::v1::JobsListRequest;
use sluice_tests::{checkout::program, command::outcome, server::Server};
use tokio::process::Command;

#[tokio::test]
async fn it_starts_its_own_and_knows_its_token_after_a_crash() -> Result<()> {
    let mut server = Server::start_alone(&[]).await?;
    let jobs = server
        .client()
        .await?
        .jobs(JobsListRequest::default(), 10)
        .await?;
    assert!(jobs.is_empty());

    server.kill().await?;
    server.begin().await?;
    server
        .client()
        .await?
        .jobs(JobsListRequest::default(), 10)
        .await?;

    let ended = server.stop().await?;
    assert!(ended.success(), "{ended}\n{}", server.log());
    Ok(())
}

#[tokio::test]
async fn a_second_server_on_its_directory_is_refused_in_words() -> Result<()> {
    let server = Server::start_alone(&[]).await?;
    let mut second = Command::new(program("sluice-server")?);
    second.arg("--data-dir").arg(server.data_dir()).args([
        "--listen",
        "127.0.0.1:0",
        "--metrics-listen",
        "127.0.0.1:0",
    ]);
    let refused = outcome(second).await?;
    assert_ne!(refused.code, 0);
    let process = server
        .process_id()
        .context("the first one runs")?
        .to_string();
    assert!(
        refused.stderr.contains(&process),
        "it should name the process {process}: {refused:?}"
    );
    Ok(())
}

#[tokio::test]
async fn metrics_are_served_beside_it() -> Result<()> {
    let server = Server::start_alone(&[]).await?;
    let metrics = server.metrics().await?;
    assert!(metrics.contains("sluice_"), "{metrics}");
    Ok(())
}
