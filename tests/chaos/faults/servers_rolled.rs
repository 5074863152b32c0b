//! A rolling restart: each server is asked to stop, must do so in ten seconds, and is started again.

use super::Scene;
use crate::dice::Dice;
use anyhow::{Result, ensure};
use std::time::{Duration, Instant};

/// How long a stop may take, whatever runs.
pub(super) const LONGEST_STOP: Duration = Duration::from_secs(10);

pub(super) async fn strike(scene: &Scene<'_>, _: &mut Dice) -> Result<()> {
    for seat in &scene.stage.seats {
        let mut server = seat.server.lock().await;
        let began = Instant::now();
        let ended = server.stop().await?;
        let took = began.elapsed();
        ensure!(
            ended.success(),
            "a server that was asked to stop ended with {ended}"
        );
        ensure!(took <= LONGEST_STOP, "a server took {took:?} to stop");
        server.begin().await?;
    }
    Ok(())
}
