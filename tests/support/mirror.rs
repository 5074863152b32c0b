//! A mirror for one story: a server, a model of the Odoo that all stories share, and a look at both sides.

use crate::{
    odoo::{Odoo, folder},
    postgres::Database,
    server::Server,
    world::events_until,
};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use sluice_client::{
    Client,
    v1::{
        ConnectionsSaveRequest, Counters, Event, EventType, FieldChoice,
        ForceSyncCleanupDeletedRequest, ForceSyncSyncModelRequest, Job, MirrorConfigureRequest,
        MirroredModel, ModelStatus,
    },
};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};
use std::{
    fs,
    sync::atomic::{AtomicU16, Ordering},
};

/// The name of the connection in every mirror.
pub const CONNECTION: &str = "mirrored";

/// What most stories mirror: light records that can be made by the thousand, with an archive and a relation.
pub const MODEL: &str = "res.partner.category";

/// Everything that a story of a mirror needs.
pub struct Mirrored {
    pub server: Server,
    pub client: Client,
    pub odoo: Odoo,
    database: Database,
    series: u16,
}

static NEXT_SERIES: AtomicU16 = AtomicU16::new(1);

impl Mirrored {
    /// A server whose connection may read all of Odoo, and a mirror of this story's own categories.
    pub async fn new() -> Result<Self> {
        let mirrored = Self::unconfigured().await?;
        mirrored.configure(mirrored.categories(1000), &[]).await?;
        Ok(mirrored)
    }

    /// The same, without a mirror.
    pub async fn unconfigured() -> Result<Self> {
        let mirrored = Self::unconnected().await?;
        let request = mirrored.connection();
        mirrored.client.save_connection(request).await?;
        Ok(mirrored)
    }

    /// What connects the server with the Odoo that all stories share.
    pub fn connection(&self) -> ConnectionsSaveRequest {
        let access = &self.odoo.access;
        ConnectionsSaveRequest {
            name: CONNECTION.to_owned(),
            url: access.url.clone(),
            database: access.database.clone(),
            // Which rights a mirror needs is the story of whoever sets up its service user.
            api_key: access.admin_api_key.clone(),
            ..ConnectionsSaveRequest::default()
        }
    }

    /// A server that knows no Odoo yet.
    pub async fn unconnected() -> Result<Self> {
        Self::between(Odoo::shared()?, Database::new().await?).await
    }

    /// The same with an Odoo and a database of the story's own.
    pub async fn between(odoo: Odoo, database: Database) -> Result<Self> {
        let server = Server::start_alone(&[("DATABASE_URL", database.url.as_str())]).await?;
        let client = server.client().await?;
        Ok(Self {
            server,
            client,
            odoo,
            database,
            series: NEXT_SERIES.fetch_add(1, Ordering::Relaxed),
        })
    }

    /// How this story's categories are mirrored.
    pub fn categories(&self, page_size: i32) -> MirroredModel {
        MirroredModel {
            model: MODEL.to_owned(),
            field_choice: FieldChoice::Stored.into(),
            domain: json!([["name", "=like", format!("{}%", self.prefix())]]).to_string(),
            page_size,
            ..MirroredModel::default()
        }
    }

    /// What the names of this story's records begin with.
    pub fn prefix(&self) -> String {
        format!("M{}-", self.series)
    }

    /// Sets a model up, beside those that are.
    pub async fn configure(&self, model: MirroredModel, removed: &[&str]) -> Result<()> {
        let request = MirrorConfigureRequest {
            connection: CONNECTION.to_owned(),
            models: vec![model],
            removed_models: removed.iter().map(|name| (*name).to_owned()).collect(),
        };
        self.client.configure_mirror(request).await?;
        Ok(())
    }

    /// Makes so many categories in Odoo, all in one transaction for each thousand.
    pub async fn create(&self, count: usize) -> Result<Vec<i64>> {
        let names: Vec<Value> = (0..count)
            .map(|number| json!({ "name": format!("{}{number}", self.prefix()) }))
            .collect();
        let mut ids = Vec::with_capacity(count);
        for part in names.chunks(1000) {
            let made = self
                .odoo
                .call(MODEL, "create", json!({ "vals_list": part }))
                .await?;
            ids.extend(serde_json::from_value::<Vec<i64>>(made)?);
        }
        Ok(ids)
    }

    /// Changes categories in one transaction.
    pub async fn write(&self, ids: &[i64], values: Value) -> Result<()> {
        let arguments = json!({ "ids": ids, "vals": values });
        self.odoo.call(MODEL, "write", arguments).await.map(drop)
    }

    /// Deletes categories.
    pub async fn unlink(&self, ids: &[i64]) -> Result<()> {
        self.odoo
            .call(MODEL, "unlink", json!({ "ids": ids }))
            .await
            .map(drop)
    }

    /// The request of an ordinary sync.
    pub fn changes(&self) -> ForceSyncSyncModelRequest {
        ForceSyncSyncModelRequest {
            connection: CONNECTION.to_owned(),
            model: MODEL.to_owned(),
            ..ForceSyncSyncModelRequest::default()
        }
    }

