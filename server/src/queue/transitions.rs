//! What a holder makes of its job: one function here, one statement of the same name in `sql/`, one event.
//!
//! Each statement names the holder's attempt and hits one row or none.

use std::{collections::HashSet, time::Duration};

use serde_json::Value;

use super::{Job, Queue, job::JobRow};
use crate::{
    db::DbError,
    ids::JobId,
    progress::{Counters, EventType, NewEvent, Story},
};

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

/// A good end that is to be stored.
#[derive(Clone, Debug)]
pub(super) struct Success {
    pub(super) holding: Holding,
    /// What the event of it says.
    pub(super) result: String,
}

impl Queue {
    /// Ends a job well. Those that end at the same time share a statement.
    pub(super) async fn succeed(&self, holding: Holding, result: &str) -> Result<Fenced, DbError> {
        let result = result.to_owned();
        self.successes.ask(Success { holding, result }).await
    }

    /// Ends jobs well, each only if the attempt that tells of its end still holds it.
    pub(super) async fn succeed_all(&self, ends: &[Success]) -> Result<Vec<Fenced>, DbError> {
        // By id, as leases are renewed: so the two never wait for each other.
        let mut sorted: Vec<&Success> = ends.iter().collect();
        sorted.sort_unstable_by_key(|end| end.holding.job);
        let jobs: Vec<JobId> = sorted.iter().map(|end| end.holding.job).collect();
        let attempts: Vec<i32> = sorted.iter().map(|end| end.holding.attempt).collect();
        let results: Vec<String> = sorted.iter().map(|end| end.result.clone()).collect();
        let hit: HashSet<Holding> = sqlx::query_file!(
            "src/queue/sql/succeed.sql",
            &jobs as &[JobId],
            &attempts,
            &results
        )
        .fetch_all(self.db.quick())
        .await?
        .into_iter()
        .map(|row| Holding {
            job: row.id,
            attempt: row.attempt,
        })
        .collect();
        self.wake_workers();
        let told: Vec<JobId> = hit.iter().map(|holding| holding.job).collect();
        self.progress.wake(&told);
        let fenced = |end: &Success| {
            if hit.contains(&end.holding) {
                Fenced::Held
            } else {
                Fenced::Lost
            }
        };
        Ok(ends.iter().map(fenced).collect())
    }

    /// Ends a job that cannot go on.
    pub(super) async fn fail(
        &self,
        holding: Holding,
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
        let told = (EventType::Failed, code, message);
        self.settle(story, hit.rows_affected(), holding, told).await
    }

    /// Queues a job again after a failed attempt, or after its holder died (`kind` tells which).
    pub(super) async fn retry_later(
        &self,
        holding: Holding,
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
        let told = (kind, code, message);
        self.settle(story, hit.rows_affected(), holding, told).await
    }

    /// Queues a job again that its holder gave back at a checkpoint.
    pub(super) async fn release(&self, holding: Holding, message: &str) -> Result<Fenced, DbError> {
        let mut story = self.progress.begin().await?;
        let hit = sqlx::query_file!("src/queue/sql/release.sql", holding.job.0, holding.attempt)
            .execute(story.connection())
            .await?;
        let told = (EventType::Released, "", message);
        self.settle(story, hit.rows_affected(), holding, told).await
    }

    /// Pauses a job whose holder stopped, or is gone.
    pub(super) async fn pause_running(&self, holding: Holding) -> Result<Fenced, DbError> {
        let mut story = self.progress.begin().await?;
        let hit = sqlx::query_file!(
            "src/queue/sql/pause_running.sql",
            holding.job.0,
            holding.attempt
        )
        .execute(story.connection())
        .await?;
        let told = (EventType::Paused, "", "paused");
        self.settle(story, hit.rows_affected(), holding, told).await
    }

    /// Cancels a job whose holder stopped, or is gone.
    pub(super) async fn cancel_running(&self, holding: Holding) -> Result<Fenced, DbError> {
        let mut story = self.progress.begin().await?;
        let hit = sqlx::query_file!(
            "src/queue/sql/cancel_running.sql",
            holding.job.0,
            holding.attempt
        )
        .execute(story.connection())
        .await?;
        let told = (EventType::Cancelled, "", "cancelled");
        self.settle(story, hit.rows_affected(), holding, told).await
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
        let told = (kind, code, message);
        self.settle(story, hit.rows_affected(), holding, told).await
    }

    /// Tells something worth knowing of a running job.
    pub(super) async fn note(
        &self,
        holding: Holding,
        code: &'static str,
        message: &str,
    ) -> Result<Fenced, DbError> {
        let mut story = self.progress.begin().await?;
        let held =
            sqlx::query_file_scalar!("src/queue/sql/hold.sql", holding.job.0, holding.attempt)
                .fetch_optional(story.connection())
                .await?;
        let told = (EventType::Note, code, message);
        let rows = u64::from(held.is_some());
        self.settle(story, rows, holding, told).await
    }

    /// Commits a holder's report with its event, or nothing at all if the job is no longer its.
    async fn settle(
        &self,
        mut story: Story,
        rows: u64,
        holding: Holding,
        (kind, code, message): (EventType, &str, &str),
    ) -> Result<Fenced, DbError> {
        if rows != 1 {
            return Ok(Fenced::Lost);
        }
        let counters = stored_counters(&mut story, holding).await?;
        // A job that left the running state made room: for its lane, and in its connection's share.
        let made_room = !matches!(
            kind,
            EventType::Waiting | EventType::Continued | EventType::Note
        );
        story
            .tell(holding.event(kind, code, message, counters))
            .await?;
        story.commit().await?;
        if made_room {
            self.wake_workers();
        }
        Ok(Fenced::Held)
    }
}

/// The counters under the lock on the job's row: what a holder remembers, or a rescuer has read, may be behind a checkpoint that was
/// being stored.
async fn stored_counters(story: &mut Story, holding: Holding) -> Result<Counters, DbError> {
    let row = sqlx::query_file_as!(JobRow, "src/queue/sql/get.sql", holding.job.0)
        .fetch_optional(story.connection())
        .await?;
    Ok(row.map_or_else(Counters::default, |row| Job::from(row).counters))
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
