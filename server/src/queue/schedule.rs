//! Jobs that repeat by themselves. Runs that were missed are made up for once.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{
    Job, Queue, QueueError,
    enqueue::{NewJobParts, enqueue_in},
};
use crate::ids::{ConnectionId, JobId, ScheduleId};

/// How the request ids of schedules' jobs begin; those of callers are UUIDs.
const REQUEST_PREFIX: &str = "schedule ";

/// A schedule to be kept.
#[derive(Clone, Debug)]
pub struct NewSchedule {
    /// Whom its jobs work for.
    pub connection: ConnectionId,
    /// Unique within the connection.
    pub name: String,
    /// A five-field cron expression.
    pub cron: String,
    /// The IANA time zone in which the expression is read; empty means UTC.
    pub time_zone: String,
    /// What its jobs do.
    pub kind: &'static str,
    /// One line for people.
    pub title: String,
    /// What its jobs need alone.
    pub lane: Option<String>,
    /// What to do.
    pub spec: Value,
    /// The request in its caller's words, kept to be shown again.
    pub asked: Vec<u8>,
}

/// A schedule that is kept.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Whom its jobs work for.
    pub connection: ConnectionId,
    /// Unique within the connection.
    pub name: String,
    /// A five-field cron expression.
    pub cron: String,
    /// The IANA time zone in which the expression is read.
    pub time_zone: String,
    /// The request that made it, in its caller's words.
    pub asked: Vec<u8>,
    /// When it runs next.
    pub next_run_at: DateTime<Utc>,
    /// The job of its last run.
    pub last_job: Option<JobId>,
}

impl Job {
    /// The name of the schedule that began the job.
    pub fn schedule(&self) -> Option<&str> {
        let rest = self.request_id.as_deref()?.strip_prefix(REQUEST_PREFIX)?;
        rest.split_once(" at ").map(|(name, _time)| name)
    }
}

impl Queue {
    /// Keeps a schedule under its name, in place of an earlier one.
    pub async fn save_schedule(&self, new: &NewSchedule) -> Result<Schedule, QueueError> {
        let now = sqlx::query_file_scalar!("src/queue/sql/clock.sql")
            .fetch_one(self.db.pool())
            .await?;
        let time_zone = or_utc(&new.time_zone);
        let next_run_at = next_run(&new.cron, time_zone, now)?;
        sqlx::query_file!("src/queue/sql/ensure_share.sql", new.connection.0)
            .execute(self.db.pool())
            .await?;
        let schedule = sqlx::query_file_as!(
            Schedule,
            "src/queue/sql/save_schedule.sql",
            ScheduleId::new().0,
            new.connection.0,
            new.name,
            new.cron,
            time_zone,
            new.kind,
            new.title,
            new.lane,
            new.spec,
            new.asked,
            next_run_at,
        )
        .fetch_one(self.db.pool())
        .await?;
        Ok(schedule)
    }

    /// Whether a schedule could be kept: its expression and time zone can be read.
    pub fn check_schedule(cron: &str, time_zone: &str) -> Result<(), QueueError> {
        next_run(cron, or_utc(time_zone), DateTime::UNIX_EPOCH).map(drop)
    }

    /// A page of schedules of one kind by connection and name, at most `limit`, after a connection's schedule.
    pub async fn list_schedules(
        &self,
        kind: &str,
        connection: Option<ConnectionId>,
        after: Option<(ConnectionId, String)>,
        limit: i64,
    ) -> Result<Vec<Schedule>, QueueError> {
        let (after_connection, after_name) = after.unzip();
        let schedules = sqlx::query_file_as!(
            Schedule,
            "src/queue/sql/list_schedules.sql",
            connection.map(|connection| connection.0),
            after_connection.map(|connection| connection.0),
            after_name,
            limit,
            kind,
        )
        .fetch_all(self.db.pool())
        .await?;
        Ok(schedules)
    }

