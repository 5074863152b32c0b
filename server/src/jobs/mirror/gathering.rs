//! Gathers the records of a course from Odoo: page after page, or the whole of a large model by ranges of ids, of which the
//! next is asked for while one is read, and several at once where Odoo has processes to answer them with. Whoever stores
//! them gets them by rising ids either way, so that one id says how far it all is.

use std::{
    collections::VecDeque,
    pin::{Pin, pin},
    sync::Arc,
};

use futures::{
    StreamExt as _,
    future::{Either, MaybeDone, maybe_done, select},
    stream::FuturesOrdered,
};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::{
    column::Column,
    outlet::{NobodyThere, Outlet, Part},
    reading::{Fetched, Reader, without},
    window::Window,
    writing::count,
};
use crate::queue::JobError;

/// How many calls one run has under way at once: Odoo's other users want answers too.
const MOST_CALLERS: usize = 2;

/// How many records the first page has at most; later ones by the time that it took.
const FIRST_SIZE: usize = 1000;

/// A range of ids may be denser than the one before: so many times the usual records are taken at once.
const DENSER: usize = 2;

/// The widest range of ids.
const WIDEST: i64 = 1 << 40;

/// What is gathered, and how.
pub(super) struct Gathering<'run> {
    pub(super) reader: &'run Reader<'run>,
    pub(super) conditions: &'run [Value],
    pub(super) window: Window,
    /// Records up to this id are stored.
    pub(super) after: i64,
    pub(super) columns: Arc<[Column]>,
    /// The most records of a page.
    pub(super) most: usize,
    /// The most records of all.
    pub(super) limit: Option<usize>,
    /// Whether all of a model is read.
    pub(super) is_whole: bool,
    /// How many calls Odoo can answer at once, if that was asked.
    pub(super) callers: Option<usize>,
    /// Whether somebody wants to know how many records there are.
    pub(super) counts: bool,
}

