//! The job that reads a model: plans its columns, reads page after page, and moves the cursor when all of it is stored.

use std::{sync::Arc, time::Duration};

use futures::future::{BoxFuture, OptionFuture};
use serde_json::Value;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

use super::{
    column::Column,
    following::Following,
    gathering::{self, Gathering},
    outlet::Outlet,
    plan::{Plan, plan},
    readers,
    reading::{Fetched, Reader},
    spec::{Checkpoint, Course, SyncSpec, What},
    store::{self, ModelRow, Scope},
    tables::{self, Table},
    window::{Window, cursor_of},
    writing::Writing,
};
use crate::{
    connections::Connections,
    db::Db,
    jobs::{OdooClients, patience::Patience, search::Starter},
    queue::{JobError, Run, RunJob},
};

/// The kind of these jobs.
pub const SYNC: &str = "model_sync";

/// How many records that were put aside one run tries again.
const MOST_RETRIED: i64 = 200;

/// How long what was read may wait for more that is stored along with it; a crash loses no more.
const TOGETHER: Duration = Duration::from_millis(250);

/// Runs syncs.
#[derive(Clone, Debug)]
pub struct ModelSync {
    pub(super) db: Db,
    pub(super) connections: Connections,
    pub(super) clients: OdooClients,
    /// Starts to embed what was stored, where the model is searchable.
    pub(super) starter: Starter,
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
    db: &'run Db,
    reader: Reader<'run>,
    /// How many calls Odoo can answer at once, if that was asked.
    callers: Option<usize>,
    conditions: Vec<Value>,
    columns: Arc<[Column]>,
    /// The most records of a page.
    most: usize,
    /// The most records of the run.
    limit: Option<usize>,
    writing: Writing<'run>,
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
        let is_new = checkpoint.course.is_none();
        let horizon = async {
            // Before a record is read: whatever is written from here on is the next run's.
            let horizon = is_new.then(|| patience.call("going on", || odoo.horizon()));
            OptionFuture::from(horizon).await.transpose()
        };
        let fields = patience.call("going on", || odoo.fields(&spec.model));
        let (known, horizon) = tokio::try_join!(fields, horizon)?;
        let reader = Reader {
            run,
            patience: &patience,
            odoo: &odoo,
            model: &spec.model,
            by_rows: horizon.is_some_and(|horizon| horizon.gives_rows),
        };
        let again = spec.what == What::Everything;
        // Shaping may yet find a new field, for which all is read: then Odoo is asked for its callers later.
        let seems_full = if is_new {
            again || (spec.what == What::Changes && row.cursor.is_none())
        } else {
            checkpoint.is_full()
        };
        let callers = async {
            let callers = seems_full.then(|| gathering::callers(&reader));
            OptionFuture::from(callers).await.transpose()
        };
        let shape = self.shape(scope, &row, &known, again);
        let ((table, plan), callers) = tokio::try_join!(shape, callers)?;
        if let Some(horizon) = horizon {
            // Shaping may have made the old cursor void.
            let cursor = mirrored(&self.db, scope).await?.cursor;
            let is_dated = known.contains_key("write_date");
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
            db: &self.db,
            reader,
            callers,
            conditions,
            columns: plan.columns.into(),
            most: usize::try_from(row.page_size).unwrap_or(1),
            limit: match spec.what {
                What::Trial(limit) => usize::try_from(limit).ok(),
                _ => None,
            },
            writing: Writing {
                run,
                scope,
                table,
                embedding: Following::new(&self.starter),
                has_parked: store::count_parked(&self.db, scope).await? > 0,
                checkpoint,
                counters: run.counters(),
            },
        };
        if spec.what == What::Changes {
            let parked = store::parked_ids(&self.db, scope, MOST_RETRIED).await?;
            syncing.retry(&parked).await?;
        }
        syncing.read().await?;
        let (writing, columns) = (syncing.writing, syncing.columns);
        if writing.checkpoint.is_full() {
            // Nothing is left to be done, unless the end came sooner than the count said.
            tables::index(&self.db, &writing.table, &columns).await?;
        }
        writing.end().await
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
        readers::ensure(&mut transaction, scope.connection, &schema).await?;
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
    /// Tries records again that were put aside; whether they are in the window or not.
    async fn retry(&mut self, ids: &[i64]) -> Result<(), JobError> {
        if ids.is_empty() || self.writing.checkpoint.tried_parked {
            return Ok(());
        }
        let domain = super::window::of_ids(&[], ids);
        let fetched = self
            .reader
            .page(domain, Arc::clone(&self.columns), ids.len(), ids.len())
            .await?;
        self.writing.checkpoint.tried_parked = true;
        let stays = Fetched {
            last_id: self.writing.checkpoint.last_id,
            ..fetched
        };
        self.writing.store(stays, 0).await
    }

    /// Reads to the end of the course, the next pages while one is stored.
    async fn read(&mut self) -> Result<(), JobError> {
        let checkpoint = &self.writing.checkpoint;
        let done = usize::try_from(self.writing.counters.rows_done).unwrap_or(usize::MAX);
        let course = checkpoint.course.as_ref();
        let gathering = Gathering {
            reader: &self.reader,
            conditions: &self.conditions,
            window: course.map(|course| course.window).unwrap_or_default(),
            after: checkpoint.last_id,
            columns: Arc::clone(&self.columns),
            most: self.most,
            limit: self.limit.map(|limit| limit.saturating_sub(done)),
            is_whole: checkpoint.is_full(),
            callers: self.callers,
            counts: !checkpoint.is_counted,
        };
        let (to, mut from) = mpsc::unbounded_channel();
        let outlet = Outlet::new(to);
        // A page that was read is stored although the next cannot be read; one that cannot be stored ends it all at once.
        let reading = async { Ok(gathering.run(outlet).await) };
        let (db, columns, writing) = (self.db, &self.columns, &mut self.writing);
        let storing = async {
            let mut due = Instant::now();
            let mut is_indexed = !writing.checkpoint.is_full();
            while let Some(mut part) = from.recv().await {
                // What else comes until then goes into the same transaction: one costs as much as many rows.
                while part.has_room()
                    && let Ok(Some(next)) = timeout_at(due, from.recv()).await
                {
                    if let Some(next) = part.take_along(next) {
                        writing.take(std::mem::replace(&mut part, next)).await?;
                        due = Instant::now() + TOGETHER;
                    }
                }
                writing.take(part).await?;
                if !is_indexed && writing.is_nearly_through() {
                    // Odoo is still asked for the last ones meanwhile.
                    tables::index(db, &writing.table, columns).await?;
                    is_indexed = true;
                }
                due = Instant::now();
                if !writing.is_nearly_through() {
                    due += TOGETHER;
                }
            }
            Ok::<(), JobError>(())
        };
        let (read, ()) = tokio::try_join!(reading, storing)?;
        read
    }
}
