//! The servers' Postgres ends at once, as in a power cut, and is started again.

use super::Scene;
use crate::dice::Dice;
use anyhow::Result;
use sluice_tests::until::pass;

pub(super) async fn strike(scene: &Scene<'_>, dice: &mut Dice) -> Result<()> {
    let postgres = scene.stage.postgres.lock().await;
    postgres.crash().await?;
    pass(dice.span(0, 5_000)).await;
    postgres.go_on().await
}