impl<'run> Gathering<'run> {
    /// Gathers to the end of the course. A page that was read is handed over, whatever happens afterwards.
    pub(super) async fn run(mut self, to: Outlet) -> Result<(), JobError> {
        let size = self.most.min(FIRST_SIZE);
        let gathered = if self.is_whole && self.limit.is_none() {
            self.whole(&to, size).await
        } else {
            self.pages(&to, i64::MAX, size).await
        };
        match gathered {
            Ok(Ok(()) | Err(NobodyThere)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// All there is: a small model is one page.
    async fn whole(
        &mut self,
        to: &Outlet,
        size: usize,
    ) -> Result<Result<(), NobodyThere>, JobError> {
        self.go_on()?;
        let all = self.window.between(self.conditions, self.after, i64::MAX);
        let mut extent = pin!(maybe_done(extent(self.reader, &all, self.counts)));
        let first = self.fetch(self.after, i64::MAX, size);
        // A process of Odoo's that has nothing else to do begins to say meanwhile how far they go.
        let first = if self.callers.is_some_and(|callers| callers > 1) {
            match select(pin!(first), extent.as_mut()).await {
                Either::Left((first, _)) => first?,
                Either::Right(((), first)) => first.await?,
            }
        } else {
            first.await?
        };
        if !first.is_last {
            let callers = match self.callers {
                Some(callers) => callers,
                None => callers(self.reader).await?,
            };
            return self.ranges(to, first, callers, extent).await;
        }
        let total = self.total(&first, i64::MAX).await?;
        Ok(self.hand_over(to, first, total).await)
    }

    /// Page after page, up to an id.
    async fn pages(
        &mut self,
        to: &Outlet,
        up_to: i64,
        first_size: usize,
    ) -> Result<Result<(), NobodyThere>, JobError> {
        let mut size = first_size.clamp(1, self.most);
        loop {
            match self.one_page(to, up_to, size).await? {
                Ok(Some(next_size)) => size = next_size,
                Ok(None) => return Ok(Ok(())),
                Err(gone) => return Ok(Err(gone)),
            }
        }
    }

    /// The next page; how large the one behind it may be, if there is one.
    async fn one_page(
        &mut self,
        to: &Outlet,
        up_to: i64,
        size: usize,
    ) -> Result<Result<Option<usize>, NobodyThere>, JobError> {
        let left = self.limit.unwrap_or(usize::MAX);
        if left == 0 {
            return Ok(Ok(None));
        }
        self.go_on()?;
        let fetched = self.fetch(self.after, up_to, size.min(left)).await?;
        let next_size = fetched.next_size.clamp(1, self.most);
        let (is_last, got) = (fetched.is_last, fetched.records.rows());
        self.limit = self.limit.map(|limit| limit.saturating_sub(got));
        let total = self.total(&fetched, up_to).await?;
        let handed_over = self.hand_over(to, fetched, total).await;
        Ok(handed_over.map(|()| Some(next_size).filter(|_| !is_last)))
    }

    /// Range of ids after range of ids, behind the first page. What is made meanwhile has a higher id than the highest of now, and
    /// is the next run's.
    async fn ranges(
        &mut self,
        to: &Outlet,
        first: Fetched,
        callers: usize,
        mut extent: Pin<&mut MaybeDone<impl Future<Output = Result<Extent, JobError>>>>,
    ) -> Result<Result<(), NobodyThere>, JobError> {
        let reader = self.reader;
        let mut size = first.next_size.clamp(1, self.most);
        let mut width = count(size);
        let mut end = self.after.max(first.last_id);
        let mut ends = VecDeque::new();
        let turns = Semaphore::new(callers);
        let mut under_way = FuturesOrdered::new();
        let at_first = if reader.patience.was_asked_for_fewer() {
            1
        } else {
            callers
        };
        for _ in 0..at_first {
            let begun = end;
            end = begun.saturating_add(width);
            under_way.push_back(self.range(&turns, begun, end, size));
            ends.push_back(end);
        }
        // Odoo says how far they go while it reads the first ranges, which takes longer.
        let ((), mut next) = tokio::join!(extent.as_mut(), under_way.next());
        let extent = extent.take_output().transpose()?.unwrap_or_default();
        self.counts = false;
        if self.hand_over(to, first, extent.records).await.is_err() {
            return Ok(Err(NobodyThere));
        }
        while let (Some(fetched), Some(up_to)) = (next, ends.pop_front()) {
            let mut fetched = fetched?;
            (size, width) = next_range(self.most, width, &fetched);
            let is_whole = fetched.is_last;
            if is_whole {
                fetched.last_id = up_to;
            }
            if self.hand_over(to, fetched, None).await.is_err() {
                return Ok(Err(NobodyThere));
            }
            if !is_whole {
                match self.pages(to, up_to, size).await? {
                    Ok(()) => self.after = up_to,
                    gone => return Ok(gone),
                }
            }
            // One more than may be with Odoo: it asks while another is read.
            let most = if reader.patience.was_asked_for_fewer() {
                1
            } else {
                callers + 1
            };
            while under_way.len() < most && end < extent.highest {
                self.go_on()?;
                let begun = end;
                end = begun.saturating_add(width).min(extent.highest);
                under_way.push_back(self.range(&turns, begun, end, size));
                ends.push_back(end);
            }
            next = under_way.next().await;
        }
        Ok(Ok(()))
    }

    /// The records of a range of ids, when it is its turn to ask.
    fn range<'a>(
        &self,
        turns: &'a Semaphore,
        begun: i64,
        end: i64,
        size: usize,
    ) -> impl Future<Output = Result<Fetched, JobError>> + use<'a, 'run> {
        let domain = self.window.between(self.conditions, begun, end);
        let columns = Arc::clone(&self.columns);
        let limit = size.saturating_mul(DENSER);
        let most = self.most.saturating_mul(DENSER);
        let reader = self.reader;
        async move {
            reader
                .page_in_turn(turns, domain, columns, limit, most)
                .await
        }
    }

    async fn fetch(&self, after: i64, up_to: i64, size: usize) -> Result<Fetched, JobError> {
        let domain = self.window.between(self.conditions, after, up_to);
        let columns = Arc::clone(&self.columns);
        self.reader.page(domain, columns, size, self.most).await
    }

    async fn hand_over(
        &mut self,
        to: &Outlet,
        fetched: Fetched,
        total: Option<i64>,
    ) -> Result<(), NobodyThere> {
        let after = self.after;
        self.after = after.max(fetched.last_id);
        if !fetched.dropped.is_empty() {
            self.columns = without(&self.columns, &fetched.dropped);
        }
        to.hand_over(Part::new(fetched, after, total)).await
    }

    /// How many records there are to read; costs a call only if they are more than a page.
    async fn total(&mut self, first: &Fetched, up_to: i64) -> Result<Option<i64>, JobError> {
        if first.is_last && self.counts {
            self.counts = false;
            return Ok(Some(count(first.records.rows() + first.parked.len())));
        }
        let there = self.count_up_to(up_to).await?;
        let most = self.limit.map(|left| count(left + first.records.rows()));
        Ok(there.map(|there| most.map_or(there, |most| there.min(most))))
    }

    async fn count_up_to(&mut self, up_to: i64) -> Result<Option<i64>, JobError> {
        if !std::mem::take(&mut self.counts) {
            return Ok(None);
        }
        let reader = self.reader;
        let domain = self.window.between(self.conditions, self.after, up_to);
        reader
            .patience
            .call("going on", || reader.odoo.count(reader.model, &domain))
            .await
            .map(Some)
    }

    fn go_on(&self) -> Result<(), JobError> {
        if self.reader.run.stopping().is_cancelled() {
            return Err(JobError::Stopped);
        }
        Ok(())
    }
}

/// How many calls Odoo can answer at once. One that runs threaded gains nothing from a second, and of one without our addon nobody
/// knows.
pub(super) async fn callers(reader: &Reader<'_>) -> Result<usize, JobError> {
    let workers = reader
        .patience
        .call("going on", || reader.odoo.workers())
        .await?;
    Ok(usize::try_from(workers).unwrap_or(0).clamp(1, MOST_CALLERS))
}

/// What there is to read of a whole model.
#[derive(Default)]
struct Extent {
    /// The highest id; 0 if there is nothing.
    highest: i64,
    /// How many there are, if somebody wants to know.
    records: Option<i64>,
}

async fn extent(reader: &Reader<'_>, domain: &Value, counts: bool) -> Result<Extent, JobError> {
    let patience = reader.patience;
    let highest = patience
        .call("going on", || reader.odoo.highest_id(reader.model, domain))
        .await?;
    let records = if counts {
        let counted = patience.call("going on", || reader.odoo.count(reader.model, domain));
        Some(counted.await?)
    } else {
        None
    };
    Ok(Extent {
        highest: highest.unwrap_or_default(),
        records,
    })
}

/// How many records a range should have, and how many ids it should span for that, going by one that had these.
fn next_range(most: usize, width: i64, fetched: &Fetched) -> (usize, i64) {
    let size = (fetched.next_size / DENSER).clamp(1, most);
    let got = fetched.records.rows();
    let width = if got.saturating_mul(2) < size {
        width.saturating_mul(2)
    } else if got > size {
        width / 2
    } else {
        width
    };
    // No narrower than its records even if there are no gaps at all.
    (size, width.clamp(count(size), WIDEST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::mirror::page::Page;

    fn fetched(records: i64, next_size: usize) -> Fetched {
        let records: Vec<String> = (1..=records)
            .map(|id| format!("{{\"id\": {id}}}"))
            .collect();
        let answer = format!("[{}]", records.join(","));
        Fetched {
            records: Page::read(answer.as_bytes(), Arc::new([])).unwrap(),
            next_size,
            ..Fetched::default()
        }
    }

    #[test]
    fn ranges_grow_where_ids_are_sparse_and_shrink_where_they_are_dense() {
        let table = [
            (1000, 1000, fetched(100, 2000), (1000, 2000)),
            (1000, 8000, fetched(1500, 2000), (1000, 4000)),
            (1000, 1000, fetched(1000, 2000), (1000, 1000)),
            (2000, 1000, fetched(900, 4000), (2000, 2000)),
            (2000, 1000, fetched(900, 1000), (500, 500)),
            (9, WIDEST, fetched(0, 18), (9, WIDEST)),
        ];
        for (most, width, fetched, expected) in table {
            assert_eq!(next_range(most, width, &fetched), expected, "{width}");
        }
    }
}
