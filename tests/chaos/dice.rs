//! Everything the campaign leaves to chance, decided by a seed: the same in each version and on each machine.

use sluice_tests::price_list::mix;
use std::time::Duration;

/// Numbers that follow from a seed.
#[derive(Clone, Debug)]
pub(crate) struct Dice {
    state: u64,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: mix(seed) }
    }

    /// Dice of their own for a part of a run, so that the parts do not depend on each other's order.
    pub(crate) fn split(&mut self) -> Self {
        Self::new(self.roll())
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.roll() % limit.max(1)
    }

    /// True once in so many times.
    pub(crate) fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// A span of time, both ends in milliseconds.
    pub(crate) fn span(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from + 1))
    }

    /// One of these.
    pub(crate) fn pick<'of, T>(&mut self, of: &'of [T]) -> &'of T {
        let index = usize::try_from(self.below(of.len() as u64)).unwrap_or_default();
        &of[index]
    }

    fn roll(&mut self) -> u64 {
        self.state = self.state.wrapping_add(1);
        mix(self.state)
    }
}
