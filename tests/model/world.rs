//! What the model knows: jobs in our database, workers, Odoo with its fence and ledger, and messages that may come in any order.

use std::collections::BTreeMap;

/// Two jobs of one lane: the second shows what becomes of whoever waits.
pub(crate) const JOBS: usize = 2;
pub(crate) const WORKERS: usize = 2;
/// How many batches each job has.
pub(crate) const BATCHES: [u8; JOBS] = [2, 1];
/// Retries without a checkpoint in between before a job fails.
pub(crate) const MAX_RETRIES: u8 = 3;

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum State {
    Queued,
    Running,
    Succeeded,
    Failed,
}

/// Stands for the number of a process that is dead: a new one gets a new number.
pub(crate) const DEAD: usize = usize::MAX;

/// A row of the table `job`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Job {
    pub(crate) state: State,
    pub(crate) attempt: u8,
    pub(crate) worker: Option<usize>,
    /// Whether `lease_until` is still to come.
    pub(crate) leased: bool,
    /// How many batches are dealt with.
    pub(crate) checkpoint: u8,
    pub(crate) failures: u8,
}

/// Where an attempt is with its present batch.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Step {
    /// The next batch is to be sent.
    Ready,
    /// Odoo's answer is awaited.
    Waiting,
    /// Odoo has answered, the checkpoint is to be stored.
    Answered,
}

/// An attempt as the process sees it that runs it; our database may have moved on.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Run {
    pub(crate) job: usize,
    pub(crate) attempt: u8,
    pub(crate) next: u8,
    pub(crate) step: Step,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Worker {
    pub(crate) alive: bool,
    /// SIGSTOP, or a host that hangs: it does nothing, and its session lives on.
    pub(crate) paused: bool,
    /// The session lock.
    pub(crate) locked: bool,
    pub(crate) run: Option<Run>,
}

/// A job as Odoo knows it.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Fence {
    pub(crate) attempt: u8,
    pub(crate) finished: bool,
    /// The batches that are applied; empty again once the job is finished.
    pub(crate) ledger: Vec<u8>,
    /// How often each batch took effect.
    pub(crate) effects: BTreeMap<u8, u8>,
}

/// On its way between a worker and Odoo.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Message {
    /// `apply_batch`, or `finish` where `batch` is behind the last one.
    Request { job: usize, attempt: u8, batch: u8 },
    Answer {
        job: usize,
        attempt: u8,
        batch: u8,
        stale: bool,
    },
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct World {
    pub(crate) jobs: [Job; JOBS],
    pub(crate) workers: [Worker; WORKERS],
    pub(crate) odoo: [Fence; JOBS],
    /// Sorted, since what is on its way has no order.
    pub(crate) wire: Vec<Message>,
    /// How many more faults may happen.
    pub(crate) faults: u8,
}

impl World {
    pub(crate) fn new(faults: u8) -> Self {
        let job = Job {
            state: State::Queued,
            attempt: 0,
            worker: None,
            leased: false,
            checkpoint: 0,
            failures: 0,
        };
        let worker = Worker {
            alive: true,
            paused: false,
            locked: true,
            run: None,
        };
        Self {
            jobs: [job; JOBS],
            workers: [worker; WORKERS],
            odoo: Default::default(),
            wire: Vec::new(),
            faults,
        }
    }

    pub(crate) fn send(&mut self, message: Message) {
        // The same request twice does nothing that once would not: Odoo's transactions on one fence come one by one.
        if let Err(place) = self.wire.binary_search(&message) {
            self.wire.insert(place, message);
        }
    }

    /// Forgets answers that nobody will hear: they make states differ that are alike.
    pub(crate) fn tidy(&mut self) {
        let runs: Vec<Run> = self
            .workers
            .iter()
            .filter_map(|worker| worker.run)
            .collect();
        self.wire.retain(|message| match *message {
            Message::Request { .. } => true,
            Message::Answer {
                job,
                attempt,
                batch,
                ..
            } => runs
                .iter()
                .any(|run| (run.job, run.attempt, run.next) == (job, attempt, batch)),
        });
    }

    pub(crate) fn take(&mut self, message: Message) {
        if let Ok(place) = self.wire.binary_search(&message) {
            self.wire.remove(place);
        }
    }

    /// The job that a worker's run may still speak for: fenced by its attempt, as each statement of `transitions.rs` is.
    pub(crate) fn held(&mut self, run: Run) -> Option<&mut Job> {
        let job = &mut self.jobs[run.job];
        (job.state == State::Running && job.attempt == run.attempt).then_some(job)
    }

    /// Whether a lane's row or a begun job before this one forbids to claim it; all jobs are of one lane.
    pub(crate) fn lane_is_taken(&self, job: usize) -> bool {
        let begun = |other: &Job| other.attempt > 0 && other.state == State::Queued;
        self.jobs.iter().enumerate().any(|(index, other)| {
            index != job
                && (other.state == State::Running || begun(other) && self.jobs[job].attempt == 0)
        })
    }
}
