//! Reads pages of records, and finds out what is wrong when Odoo cannot answer one: a record is put aside, a field dropped.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{sync::Semaphore, time::sleep};

use super::{choice::Dropped, column::Column, page::Page, store::MOST_TRIES, window::of_ids};
use crate::{
    adapters::odoo::{Odoo, OdooError, Read},
    jobs::{
        patience::{Patience, refused},
        threads::on_a_thread,
    },
    queue::{JobError, Run},
};

/// So many bad records on one page are the records' fault; more are a field's.
const MOST_BAD: usize = 8;

/// So often fields are dropped for one page before it is given up.
const MOST_ROUNDS: usize = 5;

/// A page that takes longer is made smaller: Odoo ends calls that take too long, and other users wait meanwhile.
const SLOW: Duration = Duration::from_secs(4);
const QUICK: Duration = Duration::from_secs(1);

/// Reads one model.
pub(super) struct Reader<'run> {
    pub(super) run: &'run Run,
    pub(super) patience: &'run Patience<'run>,
    pub(super) odoo: &'run Odoo,
    pub(super) model: &'run str,
    /// Whether records are asked for as lists of values; an attempt that goes on where another ended does not know of it.
    pub(super) by_rows: bool,
}

/// One page as Odoo has it.
#[derive(Debug, Default)]
pub(super) struct Fetched {
    /// By rising ids.
    pub(super) records: Page,
    /// Records that cannot be read, each with what went wrong.
    pub(super) parked: Vec<(i64, String)>,
    /// Fields that cannot be read.
    pub(super) dropped: Vec<Dropped>,
    /// The highest id of the page, readable or not; 0 if the page is empty.
    pub(super) last_id: i64,
    /// Whether there is nothing behind it.
    pub(super) is_last: bool,
    /// How many records to ask for next time.
    pub(super) next_size: usize,
}

impl Fetched {
    /// Whether there is nothing to store or to tell.
    pub(super) fn is_nothing(&self) -> bool {
        self.records.is_empty() && self.parked.is_empty() && self.dropped.is_empty()
    }
}

