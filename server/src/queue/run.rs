//! One attempt of one job, as the pipeline that runs it sees it.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI32, Ordering},
    },
    time::Duration,
};

use futures::future::BoxFuture;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use sqlx::PgConnection;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    Queue,
    transitions::{Fenced, Holding},
};
use crate::{
    db::DbError,
    ids::{ConnectionId, JobId},
    progress::{Counters, Story},
};

/// What a kind of job does. The queue knows no more of it.
pub trait RunJob: Send + Sync + 'static {
    /// The kind's name, as it stands in the table.
    fn kind(&self) -> &'static str;

    /// Runs one attempt from the job's checkpoint. `Ok` brings the message of the succeeded event.
    fn run<'a>(&'a self, run: &'a Run) -> BoxFuture<'a, Result<String, JobError>>;
}

/// Why an attempt ended without success: an instruction to the queue.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The job stopped at a checkpoint because [`Run::stopping`] asked it to.
    #[error("stopped at a checkpoint")]
    Stopped,
    /// The job has another holder or none; whatever this one does no longer counts.
    #[error("the job has another holder")]
    Lost,
    /// Run it again later.
    #[error("{message}")]
    Retry {
        /// A stable `lower_snake` word.
        code: &'static str,
        /// A sentence for people.
        message: String,
        /// When; `None` leaves it to the queue's backoff.
        after: Option<Duration>,
    },
    /// Do not run it again.
    #[error("{message}")]
    Fail {
        /// A stable `lower_snake` word.
        code: &'static str,
        /// A sentence for people that says what to do.
        message: String,
    },
    /// Our own Postgres could not answer; run it again later.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for JobError {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(error.into())
    }
}

/// Why a holder was asked to stop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum StopCause {
    /// The server is stopping.
    Shutdown,
    /// Somebody paused the job.
    Pause,
    /// Somebody cancelled the job.
    Cancel,
    /// The job has another holder or none.
    Lost,
}

/// One attempt of one job. Everything it reports is fenced by its attempt.
#[derive(Debug)]
pub struct Run {
    queue: Queue,
    holding: Holding,
    claimed_at: Instant,
    connection: ConnectionId,
    kind: String,
    spec: Value,
    checkpoint: Option<Value>,
    /// Failures since the last checkpoint.
    failures: AtomicI32,
    /// The latest counters that are stored.
    counters: Mutex<Counters>,
    /// Whether the latest that was told is that the job waits.
    waits: AtomicBool,
    stopping: CancellationToken,
    lost: CancellationToken,
    /// Fires when the server cannot wait any longer for a checkpoint.
    out_of_time: CancellationToken,
    stop_cause: Mutex<Option<StopCause>>,
}

/// A claimed job, before it is run.
pub(super) struct Claimed {
    pub(super) holding: Holding,
    pub(super) connection: ConnectionId,
    pub(super) kind: String,
    pub(super) spec: Value,
    pub(super) checkpoint: Option<Value>,
    pub(super) failures: i32,
    pub(super) counters: Counters,
}

impl Run {
    pub(super) fn new(queue: Queue, claimed: Claimed) -> Self {
        Self {
            queue,
            holding: claimed.holding,
            claimed_at: Instant::now(),
            connection: claimed.connection,
            kind: claimed.kind,
            spec: claimed.spec,
            checkpoint: claimed.checkpoint,
            failures: AtomicI32::new(claimed.failures),
            counters: Mutex::new(claimed.counters),
            waits: AtomicBool::new(false),
            stopping: CancellationToken::new(),
            lost: CancellationToken::new(),
            out_of_time: CancellationToken::new(),
            stop_cause: Mutex::default(),
        }
    }

    /// The job.
    pub fn job(&self) -> JobId {
        self.holding.job
    }

    /// Whom it works for.
    pub fn connection(&self) -> ConnectionId {
        self.connection
    }

    /// The number of this run, and its fence.
    pub fn attempt(&self) -> i32 {
        self.holding.attempt
    }

    /// What it does.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// What to do. A spec that cannot be read fails the job: no retry would read it better.
    pub fn spec<T: DeserializeOwned>(&self) -> Result<T, JobError> {
        T::deserialize(&self.spec).map_err(|error| JobError::Fail {
            code: "spec_unreadable",
            message: format!("this server does not understand the job's description: {error}"),
        })
    }

    /// How far an earlier attempt came; `None` if there is no checkpoint.
    pub fn checkpoint<T: DeserializeOwned>(&self) -> Result<Option<T>, JobError> {
        self.checkpoint
            .as_ref()
            .map(T::deserialize)
            .transpose()
            .map_err(|error| JobError::Fail {
                code: "checkpoint_unreadable",
                message: format!("this server does not understand the job's checkpoint: {error}"),
            })
    }

