//! The listeners of all servers stay connected and hear nothing; at the end they hear everything late, or are cut.

use super::Scene;
use crate::dice::Dice;
use anyhow::Result;
use sluice_tests::{proxy::Weather, until::pass};

pub(super) async fn strike(scene: &Scene<'_>, dice: &mut Dice) -> Result<()> {
    for seat in &scene.stage.seats {
        seat.to_postgres.weather(Weather::SilentIfMarked);
    }
    pass(dice.span(2_000, 9_000)).await;
    for seat in &scene.stage.seats {
        if dice.once_in(2) {
            seat.to_postgres.reset_all();
        }
        seat.to_postgres.weather(Weather::Clear);
    }
    Ok(())
}
