//! The worker of a server: claims jobs as slots are free, runs them, and reports how they ended.

use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::FutureExt as _;
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{error, info, warn};

use super::{
    JobError, Queue, QueueError, RunJob,
    handle::{CHANNEL, CONTROL, WORK},
    lease::{Held, keep_leases},
    line::Line,
    liveness::{Alive, keep_alive},
    prune::keep_pruned,
    rescue::Rescuer,
    run::{Run, StopCause},
    schedule::keep_schedules,
    transitions::Fenced,
};
use crate::db::{Listener, Signal, answered};

/// How long a stopping server waits for the last reports to be stored.
const LAST_REPORTS: Duration = Duration::from_secs(1);

/// A running worker. It has two halves: what runs jobs stops first, what keeps them held stops when they are settled.
#[derive(Debug)]
pub struct Worker {
    held: Held,
    alive: Alive,
    queue: Queue,
    claiming: CancellationToken,
    keeping: CancellationToken,
    runs: TaskTracker,
    keepers: TaskTracker,
}

impl Worker {
    /// Starts to claim and run jobs of these kinds. `name` tells people which process this is.
    pub fn start(queue: Queue, pipelines: Vec<Arc<dyn RunJob>>, name: String) -> Self {
        let (alive_sender, alive) = watch::channel(None);
        let worker = Self {
            held: Held::default(),
            alive: alive.clone(),
            claiming: CancellationToken::new(),
            keeping: CancellationToken::new(),
            runs: TaskTracker::new(),
            keepers: TaskTracker::new(),
            queue: queue.clone(),
        };
        let stop = || worker.keeping.clone();
        worker
            .keepers
            .spawn(keep_alive(queue.clone(), name, alive_sender, stop()));
        worker
            .keepers
            .spawn(keep_leases(queue.clone(), worker.held.clone(), stop()));
        worker
            .keepers
            .spawn(Rescuer::new(queue.clone(), alive.clone()).run(stop()));
        worker
            .keepers
            .spawn(keep_schedules(queue.clone(), worker.claiming.clone()));
        worker.keepers.spawn(keep_pruned(queue.clone(), stop()));
        worker.keepers.spawn(relay_signals(queue.clone(), stop()));
        let pipelines: Pipelines = pipelines
            .into_iter()
            .map(|pipeline| (pipeline.kind(), pipeline))
            .collect();
        let dispatcher = Dispatcher {
            slots: Slots {
                line: Line::new(queue.settings.workers),
                pipelines: Arc::new(pipelines),
                held: worker.held.clone(),
                runs: worker.runs.clone(),
                queue,
            },
            alive,
        };
        worker.runs.spawn(dispatcher.run(worker.claiming.clone()));
        worker
    }

    /// Returns once this worker holds its liveness lock, before which it claims nothing.
    pub async fn until_alive(&self) {
        // The sender ends only with the worker, which is stopped by value.
        let _ = self.alive.clone().wait_for(Option::is_some).await;
    }

    /// Stops gracefully: claims no more, lets each job reach a checkpoint and gives it back. What does not stop within
    /// the grace time is left to the rescue of another server.
    pub async fn stop(self) {
        self.claiming.cancel();
        self.held.stop_all(StopCause::Shutdown);
        self.runs.close();
        if timeout(self.queue.settings.grace, self.runs.wait())
            .await
            .is_err()
        {
            warn!(
                jobs = self.held.count(),
                "jobs did not reach a checkpoint in time; they go back as they were at their last one"
            );
            self.held.give_all_back();
            // If our database does not take that either, another server finds out when we are gone.
            let _ = timeout(LAST_REPORTS, self.runs.wait()).await;
        }
        self.keeping.cancel();
        self.keepers.close();
        let _ = timeout(LAST_REPORTS, self.keepers.wait()).await;
    }
}

/// Passes on what other servers say.
async fn relay_signals(queue: Queue, stop: CancellationToken) {
    let mut listener = Listener::start(&queue.db, CHANNEL);
    loop {
        let signal = tokio::select! {
            () = stop.cancelled() => return,
            signal = listener.next() => signal,
        };
        // After a (re)connect, look for everything: what was said meanwhile is lost.
        let heard = |word: &str| match &signal {
            Signal::Connected => true,
            Signal::Payload(payload) => {
                let mut words = queue.notifier.words_of_others(payload);
                words.any(|said| said == word)
            }
        };
        if heard(WORK) {
            queue.work.send_replace(());
        }
        if heard(CONTROL) {
            queue.control.send_replace(());
        }
    }
}

type Pipelines = HashMap<&'static str, Arc<dyn RunJob>>;

/// Claims jobs as slots are free.
struct Dispatcher {
    slots: Slots,
    alive: Alive,
}

