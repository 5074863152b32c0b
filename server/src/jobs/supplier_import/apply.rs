//! Applies a list in batches: the next one is prepared while Odoo works, answers are stored in the order of the rows.

use std::{
    collections::VecDeque,
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures::{StreamExt, future::BoxFuture, stream::FuturesOrdered};
use tokio::sync::mpsc;

use super::{
    batch_size::BatchSize,
    file::FileError,
    patience::Patience,
    prepare::{Plan, Prepared, RowError, kept_values, prepare},
    reading::OpenList,
    row_errors,
    spec::{Checkpoint, ImportSpec},
    staging::finished,
    survey::Survey,
    validate::Validator,
};
use crate::{
    adapters::odoo::{Batch, BatchAnswer, BatchStatus, Odoo},
    progress::Counters,
    queue::{JobError, Run},
};

/// How many rows a dry run counts between two events.
const DRY_RUN_ROWS: usize = 20_000;

/// What applying a list needs.
pub(super) struct Applying<'run> {
    pub(super) run: &'run Run,
    pub(super) spec: &'run ImportSpec,
    pub(super) list: Arc<OpenList>,
    pub(super) survey: &'run Survey,
    pub(super) patience: &'run Patience<'run>,
    /// None in a dry run.
    pub(super) odoo: Option<&'run Odoo>,
    /// The most rows of one call of Odoo.
    pub(super) most_rows: usize,
    /// How many calls of Odoo may be under way at once.
    pub(super) callers: usize,
}

/// A batch that Odoo has answered.
struct Applied {
    batch: Prepared,
    /// None if the batch had no rows for Odoo.
    answer: Option<BatchAnswer>,
    took: Duration,
    /// Whether the call had to be repeated; perhaps it was too much.
    repeated: bool,
}

