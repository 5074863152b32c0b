//! What callers wish of a job: one function here, one or two statements in `sql/`, one event.
//!
//! Each locks the job and looks at its state before it changes anything.

use super::{Job, JobState, Queue, QueueError, handle::CONTROL, job::JobRow};
use crate::{
    ids::JobId,
    progress::{EventType, NewEvent, Story},
};

impl Queue {
    /// Pauses a job: at once if nobody holds it, else when its holder reaches a checkpoint.
    pub async fn pause(&self, id: JobId) -> Result<(), QueueError> {
        let (mut story, job) = self.lock(id).await?;
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
    pub async fn cancel(&self, id: JobId) -> Result<(), QueueError> {
        let (mut story, job) = self.lock(id).await?;
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
    pub async fn resume(&self, id: JobId) -> Result<(), QueueError> {
        let (mut story, job) = self.lock(id).await?;
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
    pub async fn retry(&self, id: JobId) -> Result<(), QueueError> {
        let (mut story, job) = self.lock(id).await?;
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

    async fn lock(&self, id: JobId) -> Result<(Story, Job), QueueError> {
        let mut story = self.progress.begin().await?;
        let row = sqlx::query_file_as!(JobRow, "src/queue/sql/lock_job.sql", id.0)
            .fetch_optional(story.connection())
            .await?;
        let row = row.ok_or(QueueError::NotFound(id))?;
        Ok((story, row.into()))
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

    async fn finish_wish(&self, story: Story, job: &Job) -> Result<(), QueueError> {
        story.commit().await?;
        if job.state == JobState::Running {
            self.control.send_replace(());
            self.notifier.send(CONTROL);
        }
        self.wake_workers();
        Ok(())
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