    /// Removes a schedule of one kind; its jobs stay.
    pub async fn delete_schedule(
        &self,
        kind: &str,
        connection: ConnectionId,
        name: &str,
    ) -> Result<(), QueueError> {
        let deleted = sqlx::query_file!(
            "src/queue/sql/delete_schedule.sql",
            connection.0,
            name,
            kind
        )
        .execute(self.db.pool())
        .await?;
        if deleted.rows_affected() == 0 {
            return Err(QueueError::ScheduleNotFound(name.to_owned()));
        }
        Ok(())
    }

    /// Enqueues the job of one schedule whose time has come; `false` if there is none.
    pub(super) async fn run_due_schedule(&self) -> Result<bool, QueueError> {
        let mut story = self.progress.begin().await?;
        let due = sqlx::query_file!("src/queue/sql/due_schedule.sql")
            .fetch_optional(story.connection())
            .await?;
        let Some(due) = due else { return Ok(false) };
        // From now, not from the missed time: however many runs were missed, one makes up for them.
        let next_run_at = next_run(&due.cron, &due.time_zone, due.now)?;
        let request_id = format!(
            "{REQUEST_PREFIX}{} at {}",
            due.name,
            due.next_run_at.to_rfc3339()
        );
        let new = NewJobParts {
            connection: due.connection,
            kind: &due.kind,
            title: &due.title,
            spec: &due.spec,
            lane: due.lane.as_deref(),
            priority: 0,
            run_at: None,
            request_id: Some(&request_id),
        };
        // While the last run still waits for its turn, another one would only do the same again.
        let waiting = sqlx::query_file_scalar!(
            "src/queue/sql/waiting_in_lane.sql",
            due.connection.0,
            due.lane,
            due.kind,
            due.spec
        )
        .fetch_optional(story.connection())
        .await?;
        let job = match waiting {
            Some(job) => job,
            None => enqueue_in(&mut story, &new).await?.id,
        };
        sqlx::query_file!(
            "src/queue/sql/advance_schedule.sql",
            due.id.0,
            next_run_at,
            job.0
        )
        .execute(story.connection())
        .await?;
        story.commit().await?;
        self.wake_workers();
        info!(schedule.name = due.name, job.id = %job, "a schedule's time has come");
        Ok(true)
    }
}

/// Runs schedules whose time has come, at every poll.
pub(super) async fn keep_schedules(queue: Queue, stop: CancellationToken) {
    loop {
        let pause = match queue.run_due_schedule().await {
            Ok(true) => continue,
            Ok(false) => queue.settings.poll,
            Err(error) => {
                warn!(%error, "could not run a schedule; trying again");
                queue.settings.lease
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

fn or_utc(time_zone: &str) -> &str {
    if time_zone.is_empty() {
        "UTC"
    } else {
        time_zone
    }
}

/// The first time after `now` that a cron expression names in a time zone.
fn next_run(cron: &str, time_zone: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, QueueError> {
    let time_zone: Tz = time_zone.parse().map_err(|_| {
        QueueError::Schedule(format!(
            "there is no time zone named {time_zone}; try Europe/Brussels"
        ))
    })?;
    let cron: Cron = cron.parse().map_err(|error| {
        QueueError::Schedule(format!("the cron expression cannot be read: {error}"))
    })?;
    let next = cron
        .find_next_occurrence(&now.with_timezone(&time_zone), false)
        .map_err(|error| {
            QueueError::Schedule(format!("the cron expression never comes true: {error}"))
        })?;
    Ok(next.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_night_run_keeps_its_local_hour_over_the_change_of_time() {
        let before = next_run("0 3 * * *", "Europe/Brussels", at("2026-03-28T12:00:00Z")).unwrap();
        assert_eq!(before, at("2026-03-29T01:00:00Z"));
        let winter = next_run("0 3 * * *", "Europe/Brussels", at("2026-01-10T12:00:00Z")).unwrap();
        assert_eq!(winter, at("2026-01-11T02:00:00Z"));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert!(next_run("every night", "UTC", at("2026-01-01T00:00:00Z")).is_err());
        assert!(next_run("0 3 * * *", "Mars/Olympus", at("2026-01-01T00:00:00Z")).is_err());
    }
}
