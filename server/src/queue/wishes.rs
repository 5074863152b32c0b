//! What callers wish of a job: one function here, one or two statements in `sql/`, one event.
//!
//! Each locks the job and looks at whose it is and at its state before it changes anything. To whoever may wish only of one
//! connection's jobs (`whose`; `None` may of all) the jobs of others do not exist.

use super::{Job, JobState, Queue, QueueError, handle::CONTROL, job::JobRow};
use crate::{
    ids::{ConnectionId, JobId},
    progress::{EventType, NewEvent, Story},
};

/// A job as a wish left it.
#[derive(Clone, Debug)]
pub struct Steered {
    /// The job.
    pub job: Job,
    /// The last event of its story at that moment.
    pub last_seq: i64,
}

impl Queue {
    /// Pauses a job: at once if nobody holds it, else when its holder reaches a checkpoint.
    pub async fn pause(
        &self,
        id: JobId,
        whose: Option<ConnectionId>,
    ) -> Result<Steered, QueueError> {
        let (mut story, job) = self.lock(id, whose).await?;
        match job.state {
            JobState::Queued => {
                sqlx::query_file!("src/queue/sql/pause_queued.sql", id.0)
                    .execute(story.connection())
                    .await?;
                story.tell(event(&job, EventType::Paused, "paused")).await?;
            }
            JobState::Running => self.request(&mut story, &job, "pause").await?,
            JobState::Paused => {}
            state => {
                return Err(QueueError::State {
                    state,
                    wish: "paused",
                });
            }
        }
        self.finish_wish(story, &job).await
    }

    /// Cancels a job: at once if nobody holds it, else when its holder reaches a checkpoint.
    pub async fn cancel(
        &self,
        id: JobId,
        whose: Option<ConnectionId>,
    ) -> Result<Steered, QueueError> {
        let (mut story, job) = self.lock(id, whose).await?;
        match job.state {
            JobState::Queued | JobState::Paused => {
                sqlx::query_file!("src/queue/sql/cancel_unheld.sql", id.0)
                    .execute(story.connection())
                    .await?;
                story
                    .tell(event(&job, EventType::Cancelled, "cancelled"))
                    .await?;
            }
            JobState::Running => self.request(&mut story, &job, "cancel").await?,
            JobState::Cancelled => {}
            state => {
                return Err(QueueError::State {
                    state,
                    wish: "cancelled",
                });
            }
        }
        self.finish_wish(story, &job).await
    }

    /// Queues a paused job again, or takes back a pause that its holder has not yet heard of.
    pub async fn resume(
        &self,
        id: JobId,
        whose: Option<ConnectionId>,
    ) -> Result<Steered, QueueError> {
        let (mut story, job) = self.lock(id, whose).await?;
        match job.state {
            JobState::Paused => {
                sqlx::query_file!("src/queue/sql/resume.sql", id.0)
                    .execute(story.connection())
                    .await?;
                story
                    .tell(event(&job, EventType::Resumed, "resumed"))
                    .await?;
            }
            JobState::Running => {
                sqlx::query_file!("src/queue/sql/withdraw_request.sql", id.0)
                    .execute(story.connection())
                    .await?;
            }
            JobState::Queued => {}
            state => {
                return Err(QueueError::State {
                    state,
                    wish: "resumed",
                });
            }
        }
        self.finish_wish(story, &job).await
    }

    /// Queues a failed or cancelled job again, with a fresh retry budget, after its checkpoint.
    pub async fn retry(
        &self,
        id: JobId,
        whose: Option<ConnectionId>,
    ) -> Result<Steered, QueueError> {
        let (mut story, job) = self.lock(id, whose).await?;
        match job.state {
            JobState::Failed | JobState::Cancelled => {
                sqlx::query_file!("src/queue/sql/retry_finished.sql", id.0)
                    .execute(story.connection())
                    .await?;
                story
                    .tell(event(&job, EventType::Resumed, "retried"))
                    .await?;
            }
            state => {
                return Err(QueueError::State {
                    state,
                    wish: "retried",
                });
            }
        }
        self.finish_wish(story, &job).await
    }

    async fn lock(
        &self,
        id: JobId,
        whose: Option<ConnectionId>,
    ) -> Result<(Story, Job), QueueError> {
        let mut story = self.progress.begin().await?;
        let row = sqlx::query_file_as!(JobRow, "src/queue/sql/lock_job.sql", id.0)
            .fetch_optional(story.connection())
            .await?;
        let job = row
            .map(Job::from)
            .filter(|job| whose.is_none_or(|own| own == job.connection))
            .ok_or(QueueError::NotFound(id))?;
        Ok((story, job))
    }

    async fn request(&self, story: &mut Story, job: &Job, wish: &str) -> Result<(), QueueError> {
        sqlx::query_file!("src/queue/sql/request_of_holder.sql", job.id.0, wish)
            .execute(story.connection())
            .await?;
        story
            .tell(event(
                job,
                EventType::Note,
                &format!("asked to {wish}; the batch in hand is finished first"),
            ))
            .await?;
        Ok(())
    }

    /// Makes the wish come true for a job that was as `before`.
    async fn finish_wish(&self, mut story: Story, before: &Job) -> Result<Steered, QueueError> {
        let row = sqlx::query_file_as!(JobRow, "src/queue/sql/get.sql", before.id.0)
            .fetch_one(story.connection())
            .await?;
        let job = Job::from(row);
        let last_seq = story.last_seq(job.id).await?;
        story.commit().await?;
        if before.state == JobState::Running {
            self.control.send_replace(());
            self.notifier.send(CONTROL);
        }
        // A job that had begun keeps others of its lane waiting until somebody takes it out of the line.
        if job.state == JobState::Queued || before.started_at.is_some() {
            self.wake_workers();
        }
        Ok(Steered { job, last_seq })
    }
}

/// An event about a job that somebody steers.
fn event(job: &Job, kind: EventType, message: &str) -> NewEvent {
    NewEvent {
        job: job.id,
        kind,
        attempt: job.attempt,
        message: message.to_owned(),
        code: String::new(),
        counters: job.counters,
    }
}
