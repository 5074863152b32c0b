//! A Postgres that has no connection left for a server.

use anyhow::Result;
use sluice_tests::{cluster::Cluster, server::Server, until::until};
use sqlx::Executor as _;

#[tokio::test]
async fn a_server_that_gets_too_few_connections_waits_for_more() -> Result<()> {
    let log = [
        "logging_collector = on",
        "log_directory = 'log'",
        "log_filename = 'postgres.log'",
    ];
    let cluster = Cluster::start(&log, None).await?;
    let mut administrator = cluster.connect("postgres").await?;
    administrator.execute("create role owner login").await?;
    administrator
        .execute("create database sluice owner owner")
        .await?;
    let url = format!("postgres://owner@127.0.0.1:{}/sluice", cluster.port);
    let mut server = Server::start_alone(&[("DATABASE_URL", &url)]).await?;
    assert!(server.stop().await?.success());

    // Enough to see that Postgres is there, and not to work with it.
    administrator
        .execute("alter role owner connection limit 1")
        .await?;
    let file = cluster.disk().join("data/log/postgres.log");
    let relief = async {
        let refused = "too many connections for role \"owner\"";
        until(
            "a connection is refused",
            async || Ok(std::fs::read_to_string(&file)?.contains(refused)),
            |refused| *refused,
        )
        .await?;
        let no_limit = "alter role owner connection limit -1";
        administrator.execute(no_limit).await?;
        anyhow::Ok(())
    };
    tokio::try_join!(server.begin(), relief)?;
    assert!(server.log().contains("postgres is not ready yet"));
    assert!(server.stop().await?.success());
    Ok(())
}
