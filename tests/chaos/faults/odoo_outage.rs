//! Odoo is stopped as an administrator would, stays away for a while, and comes back.

use super::Scene;
use crate::dice::Dice;
use anyhow::Result;
use sluice_tests::until::pass;

pub(super) async fn strike(scene: &Scene<'_>, dice: &mut Dice) -> Result<()> {
    let site = scene.stage.site.lock().await;
    site.stop(&scene.stage.odoo.access.database).await?;
    // Once in a while for longer than any single call, lease or backoff lasts.
    let away = if dice.once_in(12) {
        dice.span(40_000, 70_000)
    } else {
        dice.span(0, 8_000)
    };
    pass(away).await;
    scene.stage.serve_odoo(&site).await
}
