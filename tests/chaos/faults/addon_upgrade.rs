//! The addons are brought up to date while Odoo serves and a list comes in.

use super::Scene;
use crate::dice::Dice;
use anyhow::Result;
use sluice_tests::until::pass;
use std::time::Duration;

pub(super) async fn strike(scene: &Scene<'_>, _: &mut Dice) -> Result<()> {
    let site = scene.stage.site.lock().await;
    let mut tries = 0;
    loop {
        let upgraded = site
            .upgrade(
                &scene.stage.odoo.access.database,
                "sluice,sluice_supplier_import",
            )
            .await;
        tries += 1;
        // An upgrade may lose against the import's locks, and is then made again, as an administrator would.
        if upgraded.is_ok() || tries == 4 {
            return upgraded;
        }
        pass(Duration::from_secs(1)).await;
    }
}
