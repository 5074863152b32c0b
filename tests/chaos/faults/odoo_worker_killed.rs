//! A worker of a prefork Odoo dies in the middle of its work, as at its memory limit; Odoo replaces it by itself.

use super::{Scene, odoo_killed::workers_of};
use crate::dice::Dice;
use anyhow::{Result, ensure};
use sluice_tests::{server::signal, until::pass};

pub(super) async fn strike(scene: &Scene<'_>, dice: &mut Dice) -> Result<()> {
    let site = scene.stage.site.lock().await;
    for _ in 0..=dice.below(3) {
        let workers = workers_of(site.process_of(&scene.stage.odoo.access.database)?);
        ensure!(!workers.is_empty(), "a threaded Odoo has no worker to lose");
        let _may_be_gone = signal(*dice.pick(&workers), "KILL").await;
        pass(dice.span(100, 900)).await;
    }
    Ok(())
}
