//! The line before the slots: of short jobs many are claimed at once, since a transaction for each would cost more than they do.
//!
//! Long jobs never wait here: they would be better off with another server.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::run::Run;

/// How many of the latest attempts tell how long the next ones take.
const RECENT: usize = 64;
/// How many of them are enough to tell.
const ENOUGH: usize = 8;
/// A job that takes longer is not short.
const SHORT: Duration = Duration::from_millis(20);
/// How much work is claimed beyond what runs.
const AHEAD: Duration = Duration::from_millis(50);
/// The most jobs that wait in line.
const LONGEST: usize = 2_000;
/// The most jobs that have ended while more are claimed: beyond that Postgres is what everybody waits for.
const UNSETTLED: usize = 2_000;
/// What waits longer is given back: the slots turned out to be busy.
const PATIENCE: Duration = Duration::from_secs(1);

/// A server's slots, and the jobs that it holds and has not begun. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Line {
    slots: usize,
    inside: Arc<Mutex<Inside>>,
}

#[derive(Debug, Default)]
struct Inside {
    waiting: VecDeque<(Instant, Arc<Run>)>,
    busy: usize,
    pace: Pace,
}

impl Line {
    pub(super) fn new(slots: usize) -> Self {
        Self {
            slots,
            inside: Arc::default(),
        }
    }

    /// How many jobs may be claimed, where `held` are held. Not each time one has gone: a claim is worth many.
    pub(super) fn room(&self, held: usize) -> usize {
        let inside = self.inside();
        let ahead = inside.pace.ahead(self.slots);
        if ahead == 0 {
            return self.slots.saturating_sub(held);
        }
        let (waiting, here) = (inside.waiting.len(), inside.waiting.len() + inside.busy);
        if waiting > ahead / 2 || held.saturating_sub(here) > UNSETTLED {
            return 0;
        }
        // Those whose ends are being stored are claimed beside, not waited for.
        (self.slots + ahead).saturating_sub(here)
    }

    pub(super) fn add(&self, run: Arc<Run>) {
        self.inside().waiting.push_back((Instant::now(), run));
    }

    /// Takes a free slot for the first in line.
    pub(super) fn enter(&self) -> Option<Arc<Run>> {
        let mut inside = self.inside();
        if inside.busy >= self.slots {
            return None;
        }
        let (_, run) = inside.waiting.pop_front()?;
        inside.busy += 1;
        Some(run)
    }

    /// The next for a slot whose job took so long; `None` frees the slot.
    pub(super) fn next(&self, took: Duration) -> Option<Arc<Run>> {
        let mut inside = self.inside();
        inside.pace.note(took);
        let next = inside.waiting.pop_front();
        if next.is_none() {
            inside.busy -= 1;
        }
        next.map(|(_, run)| run)
    }

    /// The whole line, if its first has waited for too long.
    pub(super) fn overdue(&self) -> Vec<Arc<Run>> {
        let mut inside = self.inside();
        let first = inside.waiting.front().map(|(since, _)| since.elapsed());
        let Some(waited) = first.filter(|waited| *waited > PATIENCE) else {
            return Vec::new();
        };
        inside.pace.note(waited);
        inside.waiting.drain(..).map(|(_, run)| run).collect()
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long the latest attempts took.
#[derive(Debug, Default)]
struct Pace {
    recent: VecDeque<Duration>,
}

impl Pace {
    fn note(&mut self, took: Duration) {
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(took);
    }

    /// How many jobs beyond the slots are done soon: none, unless the latest were all short.
    fn ahead(&self, slots: usize) -> usize {
        if self.recent.len() < ENOUGH || self.recent.iter().any(|took| *took > SHORT) {
            return 0;
        }
        let all: Duration = self.recent.iter().sum();
        let each = all.as_micros() / self.recent.len() as u128;
        let rounds = usize::try_from(AHEAD.as_micros() / each.max(1)).unwrap_or(LONGEST);
        slots.saturating_mul(rounds).min(LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_jobs_are_claimed_ahead() {
        let mut pace = Pace::default();
        for _ in 1..ENOUGH {
            pace.note(Duration::from_millis(5));
        }
        assert_eq!(pace.ahead(4), 0, "too little is known yet");
        for _ in 0..RECENT {
            pace.note(Duration::from_millis(5));
        }
        assert_eq!(pace.ahead(4), 40);
        pace.note(Duration::from_mins(1));
        assert_eq!(pace.ahead(4), 0, "a long one was among the latest");
        for _ in 0..RECENT {
            pace.note(Duration::from_micros(2));
        }
        assert_eq!(pace.ahead(4), LONGEST);
    }
}