impl Reader<'_> {
    /// Reads the records of a domain, at most `size`, with the fields of these columns.
    pub(super) async fn page(
        &self,
        domain: Value,
        columns: Arc<[Column]>,
        size: usize,
        most: usize,
    ) -> Result<Fetched, JobError> {
        self.whole_page(None, domain, columns, size, most).await
    }

    /// The same when it is its turn to ask Odoo; what Odoo says is read while others ask.
    pub(super) async fn page_in_turn(
        &self,
        turns: &Semaphore,
        domain: Value,
        columns: Arc<[Column]>,
        size: usize,
        most: usize,
    ) -> Result<Fetched, JobError> {
        self.whole_page(Some(turns), domain, columns, size, most)
            .await
    }

    async fn whole_page(
        &self,
        turns: Option<&Semaphore>,
        domain: Value,
        columns: Arc<[Column]>,
        size: usize,
        most: usize,
    ) -> Result<Fetched, JobError> {
        let mut tries = 1;
        loop {
            let read = self.try_read(turns, &domain, &columns, size, self.by_rows);
            let error = match read.await? {
                Ok((records, took)) => {
                    return Ok(Fetched {
                        is_last: records.rows() < size,
                        last_id: records.ids.last().copied().unwrap_or_default(),
                        records,
                        next_size: next_size(size, most, took),
                        ..Fetched::default()
                    });
                }
                Err(error) => error,
            };
            match error {
                // A proxy's page or half an answer may be a whole one the next time.
                OdooError::Answer(_) if tries < MOST_TRIES => {
                    self.pause(tries).await?;
                    tries += 1;
                }
                OdooError::AddonMissing(_)
                | OdooError::Answer(_)
                | OdooError::TooLarge { .. }
                | OdooError::Rejected { .. }
                | OdooError::NotAllowed(_) => {
                    let mut found = self.isolate(&domain, columns, size).await?;
                    found.next_size = (size / 2).max(1);
                    return Ok(found);
                }
                error => return Err(refused(&error)),
            }
        }
    }

    async fn pause(&self, tries: i32) -> Result<(), JobError> {
        let delay = Duration::from_millis(250) * 2_u32.pow(u32::try_from(tries).unwrap_or(1));
        tokio::select! {
            () = self.run.stopping().cancelled() => Err(JobError::Stopped),
            () = sleep(delay) => Ok(()),
        }
    }

    /// The page, and how long Odoo took to answer with it.
    async fn try_read(
        &self,
        turns: Option<&Semaphore>,
        domain: &Value,
        columns: &Arc<[Column]>,
        limit: usize,
        by_rows: bool,
    ) -> Result<Result<(Page, Duration), OdooError>, JobError> {
        // Something to ask for, even if all fields had to be dropped.
        let fields: Vec<&str> = std::iter::once("id")
            .chain(columns.iter().map(|column| column.field.as_str()))
            .collect();
        let read = Read {
            model: self.model,
            domain,
            limit,
        };
        let turn = match turns {
            Some(turns) => Some(turns.acquire().await),
            None => None,
        };
        let began = Instant::now();
        let answer = self
            .patience
            .answered("reading on", || async {
                if by_rows {
                    self.odoo.rows(read, &fields[1..]).await
                } else {
                    self.odoo.records(read, &fields).await
                }
            })
            .await?;
        let took = began.elapsed();
        drop(turn);
        let columns = Arc::clone(columns);
        Ok(match answer {
            // Postgres gets the page before meanwhile, and Odoo may be asked for the next one.
            Ok(answer) => on_a_thread(move || Page::read(answer.json(), columns))
                .await
                .map(|page| (page, took))
                .map_err(OdooError::Answer),
            Err(error) => Err(error),
        })
    }

    /// Finds the records or fields of a page that Odoo cannot answer with, and reads the rest, by what Odoo itself has for reading.
    async fn isolate(
        &self,
        domain: &Value,
        mut columns: Arc<[Column]>,
        size: usize,
    ) -> Result<Fetched, JobError> {
        let read = Read {
            model: self.model,
            domain,
            limit: size,
        };
        // If not even the ids can be had, the fault is the domain's or the user's rights, not a record's.
        let ids = self
            .patience
            .call("reading on", || self.odoo.ids(read))
            .await?;
        let mut found = Fetched {
            is_last: ids.len() < size,
            last_id: ids.last().copied().unwrap_or_default(),
            ..Fetched::default()
        };
        for _round in 0..MOST_ROUNDS {
            let (records, parked) = self.bisect_records(&ids, &columns).await?;
            let is_fields_fault =
                parked.len() > MOST_BAD || (records.is_empty() && !parked.is_empty());
            if is_fields_fault {
                let (bad, _) = &parked[0];
                let dropped = self.bisect_fields(*bad, &columns).await?;
                if !dropped.is_empty() {
                    columns = without(&columns, &dropped);
                    found.dropped.extend(dropped);
                    continue;
                }
                if parked.len() > MOST_BAD {
                    let (id, error) = &parked[0];
                    return Err(JobError::Fail {
                        code: "records_unreadable",
                        message: format!(
                            "many records of {} cannot be read, and no field is to blame; the first is {id}: {error}",
                            self.model
                        ),
                    });
                }
            }
            found.records = records;
            found.parked = parked;
            return Ok(found);
        }
        Err(JobError::Fail {
            code: "fields_unreadable",
            message: format!("too many fields of {} cannot be read", self.model),
        })
    }

    /// The records that can be read, and those that cannot. Stops early where so many are bad that a field must be.
    async fn bisect_records(
        &self,
        ids: &[i64],
        columns: &Arc<[Column]>,
    ) -> Result<(Page, Vec<(i64, String)>), JobError> {
        let mut records = Page::default();
        let mut parked = Vec::new();
        let mut left = vec![ids];
        while let Some(part) = left.pop() {
            if part.is_empty() {
                continue;
            }
            match self
                .try_read(None, &of_ids(&[], part), columns, part.len(), false)
                .await?
            {
                Ok((read, _)) => records.append(read),
                Err(error) if part.len() == 1 => {
                    parked.push((part[0], error.to_string()));
                    if parked.len() > MOST_BAD {
                        break;
                    }
                }
                Err(_) => {
                    let (first, second) = part.split_at(part.len() / 2);
                    // The lower ids come first off the stack, so that the records stay in order.
                    left.extend([second, first]);
                }
            }
        }
        Ok((records, parked))
    }

    /// The fields that a record cannot be read with, each by itself.
    async fn bisect_fields(&self, id: i64, columns: &[Column]) -> Result<Vec<Dropped>, JobError> {
        let domain = of_ids(&[], &[id]);
        let mut dropped = Vec::new();
        let mut left = vec![columns];
        while let Some(part) = left.pop() {
            if part.is_empty() {
                continue;
            }
            let columns = part.into();
            let read = self.try_read(None, &domain, &columns, 1, false);
            match read.await? {
                Ok(_) => {}
                Err(error) if part.len() == 1 => {
                    let field = &part[0].field;
                    dropped.push(Dropped::new(field, "unreadable", error.to_string()));
                }
                Err(_) => {
                    let (first, second) = part.split_at(part.len() / 2);
                    left.extend([second, first]);
                }
            }
        }
        if !dropped.is_empty() && dropped.len() == columns.len() {
            // Not a matter of fields then.
            dropped.clear();
        }
        Ok(dropped)
    }
}

/// The columns but for those whose fields were dropped.
pub(super) fn without(columns: &Arc<[Column]>, dropped: &[Dropped]) -> Arc<[Column]> {
    let stays = |column: &&Column| dropped.iter().all(|gone| gone.field != column.field);
    columns.iter().filter(stays).cloned().collect()
}

/// How many records to ask for next time, by how long so many took.
fn next_size(size: usize, most: usize, took: Duration) -> usize {
    if took > SLOW {
        (size / 2).max(1)
    } else if took < QUICK {
        (size * 2).min(most)
    } else {
        size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_grow_and_shrink_with_the_time_they_take() {
        assert_eq!(next_size(1000, 1000, Duration::from_secs(5)), 500);
        assert_eq!(next_size(500, 1000, Duration::from_millis(10)), 1000);
        assert_eq!(next_size(1000, 1000, Duration::from_millis(10)), 1000);
        assert_eq!(next_size(700, 1000, Duration::from_secs(2)), 700);
        assert_eq!(next_size(1, 1000, Duration::from_secs(5)), 1);
    }
}
