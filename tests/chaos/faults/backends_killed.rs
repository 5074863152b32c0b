//! All sessions of the servers are terminated, those of their listeners and their liveness too.

use super::Scene;
use crate::dice::Dice;
use anyhow::Result;
use sluice_tests::until::pass;

pub(super) async fn strike(scene: &Scene<'_>, dice: &mut Dice) -> Result<()> {
    for _ in 0..=dice.below(3) {
        let _postgres = scene.stage.postgres.lock().await;
        let mut own = scene.stage.look().await?;
        sqlx::query("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")
            .fetch_all(&mut own)
            .await?;
        pass(dice.span(50, 1_500)).await;
    }
    Ok(())
}
