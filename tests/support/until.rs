//! Waiting for something to become true, with a deadline and a story of what was last seen.

use anyhow::{Result, bail};
use std::{
    fmt::Debug,
    path::Path,
    time::{Duration, Instant},
};

/// How long a test waits for anything at most, on a busy machine.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Looks until what is seen is as wanted, and returns it; fails after [`PATIENCE`] with what was last seen.
pub async fn until<T: Debug>(
    what: &str,
    look: impl AsyncFnMut() -> Result<T>,
    wanted: impl Fn(&T) -> bool,
) -> Result<T> {
    until_within(PATIENCE, what, look, wanted).await
}

/// The same with a patience of its own.
pub async fn until_within<T: Debug>(
    patience: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Result<T>,
    wanted: impl Fn(&T) -> bool,
) -> Result<T> {
    let started = Instant::now();
    loop {
        let seen = look().await;
        match seen {
            Ok(seen) if wanted(&seen) => return Ok(seen),
            seen if started.elapsed() > patience => {
                bail!("waited {patience:?} until {what}; last seen: {seen:?}")
            }
            _ => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Lets time pass, where a span of time is the matter itself: how long something is away, or between what a program does to others.
/// A test that waits for something to happen waits by [`until`].
pub async fn pass(span: Duration) {
    tokio::time::sleep(span).await;
}

/// Waits, without a runtime, until there is nothing at a path, or ten seconds are over.
pub(crate) fn until_gone(path: &Path) {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(10) && path.exists() {
        std::thread::sleep(Duration::from_millis(20));
    }
}
