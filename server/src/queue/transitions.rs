//! Every change of a job's state: one function here, one statement of the same name in `sql/`, one event.
//!
//! What callers wish for (`enqueue`, `pause`, ..) locks the job and looks before it changes anything; what a holder
//! reports (`succeed`, `retry_later`, ..) names its attempt and hits one row or none.

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Job, JobState, QueueError, QueueSettings, job::JobRow};
use crate::{
    db::{Db, DbError, Notifier},
    ids::{ConnectionId, JobId},
    progress::{Counters, EventType, NewEvent, Progress, Story},
};

/// The channel on which servers wake each other's workers.
pub(super) const CHANNEL: &str = "sluice_queue";
/// The word that says: there may be a job to claim.
pub(super) const WORK: &str = "work";
/// The word that says: something was asked of a holder.
pub(super) const CONTROL: &str = "control";

/// The queue. Clones share one.
#[derive(Clone, Debug)]
pub struct Queue {
    pub(super) db: Db,
    pub(super) progress: Progress,
    pub(super) settings: Arc<QueueSettings>,
    notifier: Notifier,
    /// Wakes this server's dispatcher.
    pub(super) work: watch::Sender<()>,
    /// Wakes this server's keeper of leases.
    pub(super) control: watch::Sender<()>,
}

/// Who speaks of a running job: the statement hits it only while this attempt holds it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Holding {
    pub(super) job: JobId,
    pub(super) attempt: i32,
}

/// Whether a holder's statement hit its job.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub(super) enum Fenced {
    /// It did, and the change is true.
    Held,
    /// The job has another holder or none; nothing was changed.
    Lost,
}

impl Queue {
    /// Opens the queue; its wake-ups for other servers go out until `stop`.
    pub fn start(
        db: Db,
        progress: Progress,
        settings: QueueSettings,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        let notifier = Notifier::start(db.clone(), CHANNEL, tasks, stop);
        Self {
            db,
            progress,
            settings: Arc::new(settings),
            notifier,
            work: watch::channel(()).0,
            control: watch::channel(()).0,
        }
    }

    /// Sets how many jobs of a connection may run at once.
    pub async fn set_share(
        &self,
        connection: ConnectionId,
        max_running: i32,
    ) -> Result<(), QueueError> {
        sqlx::query_file!("src/queue/sql/set_share.sql", connection.0, max_running)
            .execute(self.db.pool())
            .await?;
        self.wake_workers();
        Ok(())
    }

    /// Pauses a job: at once if nobody holds it, else when its holder reaches a checkpoint.
    pub async fn pause(&self, id: JobId) -> Result<Job, QueueError> {
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
        self.finish_wish(story, id).await
    }

    /// Cancels a job: at once if nobody holds it, else when its holder reaches a checkpoint.
    pub async fn cancel(&self, id: JobId) -> Result<Job, QueueError> {
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
        self.finish_wish(story, id).await
    }

    /// Queues a paused job again, or takes back a pause that its holder has not yet heard of.
    pub async fn resume(&self, id: JobId) -> Result<Job, QueueError> {
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
        self.finish_wish(story, id).await
    }

    /// Queues a failed or cancelled job again, with a fresh retry budget, after its checkpoint.
    pub async fn retry(&self, id: JobId) -> Result<Job, QueueError> {
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
        self.finish_wish(story, id).await
    }

    /// Ends a job well.
    pub(super) async fn succeed(
        &self,
        holding: Holding,
        counters: Counters,
        message: &str,
    ) -> Result<Fenced, DbError> {
        let mut story = self.progress.begin().await?;
        let hit = sqlx::query_file!("src/queue/sql/succeed.sql", holding.job.0, holding.attempt)
            .execute(story.connection())
            .await?;
        self.settle(
            story,
            hit.rows_affected(),
            holding.event(EventType::Succeeded, "", message, counters),
        )
        .await
    }

    /// Ends a job that cannot go on.
    pub(super) async fn fail(
        &self,
        holding: Holding,
        counters: Counters,
        code: &str,
        message: &str,
    ) -> Result<Fenced, DbError> {
        let mut story = self.progress.begin().await?;
        let hit = sqlx::query_file!(
            "src/queue/sql/fail.sql",
            holding.job.0,
            holding.attempt,
            code,
            message
        )
        .execute(story.connection())
        .await?;
        self.settle(
            story,
            hit.rows_affected(),
            holding.event(EventType::Failed, code, message, counters),
        )
        .await
    }

    /// Queues a job again after a failed attempt, or after its holder died (`kind` tells which).
    pub(super) async fn retry_later(
        &self,
        holding: Holding,
        counters: Counters,
        kind: EventType,
        after: Duration,
        code: &str,
        message: &str,
    ) -> Result<Fenced, DbError> {
        let mut story = self.progress.begin().await?;
        let hit = sqlx::query_file!(
            "src/queue/sql/retry_later.sql",
            holding.job.0,
            holding.attempt,
            after.as_secs_f64(),
            code,
            message
        )
        .execute(story.connection())
        .await?;
        self.settle(
            story,
            hit.rows_affected(),
            holding.event(kind, code, message, counters),
        )
        .await
    }

