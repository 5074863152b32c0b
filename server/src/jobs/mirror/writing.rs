//! Stores pages of records, each with the checkpoint behind it: a page is visible as a whole, or not at all.

use super::{
    choice::Dropped,
    following::{self, Following},
    outlet::Part,
    page::Page,
    reading::Fetched,
    spec::Checkpoint,
    store::{self, Scope},
    tables::{self, Table},
};
use crate::{
    progress::Counters,
    queue::{JobError, Run},
};

/// What it takes to store a page.
pub(super) struct Writing<'run> {
    pub(super) run: &'run Run,
    pub(super) scope: Scope<'run>,
    pub(super) table: Table,
    /// What is to be embedded of what is stored.
    pub(super) embedding: Following<'run>,
    /// Whether records were put aside, so that stored ones may have to be taken back.
    pub(super) has_parked: bool,
    pub(super) checkpoint: Checkpoint,
    pub(super) counters: Counters,
}

impl Writing<'_> {
    /// Stores the next part of the course.
    pub(super) async fn take(&mut self, part: Part) -> Result<(), JobError> {
        let Part {
            fetched,
            after,
            total,
            ..
        } = part;
        if let Some(total) = total {
            // On top of those that were put aside before.
            self.counters.rows_total = self.counters.rows_done + total;
            self.checkpoint.is_counted = true;
        }
        self.store(fetched, after).await
    }

    /// Stores a page with the checkpoint behind it. Where Postgres refuses a value, halves of the page are stored one by one,
    /// down to the record, which is put aside.
    pub(super) async fn store(&mut self, fetched: Fetched, after: i64) -> Result<(), JobError> {
        if fetched.is_nothing() {
            return Ok(());
        }
        let (dropped, mut parked) = (fetched.dropped, fetched.parked);
        if let Some(first) = fetched.records.ids.first().filter(|first| **first <= after) {
            return Err(JobError::Fail {
                code: "odoo_answer",
                message: format!(
                    "the records are not in the order of their ids: {first} came after {after}"
                ),
            });
        }
        let mut left = vec![(fetched.records, fetched.last_id)];
        let mut first = true;
        while let Some((mut page, last_id)) = left.pop() {
            let gone = if first { dropped.as_slice() } else { &[] };
            let aside = std::mem::take(&mut parked);
            match self.try_store(&page, last_id, gone, &aside).await {
                Ok(()) => first = false,
                Err(JobError::Db(error)) if error.is_about_data() && page.rows() > 1 => {
                    parked = aside;
                    let second = page.split();
                    let middle = page.ids.last().copied().unwrap_or_default();
                    let middle = middle.min(last_id.max(self.checkpoint.last_id));
                    left.push((second, last_id));
                    left.push((page, middle));
                }
                Err(JobError::Db(error)) if error.is_about_data() && !page.is_empty() => {
                    parked = aside;
                    parked.push((page.ids[0], format!("Postgres cannot store it: {error}")));
                    left.push((Page::default(), last_id));
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
        let merged = tables::store(connection, &self.table, page).await?;
        let waits = following::tell(connection, self.scope, &self.table, &merged, page).await?;
        for dropped in dropped {
            store::drop_field(connection, self.scope, dropped).await?;
        }
        if self.has_parked {
            store::unpark(connection, self.scope, &page.ids).await?;
        }
        store::park(connection, self.scope, parked).await?;
        let mut counters = self.counters;
        let rows = count(page.rows());
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
        self.checkpoint = checkpoint;
        self.counters = counters;
        self.has_parked |= !parked.is_empty();
        if waits {
            self.embedding.nudge(self.scope).await;
        }
        Ok(())
    }

    /// Whether few records are left to be stored, as far as they were counted.
    pub(super) fn is_nearly_through(&self) -> bool {
        let Counters {
            rows_done,
            rows_total,
            ..
        } = self.counters;
        self.checkpoint.is_counted && rows_done >= rows_total / 10 * 9
    }

    /// Moves the cursor: everything before it is stored. Returns what is told of the run.
    pub(super) async fn end(mut self) -> Result<String, JobError> {
        // What came or went while it was read makes the count another than the first one.
        self.counters.rows_total = self.counters.rows_done;
        let mut step = self.run.step().await?;
        let course = self.checkpoint.course.as_ref();
        if let Some(cursor) = course.and_then(|course| course.cursor) {
            store::move_cursor(step.connection(), self.scope, cursor).await?;
        }
        let told = summary(&self.counters);
        step.commit(&self.checkpoint, self.counters, &told).await?;
        self.embedding.end(self.scope).await;
        Ok(told)
    }
}

fn summary(counters: &Counters) -> String {
    let mut parts = vec![
        format!("{} new", counters.created),
        format!("{} changed", counters.updated),
        format!("{} as before", counters.unchanged),
    ];
    if counters.errors > 0 {
        parts.push(format!("{} put aside", counters.errors));
    }
    format!("{} records read: {}", counters.rows_done, parts.join(", "))
}

/// A number of rows as counters have it.
pub(super) fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
