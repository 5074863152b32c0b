//! What lies between those who read pages from Odoo and whoever stores them: so much may wait, and what waits is stored at once.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc::UnboundedSender};

use super::reading::Fetched;

/// How many bytes of pages may wait to be stored, besides one page that is larger.
const MOST_WAITING: usize = 8 << 20;

/// How many bytes are stored at once; what is read meanwhile finds the rest of the room.
const ENOUGH: usize = 2 << 20;

/// A page on its way to be stored.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) fetched: Fetched,
    /// Up to which id the part before it reaches.
    pub(super) after: i64,
    /// How many records there are from this part on, itself included; told once.
    pub(super) total: Option<i64>,
    /// Its room among those that wait.
    room: Option<OwnedSemaphorePermit>,
}

/// Where pages are handed over: as many wait as there is room for.
pub(super) struct Outlet {
    to: UnboundedSender<Part>,
    /// In bytes.
    most: usize,
    room: Arc<Semaphore>,
}

impl Outlet {
    pub(super) fn new(to: UnboundedSender<Part>) -> Self {
        Self::with_room(to, MOST_WAITING)
    }

    fn with_room(to: UnboundedSender<Part>, most: usize) -> Self {
        Self {
            to,
            most,
            room: Arc::new(Semaphore::new(most)),
        }
    }

    /// Hands a page over once there is room for it.
    pub(super) async fn hand_over(&self, mut part: Part) -> Result<(), NobodyThere> {
        let bytes = part.fetched.records.copy().len().min(self.most);
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        tokio::select! {
            () = self.to.closed() => return Err(NobodyThere),
            room = Arc::clone(&self.room).acquire_many_owned(bytes) => part.room = room.ok(),
        }
        self.to.send(part).map_err(|_part| NobodyThere)
    }
}

impl Part {
    pub(super) fn new(fetched: Fetched, after: i64, total: Option<i64>) -> Self {
        Self {
            fetched,
            after,
            total,
            room: None,
        }
    }

    /// Whether more may be taken along.
    pub(super) fn has_room(&self) -> bool {
        self.fetched.records.copy().len() < ENOUGH
    }

    /// Takes the records of the part behind this one along, so that both are stored at once. Gives that part back if more
    /// than its records is to be told of it, or they are none that may follow.
    pub(super) fn take_along(&mut self, next: Self) -> Option<Self> {
        let (mine, theirs) = (&mut self.fetched, &next.fetched);
        let last = mine.records.ids.last();
        let follows = theirs.records.ids.first() > last && mine.last_id <= next.after;
        let is_plain = theirs.parked.is_empty() && theirs.dropped.is_empty();
        let same_columns = mine.records.columns == theirs.records.columns;
        if !follows || !is_plain || !same_columns || next.total.is_some() {
            return Some(next);
        }
        mine.last_id = theirs.last_id;
        mine.records.append(next.fetched.records);
        match (&mut self.room, next.room) {
            (Some(room), Some(more)) => room.merge(more),
            (room, more) => *room = room.take().or(more),
        }
        None
    }
}

/// Nobody takes what is gathered: whoever stores it has failed, and says why.
#[derive(Debug)]
pub(super) struct NobodyThere;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::jobs::mirror::page::Page;

    fn part(ids: &[i64], after: i64) -> Part {
        let records: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
        let answer = Value::Array(records).to_string();
        let fetched = Fetched {
            records: Page::read(answer.as_bytes(), Arc::new([])).unwrap(),
            last_id: ids.last().copied().unwrap_or_default(),
            ..Fetched::default()
        };
        Part::new(fetched, after, None)
    }

    #[test]
    fn plain_pages_that_follow_each_other_are_stored_at_once() {
        let mut first = part(&[1, 2], 0);
        first.total = Some(9);
        assert!(first.take_along(part(&[3, 7], 2)).is_none());
        assert_eq!(first.fetched.records.ids, [1, 2, 3, 7]);
        assert_eq!((first.fetched.last_id, first.total), (7, Some(9)));
        let odd = [
            part(&[7, 8], 2),
            part(&[], 7),
            Part {
                total: Some(3),
                ..part(&[8], 7)
            },
            Part {
                fetched: Fetched {
                    parked: vec![(9, String::new())],
                    ..part(&[8], 7).fetched
                },
                ..part(&[8], 7)
            },
        ];
        for next in odd {
            assert!(first.take_along(next).is_some());
        }
        assert_eq!(first.fetched.records.rows(), 4);
    }

    #[tokio::test]
    async fn no_more_pages_wait_than_there_is_room_for() {
        let (to, mut from) = tokio::sync::mpsc::unbounded_channel();
        let outlet = Outlet::with_room(to, 20);
        outlet.hand_over(part(&[1, 2], 0)).await.unwrap();
        let bytes = part(&[1, 2], 0).fetched.records.copy().len();
        assert!(bytes > 20, "{bytes}");
        let mut waiting = std::pin::pin!(outlet.hand_over(part(&[3], 2)));
        assert!(futures::poll!(waiting.as_mut()).is_pending());
        drop(from.recv().await);
        waiting.await.unwrap();
        drop(from);
        assert!(outlet.hand_over(part(&[4], 3)).await.is_err());
    }
}
