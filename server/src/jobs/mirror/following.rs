//! How search follows the mirror: it is told of what changed in the transaction that stores it, and set to work beside the reading.

use std::time::Duration;

use sqlx::PgConnection;
use tokio::time::Instant;

use super::{
    column::ColumnType,
    page::Page,
    store::Scope,
    tables::{Merged, Table},
};
use crate::{
    db::DbError,
    jobs::search::{Starter, outbox},
};

/// How often a running sync looks whether somebody embeds what it stores.
const BETWEEN_NUDGES: Duration = Duration::from_secs(2);

/// What a sync leaves to be embedded.
#[derive(Debug)]
pub(super) struct Following<'run> {
    starter: &'run Starter,
    /// When it was last said that something waits; none if nothing does.
    nudged: Option<Instant>,
}

/// Tells search of a page that was stored, within its transaction; returns whether anything waits to be embedded.
pub(super) async fn tell(
    connection: &mut PgConnection,
    scope: Scope<'_>,
    table: &Table,
    merged: &Merged,
    page: &Page,
) -> Result<bool, DbError> {
    if merged.changed.is_empty() {
        return Ok(false);
    }
    let has_active = page.columns.iter().any(|column| {
        column.field == "active" && column.name == "active" && column.kind == ColumnType::Boolean
    });
    outbox::changed(
        connection,
        (scope.connection, scope.model),
        &table.sql(),
        has_active,
        &merged.changed,
    )
    .await
}

impl<'run> Following<'run> {
    pub(super) fn new(starter: &'run Starter) -> Self {
        Self {
            starter,
            nudged: None,
        }
    }

    /// Something waits: sees to it now and then that somebody embeds it.
    pub(super) async fn nudge(&mut self, scope: Scope<'_>) {
        let is_soon = |nudged: Instant| nudged.elapsed() < BETWEEN_NUDGES;
        if self.nudged.is_some_and(is_soon) {
            return;
        }
        self.starter.nudge(scope.connection, scope.model).await;
        self.nudged = Some(Instant::now());
    }

    /// The sync is through: whatever it left is embedded by somebody.
    pub(super) async fn end(&mut self, scope: Scope<'_>) {
        if self.nudged.is_some() {
            self.starter.nudge(scope.connection, scope.model).await;
        }
    }
}
