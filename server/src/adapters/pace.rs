//! A limit on the calls of one service, for one that is hosted where calls are counted.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

/// So many calls in a time, evenly; everybody who shares it waits for a turn.
#[derive(Debug)]
pub struct Pace {
    gap: Duration,
    /// When the next call may be made.
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// At most so many calls a second; 0 counts as 1.
    pub fn new(calls_per_second: u32) -> Self {
        Self::with_gap(Duration::from_secs(1) / calls_per_second.max(1))
    }

    /// At most so many calls a minute; 0 counts as 1.
    pub fn per_minute(calls: u32) -> Self {
        Self::with_gap(Duration::from_mins(1) / calls.max(1))
    }

    fn with_gap(gap: Duration) -> Self {
        Self {
            gap,
            next: Mutex::default(),
        }
    }

    /// Returns when it is the caller's turn.
    pub(super) async fn turn(&self) {
        let turn = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let turn = next.map_or(now, |next| next.max(now));
            *next = Some(turn + self.gap);
            turn
        };
        sleep_until(turn).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn calls_keep_their_distance() {
        let pace = Pace::new(50);
        let began = Instant::now();
        futures::future::join_all((0..6).map(|_| pace.turn())).await;
        let took = began.elapsed();
        assert!(took >= Duration::from_millis(100), "{took:?}");
    }
}
