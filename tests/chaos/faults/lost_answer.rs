//! A request reaches Odoo, but its answer does not come back: what doubles rows where nobody keeps a ledger.

use super::Scene;
use crate::dice::Dice;
use anyhow::Result;
use sluice_tests::{proxy::Lost, until::pass};
use std::time::{Duration, Instant};

/// How long to wait for a request that can lose its answer.
const LONGEST_WAIT: Duration = Duration::from_secs(4);

pub(super) async fn strike(scene: &Scene<'_>, dice: &mut Dice) -> Result<()> {
    let line = &scene.stage.to_odoo;
    for _ in 0..=dice.below(3) {
        let word = *dice.pick(&["/apply_batch", "/apply_batch", "/finish", "/sweep"]);
        let when = *dice.pick(&[Lost::AfterRequest, Lost::BeforeAnswer]);
        let (before, began) = (line.lost_answers(), Instant::now());
        line.lose_answer(word, when);
        while line.lost_answers() == before && began.elapsed() < LONGEST_WAIT {
            pass(Duration::from_millis(20)).await;
        }
        line.keep_answers();
    }
    Ok(())
}
