//! Somebody holds the lock that a batch needs. A prefork worker that waits too long for it is killed at its time limit.

use super::Scene;
use crate::dice::Dice;
use anyhow::Result;
use sluice_tests::until::pass;
use sqlx::Connection as _;

pub(super) async fn strike(scene: &Scene<'_>, dice: &mut Dice) -> Result<()> {
    let mut odoo = scene.stage.look_behind_odoo().await?;
    let mut holding = odoo.begin().await?;
    sqlx::query("select from sluice_fence where job = $1 for update")
        .bind(scene.job.to_string())
        .fetch_all(&mut *holding)
        .await?;
    pass(dice.span(1_000, 8_000)).await;
    Ok(holding.rollback().await?)
}
