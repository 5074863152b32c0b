//! Mappings that are kept for a supplier's next list.

use super::mapping::ColumnMapping;
use crate::{
    db::{Db, DbError},
    ids::ConnectionId,
};

/// The store of saved mappings.
#[derive(Clone, Debug)]
pub(super) struct Mappings {
    db: Db,
}

impl Mappings {
    pub(super) fn new(db: Db) -> Self {
        Self { db }
    }

    /// The mapping that is kept for a supplier; empty if none is, or it was written by a newer server.
    pub(super) async fn of(
        &self,
        connection: ConnectionId,
        supplier: i64,
    ) -> Result<Vec<ColumnMapping>, DbError> {
        let found = sqlx::query_file_scalar!(
            "src/jobs/supplier_import/sql/saved_mapping.sql",
            connection.0,
            supplier
        )
        .fetch_optional(self.db.pool())
        .await?;
        Ok(found
            .and_then(|columns| serde_json::from_value(columns).ok())
            .unwrap_or_default())
    }

    /// Keeps a mapping.
    pub(super) async fn save(
        &self,
        connection: ConnectionId,
        supplier: i64,
        columns: &[ColumnMapping],
    ) -> Result<(), DbError> {
        let columns = serde_json::json!(columns);
        sqlx::query_file!(
            "src/jobs/supplier_import/sql/save_mapping.sql",
            connection.0,
            supplier,
            columns
        )
        .execute(self.db.pool())
        .await?;
        Ok(())
    }
}
