//! Enqueueing: a job and its first event, once per request id. Who enqueues at the same time shares a commit.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;

use super::{Job, JobState, NewJob, Queue, QueueError};
use crate::{
    db::DbError,
    ids::{ConnectionId, JobId},
    progress::{Counters, Story},
};

/// What became of a job that was to be added.
pub type Added = Result<Made, QueueError>;

/// A job that was added, or had been before.
#[derive(Clone, Copy, Debug)]
pub struct Made {
    /// Its id.
    pub id: JobId,
    /// When it may start and when it was added, on the database's clock; `None` if its request id had made it before.
    pub times: Option<Times>,
}

/// What the database said of a new job.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// The earliest time to start.
    pub run_at: DateTime<Utc>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
}

/// What became of an enqueueing.
#[derive(Clone, Debug)]
pub struct Enqueued {
    /// The job.
    pub job: Job,
    /// Whether the request id had made it before.
    pub existed: bool,
}

impl Queue {
    /// Adds a job and its first event. The same request id with the same contents returns the job it made.
    pub async fn enqueue(&self, new: NewJob) -> Result<Enqueued, QueueError> {
        let made = self.additions.ask(new.clone()).await??;
        Ok(Enqueued {
            existed: made.times.is_none(),
            job: match made.times {
                Some(times) => fresh(made.id, new, times),
                None => self.get(made.id).await?,
            },
        })
    }

    /// Adds jobs in one statement; answers in their order.
    pub async fn enqueue_all(&self, new: &[NewJob]) -> Result<Vec<Added>, DbError> {
        let parts: Vec<NewJobParts<'_>> = new.iter().map(NewJobParts::from).collect();
        let mut connection = self.db.quick().acquire().await?;
        let added = add_all(&mut connection, &parts).await?;
        drop(connection);
        self.wake_workers();
        self.progress.wake(&new_jobs(&added));
        Ok(added)
    }

    /// Adds a job only if no unfinished job has its lane; otherwise [`QueueError::LaneBusy`] brings that job.
    /// The same request id with the same contents returns the job it made all the same.
    pub async fn enqueue_alone(&self, new: NewJob) -> Result<Enqueued, QueueError> {
        let mut story = self.progress.begin().await?;
        sqlx::query_file!("src/queue/sql/ensure_share.sql", new.connection.0)
            .execute(story.connection())
            .await?;
        // Whoever else wants the lane waits here, and then sees the job that is made now.
        sqlx::query_file!("src/queue/sql/lock_share.sql", new.connection.0)
            .fetch_optional(story.connection())
            .await?;
        let user =
            sqlx::query_file_scalar!("src/queue/sql/lane_user.sql", new.connection.0, new.lane)
                .fetch_optional(story.connection())
                .await?;
        let made = enqueue_in(&mut story, &NewJobParts::from(&new)).await?;
        let existed = made.times.is_none();
        if let Some(user) = user.filter(|_| !existed) {
            // What was added goes with the transaction.
            drop(story);
            return Err(QueueError::LaneBusy(Box::new(self.get(user).await?)));
        }
        story.commit().await?;
        if !existed {
            self.wake_workers();
        }
        Ok(Enqueued {
            job: self.get(made.id).await?,
            existed,
        })
    }
}

/// A job as it is right after it was added.
fn fresh(id: JobId, new: NewJob, times: Times) -> Job {
    Job {
        id,
        connection: new.connection,
        kind: new.kind.to_owned(),
        title: new.title,
        spec: new.spec,
        lane: new.lane,
        state: JobState::Queued,
        requested: None,
        priority: new.priority,
        run_at: times.run_at,
        attempt: 0,
        retry_count: 0,
        failure_count: 0,
        waiting_reason: None,
        checkpoint: None,
        counters: Counters::default(),
        error_code: None,
        error_message: None,
        request_id: new.request_id,
        created_at: times.created_at,
        started_at: None,
        finished_at: None,
    }
}

/// A job to be enqueued, borrowed from whoever describes it.
pub(super) struct NewJobParts<'a> {
    pub(super) connection: ConnectionId,
    pub(super) kind: &'a str,
    pub(super) title: &'a str,
    pub(super) spec: &'a Value,
    pub(super) lane: Option<&'a str>,
    pub(super) priority: i16,
    pub(super) run_at: Option<DateTime<Utc>>,
    pub(super) request_id: Option<&'a str>,
}

impl<'a> From<&'a NewJob> for NewJobParts<'a> {
    fn from(new: &'a NewJob) -> Self {
        Self {
            connection: new.connection,
            kind: new.kind,
            title: &new.title,
            spec: &new.spec,
            lane: new.lane.as_deref(),
            priority: new.priority,
            run_at: new.run_at,
            request_id: new.request_id.as_deref(),
        }
    }
}

/// Adds a job within a transaction, unless its request id had made it before.
pub(super) async fn enqueue_in(story: &mut Story, new: &NewJobParts<'_>) -> Added {
    let mut added = add_all(story.connection(), std::slice::from_ref(new)).await?;
    story.is_told_by_rows(new_jobs(&added));
    added
        .pop()
        .unwrap_or_else(|| Err(sqlx::Error::RowNotFound.into()))
}

