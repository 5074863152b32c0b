//! A line between two parts is cut, falls silent, gets slow, or drips.

use super::Scene;
use crate::{dice::Dice, stage::LEASE};
use anyhow::Result;
use sluice_tests::{
    proxy::{Proxy, Weather},
    until::pass,
};
use std::time::Duration;

pub(super) async fn to_odoo(scene: &Scene<'_>, dice: &mut Dice) -> Result<()> {
    spoil(&scene.stage.to_odoo, dice, Duration::from_secs(2)).await;
    Ok(())
}

/// Statements go to and fro far more often than calls of Odoo, so they are delayed by less.
pub(super) async fn to_postgres(scene: &Scene<'_>, dice: &mut Dice) -> Result<()> {
    let line = &scene.holder(dice).await.to_postgres;
    let delay = dice.span(20, 400);
    spoil(line, dice, delay).await;
    Ok(())
}

pub(super) async fn from_clients(scene: &Scene<'_>, dice: &mut Dice) -> Result<()> {
    let line = &dice.pick(&scene.stage.seats).from_clients;
    spoil(line, dice, Duration::from_secs(2)).await;
    Ok(())
}

async fn spoil(line: &Proxy, dice: &mut Dice, delay: Duration) {
    let weather = *dice.pick(&[
        Weather::Cut,
        Weather::Silent,
        Weather::Slow(delay),
        Weather::Drip,
    ]);
    line.weather(weather);
    let span = dice.span(500, 4_000);
    pass(if weather == Weather::Silent {
        LEASE + span
    } else {
        span
    })
    .await;
    if weather == Weather::Silent && dice.once_in(2) {
        // What was said in the silence is never heard, and who comes back learns that the line is gone.
        line.weather(Weather::Cut);
    }
    line.weather(Weather::Clear);
}
