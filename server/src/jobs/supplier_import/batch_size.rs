//! How many rows the next batch has, so that a call to Odoo takes a second or two.

use std::time::Duration;

const FIRST: usize = 500;
const LEAST: usize = 100;
const AIM: Duration = Duration::from_millis(1500);

/// The present size; it follows the time that batches take.
#[derive(Clone, Copy, Debug)]
pub(super) struct BatchSize {
    rows: usize,
    most: usize,
}

impl BatchSize {
    /// The size of the first batch, where no batch may have more than `most` rows.
    pub(super) fn new(most: usize) -> Self {
        Self {
            rows: FIRST.min(most),
            most,
        }
    }

    pub(super) fn rows(self) -> usize {
        self.rows
    }

    /// Learns that a batch of `rows` rows took `time`; it at most doubles and at most halves.
    pub(super) fn took(&mut self, rows: usize, time: Duration) {
        // Small batches say more about a call's fixed cost than about rows.
        if rows < self.least() {
            return;
        }
        let fitting = (rows as u128 * AIM.as_millis() / time.as_millis().max(1))
            .min(self.most as u128) as usize;
        let least = (self.rows / 2).max(self.least());
        self.rows = fitting.clamp(least, (self.rows * 2).min(self.most));
    }

    /// Learns that a batch was too much for Odoo.
    pub(super) fn failed(&mut self) {
        self.rows = (self.rows / 2).max(self.least());
    }

    fn least(self) -> usize {
        LEAST.min(self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 2000;

    #[test]
    fn quick_batches_grow_and_slow_ones_shrink_within_bounds() {
        let mut size = BatchSize::new(MOST);
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

    #[test]
    fn a_low_limit_holds_for_each_batch() {
        let mut size = BatchSize::new(20);
        assert_eq!(size.rows(), 20);
        size.took(20, Duration::from_millis(1));
        assert_eq!(size.rows(), 20);
        size.took(20, Duration::from_mins(1));
        size.failed();
        assert_eq!(size.rows(), 20);
    }
}
