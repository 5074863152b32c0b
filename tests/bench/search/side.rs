//! Our side of the bench: connections of one server to one Odoo, each with contacts of its own to search in.

use anyhow::{Context as _, Result, ensure};
use sluice_client::{
    Client,
    v1::{
        ConnectionsSaveRequest, Embedder, EventType, FieldChoice, ForceSyncSyncModelRequest, Job,
        MirrorConfigureRequest, MirroredModel, SearchConfigureRequest, SearchEmbedRequest,
        SearchModelStatus, SearchableModel,
    },
};
use sluice_tests::{odoo::Odoo, server::Server, until::until_within, world::events_until};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _};
use std::{
    fs,
    sync::atomic::{AtomicU16, Ordering},
    time::{Duration, Instant},
};

const MODEL: &str = "res.partner";
/// A real model takes twenty minutes.
const PATIENCE: Duration = Duration::from_hours(1);

static NEXT: AtomicU16 = AtomicU16::new(1);

pub(crate) struct Side<'a> {
    pub(crate) client: Client,
    pub(crate) server: &'a Server,
    odoo: &'a Odoo,
}

impl<'a> Side<'a> {
    pub(crate) async fn new(server: &'a Server, odoo: &'a Odoo) -> Result<Self> {
        let client = server.client().await?;
        Ok(Self {
            client,
            server,
            odoo,
        })
    }

