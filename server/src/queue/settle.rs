//! What becomes of a job when an attempt ends, or its holder is gone.

use std::time::Duration;

use super::{
    JobError, JobState, Queue, QueueError,
    retry::backoff,
    run::{Run, StopCause},
    transitions::{Fenced, Holding},
};
use crate::{
    db::DbError,
    progress::{Counters, EventType},
};

impl Queue {
    /// Reports how an attempt ended.
    pub(super) async fn settle_run(
        &self,
        run: &Run,
        outcome: &Result<String, JobError>,
    ) -> Result<Fenced, QueueError> {
        let (holding, counters) = (run.holding(), run.counters());
        match outcome {
            Ok(message) => Ok(self.succeed(holding, counters, message).await?),
            Err(JobError::Lost) => Ok(Fenced::Lost),
            Err(JobError::Fail { code, message }) => {
                Ok(self.fail(holding, counters, code, message).await?)
            }
            Err(JobError::Stopped) => match run.stop_cause() {
                Some(StopCause::Pause | StopCause::Cancel) => self.honour_request(holding).await,
                Some(StopCause::Lost) => Ok(Fenced::Lost),
                Some(StopCause::Shutdown) | None => {
                    let released = self.release(holding, counters).await?;
                    self.or_honour_request(holding, released).await
                }
            },
            Err(JobError::Retry {
                code,
                message,
                after,
            }) => self.retry_run(run, code, message, *after).await,
            Err(JobError::Db(error)) => {
                self.retry_run(
                    run,
                    "database",
                    &format!("the server's database could not answer: {error}"),
                    None,
                )
                .await
            }
        }
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
            job.counters,
            EventType::Rescued,
            job.failure_count,
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
    ) -> Result<Fenced, QueueError> {
        let failures = run.failures();
        let after = after.unwrap_or_else(|| backoff(failures + 1));
        self.again(
            run.holding(),
            run.counters(),
            EventType::Retrying,
            failures,
            after,
            code,
            message,
        )
        .await
    }

    /// Queues a job again while its retry budget lasts, else fails it.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a column or the event's; a struct would be named after this function"
    )]
    async fn again(
        &self,
        holding: Holding,
        counters: Counters,
        kind: EventType,
        failures: i32,
        after: Duration,
        code: &str,
        message: &str,
    ) -> Result<Fenced, QueueError> {
        if failures >= self.settings.max_retries {
            let message = format!(
                "gave up after {failures} retries without progress; the last time: {message}"
            );
            return Ok(self.fail(holding, counters, code, &message).await?);
        }
        let queued = self
            .retry_later(holding, counters, kind, after, code, message)
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
            Some("cancel") => self.cancel_running(holding, job.counters).await,
            Some(_) => self.pause_running(holding, job.counters).await,
            // A pause that was taken back after its holder had heard of it.
            None => self.release(holding, job.counters).await,
        };
        Ok(done?)
    }
}
