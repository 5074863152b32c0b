//! The server that runs the job is started again with a clock that is an hour ahead or behind, and later with the right one.

use super::Scene;
use crate::dice::Dice;
use anyhow::Result;
use sluice_tests::{checkout::script, odoo::answer, until::pass};
use tokio::process::Command;

pub(super) async fn strike(scene: &Scene<'_>, dice: &mut Dice) -> Result<()> {
    let library = answer(Command::new(script("chaos-tools.sh")).arg("faketime")).await?;
    let mut server = scene.holder(dice).await.server.lock().await;
    server.kill().await?;
    // Only the time of day is wrong: the machine's own count of seconds never jumps.
    let clock = [
        ("LD_PRELOAD", library.as_str()),
        ("FAKETIME", *dice.pick(&["+1h", "-1h"])),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    for (name, value) in clock {
        server.set(name, value);
    }
    server.begin().await?;
    pass(dice.span(2_000, 5_000)).await;
    for (name, _) in clock {
        server.unset(name);
    }
    server.kill().await?;
    server.begin().await
}
