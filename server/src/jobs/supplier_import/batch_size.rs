//! How many rows the next batch has, so that a call to Odoo takes a second or two.

use std::time::Duration;

const FIRST: usize = 500;
const LEAST: usize = 100;
const MOST: usize = 2000;
const AIM: Duration = Duration::from_millis(1500);

/// The present size; it follows the time that batches take.
#[derive(Clone, Copy, Debug)]
pub(super) struct BatchSize(usize);

impl Default for BatchSize {
    fn default() -> Self {
        Self(FIRST)
    }
}

impl BatchSize {
    pub(super) fn rows(self) -> usize {
        self.0
    }

    /// Learns that a batch of `rows` rows took `time`; it at most doubles and at most halves.
    pub(super) fn took(&mut self, rows: usize, time: Duration) {
        // Small batches say more about a call's fixed cost than about rows.
        if rows < LEAST {
            return;
        }
        let fitting =
            (rows as u128 * AIM.as_millis() / time.as_millis().max(1)).min(MOST as u128) as usize;
        self.0 = fitting.clamp((self.0 / 2).max(LEAST), (self.0 * 2).min(MOST));
    }

    /// Learns that a batch was too much for Odoo.
    pub(super) fn failed(&mut self) {
        self.0 = (self.0 / 2).max(LEAST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quick_batches_grow_and_slow_ones_shrink_within_bounds() {
        let mut size = BatchSize::default();
        size.took(500, Duration::from_millis(100));
        assert_eq!(size.rows(), 1000);
        size.took(1000, Duration::from_millis(200));
        assert_eq!(size.rows(), MOST);
        size.took(2000, Duration::from_millis(300));
        assert_eq!(size.rows(), MOST);
        size.took(2000, Duration::from_secs(6));
        assert_eq!(size.rows(), 1000);
        size.took(1000, Duration::from_millis(1500));
        assert_eq!(size.rows(), 1000);
        for _ in 0..10 {
            size.failed();
        }
        assert_eq!(size.rows(), LEAST);
    }
}
