//! The handle by which searches are set up, embedded and asked.

use std::{num::NonZero, sync::Arc, thread::available_parallelism, time::Duration};

use sqlx::{PgConnection, Postgres, pool::PoolConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    asked::AskedTexts,
    asking::Asking,
    embedders::Embedders,
    error::SearchError,
    extension,
    record_embedding::RecordEmbedding,
    starter::Starter,
    store::{self, Answering, Failure, GenerationRow, ModelRow},
};
use crate::{
    db::Db,
    ids::ConnectionId,
    jobs::{
        OdooClients,
        mirror::{check_model, check_request_id},
    },
    queue::{Enqueued, Job, Queue},
};

/// All searches; clones share them.
#[derive(Clone, Debug)]
pub struct Search {
    pub(super) db: Db,
    pub(super) queue: Queue,
    pub(super) clients: OdooClients,
    pub(super) embedders: Embedders,
    pub(super) asked: AskedTexts,
    pub(super) asking: Asking,
    pub(super) starter: Starter,
    /// So many look for what is near at the same time: each keeps a core of Postgres busy, and takes a connection from all else.
    turns: Arc<Semaphore>,
    max_outage: Duration,
}

/// As many as there are cores, since more would only wait for one another in the middle of it; and two at least, as Postgres may be on
/// a machine with more of them.
fn turns(db: &Db) -> usize {
    let cores = available_parallelism().map_or(1, NonZero::get);
    let connections = usize::try_from(db.pool().options().get_max_connections()).unwrap_or(1);
    cores.max(2).min(connections / 2).max(1)
}

/// A turn to look for what is near, with the connection for it.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) connection: PoolConnection<Postgres>,
    _permit: OwnedSemaphorePermit,
}

impl Search {
    /// Searches over these rooms. A job waits for `max_outage` for an embedder or an Odoo that is away.
    pub fn new(
        db: Db,
        queue: Queue,
        clients: OdooClients,
        embedders: Embedders,
        max_outage: Duration,
    ) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(turns(&db))),
            starter: Starter::new(db.clone(), queue.clone()),
            db,
            queue,
            clients,
            embedders,
            asked: AskedTexts::default(),
            asking: Asking::default(),
            max_outage,
        }
    }

    /// What runs embeddings.
    pub fn runner(&self) -> RecordEmbedding {
        RecordEmbedding {
            db: self.db.clone(),
            queue: self.queue.clone(),
            clients: self.clients.clone(),
            embedders: self.embedders.clone(),
            max_outage: self.max_outage,
        }
    }

    /// Makes a job that embeds what waits of a model; with `full` the text of each record is made anew first.
    /// [`QueueError::LaneBusy`](crate::queue::QueueError::LaneBusy) while another is at it.
    pub async fn embed(
        &self,
        connection: ConnectionId,
        model: &str,
        full: bool,
        request_id: Option<String>,
    ) -> Result<Enqueued, SearchError> {
        check_model(model, "model")?;
        check_request_id(request_id.as_deref())?;
        let row = self.searchable(connection, model).await?;
        let started = self.starter.start(connection, model, full, request_id);
        let enqueued = started.await?;
        if !enqueued.existed {
            store::set_job(&self.db, row.id, enqueued.job.id).await?;
        }
        Ok(enqueued)
    }

    /// Lets the records of a model that could not be embedded wait again; the job embeds them.
    pub async fn retry(&self, connection: ConnectionId, model: &str) -> Result<Job, SearchError> {
        check_model(model, "model")?;
        let row = self.searchable(connection, model).await?;
        sqlx::query_file!("src/jobs/search/sql/retry.sql", row.id)
            .execute(self.db.pool())
            .await?;
        self.starter.ensure(connection, model).await
    }

    /// Records that could not be embedded, behind one of them, by model and id. An empty model means all.
    pub async fn failures(
        &self,
        connection: ConnectionId,
        model: &str,
        after: &(String, i64),
        limit: i64,
    ) -> Result<Vec<Failure>, SearchError> {
        if !model.is_empty() {
            check_model(model, "model")?;
            self.searchable(connection, model).await?;
        }
        Ok(store::failures(&self.db, connection, model, after, limit).await?)
    }

    /// Starts jobs where records wait and nobody is at it; returns how many.
    pub async fn sweep(&self) -> Result<usize, SearchError> {
        self.starter.sweep().await
    }

    /// Drops tables of vectors whose connection is gone; returns how many.
    pub async fn prune(&self) -> Result<usize, SearchError> {
        let orphans = sqlx::query_file_scalar!("src/jobs/search/sql/vector_tables.sql")
            .fetch_all(self.db.pool())
            .await?;
        for name in &orphans {
            super::vectors::drop_orphan(&self.db, name).await?;
        }
        Ok(orphans.len())
    }

    /// A model that is searchable.
    pub(super) async fn searchable(
        &self,
        connection: ConnectionId,
        model: &str,
    ) -> Result<ModelRow, SearchError> {
        let mut acquired = self.db.pool().acquire().await?;
        store::model(&mut acquired, connection, model)
            .await?
            .ok_or_else(|| SearchError::NotSearchable(model.to_owned()))
    }

    /// Waits for a turn; who came first has the first.
    pub(super) async fn turn(&self) -> Result<Turn, SearchError> {
        // Nobody closes it.
        let permit = Arc::clone(&self.turns).acquire_owned().await;
        let permit = permit.map_err(|_closed| sqlx::Error::PoolClosed)?;
        let connection = self.db.pool().acquire().await?;
        Ok(Turn {
            connection,
            _permit: permit,
        })
    }

    /// The generation that answers for a connection, and what finds its vectors.
    pub(super) async fn serving(
        &self,
        acquired: &mut PgConnection,
        connection: ConnectionId,
    ) -> Result<(GenerationRow, Answering), SearchError> {
        let generations = store::generations(acquired, connection).await?;
        let generation = generations
            .into_iter()
            .find(|generation| generation.is_serving)
            .ok_or(SearchError::EmbedderNotSet)?;
        let answering = Answering {
            generation: generation.id,
            query_prefix: generation.query_prefix.clone(),
            extension: extension::present(acquired).await?,
        };
        Ok((generation, answering))
    }
}
