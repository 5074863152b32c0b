//! The promises of the program as a whole: how it starts, whom it lets in, how it stops.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod guard;
mod server;
mod stopping;
mod tls;

use std::time::Duration;

use sluice_proto::v1::{JobsListRequest, jobs_client::JobsClient};
use tonic::Request;

use crate::server::Server;

#[tokio::test]
async fn a_server_is_ready_with_a_token_that_is_kept_and_shown_once() {
    let mut server = Server::start().await;
    let shown = server.output().contains(&server.token());
    assert!(shown, "{}", server.output());
    let mode = std::os::unix::fs::MetadataExt::mode(
        &std::fs::metadata(server.file("admin.token")).unwrap(),
    );
    assert_eq!(mode & 0o777, 0o600);
    server.terminate().await;
    server.start_again().await;
    assert!(
        !server.output().contains("slu_admin_"),
        "{}",
        server.output()
    );
    server.terminate().await;
}

#[tokio::test]
async fn a_second_server_on_one_directory_is_refused_with_the_first_ones_number() {
    let mut first = Server::start().await;
    let refusal = Server::refused(first.folder(), &[]).await;
    assert!(
        refusal.contains(&format!(
            "in use by the server with process id {}",
            first.id()
        )),
        "{refusal}"
    );
    first.terminate().await;
}

#[tokio::test]
async fn the_postgres_of_a_killed_server_is_taken_over() {
    let mut server = Server::start().await;
    let postgres = server.read("postgres/postmaster.pid");
    let port = server.read("postgres.port");
    server.kill().await;
    server.start_again().await;
    assert!(
        server
            .log()
            .contains("took over the postgres of a server that was killed"),
        "{}",
        server.log()
    );
    assert_eq!(
        server.read("postgres/postmaster.pid").lines().next(),
        postgres.lines().next()
    );
    assert_eq!(server.read("postgres.port"), port);
    assert!(server.is_on_a_socket().await);
    server.terminate().await;
    assert!(
        !server.file("postgres/postmaster.pid").exists(),
        "postgres still runs"
    );
}

#[tokio::test]
async fn a_postgres_without_a_socket_that_an_older_server_left_is_taken_over_too() {
    let mut server = Server::start().await;
    assert!(server.is_on_a_socket().await);
    server.kill().await;
    // As such a Postgres tells it: the fifth line is where its socket is.
    let told = server.read("postgres/postmaster.pid");
    let mut lines: Vec<&str> = told.lines().collect();
    lines[4] = "";
    std::fs::write(server.file("postgres/postmaster.pid"), lines.join("\n")).unwrap();
    server.start_again().await;
    assert!(!server.is_on_a_socket().await);
    server.terminate().await;
}

#[tokio::test]
async fn an_unknown_setting_is_refused_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("sluice.toml"), "worker = 3\n").unwrap();
    let refusal = Server::refused(folder.path(), &[]).await;
    assert!(
        refusal.contains("unknown setting `worker`") && refusal.contains("sluice.toml"),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_postgres_that_dies_is_started_again() {
    let mut server = Server::start().await;
    let postgres = server.read("postgres/postmaster.pid");
    let id = postgres.lines().next().and_then(|line| line.parse().ok());
    let id = id.and_then(rustix::process::Pid::from_raw).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::KILL).unwrap();
    let channel = server.channel().await;
    let mut tries = tokio::time::interval(Duration::from_millis(100));
    let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
    loop {
        tries.tick().await;
        let restarted = server.log().contains("postgres ended by itself");
        let mut list = Request::new(JobsListRequest::default());
        let bearer = format!("bearer {}", server.token());
        list.metadata_mut()
            .insert("authorization", bearer.parse().unwrap());
        let answer = JobsClient::new(channel.clone()).list(list).await;
        if restarted && answer.is_ok() {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "{answer:?}");
    }
    drop(channel);
    server.terminate().await;
}
