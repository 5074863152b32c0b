//! How long to wait before trying again.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(5);

/// Waits that double up to five seconds; half of each is random, so that many clients do not come back at once.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    ceiling: Duration,
}

impl Backoff {
    pub(crate) fn new() -> Self {
        Self { ceiling: FIRST }
    }

    /// The next wait.
    pub(crate) fn next_delay(&mut self) -> Duration {
        let half = self.ceiling / 2;
        let delay = half + half.mul_f64(rand::random_range(0.0..=1.0));
        self.ceiling = (self.ceiling * 2).min(LONGEST);
        delay
    }

    /// Starts over, after something went well.
    pub(crate) fn reset(&mut self) {
        self.ceiling = FIRST;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_ceiling_and_start_over() {
        let mut backoff = Backoff::new();
        let first = backoff.next_delay();
        assert!(first >= FIRST / 2 && first <= FIRST);
        for _ in 0..20 {
            assert!(backoff.next_delay() <= LONGEST);
        }
        assert!(backoff.next_delay() >= LONGEST / 2);
        backoff.reset();
        assert!(backoff.next_delay() <= FIRST);
    }
}
