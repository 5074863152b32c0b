//! How far the index of a connection is: what is searchable, what waits, what failed, and which generations there are.

use chrono::{DateTime, Utc};

use super::{
    Search,
    error::SearchError,
    extension,
    settings::{EmbedderSettings, SearchableModel},
    store::{self, ModelRow, Tally},
    vectors::Vectors,
};
use crate::{ids::ConnectionId, queue::Job};

/// How far the index of a connection is.
#[derive(Clone, Debug)]
pub struct SearchStatus {
    /// None if none was set.
    pub embedder: Option<EmbedderSettings>,
    /// By name.
    pub models: Vec<ModelStatus>,
    /// The newest first.
    pub generations: Vec<GenerationStatus>,
    /// The version of pgvector; none if there is none yet.
    pub extension: Option<String>,
}

/// How far the index of a model is.
#[derive(Clone, Debug)]
pub struct ModelStatus {
    pub settings: SearchableModel,
    /// Records that can be found.
    pub records: i64,
    pub texts: i64,
    pub waiting: i64,
    pub failed: i64,
    /// How long the oldest of the waiting ones has waited, in seconds.
    pub lag_seconds: Option<f64>,
    /// The latest job, as far as it is kept.
    pub last_job: Option<Job>,
    /// Why the embedder could last not be used.
    pub last_error: Option<String>,
}

/// One whole of vectors.
#[derive(Clone, Debug)]
pub struct GenerationStatus {
    pub number: i64,
    pub embedding_model: String,
    pub dimensions: i32,
    pub is_serving: bool,
    pub vectors: i64,
    pub created_at: DateTime<Utc>,
}

impl Search {
    /// How far the index of a connection is.
    pub async fn status(&self, connection: ConnectionId) -> Result<SearchStatus, SearchError> {
        let configured = self.configured(connection, Vec::new()).await?;
        let mut acquired = self.db.pool().acquire().await?;
        let rows = store::models(&mut acquired, connection).await?;
        let tallies = store::tallies(&mut acquired, connection).await?;
        let mut generations = Vec::new();
        for row in store::generations(&mut acquired, connection).await? {
            let mut vectors = 0;
            for model in &rows {
                let table = Vectors {
                    generation: row.id,
                    model: model.id,
                };
                vectors += table.count(&mut acquired).await?;
            }
            generations.push(GenerationStatus {
                number: row.id,
                embedding_model: row.embedding_model,
                dimensions: row.dimensions,
                is_serving: row.is_serving,
                vectors,
                created_at: row.created_at,
            });
        }
        let extension = extension::installed(&mut acquired).await?;
        drop(acquired);
        let job_ids: Vec<_> = rows.iter().filter_map(|row| row.last_job).collect();
        let mut jobs = self.queue.these(&job_ids).await?;
        let models = rows.into_iter().map(|row| {
            let tally = tallies.get(&row.id).copied().unwrap_or_default();
            let job = row.last_job.and_then(|job| jobs.remove(&job));
            status(row, tally, job)
        });
        Ok(SearchStatus {
            embedder: configured.embedder,
            models: models.collect(),
            generations,
            extension: extension.map(|extension| extension.version),
        })
    }
}

fn status(row: ModelRow, tally: Tally, last_job: Option<Job>) -> ModelStatus {
    // Those that suit the model are known once its texts were made.
    let field_names = if row.field_names.is_empty() {
        row.embedded_fields
    } else {
        row.field_names
    };
    ModelStatus {
        settings: SearchableModel {
            model: row.model,
            field_names,
        },
        records: tally.records,
        texts: tally.texts,
        waiting: tally.waiting,
        failed: tally.failed,
        lag_seconds: tally.lag_seconds,
        last_job,
        last_error: row.last_error.filter(|_| tally.waiting > 0),
    }
}