impl Applying<'_> {
    /// Applies all rows behind the checkpoint and brings it forward.
    pub(super) async fn all(
        &self,
        validator: Validator,
        checkpoint: &mut Checkpoint,
    ) -> Result<(), JobError> {
        let mut size = BatchSize::new(self.most_rows);
        let wanted = Arc::new(AtomicUsize::new(if self.odoo.is_some() {
            size.rows()
        } else {
            DRY_RUN_ROWS
        }));
        let (sender, mut batches) = mpsc::channel(1);
        let reader = self.start_reader(validator, checkpoint.done_to, Arc::clone(&wanted), sender);
        let mut under_way: FuturesOrdered<BoxFuture<'_, Result<Applied, JobError>>> =
            FuturesOrdered::new();
        let mut products = VecDeque::new();
        let mut next: Option<Prepared> = None;
        let mut ended = false;
        let mut counters = self.run.counters();
        loop {
            let stopping = self.run.stopping().is_cancelled();
            if !stopping
                && under_way.len() < self.callers
                && let Some(batch) = next.take_if(|batch| {
                    products
                        .iter()
                        .all(|other| batch.products.is_disjoint(other))
                })
            {
                products.push_back(batch.products.clone());
                under_way.push_back(Box::pin(self.apply(batch)));
                continue;
            }
            let wants_more = !stopping && !ended && next.is_none();
            tokio::select! {
                Some(applied) = under_way.next(), if !under_way.is_empty() => {
                    products.pop_front();
                    let applied = applied?;
                    if applied.repeated { size.failed(); } else { size.took(applied.batch.rows.len(), applied.took); }
                    if self.odoo.is_some() {
                        wanted.store(size.rows(), Ordering::Relaxed);
                    }
                    self.store(applied, checkpoint, &mut counters).await?;
                }
                batch = batches.recv(), if wants_more => {
                    ended = batch.is_none();
                    next = batch;
                }
                () = self.run.stopping().cancelled(), if wants_more && under_way.is_empty() => {}
                else => break,
            }
        }
        drop(batches);
        let read = reader.await;
        if self.run.stopping().is_cancelled() && (next.is_some() || !ended) {
            return Err(JobError::Stopped);
        }
        finished(read).map_err(|error| file_error(&error))
    }

    /// Prepares batches on a thread that may block, until nobody takes them any more.
    fn start_reader(
        &self,
        validator: Validator,
        done_to: u32,
        wanted: Arc<AtomicUsize>,
        sender: mpsc::Sender<Prepared>,
    ) -> tokio::task::JoinHandle<Result<(), FileError>> {
        let list = Arc::clone(&self.list);
        let rows = self.survey.rows;
        let keep_rows = self.odoo.is_some();
        tokio::task::spawn_blocking(move || {
            let plan = Plan {
                validator: &validator,
                rows,
                done_to,
                keep_rows,
            };
            prepare(
                &list.file,
                &list.layout,
                &plan,
                &|| wanted.load(Ordering::Relaxed),
                &mut |batch| {
                    if sender.blocking_send(batch).is_ok() {
                        ControlFlow::Continue(())
                    } else {
                        ControlFlow::Break(())
                    }
                },
            )
        })
    }

    async fn apply(&self, batch: Prepared) -> Result<Applied, JobError> {
        let Some(odoo) = self.odoo.filter(|_| !batch.rows.is_empty()) else {
            return Ok(Applied {
                batch,
                answer: None,
                took: Duration::ZERO,
                repeated: false,
            });
        };
        let call = Batch {
            job: self.run.job(),
            attempt: self.run.attempt(),
            first_row: i64::from(batch.first_row),
            last_row: i64::from(batch.last_row),
            supplier: self.spec.supplier,
            options: &self.spec.options,
            rows: &batch.rows,
        };
        let (mut began, mut calls) = (Instant::now(), 0);
        let going_on = format!("going on at row {}", batch.first_row);
        let answer = self
            .patience
            .call(&going_on, || {
                began = Instant::now();
                calls += 1;
                odoo.apply_batch(&call)
            })
            .await?;
        let took = began.elapsed();
        held(answer.status)?;
        Ok(Applied {
            batch,
            answer: Some(answer),
            took,
            repeated: calls > 1,
        })
    }

    /// Stores what became of a batch, together with the checkpoint behind it.
    async fn store(
        &self,
        applied: Applied,
        checkpoint: &mut Checkpoint,
        counters: &mut Counters,
    ) -> Result<(), JobError> {
        let Applied {
            mut batch, answer, ..
        } = applied;
        counters.rows_done += count(batch.covered());
        counters.skipped += i64::from(batch.skipped_rows());
        for (reason, rows) in &batch.skipped {
            *checkpoint.skipped.entry((*reason).to_owned()).or_default() += i64::from(*rows);
        }
        if let Some(answer) = answer {
            take_answer(&mut batch, answer, checkpoint, counters)?;
        } else {
            checkpoint.valid += i64::from(batch.valid);
        }
        counters.errors += count(batch.errors.len());
        checkpoint.done_to = batch.last_row;
        let mut step = self.run.step().await?;
        row_errors::insert(step.connection(), self.run.job(), &batch.errors).await?;
        let message = format!(
            "{} of {} rows",
            grouped(counters.rows_done),
            grouped(counters.rows_total)
        );
        step.commit(checkpoint, *counters, &message).await
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
        let original = batch
            .originals
            .binary_search_by_key(&row, super::file::Row::number);
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

/// What Odoo's fence says.
pub(super) fn held(status: BatchStatus) -> Result<(), JobError> {
    match status {
        BatchStatus::Applied => Ok(()),
        BatchStatus::StaleAttempt => Err(JobError::Lost),
        BatchStatus::WrongSupplier => Err(JobError::Fail {
            code: "wrong_supplier",
            message: "this job began with another supplier: enqueue the list anew".to_owned(),
        }),
    }
}

/// What an unreadable file means for the job.
pub(super) fn file_error(error: &FileError) -> JobError {
    match error {
        FileError::Disk(_) => JobError::Retry {
            code: error.code(),
            message: error.to_string(),
            after: None,
        },
        _ => JobError::Fail {
            code: error.code(),
            message: error.to_string(),
        },
    }
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
