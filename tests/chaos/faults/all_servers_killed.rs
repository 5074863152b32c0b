//! All servers are killed at once and started again.

use super::Scene;
use crate::dice::Dice;
use anyhow::Result;
use sluice_tests::until::pass;

pub(super) async fn strike(scene: &Scene<'_>, dice: &mut Dice) -> Result<()> {
    let mut servers = Vec::new();
    for seat in &scene.stage.seats {
        servers.push(seat.server.lock().await);
    }
    for server in &mut servers {
        server.kill().await?;
    }
    pass(dice.span(0, 1_500)).await;
    for server in &mut servers {
        server.begin().await?;
    }
    Ok(())
}
