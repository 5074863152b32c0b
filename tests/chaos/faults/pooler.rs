//! A server is started again behind a pgbouncer, and later without it.

use super::Scene;
use crate::dice::Dice;
use anyhow::Result;
use sluice_tests::{cluster::Cluster, pooler::Pooler, until::pass};

pub(super) async fn strike(scene: &Scene<'_>, dice: &mut Dice) -> Result<()> {
    let seat = scene.holder(dice).await;
    let pooler = Pooler::start(seat.to_postgres.port).await?;
    let mut server = seat.server.lock().await;
    server.kill().await?;
    server.set("DATABASE_URL", &Cluster::url_at(pooler.port, "sluice"));
    server.begin().await?;
    pass(dice.span(2_000, 6_000)).await;
    server.kill().await?;
    server.set(
        "DATABASE_URL",
        &Cluster::url_at(seat.to_postgres.port, "sluice"),
    );
    server.begin().await
}
