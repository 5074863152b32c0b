//! Somebody else writes to the supplier's lines all the time, so that Odoo's transactions fail to serialize.

use super::Scene;
use crate::dice::Dice;
use anyhow::Result;
use sluice_tests::until::pass;
use std::time::{Duration, Instant};

pub(super) async fn strike(scene: &Scene<'_>, dice: &mut Dice) -> Result<()> {
    let mut odoo = scene.stage.look_behind_odoo().await?;
    let span = dice.span(1_000, 4_000);
    let began = Instant::now();
    while began.elapsed() < span {
        let share = i64::try_from(dice.below(5))?;
        let written = sqlx::query("update product_supplierinfo set write_date = now() where partner_id = $1 and id % 5 = $2")
            .bind(scene.supplier)
            .bind(share)
            .execute(&mut odoo)
            .await;
        // Whoever loses a race is not the point here.
        drop(written);
        pass(Duration::from_millis(25)).await;
    }
    Ok(())
}
