//! Somebody's transaction in the servers' database stays open until the job is over.

use super::Scene;
use crate::dice::Dice;
use anyhow::Result;
use sluice_tests::until::pass;
use sqlx::Connection as _;
use std::time::{Duration, Instant};

/// If another fault keeps the job for longer, so be it.
const LONGEST: Duration = Duration::from_secs(25);

pub(super) async fn strike(scene: &Scene<'_>, _: &mut Dice) -> Result<()> {
    let began = Instant::now();
    while began.elapsed() < LONGEST {
        // Another fault may end the transaction; then a next one begins.
        if matches!(hold(scene, began).await, Ok(true)) {
            break;
        }
        pass(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// Returns whether the job was over before the transaction.
async fn hold(scene: &Scene<'_>, began: Instant) -> Result<bool> {
    let mut own = scene.stage.look().await?;
    let mut open = own.begin().await?;
    sqlx::query("set transaction isolation level repeatable read")
        .execute(&mut *open)
        .await?;
    sqlx::query("select from job").fetch_all(&mut *open).await?;
    let mut beside = scene.stage.look().await?;
    while began.elapsed() < LONGEST {
        sqlx::query("select").execute(&mut *open).await?;
        let over: bool =
            sqlx::query_scalar("select finished_at is not null from job where id = $1")
                .bind(scene.job)
                .fetch_one(&mut beside)
                .await?;
        if over {
            return Ok(true);
        }
        pass(Duration::from_millis(50)).await;
    }
    Ok(false)
}
