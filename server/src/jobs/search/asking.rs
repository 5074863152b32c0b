//! Who asks at the moment: a search takes more time for somebody who is alone than for one of many, each of whom waits for the others.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// How many questions are under way; clones count the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Asking {
    count: Arc<AtomicUsize>,
}

/// A question that is under way until this is dropped.
#[derive(Debug)]
pub(super) struct Asker<'a> {
    count: &'a AtomicUsize,
}

impl Asking {
    pub(super) fn enter(&self) -> Asker<'_> {
        self.count.fetch_add(1, Ordering::Relaxed);
        Asker { count: &self.count }
    }
}

impl Asker<'_> {
    /// Whether no other question is under way.
    pub(super) fn is_alone(&self) -> bool {
        self.count.load(Ordering::Relaxed) == 1
    }
}

impl Drop for Asker<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_two_is_alone_when_the_other_has_its_answer() {
        let asking = Asking::default();
        let shared = asking.clone();
        let first = asking.enter();
        assert!(first.is_alone());
        let second = shared.enter();
        assert!(!first.is_alone() && !second.is_alone());
        drop(first);
        assert!(second.is_alone());
    }
}
