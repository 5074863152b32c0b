//! The job that reads a model: plans its columns, reads page after page, and moves the cursor when all of it is stored.

use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::Value;

use super::{
    choice::Dropped,
    column::Column,
    plan::{Plan, plan},
    reading::{Fetched, Reader},
    spec::{Checkpoint, Course, SyncSpec, What},
    store::{self, ModelRow, Scope},
    tables::{self, Table},
    window::{Window, cursor_of},
    writing::{Writing, count},
};
use crate::{
    connections::Connections,
    db::Db,
    jobs::{OdooClients, patience::Patience},
    progress::Counters,
    queue::{JobError, Run, RunJob},
};

/// The kind of these jobs.
pub const SYNC: &str = "model_sync";

/// How many records that were put aside one run tries again.
const MOST_RETRIED: i64 = 200;

/// Runs syncs.
#[derive(Clone, Debug)]
pub struct ModelSync {
    pub(super) db: Db,
    pub(super) connections: Connections,
    pub(super) clients: OdooClients,
    /// How long a job waits for an Odoo that is away.
    pub(super) max_outage: Duration,
}

impl RunJob for ModelSync {
    fn kind(&self) -> &'static str {
        SYNC
    }

    fn run<'a>(&'a self, run: &'a Run) -> BoxFuture<'a, Result<String, JobError>> {
        Box::pin(self.sync(run))
    }
}

/// What one attempt works with.
struct Syncing<'run> {
    run: &'run Run,
    scope: Scope<'run>,
    reader: Reader<'run>,
    table: Table,
    columns: Vec<Column>,
    conditions: Vec<Value>,
    /// The most records of a page.
    most: usize,
    /// The most records of the run.
    limit: Option<usize>,
    /// Whether records were put aside, so that stored ones may have to be taken back.
    has_parked: bool,
    checkpoint: Checkpoint,
    counters: Counters,
}

impl ModelSync {
    async fn sync(&self, run: &Run) -> Result<String, JobError> {
        let spec: SyncSpec = run.spec()?;
        let mut checkpoint: Checkpoint = run.checkpoint()?.unwrap_or_default();
        let scope = Scope {
            connection: run.connection(),
            model: &spec.model,
        };
        let row = mirrored(&self.db, scope).await?;
        // Whoever made the job may not have come to say so, and a schedule never does.
        store::set_job(&self.db, scope, run.job()).await?;
        let patience = Patience::new(run, self.max_outage);
        let odoo = super::odoo_of(&self.clients, run).await?;
        let known = patience
            .call("going on", || odoo.fields(&spec.model))
            .await?;
        let again = spec.what == What::Everything;
        let (table, plan) = self.shape(scope, &row, &known, again).await?;
        let reader = Reader {
            run,
            patience: &patience,
            odoo: &odoo,
            model: &spec.model,
        };
        if checkpoint.course.is_none() {
            // Shaping may have made the old cursor void.
            let cursor = mirrored(&self.db, scope).await?.cursor;
            let is_dated = known.contains_key("write_date");
            let horizon = patience.call("going on", || odoo.horizon()).await?;
            let from = cursor.filter(|_| is_dated);
            checkpoint.course = Some(course(&spec.what, from, cursor_of(horizon)));
        }
        let mut conditions = row.conditions().to_vec();
        let ids = match &spec.what {
            What::Ids(ids) => Some(ids.clone()),
            What::Parked => Some(store::parked_ids(&self.db, scope, i64::MAX).await?),
            _ => None,
        };
        conditions.extend(ids.map(|ids| serde_json::json!(["id", "in", ids])));
        let mut syncing = Syncing {
            run,
            scope,
            reader,
            table,
            columns: plan.columns,
            conditions,
            most: usize::try_from(row.page_size).unwrap_or(1),
            limit: match spec.what {
                What::Trial(limit) => usize::try_from(limit).ok(),
                _ => None,
            },
            has_parked: store::count_parked(&self.db, scope).await? > 0,
            checkpoint,
            counters: run.counters(),
        };
        if spec.what == What::Changes {
            let parked = store::parked_ids(&self.db, scope, MOST_RETRIED).await?;
            syncing.retry(&parked).await?;
        }
        syncing.read().await?;
        let indexed = syncing
            .checkpoint
            .course
            .as_ref()
            .is_some_and(|course| course.is_full);
        if indexed {
            let mut connection = self.db.pool().acquire().await?;
            tables::index(&mut connection, &syncing.table, &syncing.columns).await?;
        }
        syncing.end().await
    }

