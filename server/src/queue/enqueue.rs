//! Enqueueing: a job and its first event, once per request id.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Job, NewJob, Queue, QueueError};
use crate::{
    ids::{ConnectionId, JobId},
    progress::{Counters, EventType, NewEvent, Story},
};

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
        let mut story = self.progress.begin().await?;
        let (id, existed) = enqueue_in(&mut story, &NewJobParts::from(&new)).await?;
        story.commit().await?;
        if !existed {
            self.wake_workers();
        }
        Ok(Enqueued {
            job: self.get(id).await?,
            existed,
        })
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
        let (id, existed) = enqueue_in(&mut story, &NewJobParts::from(&new)).await?;
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
            job: self.get(id).await?,
            existed,
        })
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

/// Adds a job within a transaction; returns its id and whether its request id had made it before.
pub(super) async fn enqueue_in(
    story: &mut Story,
    new: &NewJobParts<'_>,
) -> Result<(JobId, bool), QueueError> {
    let id = JobId::new();
    let digest = request_digest(new);
    sqlx::query_file!("src/queue/sql/ensure_share.sql", new.connection.0)
        .execute(story.connection())
        .await?;
    let added = sqlx::query_file!(
        "src/queue/sql/enqueue.sql",
        id.0,
        new.connection.0,
        new.kind,
        new.title,
        new.spec,
        new.lane,
        new.priority,
        new.run_at,
        new.request_id,
        &digest,
    )
    .execute(story.connection())
    .await?;
    if added.rows_affected() == 1 {
        story
            .tell(NewEvent {
                job: id,
                kind: EventType::Queued,
                attempt: 0,
                message: new.title.to_owned(),
                code: String::new(),
                counters: Counters::default(),
            })
            .await?;
        return Ok((id, false));
    }
    let request_id = new.request_id.unwrap_or_default();
    let earlier = sqlx::query_file!(
        "src/queue/sql/requested_before.sql",
        new.connection.0,
        request_id
    )
    .fetch_one(story.connection())
    .await?;
    if earlier.request_digest.as_deref() == Some(digest.as_slice()) {
        Ok((earlier.id, true))
    } else {
        Err(QueueError::RequestIdReused(request_id.to_owned()))
    }
}

/// What makes two requests the same: everything but the time they came.
fn request_digest(new: &NewJobParts<'_>) -> Vec<u8> {
    let mut digest = Sha256::new();
    for part in [
        new.kind,
        new.lane.unwrap_or_default(),
        &new.spec.to_string(),
    ] {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    digest.finalize().to_vec()
}
