//! Somebody takes every connection that Postgres allows, while those of the servers are terminated.

use super::Scene;
use crate::dice::Dice;
use anyhow::Result;
use sluice_tests::until::pass;
use std::time::{Duration, Instant};

pub(super) async fn strike(scene: &Scene<'_>, dice: &mut Dice) -> Result<()> {
    let _postgres = scene.stage.postgres.lock().await;
    let mut own = scene.stage.look().await?;
    let mut taken = Vec::new();
    let (span, began) = (dice.span(1_500, 4_000), Instant::now());
    while began.elapsed() < span {
        sqlx::query(
            "select pg_terminate_backend(pid) from pg_stat_activity \
             where datname = current_database() and application_name = 'sluice-server' and random() < 0.3",
        )
        .fetch_all(&mut own)
        .await?;
        while let Ok(connection) = scene.stage.look().await {
            taken.push(connection);
        }
        pass(Duration::from_millis(200)).await;
    }
    Ok(())
}
