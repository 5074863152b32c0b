//! Stores what became of each batch: checkpoint, counters, row errors and event together, in the order of the rows.

use tokio::sync::mpsc;

use super::{
    apply::Applied,
    file::Row,
    prepare::{Prepared, RowError, kept_values},
    row_errors,
    spec::Checkpoint,
};
use crate::{
    adapters::odoo::BatchAnswer,
    progress::Counters,
    queue::{JobError, Run},
};

/// Where answers go.
pub(super) struct Storing<'run> {
    pub(super) run: &'run Run,
    pub(super) checkpoint: &'run mut Checkpoint,
}

impl Storing<'_> {
    /// Stores answers until there are no more.
    pub(super) async fn all(
        mut self,
        mut answered: mpsc::Receiver<Applied>,
    ) -> Result<(), JobError> {
        let mut counters = self.run.counters();
        while let Some(applied) = answered.recv().await {
            self.store(applied, &mut counters).await?;
        }
        Ok(())
    }

    /// Stores what became of a batch, together with the checkpoint behind it.
    async fn store(&mut self, applied: Applied, counters: &mut Counters) -> Result<(), JobError> {
        let Applied {
            mut batch, answer, ..
        } = applied;
        counters.rows_done += count(batch.covered());
        counters.skipped += i64::from(batch.skipped_rows());
        for (reason, rows) in &batch.skipped {
            *self
                .checkpoint
                .skipped
                .entry((*reason).to_owned())
                .or_default() += i64::from(*rows);
        }
        if let Some(answer) = answer {
            take_answer(&mut batch, answer, self.checkpoint, counters)?;
        } else {
            self.checkpoint.valid += i64::from(batch.valid);
        }
        counters.errors += count(batch.errors.len());
        self.checkpoint.done_to = batch.last_row;
        let mut step = self.run.step().await?;
        row_errors::insert(step.connection(), self.run.job(), &batch.errors).await?;
        let message = format!(
            "{} of {} rows",
            grouped(counters.rows_done),
            grouped(counters.rows_total)
        );
        step.commit(&*self.checkpoint, *counters, &message).await
    }
}

/// Counts what Odoo says of the rows, and makes errors of those it could not take.
fn take_answer(
    batch: &mut Prepared,
    answer: BatchAnswer,
    checkpoint: &mut Checkpoint,
    counters: &mut Counters,
) -> Result<(), JobError> {
    let answered = answer.created.len()
        + answer.updated.len()
        + answer.unchanged.len()
        + answer.skipped.len()
        + answer.errors.len();
    if answered != batch.rows.len() {
        return Err(JobError::Fail {
            code: "odoo_answer",
            message: format!(
                "Odoo answered for {answered} of {} rows (rows {} to {}): update the addon",
                batch.rows.len(),
                batch.first_row,
                batch.last_row
            ),
        });
    }
    counters.created += count(answer.created.len());
    counters.updated += count(answer.updated.len());
    counters.unchanged += count(answer.unchanged.len());
    counters.skipped += count(answer.skipped.len());
    for skipped in answer.skipped {
        *checkpoint.skipped.entry(skipped.reason).or_default() += 1;
    }
    for error in answer.errors {
        let row = u32::try_from(error.row).unwrap_or_default();
        let original = batch.originals.binary_search_by_key(&row, Row::number);
        let values = original
            .map(|index| kept_values(&batch.originals[index]))
            .unwrap_or_default();
        batch.errors.push(RowError {
            row,
            code: error.code,
            column: String::new(),
            message: error.message,
            values,
        });
    }
    Ok(())
}

/// A number for people: `13,445`.
pub(super) fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