impl Dispatcher {
    async fn run(mut self, stop: CancellationToken) {
        let queue = self.slots.queue.clone();
        let mut work = queue.work.subscribe();
        while !stop.is_cancelled() {
            // Marked before looking: a wake-up during the look is not lost.
            work.mark_unchanged();
            self.slots.give_back_overdue();
            match answered(self.claim(&stop)).await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => warn!(%error, "could not claim a job; trying again"),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                _ = work.changed() => {}
                _ = self.alive.changed() => {}
                () = tokio::time::sleep(queue.settings.poll) => {}
            }
        }
    }

    /// Claims as many jobs as there is room for, and starts them. Returns how many.
    async fn claim(&self, stop: &CancellationToken) -> Result<usize, QueueError> {
        let slots = &self.slots;
        let room = slots.line.room(slots.held.count());
        let Some(worker) = *self.alive.borrow() else {
            return Ok(0);
        };
        if room == 0 {
            return Ok(0);
        }
        let kinds: Vec<String> = slots
            .pipelines
            .keys()
            .map(|kind| (*kind).to_owned())
            .collect();
        let claimed = slots.queue.claim(&kinds, room, worker).await?;
        let count = claimed.len();
        for job in claimed {
            let run = Arc::new(Run::new(slots.queue.clone(), job));
            slots.held.add(run.clone());
            if stop.is_cancelled() {
                run.stop(StopCause::Shutdown);
            }
            slots.line.add(run);
        }
        slots.fill();
        Ok(count)
    }
}

/// Where jobs run. Each slot takes the next in line by itself and leaves the report of the last to others.
#[derive(Clone)]
struct Slots {
    queue: Queue,
    pipelines: Arc<Pipelines>,
    line: Line,
    held: Held,
    runs: TaskTracker,
}

impl Slots {
    /// Sets free slots to work.
    fn fill(&self) {
        while let Some(first) = self.line.enter() {
            let slots = self.clone();
            self.runs.spawn(async move {
                let mut next = Some(first);
                while let Some(run) = next {
                    let begun = Instant::now();
                    let outcome = slots.attempt(&run).await;
                    let took = begun.elapsed();
                    slots.settle(run, outcome, took);
                    next = slots.line.next(took);
                }
                // Whoever was added between the last look and now has found no free slot.
                slots.queue.work.send_replace(());
            });
        }
    }

    /// Gives back what waits in vain: perhaps another server has a free slot.
    fn give_back_overdue(&self) {
        self.fill();
        for run in self.line.overdue() {
            self.settle(run, Err(JobError::Stopped), Duration::ZERO);
        }
    }

    /// Runs one attempt to its end.
    async fn attempt(&self, run: &Arc<Run>) -> Result<String, JobError> {
        // Stopped, paused or cancelled while it waited in line.
        if run.stopping().is_cancelled() {
            return Err(JobError::Stopped);
        }
        let Some(pipeline) = self.pipelines.get(run.kind()) else {
            return Err(JobError::Stopped);
        };
        info!(job.id = %run.job(), job.kind = run.kind(), job.attempt = run.attempt(), "began an attempt");
        tokio::select! {
            outcome = AssertUnwindSafe(pipeline.run(run)).catch_unwind() => outcome.unwrap_or_else(|_| Err(panicked())),
            // Nothing that a lost job does counts any more, so it need not reach a checkpoint.
            () = run.lost() => Err(JobError::Lost),
            // Nor does one that is given back: whoever takes it next hears from Odoo what was applied.
            () = run.out_of_time() => Err(JobError::Stopped),
        }
    }

    /// Reports the end of an attempt, beside whatever runs next.
    fn settle(&self, run: Arc<Run>, outcome: Result<String, JobError>, took: Duration) {
        let (queue, held) = (self.queue.clone(), self.held.clone());
        self.runs.spawn(async move {
            report(&queue, &run, &outcome).await;
            held.remove(run.holding());
            queue.work.send_replace(());
            tell(&run, outcome, took);
        });
    }
}

fn tell(run: &Run, outcome: Result<String, JobError>, took: Duration) {
    let duration_ms = took.as_millis();
    let (id, kind, attempt) = (run.job(), run.kind(), run.attempt());
    match outcome {
        Ok(message) => {
            info!(job.id = %id, job.kind = kind, job.attempt = attempt, duration_ms, message, "a job succeeded");
        }
        Err(error @ JobError::Fail { .. }) => {
            warn!(job.id = %id, job.kind = kind, job.attempt = attempt, duration_ms, %error, "a job failed");
        }
        Err(error) => {
            info!(job.id = %id, job.kind = kind, job.attempt = attempt, duration_ms, %error, "an attempt ended");
        }
    }
}

/// Reports how an attempt ended, again and again while our database is away; after a lease others have taken the job.
async fn report(queue: &Queue, run: &Run, outcome: &Result<String, JobError>) {
    let give_up = Instant::now() + queue.settings.lease;
    loop {
        match answered(queue.settle_run(run, outcome)).await {
            Ok(Fenced::Held) => return,
            Ok(Fenced::Lost) => {
                info!(job.id = %run.job(), job.attempt = run.attempt(), "the job has another holder; this attempt no longer counts");
                return;
            }
            Err(error) if Instant::now() >= give_up => {
                error!(job.id = %run.job(), %error, "could not report how an attempt ended; the job will be rescued");
                return;
            }
            Err(error) => {
                warn!(job.id = %run.job(), %error, "could not report how an attempt ended; trying again");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    }
}

fn panicked() -> JobError {
    JobError::Retry {
        code: "fault",
        message: "a fault in the server stopped the attempt; its log has the details".to_owned(),
        after: None,
    }
}
