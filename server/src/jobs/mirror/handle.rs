//! The handle by which mirrors are set up, refreshed and looked at.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    choice::FieldChoice,
    error::{MirrorError, field},
    lane,
    model_sync::{ModelSync, SYNC},
    readers,
    record_cleanup::{CLEANUP, RecordCleanup},
    request::{CleanupRequest, ModelSettings, check_model, check_request_id, check_what},
    spec::{SyncSpec, What},
    store::{self, ModelRow, Scope},
    tables,
};
use crate::{
    adapters::odoo::OdooError,
    connections::Connections,
    db::Db,
    ids::ConnectionId,
    jobs::{
        OdooClients,
        search::{Starter, outbox},
    },
    queue::{Enqueued, NewJob, NewSchedule, Queue, QueueError},
};

/// All mirrors; clones share them.
#[derive(Clone, Debug)]
pub struct Mirror {
    pub(super) db: Db,
    pub(super) queue: Queue,
    pub(super) connections: Connections,
    pub(super) clients: OdooClients,
    max_outage: Duration,
}

impl Mirror {
    /// Mirrors over these rooms. A job waits for `max_outage` for an Odoo that is away.
    pub fn new(
        db: Db,
        queue: Queue,
        connections: Connections,
        clients: OdooClients,
        max_outage: Duration,
    ) -> Self {
        Self {
            db,
            queue,
            connections,
            clients,
            max_outage,
        }
    }

    /// What runs syncs.
    pub fn sync_runner(&self) -> ModelSync {
        ModelSync {
            db: self.db.clone(),
            connections: self.connections.clone(),
            clients: self.clients.clone(),
            starter: Starter::new(self.db.clone(), self.queue.clone()),
            max_outage: self.max_outage,
        }
    }

    /// What runs cleanups.
    pub fn cleanup_runner(&self) -> RecordCleanup {
        RecordCleanup {
            db: self.db.clone(),
            clients: self.clients.clone(),
            max_outage: self.max_outage,
        }
    }

    /// Says how models are mirrored from now on, and which no longer; returns all that are. Odoo is asked whether it has
    /// the models and fields and understands the domains; if one is wrong, nothing is changed.
    pub async fn configure(
        &self,
        connection: ConnectionId,
        models: &[ModelSettings],
        removed: &[String],
    ) -> Result<Vec<ModelSettings>, MirrorError> {
        let settled = models
            .iter()
            .enumerate()
            .map(|(index, settings)| settings.settled(&format!("models[{index}]")));
        let models: Vec<ModelSettings> = settled.collect::<Result<_, _>>()?;
        let mut checked = Vec::with_capacity(models.len());
        for (index, settings) in models.iter().enumerate() {
            let (domain, page_size) = settings.check(&format!("models[{index}]"))?;
            checked.push((index, settings, domain, page_size));
        }
        for (index, name) in removed.iter().enumerate() {
            check_model(name, &format!("removed_models[{index}]"))?;
        }
        for (index, settings, domain, _) in &checked {
            self.try_out(connection, *index, settings, domain).await?;
        }
        let mut transaction = self.db.begin().await?;
        for (_, settings, domain, page_size) in &checked {
            sqlx::query_file!(
                "src/jobs/mirror/sql/save_model.sql",
                connection.0,
                settings.model,
                settings.field_choice as FieldChoice,
                &settings.field_names,
                domain,
                page_size,
                settings.cron,
                settings.time_zone,
            )
            .execute(&mut *transaction)
            .await?;
        }
        for name in removed {
            sqlx::query_file!("src/jobs/mirror/sql/unmirror.sql", connection.0, name)
                .execute(&mut *transaction)
                .await?;
            outbox::drop_model(&mut transaction, connection, name).await?;
        }
        transaction.commit().await?;
        for (_, settings, ..) in &checked {
            self.keep_schedule(connection, settings).await?;
        }
        for name in removed {
            self.drop_schedule(connection, name).await?;
        }
        let rows = store::models(&self.db, connection).await?;
        Ok(rows.iter().map(ModelSettings::from).collect())
    }

    /// Refreshes a model by itself from now on, or no longer.
    async fn keep_schedule(
        &self,
        connection: ConnectionId,
        settings: &ModelSettings,
    ) -> Result<(), MirrorError> {
        if settings.cron.is_empty() {
            return self.drop_schedule(connection, &settings.model).await;
        }
        let spec = SyncSpec {
            model: settings.model.clone(),
            what: What::Changes,
        };
        let schedule = NewSchedule {
            connection,
            name: schedule_name(&settings.model),
            cron: settings.cron.clone(),
            time_zone: settings.time_zone.clone(),
            kind: SYNC,
            title: format!("Sync {}", settings.model),
            lane: Some(lane(&settings.model)),
            spec: json!(spec),
            asked: Vec::new(),
        };
        self.queue.save_schedule(&schedule).await?;
        Ok(())
    }

