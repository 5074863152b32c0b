//! Looking at jobs.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Job, JobState, Queue, QueueError, job::JobRow};
use crate::ids::{ConnectionId, JobId};

/// Which jobs to list.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// Of this connection only.
    pub connection: Option<ConnectionId>,
    /// Of this kind only.
    pub kind: Option<String>,
    /// In one of these states; empty means any.
    pub states: Vec<JobState>,
}

/// A place in a listing of jobs: after this one. Ids sort by time of creation.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// The job there.
    pub id: JobId,
}

/// How busy the queue is.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Jobs that could run now.
    pub due: i64,
    /// Jobs that run.
    pub running: i64,
    /// How long the oldest due job has waited, in seconds.
    pub oldest_seconds: f64,
    /// What is left of the lease that ends first, in seconds; negative if it is over, `None` if nothing runs.
    pub shortest_lease_seconds: Option<f64>,
    /// Servers whose liveness lock is held.
    pub workers_alive: i64,
}

/// How the deaths of those who hold jobs would be noticed.
#[derive(Clone, Copy, Debug)]
pub struct Liveness {
    /// Workers whose lock tells nothing, so that only the end of a lease does.
    pub by_lease_only: i64,
    /// Workers that hold jobs but not their lock; their jobs are about to be rescued.
    pub without_lock: i64,
}

impl Queue {
    /// One job as it is now.
    pub async fn get(&self, id: JobId) -> Result<Job, QueueError> {
        let row = sqlx::query_file_as!(JobRow, "src/queue/sql/get.sql", id.0)
            .fetch_optional(self.db.pool())
            .await?;
        row.map(Job::from).ok_or(QueueError::NotFound(id))
    }

    /// Jobs as they are now, by id; those that were dropped are not among them.
    pub async fn these(&self, ids: &[JobId]) -> Result<HashMap<JobId, Job>, QueueError> {
        let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
        let rows = sqlx::query_file_as!(JobRow, "src/queue/sql/these.sql", &ids)
            .fetch_all(self.db.pool())
            .await?;
        Ok(rows.into_iter().map(|row| (row.id, row.into())).collect())
    }

    /// The job that holds a connection's lane now.
    pub async fn lane_holder(
        &self,
        connection: ConnectionId,
        lane: &str,
    ) -> Result<Option<Job>, QueueError> {
        let row = sqlx::query_file_as!(JobRow, "src/queue/sql/lane_holder.sql", connection.0, lane)
            .fetch_optional(self.db.pool())
            .await?;
        Ok(row.map(Job::from))
    }

    /// A page of jobs, newest first, at most `limit`, after a position.
    pub async fn list(
        &self,
        filter: &JobFilter,
        after: Option<Position>,
        limit: i64,
    ) -> Result<Vec<Job>, QueueError> {
        let states: Vec<String> = filter
            .states
            .iter()
            .map(|state| state.word().to_owned())
            .collect();
        let rows = sqlx::query_file_as!(
            JobRow,
            "src/queue/sql/list.sql",
            filter.connection.map(|connection| connection.0),
            filter.kind,
            &states,
            after.map(|position| position.id.0),
            limit,
        )
        .fetch_all(self.db.pool())
        .await?;
        Ok(rows.into_iter().map(Job::from).collect())
    }

    /// Now, on the database's clock.
    pub async fn now(&self) -> Result<DateTime<Utc>, QueueError> {
        Ok(sqlx::query_file_scalar!("src/queue/sql/clock.sql")
            .fetch_one(self.db.pool())
            .await?)
    }

    /// How the deaths of those who hold jobs would be noticed.
    pub async fn liveness(&self) -> Result<Liveness, QueueError> {
        Ok(sqlx::query_file_as!(Liveness, "src/queue/sql/liveness.sql")
            .fetch_one(self.db.pool())
            .await?)
    }

    /// How old a lease may get.
    pub fn lease(&self) -> Duration {
        self.settings.lease
    }

    /// How busy the queue is.
    pub async fn load(&self) -> Result<Load, QueueError> {
        Ok(sqlx::query_file_as!(Load, "src/queue/sql/load.sql")
            .fetch_one(self.db.pool())
            .await?)
    }
}
