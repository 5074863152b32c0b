//! What becomes of a job when an attempt ends, or its holder is gone.

use std::time::Duration;

use metrics::counter;

use super::{
    JobError, JobState, Queue, QueueError,
    retry::backoff,
    run::{Run, StopCause},
    transitions::{Fenced, Holding},
};
use crate::{db::DbError, progress::EventType, telemetry::metrics::RETRIES};

const STOPPING: &str = "the server is stopping; the job goes on at its checkpoint";
const BUSY: &str = "the server turned out to be busy; the job waits for whoever is free first";
const RESUMED: &str = "the pause was taken back; the job goes on at its checkpoint";

impl Queue {
    /// Reports how an attempt ended.
    pub(super) async fn settle_run(
        &self,
        run: &Run,
        outcome: &Result<String, JobError>,
    ) -> Result<Fenced, QueueError> {
        let holding = run.holding();
        match outcome {
            Ok(message) => Ok(self.succeed(holding, message).await?),
            Err(JobError::Lost) => self.give_up(holding).await,
            Err(JobError::Fail { code, message }) => Ok(self.fail(holding, code, message).await?),
            Err(JobError::Stopped) => match run.stop_cause() {
                Some(StopCause::Pause | StopCause::Cancel) => self.honour_request(holding).await,
                Some(StopCause::Lost) => self.give_up(holding).await,
                Some(StopCause::Shutdown) => self.give_back(holding, STOPPING).await,
                None => self.give_back(holding, BUSY).await,
            },
            Err(JobError::Retry {
                code,
                message,
                after,
            }) => self.retry_run(run, code, message, *after, true).await,
            Err(JobError::Db(error)) => {
                let message = format!("the server's database could not answer: {error}");
                // An outage of our own database is no more the job's failure than one of Odoo.
                let counts = !error.is_transient();
                self.retry_run(run, "database", &message, None, counts)
                    .await
            }
        }
    }

    /// Ends an attempt that no longer counts.
    ///
    /// Most often somebody else has the job, and this hits nothing. But its lease may have run out while nobody was there to take
    /// it; and a database restored from a backup has forgotten attempts that Odoo has seen: there a new one, or the one after it,
    /// is late enough for Odoo.
    async fn give_up(&self, holding: Holding) -> Result<Fenced, QueueError> {
        self.again(
            holding,
            EventType::Retrying,
            None,
            Duration::ZERO,
            "overtaken",
            "this attempt no longer counts; the job goes on with a new one",
        )
        .await
    }

    /// Queues a job again that nothing happened to.
    async fn give_back(&self, holding: Holding, message: &str) -> Result<Fenced, QueueError> {
        let released = self.release(holding, message).await?;
        self.or_honour_request(holding, released).await
    }

    /// Takes a job from a holder that is gone, hung or stuck.
    pub(super) async fn rescue(
        &self,
        holding: Holding,
        code: &str,
        message: &str,
    ) -> Result<Fenced, QueueError> {
        let job = self.get(holding.job).await?;
        if job.state != JobState::Running || job.attempt != holding.attempt {
            return Ok(Fenced::Lost);
        }
        self.again(
            holding,
            EventType::Rescued,
            Some(job.failure_count),
            Duration::ZERO,
            code,
            message,
        )
        .await
    }

    async fn retry_run(
        &self,
        run: &Run,
        code: &str,
        message: &str,
        after: Option<Duration>,
        counts: bool,
    ) -> Result<Fenced, QueueError> {
        let failures = run.failures();
        let after = after.unwrap_or_else(|| backoff(failures + 1));
        counter!(RETRIES, "code" => code.to_owned()).increment(1);
        self.again(
            run.holding(),
            EventType::Retrying,
            counts.then_some(failures),
            after,
            code,
            message,
        )
        .await
    }

    /// Queues a job again while its retry budget lasts, else fails it. Without `failures` it uses up none of the budget.
    async fn again(
        &self,
        holding: Holding,
        kind: EventType,
        failures: Option<i32>,
        after: Duration,
        code: &str,
        message: &str,
    ) -> Result<Fenced, QueueError> {
        if let Some(failures) = failures.filter(|failures| *failures >= self.settings.max_retries) {
            let message = format!(
                "gave up after {failures} retries without progress; the last time: {message}"
            );
            return Ok(self.fail(holding, code, &message).await?);
        }
        let queued = self
            .retry_later(holding, kind, failures.is_some(), after, code, message)
            .await?;
        self.or_honour_request(holding, queued).await
    }

    /// A job could not be queued again: either it has another holder, or somebody asked for something else meanwhile.
    async fn or_honour_request(
        &self,
        holding: Holding,
        queued: Fenced,
    ) -> Result<Fenced, QueueError> {
        match queued {
            Fenced::Held => Ok(Fenced::Held),
            Fenced::Lost => self.honour_request(holding).await,
        }
    }

    /// Does what was asked of the job's holder.
    async fn honour_request(&self, holding: Holding) -> Result<Fenced, QueueError> {
        let job = self.get(holding.job).await?;
        if job.state != JobState::Running || job.attempt != holding.attempt {
            return Ok(Fenced::Lost);
        }
        let done: Result<Fenced, DbError> = match job.requested.as_deref() {
            Some("cancel") => self.cancel_running(holding).await,
            Some(_) => self.pause_running(holding).await,
            // A pause that was taken back after its holder had heard of it.
            None => self.release(holding, RESUMED).await,
        };
        Ok(done?)
    }
}
