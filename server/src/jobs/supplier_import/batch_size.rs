//! How many rows the next batch has, so that a call to Odoo takes about a second.

use std::time::Duration;

use crate::adapters::odoo::UnknownPolicy;

const FIRST: usize = 1000;
/// Making products takes Odoo some ten times as long as price lines.
const FIRST_CREATING: usize = 200;
const LEAST: usize = 100;
const AIM: Duration = Duration::from_secs(1);

/// The present size; it follows the time that batches take.
#[derive(Clone, Copy, Debug)]
pub(super) struct BatchSize {
    rows: usize,
    most: usize,
}

impl BatchSize {
    /// The size of the first batch, before anything is known of this Odoo's speed; no batch may have more than `most` rows.
    pub(super) fn starting(unknown: UnknownPolicy, most: usize) -> Self {
        let first = match unknown {
            UnknownPolicy::Create => FIRST_CREATING,
            UnknownPolicy::Error | UnknownPolicy::Skip => FIRST,
        };
        Self {
            rows: first.min(most),
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

    const MOST: usize = 4000;

    #[test]
    fn quick_batches_grow_and_slow_ones_shrink_within_bounds() {
        let mut size = BatchSize::starting(UnknownPolicy::Error, MOST);
        size.took(1000, Duration::from_millis(100));
        assert_eq!(size.rows(), 2000);
        size.took(2000, Duration::from_millis(200));
        assert_eq!(size.rows(), MOST);
        size.took(4000, Duration::from_millis(300));
        assert_eq!(size.rows(), MOST);
        size.took(4000, Duration::from_secs(6));
        assert_eq!(size.rows(), 2000);
        size.took(2000, Duration::from_secs(1));
        assert_eq!(size.rows(), 2000);
        for _ in 0..10 {
            size.failed();
        }
        assert_eq!(size.rows(), LEAST);
    }

    #[test]
    fn a_low_limit_holds_for_each_batch() {
        let mut size = BatchSize::starting(UnknownPolicy::Error, 20);
        assert_eq!(size.rows(), 20);
        size.took(20, Duration::from_millis(1));
        assert_eq!(size.rows(), 20);
        size.took(20, Duration::from_mins(1));
        size.failed();
        assert_eq!(size.rows(), 20);
    }
}
