//! Whether search is well, over all connections.

use super::{Search, error::SearchError, extension};

/// What there is of search, and what is wrong with it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SearchHealth {
    /// How many models are searchable.
    pub models: i64,
    /// How many records wait to be embedded.
    pub waiting: i64,
    /// How many could not be embedded, and wait for somebody.
    pub failed: i64,
    /// Whose embedder could last not be used while records wait for it, and why.
    pub embedder_error: Option<String>,
    /// The version of pgvector.
    pub extension: String,
}

impl Search {
    /// Whether search is well; `None` if nothing is searchable. [`SearchError::ExtensionMissing`] and
    /// [`SearchError::ExtensionTooOld`] where something is and this Postgres cannot do it any more.
    pub async fn health(&self) -> Result<Option<SearchHealth>, SearchError> {
        let mut connection = self.db.pool().acquire().await?;
        let found = sqlx::query_file!("src/jobs/search/sql/health.sql")
            .fetch_one(&mut *connection)
            .await?;
        if found.models == 0 {
            return Ok(None);
        }
        let extension = extension::present(&mut connection).await?;
        Ok(Some(SearchHealth {
            models: found.models,
            waiting: found.waiting,
            failed: found.failed,
            embedder_error: found.embedder_error,
            extension: extension.version,
        }))
    }
}
