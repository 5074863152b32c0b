//! Starts jobs that embed, whoever leaves something for them: a mirror that stored changes, or a server that stopped in between.

use serde_json::json;
use tracing::warn;

use super::{
    error::SearchError,
    lane,
    record_embedding::{EMBEDDING, EmbeddingSpec},
    store,
};
use crate::{
    db::Db,
    ids::ConnectionId,
    queue::{Enqueued, Job, JobState, NewJob, Queue, QueueError},
};

/// Starts jobs. Clones start the same.
#[derive(Clone, Debug)]
pub struct Starter {
    db: Db,
    queue: Queue,
}

impl Starter {
    /// Starts jobs in this queue.
    pub fn new(db: Db, queue: Queue) -> Self {
        Self { db, queue }
    }

    /// Starts a job for a model; [`QueueError::LaneBusy`] while another is at it.
    pub(super) async fn start(
        &self,
        connection: ConnectionId,
        model: &str,
        full: bool,
        request_id: Option<String>,
    ) -> Result<Enqueued, SearchError> {
        let spec = EmbeddingSpec {
            model: model.to_owned(),
            full,
        };
        let title = if full {
            format!("Embed all of {model}")
        } else {
            format!("Embed {model}")
        };
        let enqueued = self
            .queue
            .enqueue_alone(NewJob {
                connection,
                kind: EMBEDDING,
                title,
                spec: json!(spec),
                lane: Some(lane(model)),
                priority: 0,
                run_at: None,
                request_id,
            })
            .await?;
        Ok(enqueued)
    }

    /// Starts a job for a model unless one is at it; returns the one that is.
    pub(super) async fn ensure(
        &self,
        connection: ConnectionId,
        model: &str,
    ) -> Result<Job, SearchError> {
        match self.start(connection, model, false, None).await {
            Ok(enqueued) => Ok(enqueued.job),
            Err(SearchError::Queue(QueueError::LaneBusy(job))) => Ok(*job),
            Err(error) => Err(error),
        }
    }

    /// The same for one who has better things to do than to fail by it: what waits is found by [`Starter::sweep`] too.
    pub(in crate::jobs) async fn nudge(&self, connection: ConnectionId, model: &str) {
        if let Err(error) = self.ensure(connection, model).await {
            warn!(model, "cannot start to embed: {error}");
        }
    }

    /// Starts jobs where records wait and nobody is at it; returns how many. What a job gave up on is left to people.
    pub async fn sweep(&self) -> Result<usize, SearchError> {
        let waiting = sqlx::query_file!("src/jobs/search/sql/left_alone.sql")
            .fetch_all(self.db.pool())
            .await?;
        let mut started = 0;
        for found in waiting {
            let connection = ConnectionId(found.connection_id);
            let mut acquired = self.db.pool().acquire().await?;
            let row = store::model(&mut acquired, connection, &found.model).await?;
            drop(acquired);
            let last = row.and_then(|row| row.last_job);
            let jobs = self.queue.these(last.as_slice()).await?;
            let gave_up = |state| matches!(state, JobState::Failed | JobState::Cancelled);
            if jobs
                .values()
                .any(|job| gave_up(job.state) || !job.state.is_finished())
            {
                continue;
            }
            self.ensure(connection, &found.model).await?;
            started += 1;
        }
        Ok(started)
    }
}
