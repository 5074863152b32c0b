//! Odoo is killed with all its workers, and started again.

use super::Scene;
use crate::dice::Dice;
use anyhow::Result;
use sluice_tests::{server::signal, until::pass};
use std::fs;

pub(super) async fn strike(scene: &Scene<'_>, dice: &mut Dice) -> Result<()> {
    let site = scene.stage.site.lock().await;
    let process = site.process_of(&scene.stage.odoo.access.database)?;
    let workers = workers_of(process);
    signal(process, "KILL").await?;
    for worker in workers {
        // One may have ended by itself meanwhile.
        let _killed = signal(worker, "KILL").await;
    }
    pass(dice.span(0, 2_000)).await;
    scene.stage.serve_odoo(&site).await
}

/// The worker processes of a prefork Odoo.
pub(super) fn workers_of(process: u32) -> Vec<u32> {
    let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children"));
    let children = children.unwrap_or_default();
    children
        .split_whitespace()
        .filter_map(|id| id.parse().ok())
        .collect()
}
