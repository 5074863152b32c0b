//! The volume of the servers' Postgres is filled to the last byte; later there is room again.

use super::Scene;
use crate::dice::Dice;
use anyhow::Result;
use sluice_tests::until::pass;
use std::{fs::File, io::Write as _, path::PathBuf};

pub(super) async fn strike(scene: &Scene<'_>, dice: &mut Dice) -> Result<()> {
    let postgres = scene.stage.postgres.lock().await;
    let filler = postgres.disk().join("filler");
    tokio::task::spawn_blocking({
        let filler = filler.clone();
        move || fill(&filler)
    })
    .await??;
    pass(dice.span(1_000, 4_000)).await;
    std::fs::remove_file(filler)?;
    // Postgres ends itself where it cannot write its log, and then an administrator starts it again.
    postgres.go_on().await
}

fn fill(path: &PathBuf) -> Result<()> {
    let mut file = File::create(path)?;
    for piece in [1 << 20, 4 << 10] {
        let piece = vec![0; piece];
        while file.write_all(&piece).is_ok() {}
    }
    Ok(())
}