    /// Syncs, and returns what became of the records; the job must succeed.
    pub async fn sync(&self, request: ForceSyncSyncModelRequest) -> Result<Counters> {
        let job = self.client.sync_model(request).await?;
        self.succeeded(&job).await
    }

    /// The request of an ordinary cleanup.
    pub fn deleted(&self) -> ForceSyncCleanupDeletedRequest {
        ForceSyncCleanupDeletedRequest {
            connection: CONNECTION.to_owned(),
            model: MODEL.to_owned(),
            ..ForceSyncCleanupDeletedRequest::default()
        }
    }

    /// Cleans up, and returns the end of the story, whatever it is.
    pub async fn cleanup(&self, request: ForceSyncCleanupDeletedRequest) -> Result<Event> {
        let job = self.client.cleanup_deleted(request).await?;
        self.ended(&job).await
    }

    /// The last event of a job.
    pub async fn ended(&self, job: &Job) -> Result<Event> {
        let story = events_until(&self.client, &job.id, |_| false).await?;
        story.into_iter().next_back().context("the story is empty")
    }

    /// What a job counted that must succeed.
    pub async fn succeeded(&self, job: &Job) -> Result<Counters> {
        let end = self.ended(job).await?;
        ensure!(
            end.r#type() == EventType::Succeeded,
            "{} ended with {:?}: {} {}\n{}",
            job.title,
            end.r#type(),
            end.code,
            end.message,
            self.server.log()
        );
        end.counters.context("counters")
    }

    /// How far a model is.
    pub async fn status(&self, model: &str) -> Result<ModelStatus> {
        let status = self.client.mirror_status(CONNECTION).await?;
        status
            .models
            .into_iter()
            .find(|status| {
                status
                    .configuration
                    .as_ref()
                    .is_some_and(|settings| settings.model == model)
            })
            .with_context(|| format!("{model} has no status"))
    }

    /// Fails unless the mirror of this story's categories is what Odoo has; returns how many they are.
    pub async fn equals_odoo(&self) -> Result<usize> {
        let there = self.in_odoo().await?;
        let here = self
            .rows(
                "select odoo_id, name, coalesce(color, 0)::text, active::text, coalesce(parent_id, 0)::text \
                 from odoo_mirrored.res_partner_category where _deleted_at is null order by odoo_id",
            )
            .await?;
        for (there, here) in there.iter().zip(&here) {
            ensure!(there == here, "Odoo has {there:?}, the mirror {here:?}");
        }
        ensure!(
            there.len() == here.len(),
            "Odoo has {} records, the mirror {}",
            there.len(),
            here.len()
        );
        Ok(here.len())
    }

    async fn in_odoo(&self) -> Result<Vec<Vec<String>>> {
        let arguments = json!({
            "domain": [["name", "=like", format!("{}%", self.prefix())]],
            "fields": ["name", "color", "active", "parent_id"],
            "order": "id",
            "load": null,
            "context": { "active_test": false },
        });
        let answer = self.odoo.call(MODEL, "search_read", arguments).await?;
        let records = answer.as_array().context("a list")?;
        Ok(records
            .iter()
            .map(|record| {
                vec![
                    record["id"].to_string(),
                    record["name"].as_str().unwrap_or_default().to_owned(),
                    record["color"].to_string(),
                    record["active"].to_string(),
                    record["parent_id"].as_i64().unwrap_or_default().to_string(),
                ]
            })
            .collect())
    }

    /// Rows of the mirror's database as texts; the first column is a number.
    pub async fn rows(&self, statement: &str) -> Result<Vec<Vec<String>>> {
        let mut connection = self.database.connect().await?;
        let rows = sqlx::query(AssertSqlSafe(statement.to_owned()))
            .fetch_all(&mut connection)
            .await?;
        rows.iter()
            .map(|row| {
                let mut cells = vec![row.try_get::<i64, _>(0)?.to_string()];
                for index in 1..row.len() {
                    let cell: Option<String> = row.try_get(index)?;
                    cells.push(cell.unwrap_or_default());
                }
                Ok(cells)
            })
            .collect()
    }

    /// Ends every connection of the server to its database.
    pub async fn cut_postgres(&self) -> Result<()> {
        let mut connection = self.database.connect().await?;
        sqlx::query(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
        )
        .execute(&mut connection)
        .await?;
        Ok(())
    }

    /// The mirror's database.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// One number of the mirror's database.
    pub async fn number(&self, statement: &str) -> Result<i64> {
        let rows = self.rows(statement).await?;
        Ok(rows[0][0].parse()?)
    }

    /// Odoo's own database, as Odoo's own user: for transactions that stay open, and for what no caller could write.
    pub async fn odoos_database(&self) -> Result<PgConnection> {
        let read = |name: &str| -> Result<String> {
            Ok(fs::read_to_string(folder()?.join(name))?.trim().to_owned())
        };
        let url = format!(
            "postgres://odoo:{}@127.0.0.1:{}/{}",
            read("password")?,
            read("port")?,
            self.odoo.access.database
        );
        Ok(PgConnection::connect(&url).await?)
    }
}
