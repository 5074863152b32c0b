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
use metrics::histogram;
use tokio::sync::mpsc;

use super::{
    batch_size::BatchSize,
    file::FileError,
    prepare::{Plan, Prepared, prepare},
    reading::OpenList,
    spec::{Checkpoint, ImportSpec},
    storing::Storing,
    survey::Survey,
    validate::Validator,
};
use crate::{
    adapters::odoo::{Batch, BatchAnswer, BatchStatus, Odoo},
    jobs::{patience::Patience, threads::finished},
    queue::{JobError, Run},
    telemetry::metrics::BATCH_SECONDS,
};

/// How many rows a dry run counts between two events.
const DRY_RUN_ROWS: usize = 20_000;

/// How many calls of Odoo may be under way at once. Each waits for its Postgres about half of the time, so that the second
/// one helps an Odoo with threads too; a third would only take a worker from people.
const CALLERS: usize = 2;

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
}

/// A batch that Odoo has answered.
pub(super) struct Applied {
    pub(super) batch: Prepared,
    /// None if the batch had no rows for Odoo.
    pub(super) answer: Option<BatchAnswer>,
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
        // Odoo works on the next batch while the answer to this one is stored.
        let (sender, answered) = mpsc::channel(1);
        let sending = self.send(validator, checkpoint.done_to, sender);
        let storing = Storing {
            run: self.run,
            checkpoint,
        };
        // Not try_join: what Odoo has answered is stored also when a later batch fails.
        let (outcome, stored) = tokio::join!(sending, storing.all(answered));
        stored?;
        outcome
    }

    /// Sends batch by batch to Odoo, and hands on the answers in the order of the rows.
    async fn send(
        &self,
        validator: Validator,
        done_to: u32,
        answered: mpsc::Sender<Applied>,
    ) -> Result<(), JobError> {
        let mut size = BatchSize::starting(self.spec.options.unknown, self.most_rows);
        let wanted = Arc::new(AtomicUsize::new(if self.odoo.is_some() {
            size.rows()
        } else {
            DRY_RUN_ROWS
        }));
        let (sender, mut batches) = mpsc::channel(1);
        let reader = self.start_reader(validator, done_to, Arc::clone(&wanted), sender);
        let mut under_way: FuturesOrdered<BoxFuture<'_, Result<Applied, JobError>>> =
            FuturesOrdered::new();
        let mut products = VecDeque::new();
        // The first batch of an attempt takes its fence, alone: of two that do so at once Odoo refuses one and lets it wait up to
        // a second before it tries again.
        let mut callers = 1;
        let mut next: Option<Prepared> = None;
        let mut ended = false;
        loop {
            let stopping = self.run.stopping().is_cancelled();
            let has_room = !stopping && under_way.len() < callers;
            if has_room
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
            if under_way.is_empty() && (stopping || ended && next.is_none()) {
                break;
            }
            tokio::select! {
                Some(applied) = under_way.next(), if !under_way.is_empty() => {
                    products.pop_front();
                    let applied = applied?;
                    if applied.answer.is_some() { callers = CALLERS; }
                    if applied.repeated { size.failed(); } else { size.took(applied.batch.rows.len(), applied.took); }
                    if self.odoo.is_some() {
                        wanted.store(size.rows(), Ordering::Relaxed);
                    }
                    if answered.send(applied).await.is_err() {
                        break;
                    }
                }
                batch = batches.recv(), if has_room && !ended && next.is_none() => {
                    ended = batch.is_none();
                    next = batch;
                }
                () = self.run.stopping().cancelled(), if !stopping && under_way.is_empty() => {}
                // Storing failed, and tells why.
                () = answered.closed() => break,
            }
        }
        drop(batches);
        let read = reader.await;
        if self.run.stopping().is_cancelled() && (next.is_some() || !ended) {
            return Err(JobError::Stopped);
        }
        finished(read).map_err(|error| file_error(&error))
    }

    /// Prepares batches on a thread that may block, one ahead of the one that is taken, until nobody takes them any more.
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
        let runtime = tokio::runtime::Handle::current();
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
                &|| {
                    // Begun only when the last one is taken, so that its size knows the latest answer.
                    let _ = runtime.block_on(sender.reserve());
                    wanted.load(Ordering::Relaxed)
                },
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
        histogram!(BATCH_SECONDS).record(took);
        held(answer.status)?;
        Ok(Applied {
            batch,
            answer: Some(answer),
            took,
            repeated: calls > 1,
        })
    }
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