    async fn drop_schedule(
        &self,
        connection: ConnectionId,
        model: &str,
    ) -> Result<(), MirrorError> {
        let name = schedule_name(model);
        match self.queue.delete_schedule(SYNC, connection, &name).await {
            Ok(()) | Err(QueueError::ScheduleNotFound(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Asks Odoo about what would be mirrored.
    async fn try_out(
        &self,
        connection: ConnectionId,
        index: usize,
        settings: &ModelSettings,
        domain: &Value,
    ) -> Result<(), MirrorError> {
        let odoo = self.clients.of(connection).await?;
        let known = odoo.fields(&settings.model).await?;
        if let Some(name) = settings
            .field_names
            .iter()
            .find(|name| !known.contains_key(*name))
        {
            return Err(field(
                format!("models[{index}].field_names"),
                format!(
                    "must be fields of {}, which {name:?} is not, or which the service user may not read",
                    settings.model
                ),
            ));
        }
        match odoo.count(&settings.model, domain).await {
            Ok(_) => Ok(()),
            Err(OdooError::Rejected { message, .. }) => Err(field(
                format!("models[{index}].domain"),
                format!("cannot be used by Odoo: {message}"),
            )),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes a job that reads a model. [`QueueError::LaneBusy`](crate::queue::QueueError::LaneBusy) while another is at it.
    pub async fn sync(
        &self,
        connection: ConnectionId,
        model: &str,
        what: What,
        request_id: Option<String>,
    ) -> Result<Enqueued, MirrorError> {
        check_model(model, "model")?;
        check_what(&what)?;
        check_request_id(request_id.as_deref())?;
        let scope = Scope { connection, model };
        if store::model(&self.db, scope).await?.is_none() {
            // Before it is promised to be mirrored: is there such a model at all?
            self.clients.of(connection).await?.fields(model).await?;
            store::ensure_model(&self.db, scope).await?;
        }
        let title = match &what {
            What::Changes => format!("Sync {model}"),
            What::Everything => format!("Sync all of {model}"),
            What::Trial(limit) => format!("Try {limit} records of {model}"),
            What::Range { .. } => format!("Sync a range of {model}"),
            What::Ids(ids) => format!("Sync {} records of {model}", ids.len()),
            What::Parked => format!("Retry records of {model} that were put aside"),
        };
        let what = match what {
            What::Ids(mut ids) => {
                ids.sort_unstable();
                ids.dedup();
                What::Ids(ids)
            }
            other => other,
        };
        let spec = SyncSpec {
            model: model.to_owned(),
            what,
        };
        self.enqueue(scope, SYNC, title, json!(spec), request_id)
            .await
    }

    /// Makes a job that marks records which Odoo no longer has. Refused like [`Mirror::sync`].
    pub async fn cleanup(
        &self,
        connection: ConnectionId,
        model: &str,
        request: CleanupRequest,
        request_id: Option<String>,
    ) -> Result<Enqueued, MirrorError> {
        check_model(model, "model")?;
        check_request_id(request_id.as_deref())?;
        let scope = Scope { connection, model };
        let spec = request.spec(model)?;
        self.table_of(scope).await?;
        let title = if spec.dry_run {
            format!("Look for deleted records of {model}")
        } else {
            format!("Clean up deleted records of {model}")
        };
        self.enqueue(scope, CLEANUP, title, json!(spec), request_id)
            .await
    }

    /// Makes a job that tries records again that were put aside, however often they were tried before.
    pub async fn retry_parked(
        &self,
        connection: ConnectionId,
        model: &str,
    ) -> Result<Enqueued, MirrorError> {
        check_model(model, "model")?;
        let scope = Scope { connection, model };
        self.table_of(scope).await?;
        store::reset_parked(&self.db, scope).await?;
        self.sync(connection, model, What::Parked, None).await
    }

    async fn enqueue(
        &self,
        scope: Scope<'_>,
        kind: &'static str,
        title: String,
        spec: Value,
        request_id: Option<String>,
    ) -> Result<Enqueued, MirrorError> {
        let enqueued = self
            .queue
            .enqueue_alone(NewJob {
                connection: scope.connection,
                kind,
                title,
                spec,
                lane: Some(lane(scope.model)),
                priority: 0,
                run_at: None,
                request_id,
            })
            .await?;
        if !enqueued.existed {
            store::set_job(&self.db, scope, enqueued.job.id).await?;
        }
        Ok(enqueued)
    }

    /// The table of a model that has one.
    pub(super) async fn table_of(&self, scope: Scope<'_>) -> Result<tables::Table, MirrorError> {
        let missing = || MirrorError::NotMirrored(scope.model.to_owned());
        let row = store::model(&self.db, scope).await?.ok_or_else(missing)?;
        let mut connection = self.db.pool().acquire().await?;
        let schema = store::schema_of(&mut connection, scope.connection).await?;
        match (schema, row.table_name) {
            (Some(schema), Some(name)) => Ok(tables::Table { schema, name }),
            _ => Err(missing()),
        }
    }

    /// Drops the tables of connections that are gone; returns how many schemas went.
    pub async fn prune(&self) -> Result<usize, MirrorError> {
        let orphans = sqlx::query_file_scalar!("src/jobs/mirror/sql/orphan_schemas.sql")
            .fetch_all(self.db.pool())
            .await?;
        for schema in &orphans {
            let mut transaction = self.db.begin().await?;
            let reader = readers::reader_of(&mut transaction, schema).await?;
            tables::drop_schema(&mut transaction, schema).await?;
            if let Some(role) = reader {
                readers::remove(&mut transaction, &role).await?;
            }
            sqlx::query_file!("src/jobs/mirror/sql/delete_schema.sql", schema)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
        }
        Ok(orphans.len())
    }
}

/// No schedule of a caller's can have such a name.
fn schedule_name(model: &str) -> String {
    format!("mirror {model}")
}

impl From<&ModelRow> for ModelSettings {
    fn from(row: &ModelRow) -> Self {
        let is_whole = row.conditions().is_empty();
        Self {
            model: row.model.clone(),
            field_choice: row.field_choice,
            field_names: row.field_names.clone(),
            domain: if is_whole {
                String::new()
            } else {
                row.domain.to_string()
            },
            page_size: row.page_size,
            cron: row.cron.clone(),
            time_zone: row.time_zone.clone(),
            interval: None,
        }
    }
}
