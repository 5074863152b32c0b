//! The server that runs the job is killed and started again.

use super::Scene;
use crate::dice::Dice;
use anyhow::Result;
use sluice_tests::until::pass;

pub(super) async fn strike(scene: &Scene<'_>, dice: &mut Dice) -> Result<()> {
    let mut server = scene.holder(dice).await.server.lock().await;
    server.kill().await?;
    pass(dice.span(0, 1_500)).await;
    server.begin().await
}
