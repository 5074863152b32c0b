//! A limit on the calls of one Odoo, for one that is hosted where calls are counted.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use futures::{FutureExt, future::BoxFuture};
use tokio::time::{Instant, sleep_until};

use super::{Answer, Call, OdooError, Transport};

/// So many calls a second, evenly; everybody who shares it waits for a turn.
#[derive(Debug)]
pub struct Pace {
    gap: Duration,
    /// When the next call may be made.
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// At most so many calls a second; 0 counts as 1.
    pub fn new(calls_per_second: u32) -> Self {
        Self {
            gap: Duration::from_secs(1) / calls_per_second.max(1),
            next: Mutex::default(),
        }
    }

    /// Returns when it is the caller's turn.
    async fn turn(&self) {
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

/// A protocol that keeps to a pace.
pub(super) struct Paced {
    pub(super) transport: Box<dyn Transport>,
    pub(super) pace: Arc<Pace>,
}

impl Transport for Paced {
    fn call<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Answer, OdooError>> {
        async {
            self.pace.turn().await;
            self.transport.call(call).await
        }
        .boxed()
    }

    fn version(&self) -> BoxFuture<'_, Result<String, OdooError>> {
        self.transport.version()
    }

    fn clock(&self) -> BoxFuture<'_, Result<DateTime<Utc>, OdooError>> {
        async {
            self.pace.turn().await;
            self.transport.clock().await
        }
        .boxed()
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