    /// Queues a job again that its holder gave back at a checkpoint.
    pub(super) async fn release(
        &self,
        holding: Holding,
        counters: Counters,
    ) -> Result<Fenced, DbError> {
        let mut story = self.progress.begin().await?;
        let hit = sqlx::query_file!("src/queue/sql/release.sql", holding.job.0, holding.attempt)
            .execute(story.connection())
            .await?;
        let event = holding.event(
            EventType::Released,
            "",
            "the server is stopping; the job goes on at its checkpoint",
            counters,
        );
        self.settle(story, hit.rows_affected(), event).await
    }

    /// Pauses a job whose holder stopped, or is gone.
    pub(super) async fn pause_running(
        &self,
        holding: Holding,
        counters: Counters,
    ) -> Result<Fenced, DbError> {
        let mut story = self.progress.begin().await?;
        let hit = sqlx::query_file!(
            "src/queue/sql/pause_running.sql",
            holding.job.0,
            holding.attempt
        )
        .execute(story.connection())
        .await?;
        self.settle(
            story,
            hit.rows_affected(),
            holding.event(EventType::Paused, "", "paused", counters),
        )
        .await
    }

    /// Cancels a job whose holder stopped, or is gone.
    pub(super) async fn cancel_running(
        &self,
        holding: Holding,
        counters: Counters,
    ) -> Result<Fenced, DbError> {
        let mut story = self.progress.begin().await?;
        let hit = sqlx::query_file!(
            "src/queue/sql/cancel_running.sql",
            holding.job.0,
            holding.attempt
        )
        .execute(story.connection())
        .await?;
        self.settle(
            story,
            hit.rows_affected(),
            holding.event(EventType::Cancelled, "", "cancelled", counters),
        )
        .await
    }

    /// Moves a job on within its holder's transaction; the caller commits.
    pub(super) async fn checkpoint(
        story: &mut Story,
        holding: Holding,
        state: &Value,
        counters: Counters,
        message: &str,
    ) -> Result<Fenced, DbError> {
        let hit = sqlx::query_file!(
            "src/queue/sql/checkpoint.sql",
            holding.job.0,
            holding.attempt,
            state,
            counters.rows_total,
            counters.rows_done,
            counters.created,
            counters.updated,
            counters.unchanged,
            counters.skipped,
            counters.errors,
        )
        .execute(story.connection())
        .await?;
        if hit.rows_affected() != 1 {
            return Ok(Fenced::Lost);
        }
        story
            .tell(holding.event(EventType::Progress, "", message, counters))
            .await?;
        Ok(Fenced::Held)
    }

    /// Says what a running job waits for, or with `None` that it goes on.
    pub(super) async fn wait(
        &self,
        holding: Holding,
        counters: Counters,
        code: &str,
        reason: Option<&str>,
        message: &str,
    ) -> Result<Fenced, DbError> {
        let mut story = self.progress.begin().await?;
        let hit = sqlx::query_file!(
            "src/queue/sql/wait.sql",
            holding.job.0,
            holding.attempt,
            reason
        )
        .execute(story.connection())
        .await?;
        let kind = if reason.is_some() {
            EventType::Waiting
        } else {
            EventType::Continued
        };
        self.settle(
            story,
            hit.rows_affected(),
            holding.event(kind, code, message, counters),
        )
        .await
    }

    /// Tells something worth knowing of a running job.
    pub(super) async fn note(
        &self,
        holding: Holding,
        counters: Counters,
        message: &str,
    ) -> Result<Fenced, DbError> {
        let mut story = self.progress.begin().await?;
        let held =
            sqlx::query_file_scalar!("src/queue/sql/hold.sql", holding.job.0, holding.attempt)
                .fetch_optional(story.connection())
                .await?;
        self.settle(
            story,
            u64::from(held.is_some()),
            holding.event(EventType::Note, "", message, counters),
        )
        .await
    }

    /// Wakes the dispatchers of all servers: there may be a job to claim.
    pub(super) fn wake_workers(&self) {
        self.work.send_replace(());
        self.notifier.send(WORK);
    }

    /// Commits a holder's report with its event, or nothing at all if the job is no longer its.
    async fn settle(
        &self,
        mut story: Story,
        rows: u64,
        event: NewEvent,
    ) -> Result<Fenced, DbError> {
        if rows != 1 {
            return Ok(Fenced::Lost);
        }
        // A job that left the running state made room: for its lane, and in its connection's share.
        let made_room = !matches!(
            event.kind,
            EventType::Waiting | EventType::Continued | EventType::Note
        );
        story.tell(event).await?;
        story.commit().await?;
        if made_room {
            self.wake_workers();
        }
        Ok(Fenced::Held)
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

    async fn finish_wish(&self, story: Story, id: JobId) -> Result<Job, QueueError> {
        story.commit().await?;
        self.control.send_replace(());
        self.notifier.send(CONTROL);
        self.wake_workers();
        self.get(id).await
    }
}

impl Holding {
    /// An event that this holder tells.
    fn event(self, kind: EventType, code: &str, message: &str, counters: Counters) -> NewEvent {
        NewEvent {
            job: self.job,
            kind,
            attempt: self.attempt,
            message: message.to_owned(),
            code: code.to_owned(),
            counters,
        }
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
