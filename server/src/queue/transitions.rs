//! What a holder makes of its job: one function here, one statement of the same name in `sql/`, one event.
//!
//! Each statement names the holder's attempt and hits one row or none.

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{QueueError, QueueSettings};
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
    pub(super) notifier: Notifier,
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
    #[expect(clippy::too_many_arguments, reason = "each is a column or the event's")]
    pub(super) async fn retry_later(
        &self,
        holding: Holding,
        counters: Counters,
        kind: EventType,
        counts: bool,
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
            message,
            counts
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
        (code, message): (&'static str, &str),
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
            .tell(holding.event(EventType::Progress, code, message, counters))
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
        code: &'static str,
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
            holding.event(EventType::Note, code, message, counters),
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
