//! Postgres commits, but the server that asked for it never hears so.

use super::Scene;
use crate::dice::Dice;
use anyhow::Result;
use sluice_tests::{proxy::Lost, until::pass};
use std::time::{Duration, Instant};

/// How long to wait for a commit that can lose its answer.
const LONGEST_WAIT: Duration = Duration::from_secs(3);

pub(super) async fn strike(scene: &Scene<'_>, dice: &mut Dice) -> Result<()> {
    let line = &scene.holder(dice).await.to_postgres;
    for _ in 0..=dice.below(2) {
        let (before, began) = (line.lost_answers(), Instant::now());
        line.lose_answer("COMMIT", Lost::BeforeAnswer);
        while line.lost_answers() == before && began.elapsed() < LONGEST_WAIT {
            pass(Duration::from_millis(20)).await;
        }
        line.keep_answers();
        pass(dice.span(0, 800)).await;
    }
    Ok(())
}
