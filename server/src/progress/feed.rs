//! The latest events of one watched job, kept in memory for all its watchers together.

use std::{
    collections::VecDeque,
    sync::{Arc, PoisonError, RwLock, RwLockWriteGuard},
};

use tokio::sync::watch;

use super::Event;
use crate::ids::JobId;

/// How many events are kept.
const RECENT: usize = 512;

#[derive(Debug)]
pub(super) struct Feed {
    pub(super) job: JobId,
    /// Sends whoever reads the log for this feed to look.
    pub(super) wake: watch::Sender<()>,
    /// The seq up to which the feed reaches; 0 before the first look.
    pub(super) last_seq: watch::Sender<i64>,
    memory: RwLock<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    /// Where the story was last seen to be; `None` before the first look.
    reached: Option<i64>,
    /// The events up to there, without a gap.
    events: VecDeque<Arc<Event>>,
}

impl Feed {
    pub(super) fn new(job: JobId) -> Self {
        Self {
            job,
            wake: watch::channel(()).0,
            last_seq: watch::channel(0).0,
            memory: RwLock::default(),
        }
    }

    /// The events after `seq`, if memory reaches back that far.
    pub(super) fn after(&self, seq: i64) -> Option<Vec<Arc<Event>>> {
        let memory = self.memory.read().unwrap_or_else(PoisonError::into_inner);
        let first = memory.events.front()?.seq;
        (first <= seq + 1).then(|| {
            let later = memory.events.iter().filter(|event| event.seq > seq);
            later.cloned().collect()
        })
    }

    /// Where the story was last seen to be; `None` before the first look.
    pub(super) fn reached(&self) -> Option<i64> {
        let memory = self.memory.read().unwrap_or_else(PoisonError::into_inner);
        memory.reached
    }

    /// Takes what the log says: where the story is, or how it goes on.
    pub(super) fn read_from_log(&self, reached: i64, events: Vec<Event>) {
        let mut memory = self.write();
        let before = memory.reached.unwrap_or_default();
        let new = events.into_iter().filter(|event| event.seq > before);
        memory.events.extend(new.map(Arc::new));
        self.reach(memory, reached.max(before));
    }

    /// Takes an event that was committed a moment ago, if it is the next. Otherwise the log knows what is missing: returns `false`.
    pub(super) fn continue_with(&self, event: Event) -> bool {
        let mut memory = self.write();
        let is_next = memory.reached.is_some_and(|seq| seq + 1 == event.seq);
        if is_next {
            let reached = event.seq;
            memory.events.push_back(Arc::new(event));
            self.reach(memory, reached);
        }
        is_next
    }

    fn reach(&self, mut memory: RwLockWriteGuard<'_, Memory>, reached: i64) {
        let surplus = memory.events.len().saturating_sub(RECENT);
        memory.events.drain(..surplus);
        memory.reached = Some(reached);
        self.last_seq.send_if_modified(|last_seq| {
            let moved = *last_seq != reached;
            *last_seq = reached;
            moved
        });
    }

    fn write(&self) -> RwLockWriteGuard<'_, Memory> {
        self.memory.write().unwrap_or_else(PoisonError::into_inner)
    }
}
