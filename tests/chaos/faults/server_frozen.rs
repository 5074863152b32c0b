//! The server that runs the job stands still for longer than its lease, and then goes on as if nothing had happened.

use super::Scene;
use crate::{dice::Dice, stage::LEASE};
use anyhow::Result;
use sluice_tests::until::pass;

pub(super) async fn strike(scene: &Scene<'_>, dice: &mut Dice) -> Result<()> {
    let server = scene.holder(dice).await.server.lock().await;
    server.signal("STOP").await?;
    pass(LEASE + dice.span(500, 3_000)).await;
    server.signal("CONT").await
}
