//! Poolers before the server's Postgres.

use anyhow::{Context as _, Result};
use sluice_tests::{cluster::Cluster, pooler::Pooler, server::Server};

#[tokio::test]
async fn a_pooler_that_forgets_prepared_statements_is_refused_in_clear_words() -> Result<()> {
    let cluster = Cluster::start(&[], None).await?;
    cluster.create_database("sluice").await?;
    let pooler = Pooler::start_in("transaction", cluster.port).await?;
    let url = Cluster::url_at(pooler.port, "sluice");
    let refused = Server::start_alone(&[("DATABASE_URL", &url)]).await;
    let error = refused.err().context("the server works through it")?;
    let words = "a pooler in transaction mode that forgets prepared statements";
    assert!(error.to_string().contains(words), "{error:#}");

    let pooler = Pooler::start(cluster.port).await?;
    let url = Cluster::url_at(pooler.port, "sluice");
    let mut server = Server::start_alone(&[("DATABASE_URL", &url)]).await?;
    assert!(server.stop().await?.success());
    Ok(())
}