    /// A new connection, which mirrors these fields of the contacts of a domain from its first sync on.
    pub(crate) async fn connect(&self, fields: &[&str], domain: &str) -> Result<String> {
        let name = format!("search-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let access = &self.odoo.access;
        let request = ConnectionsSaveRequest {
            name: name.clone(),
            url: access.url.clone(),
            database: access.database.clone(),
            api_key: access.admin_api_key.clone(),
            ..ConnectionsSaveRequest::default()
        };
        self.client.save_connection(request).await?;
        let model = MirroredModel {
            model: MODEL.to_owned(),
            field_choice: FieldChoice::Named.into(),
            field_names: fields.iter().map(|field| (*field).to_owned()).collect(),
            domain: domain.to_owned(),
            ..MirroredModel::default()
        };
        let request = MirrorConfigureRequest {
            connection: name.clone(),
            models: vec![model],
            removed_models: Vec::new(),
        };
        self.client.configure_mirror(request).await?;
        Ok(name)
    }

    /// Makes its contacts searchable by an embedder, by these fields; none means what suits them.
    pub(crate) async fn make_searchable(
        &self,
        connection: &str,
        embedder: Embedder,
        fields: &[&str],
    ) -> Result<()> {
        let request = SearchConfigureRequest {
            connection: connection.to_owned(),
            embedder: Some(embedder),
            models: vec![SearchableModel {
                model: MODEL.to_owned(),
                field_names: fields.iter().map(ToString::to_string).collect(),
            }],
            ..SearchConfigureRequest::default()
        };
        self.client.configure_search(request).await?;
        Ok(())
    }

    /// Reads the contacts from Odoo; what they say may still wait to be embedded then.
    pub(crate) async fn sync(&self, connection: &str) -> Result<()> {
        let request = ForceSyncSyncModelRequest {
            connection: connection.to_owned(),
            model: MODEL.to_owned(),
            ..ForceSyncSyncModelRequest::default()
        };
        let job = self.client.sync_model(request).await?;
        self.succeeded(&job).await
    }

    /// Embeds what waits; returns how many seconds it took from the call to the end of the job.
    pub(crate) async fn embed(&self, connection: &str, full: bool) -> Result<f64> {
        let request = SearchEmbedRequest {
            connection: connection.to_owned(),
            model: MODEL.to_owned(),
            full,
            ..SearchEmbedRequest::default()
        };
        let started = Instant::now();
        let job = self.client.embed(request).await?;
        self.succeeded(&job).await?;
        Ok(started.elapsed().as_secs_f64())
    }

    /// Waits until nothing waits any more, so that all can be found; returns how many records that are.
    pub(crate) async fn stored(&self, connection: &str) -> Result<i64> {
        // A look that costs next to nothing, unlike the status, which counts.
        let statement = format!(
            "select exists (select from search_outbox where model_id = ({}))",
            model_of(connection)
        );
        let mut postgres = postgres(self.server).await?;
        let look = async || -> Result<bool> {
            let row = postgres.fetch_one(AssertSqlSafe(statement.clone())).await?;
            Ok(row.try_get(0)?)
        };
        until_within(PATIENCE, "all is stored", look, |waits| !waits).await?;
        Ok(self.status(connection).await?.searchable)
    }

    /// Waits until nothing waits and nobody embeds any more; returns how many records can be found.
    pub(crate) async fn at_rest(&self, connection: &str) -> Result<i64> {
        let look = async || Ok(self.status(connection).await?.last_job);
        let job = until_within(PATIENCE, "somebody embeds", look, Option::is_some).await?;
        self.succeeded(&job.context("nobody embeds")?).await?;
        let status = self.status(connection).await?;
        ensure!(status.waiting == 0 && status.failed == 0, "{status:?}");
        Ok(status.searchable)
    }

    async fn status(&self, connection: &str) -> Result<SearchModelStatus> {
        let status = self.client.search_status(connection).await?;
        status.models.into_iter().next().context("a model")
    }

    /// The texts of a connection's contacts, as they were embedded.
    pub(crate) async fn texts(&self, connection: &str) -> Result<Vec<String>> {
        let statement = format!(
            "select content from search_text where model_id = ({}) order by record_id, part",
            model_of(connection)
        );
        let rows = postgres(self.server)
            .await?
            .fetch_all(AssertSqlSafe(statement))
            .await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Does what Postgres does by itself a minute after many rows were stored, so that no question meets it.
    pub(crate) async fn tidy(&self) -> Result<()> {
        let mut postgres = postgres(self.server).await?;
        postgres.execute("vacuum (analyze)").await?;
        Ok(())
    }

    /// How many of these contacts are among the ten nearest to a vector, by looking at each; what is as near as the tenth is among
    /// them.
    pub(crate) async fn nearest_of(
        &self,
        connection: &str,
        vector: &[f32],
        found: &[i64],
    ) -> Result<i64> {
        let table = self.table(connection).await?;
        let vector = written(vector);
        let statement = format!(
            "with all_of_them as materialized (\
                 select record_id, embedding <=> '{vector}'::halfvec as distance from {table}\
             ), tenth as (\
                 select distance from all_of_them order by distance offset 9 limit 1\
             ) \
             select count(*) from all_of_them, tenth \
             where record_id = any($1) and all_of_them.distance <= tenth.distance"
        );
        let count = sqlx::query_scalar(AssertSqlSafe(statement)).bind(found);
        Ok(count.fetch_one(&mut postgres(self.server).await?).await?)
    }

    /// The table of the vectors of a connection's contacts.
    pub(crate) async fn table(&self, connection: &str) -> Result<String> {
        let statement = format!(
            "select 'sluice_search.vectors_' || generation.id || '_' || model.id \
             from search_generation as generation join search_model as model using (connection_id) \
             where model.id = ({})",
            model_of(connection)
        );
        let row = postgres(self.server)
            .await?
            .fetch_one(AssertSqlSafe(statement))
            .await?;
        Ok(row.try_get(0)?)
    }

    async fn succeeded(&self, job: &Job) -> Result<()> {
        let story = events_until(&self.client, &job.id, |_| false).await?;
        let end = story.last().context("a story")?;
        ensure!(
            end.r#type() == EventType::Succeeded,
            "{} ended with {end:?}\n{}",
            job.title,
            self.server.log()
        );
        Ok(())
    }
}

/// The id under which a connection's contacts are searched, as a statement.
fn model_of(connection: &str) -> String {
    format!(
        "select model.id from search_model as model join connection on connection.id = model.connection_id \
         where connection.name = '{connection}'"
    )
}

/// A vector as Postgres reads it, rounded as the server does: others are the nearest to a vector that is nearly the same.
pub(crate) fn written(vector: &[f32]) -> String {
    let length = vector.iter().map(|part| part * part).sum::<f32>().sqrt();
    let parts: Vec<String> = vector
        .iter()
        .map(|part| format!("{:.6}", part / length))
        .collect();
    format!("[{}]", parts.join(","))
}

/// The server's own Postgres.
pub(crate) async fn postgres(server: &Server) -> Result<PgConnection> {
    let read = |name: &str| -> Result<String> {
        Ok(fs::read_to_string(server.data_dir().join(name))?
            .trim()
            .to_owned())
    };
    let url = format!(
        "postgres://sluice:{}@127.0.0.1:{}/sluice",
        read("postgres.password")?,
        read("postgres.port")?
    );
    Ok(PgConnection::connect(&url).await?)
}
