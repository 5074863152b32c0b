//! Lines to the server's Postgres that lead nowhere any more, though nobody said so.

use anyhow::{Result, bail};
use sluice_tests::{
    cluster::Cluster, odoo::Odoo, proxy::Proxy, server::Server, until::until_within, world::World,
};
use std::{
    io::ErrorKind,
    time::{Duration, Instant},
};
use tokio::net::{TcpListener, TcpStream};

/// The kernel alone would hold on to such a line for a quarter of an hour.
const SOON: Duration = Duration::from_secs(40);

#[tokio::test]
async fn a_server_that_waits_for_its_postgres_lets_nobody_in() -> Result<()> {
    // A Postgres that takes connections and says nothing.
    let postgres = TcpListener::bind("127.0.0.1:0").await?;
    let url = Cluster::url_at(postgres.local_addr()?.port(), "sluice");
    let mut server = Server::start(&[]).await?;
    assert!(server.stop().await?.success());
    server.set("DATABASE_URL", &url);
    let address = server.address.clone();
    let refused = async {
        let _waiting = postgres.accept().await?;
        // Its address is taken by now.
        TcpStream::connect(address).await.map(drop)
    };
    tokio::select! {
        begun = server.begin() => bail!("it serves without a Postgres: {begun:?}"),
        outcome = refused => {
            let kind = outcome.err().map(|error| error.kind());
            assert_eq!(kind, Some(ErrorKind::ConnectionRefused));
        }
    }
    Ok(())
}

#[tokio::test]
async fn lines_that_fell_silent_are_given_up_within_seconds() -> Result<()> {
    let cluster = Cluster::start(&[], None).await?;
    cluster.create_database("sluice").await?;
    let line = Proxy::start(cluster.port, "").await?;
    let url = Cluster::url_at(line.port, "sluice");
    let server = Server::start_alone(&[("DATABASE_URL", &url)]).await?;
    let world = World::on(server, Odoo::shared()?).await?;
    let list = world.clean_list(20).await?;
    world.imported(world.import(&list)).await?;

    line.silence_open();
    let began = Instant::now();
    // Claims, checkpoints and the story of this one have only silent connections to begin with.
    world.imported(world.import(&list)).await?;
    assert!(began.elapsed() < SOON, "it took {:?}", began.elapsed());
    for given_up in ["leads nowhere", "lost the liveness lock"] {
        until_within(
            SOON,
            given_up,
            async || Ok(world.server.log()),
            |log| log.contains(given_up),
        )
        .await?;
    }
    Ok(())
}