    /// The latest counters that are stored.
    pub fn counters(&self) -> Counters {
        *self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fires when the job should stop: finish the batch in hand, checkpoint, return [`JobError::Stopped`].
    pub fn stopping(&self) -> &CancellationToken {
        &self.stopping
    }

    /// Begins a transaction for a checkpoint and all that belongs to it.
    pub async fn step(&self) -> Result<Step<'_>, JobError> {
        Ok(Step {
            run: self,
            story: self.queue.progress.begin().await?,
            code: "",
        })
    }

    /// Says what the job waits for; the watchdog leaves it alone until it goes on.
    pub async fn waiting(&self, code: &'static str, reason: &str) -> Result<(), JobError> {
        // First, so that a checkpoint at the same moment leads to one telling too many and not to one too few.
        self.waits.store(true, Ordering::Relaxed);
        let fenced = self
            .queue
            .wait(self.holding, code, Some(reason), reason)
            .await?;
        held(fenced)
    }

    /// Whether the latest that was told is that the job waits; a checkpoint that comes in between takes that back.
    pub fn says_waiting(&self) -> bool {
        self.waits.load(Ordering::Relaxed)
    }

    /// Says that the job goes on after waiting.
    pub async fn continued(&self, message: &str) -> Result<(), JobError> {
        let fenced = self.queue.wait(self.holding, "", None, message).await?;
        self.waits.store(false, Ordering::Relaxed);
        held(fenced)
    }

    /// Tells something worth knowing; `code` says what it is about, as a stable `lower_snake` word.
    pub async fn note(&self, code: &'static str, message: &str) -> Result<(), JobError> {
        let fenced = self.queue.note(self.holding, code, message).await?;
        held(fenced)
    }

    /// Failures since the last checkpoint, this attempt's not counted.
    pub(super) fn failures(&self) -> i32 {
        self.failures.load(Ordering::Relaxed)
    }

    /// How long ago it was claimed.
    pub(super) fn age(&self) -> Duration {
        self.claimed_at.elapsed()
    }

    pub(super) fn holding(&self) -> Holding {
        self.holding
    }

    /// Asks the pipeline to stop; the first cause stands, but a lost job is lost.
    pub(super) fn stop(&self, cause: StopCause) {
        let mut stop_cause = self
            .stop_cause
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if stop_cause.is_none() || cause == StopCause::Lost {
            *stop_cause = Some(cause);
        }
        drop(stop_cause);
        if cause == StopCause::Lost {
            self.lost.cancel();
        }
        self.stopping.cancel();
    }

    /// Returns when the job is known to have another holder.
    pub(super) async fn lost(&self) {
        self.lost.cancelled().await;
    }

    /// Gives the job back as it was at its last checkpoint: what Odoo does meanwhile it tells the next attempt.
    pub(super) fn give_back(&self) {
        self.out_of_time.cancel();
    }

    /// Returns when the job has to be given back without waiting for its pipeline.
    pub(super) async fn out_of_time(&self) {
        self.out_of_time.cancelled().await;
    }

    pub(super) fn stop_cause(&self) -> Option<StopCause> {
        *self
            .stop_cause
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A checkpoint in the making: what is stored through it becomes true together with it.
#[derive(Debug)]
pub struct Step<'run> {
    run: &'run Run,
    story: Story,
    code: &'static str,
}

impl Step<'_> {
    /// Says what the checkpoint's message is about, as a stable `lower_snake` word for readers of other languages.
    #[must_use]
    pub fn about(mut self, code: &'static str) -> Self {
        self.code = code;
        self
    }

    /// The transaction, for the pipeline's own stores.
    pub fn connection(&mut self) -> &mut PgConnection {
        self.story.connection()
    }

    /// Stores how far the job is, its counters and its event, together with what was stored before.
    /// Nothing of it is true if the job has another holder.
    pub async fn commit(
        mut self,
        state: &impl Serialize,
        counters: Counters,
        message: &str,
    ) -> Result<(), JobError> {
        let state = serde_json::to_value(state).map_err(|error| JobError::Fail {
            code: "checkpoint_unwritable",
            message: format!("the checkpoint cannot be written as JSON: {error}"),
        })?;
        let told = (self.code, message);
        let fenced =
            Queue::checkpoint(&mut self.story, self.run.holding, &state, counters, told).await?;
        held(fenced)?;
        self.story.commit().await?;
        *self
            .run
            .counters
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = counters;
        self.run.failures.store(0, Ordering::Relaxed);
        self.run.waits.store(false, Ordering::Relaxed);
        Ok(())
    }
}

fn held(fenced: Fenced) -> Result<(), JobError> {
    match fenced {
        Fenced::Held => Ok(()),
        Fenced::Lost => Err(JobError::Lost),
    }
}