    /// Brings the table into the shape of what Odoo has, in one transaction with what is known of its columns.
    async fn shape(
        &self,
        scope: Scope<'_>,
        row: &ModelRow,
        known: &std::collections::BTreeMap<String, crate::adapters::odoo::ModelField>,
        again: bool,
    ) -> Result<(Table, Plan), JobError> {
        let name = self.connections.name_of(scope.connection).await;
        let name = name.map_err(super::connection_unusable)?;
        let mut transaction = self.db.begin().await?;
        store::lock(&mut transaction, scope.connection).await?;
        let schema = store::ensure_schema(&mut transaction, scope.connection, &name).await?;
        let table = store::ensure_table(&mut transaction, scope, row, schema).await?;
        let before = store::fields(&mut transaction, scope).await?;
        let plan = plan(row, known, &before, again);
        if plan.columns.is_empty() {
            return Err(JobError::Fail {
                code: "no_fields",
                message: format!(
                    "no field of {} can be read: it may be abstract, and have no records; else choose other fields, or give the service user the rights to read them",
                    scope.model
                ),
            });
        }
        tables::shape(&mut transaction, &table, scope.model, &plan.columns).await?;
        for field in &plan.fields {
            store::save_field(&mut transaction, scope, field).await?;
        }
        if plan.has_new {
            store::void_cursor(&mut transaction, scope).await?;
        }
        transaction.commit().await?;
        Ok((table, plan))
    }
}

async fn mirrored(db: &Db, scope: Scope<'_>) -> Result<ModelRow, JobError> {
    store::model(db, scope)
        .await?
        .ok_or_else(|| JobError::Fail {
            code: "not_mirrored",
            message: format!("{} is not mirrored any more", scope.model),
        })
}

/// What is read, and what the cursor is afterwards.
fn course(
    what: &What,
    since: Option<chrono::DateTime<chrono::Utc>>,
    cursor: chrono::DateTime<chrono::Utc>,
) -> Course {
    let (window, is_full, cursor) = match (what, since) {
        (What::Changes, Some(since)) => (Window::since(since), false, Some(cursor)),
        (What::Changes | What::Everything, _) => (Window::default(), true, Some(cursor)),
        (What::Range { from, to }, _) => {
            let window = Window {
                from: Some(*from),
                to: *to,
            };
            (window, false, None)
        }
        (What::Trial(_) | What::Ids(_) | What::Parked, _) => (Window::default(), false, None),
    };
    Course {
        window,
        is_full,
        cursor,
    }
}