/// Those that were not there before.
fn new_jobs(added: &[Added]) -> Vec<JobId> {
    added
        .iter()
        .flatten()
        .filter(|made| made.times.is_some())
        .map(|made| made.id)
        .collect()
}

/// Adds jobs in one statement; a request id that was used before spoils nothing but its own.
async fn add_all(
    connection: &mut PgConnection,
    new: &[NewJobParts<'_>],
) -> Result<Vec<Added>, DbError> {
    let ids: Vec<JobId> = new.iter().map(|_| JobId::new()).collect();
    let specs: Vec<String> = new.iter().map(|new| new.spec.to_string()).collect();
    let digests: Vec<Option<Vec<u8>>> = new
        .iter()
        .zip(&specs)
        .map(|(new, spec)| new.request_id.map(|_| request_digest(new, spec)))
        .collect();
    let added = insert(connection, new, &ids, &specs, &digests).await?;
    let mut answers = Vec::with_capacity(new.len());
    for ((new, id), digest) in new.iter().zip(ids).zip(digests) {
        answers.push(match added.get(&id) {
            Some(times) => Ok(Made {
                id,
                times: Some(*times),
            }),
            None => made_before(connection, new, digest.as_deref()).await?,
        });
    }
    Ok(answers)
}

/// Inserts what is not there yet; answers with what is new.
async fn insert(
    connection: &mut PgConnection,
    new: &[NewJobParts<'_>],
    ids: &[JobId],
    specs: &[String],
    digests: &[Option<Vec<u8>>],
) -> Result<HashMap<JobId, Times>, DbError> {
    let connections: Vec<_> = new.iter().map(|new| new.connection.0).collect();
    let mut shares = connections.clone();
    shares.sort_unstable();
    shares.dedup();
    let kinds: Vec<_> = new.iter().map(|new| new.kind.to_owned()).collect();
    let titles: Vec<_> = new.iter().map(|new| new.title.to_owned()).collect();
    let lanes: Vec<_> = new.iter().map(|new| new.lane).collect();
    let priorities: Vec<_> = new.iter().map(|new| new.priority).collect();
    let run_ats: Vec<_> = new.iter().map(|new| new.run_at).collect();
    let request_ids: Vec<_> = new.iter().map(|new| new.request_id).collect();
    if request_ids.iter().all(Option::is_none) {
        let made = sqlx::query_file!(
            "src/queue/sql/enqueue_unasked.sql",
            ids as &[JobId],
            &connections,
            &kinds,
            &titles,
            specs,
            &lanes as &[Option<&str>],
            &priorities,
            &run_ats as &[Option<DateTime<Utc>>],
            &shares,
        )
        .fetch_one(connection)
        .await?;
        if usize::try_from(made.added) != Ok(ids.len()) {
            // A connection was dropped at this moment, and nothing was added.
            return Err(sqlx::Error::RowNotFound.into());
        }
        let times = |run_at: Option<DateTime<Utc>>| Times {
            run_at: run_at.unwrap_or(made.now),
            created_at: made.now,
        };
        return Ok(ids
            .iter()
            .copied()
            .zip(run_ats.into_iter().map(times))
            .collect());
    }
    let rows = sqlx::query_file!(
        "src/queue/sql/enqueue.sql",
        ids as &[JobId],
        &connections,
        &kinds,
        &titles,
        specs,
        &lanes as &[Option<&str>],
        &priorities,
        &run_ats as &[Option<DateTime<Utc>>],
        &request_ids as &[Option<&str>],
        digests as &[Option<Vec<u8>>],
        &shares,
    )
    .fetch_all(connection)
    .await?;
    let added = rows.into_iter().map(|row| {
        let times = Times {
            run_at: row.run_at,
            created_at: row.created_at,
        };
        (row.id, times)
    });
    Ok(added.collect())
}

/// The job that the request id made, if it was the same request.
async fn made_before(
    connection: &mut PgConnection,
    new: &NewJobParts<'_>,
    digest: Option<&[u8]>,
) -> Result<Added, DbError> {
    let request_id = new.request_id.unwrap_or_default();
    let earlier = sqlx::query_file!(
        "src/queue/sql/requested_before.sql",
        new.connection.0,
        request_id
    )
    .fetch_one(connection)
    .await?;
    Ok(if earlier.request_digest.as_deref() == digest {
        Ok(Made {
            id: earlier.id,
            times: None,
        })
    } else {
        Err(QueueError::RequestIdReused(request_id.to_owned()))
    })
}

/// What makes two requests the same: everything but the time they came.
fn request_digest(new: &NewJobParts<'_>, spec: &str) -> Vec<u8> {
    let mut digest = Sha256::new();
    for part in [new.kind, new.lane.unwrap_or_default(), spec] {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    digest.finalize().to_vec()
}
