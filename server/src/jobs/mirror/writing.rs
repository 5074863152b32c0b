//! Stores pages of records, each with the checkpoint behind it: a page is visible as a whole, or not at all.

use super::{
    choice::Dropped,
    column::Column,
    page::Page,
    reading::Fetched,
    spec::Checkpoint,
    store::{self, Scope},
    tables::{self, Merged, Table},
};
use crate::{
    progress::Counters,
    queue::{JobError, Run},
};

/// What it takes to store a page.
pub(super) struct Writing<'a> {
    pub(super) run: &'a Run,
    pub(super) scope: Scope<'a>,
    pub(super) table: &'a Table,
    pub(super) columns: &'a [Column],
    /// Whether records were put aside, so that stored ones may have to be taken back.
    pub(super) has_parked: &'a mut bool,
    pub(super) checkpoint: &'a mut Checkpoint,
    pub(super) counters: &'a mut Counters,
}

impl Writing<'_> {
    /// Stores a page with the checkpoint behind it. Where Postgres refuses a value, halves of the page are stored one by one,
    /// down to the record, which is put aside.
    pub(super) async fn store(&mut self, fetched: Fetched, after: i64) -> Result<(), JobError> {
        if fetched.is_nothing() {
            return Ok(());
        }
        let (dropped, mut parked) = (fetched.dropped, fetched.parked);
        let mut left = vec![(fetched.records, fetched.last_id)];
        let mut after = after;
        let mut first = true;
        while let Some((mut records, last_id)) = left.pop() {
            let page = Page::of(&records, self.columns, after);
            let page = page.map_err(|message| JobError::Fail {
                code: "odoo_answer",
                message,
            })?;
            let gone = if first { dropped.as_slice() } else { &[] };
            let aside = std::mem::take(&mut parked);
            match self.try_store(&page, last_id, gone, &aside).await {
                Ok(()) => {
                    after = page.last_id;
                    first = false;
                }
                Err(JobError::Db(error)) if error.is_about_data() && records.len() > 1 => {
                    parked = aside;
                    let second = records.split_off(records.len() / 2);
                    let middle = records.last().and_then(|record| record.get("id")?.as_i64());
                    let middle = middle.unwrap_or(self.checkpoint.last_id);
                    let middle = middle.min(last_id.max(self.checkpoint.last_id));
                    left.push((second, last_id));
                    left.push((records, middle));
                }
                Err(JobError::Db(error)) if error.is_about_data() && !records.is_empty() => {
                    parked = aside;
                    parked.push((page.last_id, format!("Postgres cannot store it: {error}")));
                    left.push((Vec::new(), last_id));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn try_store(
        &mut self,
        page: &Page,
        last_id: i64,
        dropped: &[Dropped],
        parked: &[(i64, String)],
    ) -> Result<(), JobError> {
        let mut step = self.run.step().await?;
        let connection = step.connection();
        let merged = if page.rows == 0 {
            Merged::default()
        } else {
            tables::store(connection, self.table, self.columns, &page.copy).await?
        };
        for dropped in dropped {
            store::drop_field(connection, self.scope, dropped).await?;
        }
        if *self.has_parked {
            store::unpark(connection, self.scope, &page.ids).await?;
        }
        store::park(connection, self.scope, parked).await?;
        let mut counters = *self.counters;
        let rows = count(page.rows);
        counters.rows_done += rows + count(parked.len());
        counters.created += merged.created;
        counters.updated += merged.updated;
        counters.unchanged += rows - merged.created - merged.updated;
        counters.errors += count(parked.len());
        counters.rows_total = counters.rows_total.max(counters.rows_done);
        let mut checkpoint = self.checkpoint.clone();
        checkpoint.last_id = checkpoint.last_id.max(last_id);
        let message = format!("{} of {} records", counters.rows_done, counters.rows_total);
        step.commit(&checkpoint, counters, &message).await?;
        *self.checkpoint = checkpoint;
        *self.counters = counters;
        *self.has_parked |= !parked.is_empty();
        Ok(())
    }
}

/// A number of rows as counters have it.
pub(super) fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