impl Syncing<'_> {
    fn fields(&self) -> Vec<String> {
        // Something to ask for, even if all fields had to be dropped.
        let id = std::iter::once("id".to_owned());
        id.chain(self.columns.iter().map(|column| column.field.clone()))
            .collect()
    }

    fn window(&self) -> Window {
        self.checkpoint
            .course
            .as_ref()
            .map(|course| course.window)
            .unwrap_or_default()
    }

    /// Tries records again that were put aside; whether they are in the window or not.
    async fn retry(&mut self, ids: &[i64]) -> Result<(), JobError> {
        if ids.is_empty() || self.checkpoint.tried_parked {
            return Ok(());
        }
        let domain = super::window::of_ids(&[], ids);
        let fetched = self
            .reader
            .page(domain, self.fields(), ids.len(), ids.len())
            .await?;
        self.checkpoint.tried_parked = true;
        let here = self.checkpoint.last_id;
        let stays = Fetched {
            last_id: here,
            ..fetched
        };
        self.store(stays, 0).await
    }

    /// Reads to the end of the window, the next page while one is stored.
    async fn read(&mut self) -> Result<(), JobError> {
        let mut size = self.next_size(self.most.min(1000));
        let mut fetched = self
            .fetch(self.checkpoint.last_id, size, self.fields())
            .await?;
        if !self.checkpoint.is_counted {
            // On top of those that were put aside before.
            self.counters.rows_total = self.counters.rows_done + self.total(&fetched).await?;
            self.checkpoint.is_counted = true;
        }
        loop {
            let (last_id, after) = (fetched.last_id, self.checkpoint.last_id);
            size = self
                .next_size(fetched.next_size)
                .min(self.left(fetched.records.len()));
            let is_last = fetched.is_last || size == 0;
            let gone: Vec<Dropped> = fetched.dropped.clone();
            let mut fields = self.fields();
            fields.retain(|field| gone.iter().all(|gone| gone.field != *field));
            let next = if is_last || self.run.stopping().is_cancelled() {
                None
            } else {
                Some(self.request(last_id, size))
            };
            let reading = async {
                match next {
                    Some((domain, size, most)) => {
                        let read = self.reader.page(domain, fields, size, most).await;
                        read.map(Some)
                    }
                    None => Ok(None),
                }
            };
            // Both go on to their ends: a page that is being stored is stored although the next cannot be read.
            let (stored, next) = {
                let mut writing = Writing {
                    run: self.run,
                    scope: self.scope,
                    table: &self.table,
                    columns: &self.columns,
                    has_parked: &mut self.has_parked,
                    checkpoint: &mut self.checkpoint,
                    counters: &mut self.counters,
                };
                tokio::join!(writing.store(fetched, after), reading)
            };
            stored?;
            self.columns
                .retain(|column| gone.iter().all(|gone| gone.field != column.field));
            match next? {
                Some(next) => fetched = next,
                None if is_last => return Ok(()),
                None => return Err(JobError::Stopped),
            }
        }
    }

    fn next_size(&self, size: usize) -> usize {
        size.clamp(1, self.most).min(self.left(0))
    }

    /// How many records the run may still read, when so many more are on their way into the table.
    fn left(&self, on_their_way: usize) -> usize {
        let done = usize::try_from(self.counters.rows_done).unwrap_or(usize::MAX);
        self.limit.map_or(usize::MAX, |limit| {
            limit.saturating_sub(done.saturating_add(on_their_way))
        })
    }

    fn request(&self, after: i64, size: usize) -> (Value, usize, usize) {
        let domain = self.window().after(&self.conditions, after);
        (domain, size, self.most)
    }

    async fn fetch(
        &self,
        after: i64,
        size: usize,
        fields: Vec<String>,
    ) -> Result<Fetched, JobError> {
        let (domain, size, most) = self.request(after, size.max(1));
        self.reader.page(domain, fields, size, most).await
    }

    /// How many records there are to read; costs a call only if they are more than a page.
    async fn total(&self, first: &Fetched) -> Result<i64, JobError> {
        if first.is_last {
            return Ok(count(first.records.len() + first.parked.len()));
        }
        let (domain, ..) = self.request(self.checkpoint.last_id, 1);
        let (odoo, model) = (self.reader.odoo, self.scope.model);
        let there = self
            .reader
            .patience
            .call("going on", || odoo.count(model, &domain))
            .await?;
        Ok(self.limit.map_or(there, |limit| there.min(count(limit))))
    }

    async fn store(&mut self, fetched: Fetched, after: i64) -> Result<(), JobError> {
        let mut writing = Writing {
            run: self.run,
            scope: self.scope,
            table: &self.table,
            columns: &self.columns,
            has_parked: &mut self.has_parked,
            checkpoint: &mut self.checkpoint,
            counters: &mut self.counters,
        };
        writing.store(fetched, after).await
    }

    /// Moves the cursor: everything before it is stored.
    async fn end(mut self) -> Result<String, JobError> {
        // What came or went while it was read makes the count another than the first one.
        self.counters.rows_total = self.counters.rows_done;
        let mut step = self.run.step().await?;
        if let Some(cursor) = self
            .checkpoint
            .course
            .as_ref()
            .and_then(|course| course.cursor)
        {
            store::move_cursor(step.connection(), self.scope, cursor).await?;
        }
        let told = summary(&self.counters);
        step.commit(&self.checkpoint, self.counters, &told).await?;
        Ok(told)
    }
}

fn summary(counters: &Counters) -> String {
    let mut parts = vec![
        format!("{} new", counters.created),
        format!("{} changed", counters.updated),
        format!("{} as before", counters.unchanged),
    ];
    if counters.errors > 0 {
        parts.push(format!("{} put aside", counters.errors));
    }
    format!("{} records read: {}", counters.rows_done, parts.join(", "))
}
