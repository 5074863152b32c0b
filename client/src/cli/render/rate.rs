//! How fast rows go, and how long the rest takes.

use std::collections::VecDeque;

/// Only the last seconds count: what a job did before Odoo went away says little about now.
const WINDOW_SECONDS: f64 = 10.0;

/// Rows done at moments of the database's clock.
#[derive(Debug, Default)]
pub(crate) struct Rate {
    points: VecDeque<(f64, i64)>,
}

impl Rate {
    /// Takes in how many rows were done at a moment, in seconds.
    pub(crate) fn at(&mut self, seconds: f64, rows: i64) {
        if self
            .points
            .back()
            .is_some_and(|last| rows < last.1 || seconds < last.0)
        {
            self.points.clear();
        }
        self.points.push_back((seconds, rows));
        while self.points.len() > 2 && seconds - self.points[1].0 > WINDOW_SECONDS {
            self.points.pop_front();
        }
    }

    /// Forgets what was, as after a wait.
    pub(crate) fn restart(&mut self) {
        self.points.clear();
    }

    /// Rows per second; `None` while it is too early to tell.
    pub(crate) fn per_second(&self) -> Option<f64> {
        let (first, last) = (self.points.front()?, self.points.back()?);
        let seconds = last.0 - first.0;
        let rows = u32::try_from(last.1 - first.1).unwrap_or(u32::MAX);
        (seconds >= 0.2 && rows > 0).then(|| f64::from(rows) / seconds)
    }

    /// Seconds until `total` rows are done.
    pub(crate) fn seconds_left(&self, total: i64) -> Option<f64> {
        let rest = total - self.points.back()?.1;
        let rest = u32::try_from(rest).ok()?;
        Some(f64::from(rest) / self.per_second()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let mut rate = Rate::default();
        rate.at(0.0, 0);
        assert_eq!(rate.per_second(), None);
        for second in 1..=100_u32 {
            rate.at(f64::from(second), i64::from(second) * 10);
        }
        for second in 101..=120_u32 {
            rate.at(f64::from(second), 1_000 + i64::from(second - 100) * 500);
        }
        assert_eq!(rate.per_second(), Some(500.0));
        assert_eq!(rate.seconds_left(12_000), Some(2.0));
    }

    #[test]
    fn going_back_starts_over() {
        let mut rate = Rate::default();
        rate.at(0.0, 0);
        rate.at(1.0, 100);
        rate.at(2.0, 50);
        assert_eq!(rate.per_second(), None);
        assert_eq!(rate.seconds_left(100), None);
    }
}
