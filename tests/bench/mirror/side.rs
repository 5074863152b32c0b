//! Our side of the bench: connections of one server, each with a mirror of contacts of its own.

use super::contacts::CONTACTS;
use anyhow::{Context as _, Result, ensure};
use sluice_client::{
    Client,
    v1::{
        ConnectionsSaveRequest, Counters, EventType, FieldChoice, ForceSyncCleanupDeletedRequest,
        ForceSyncSyncModelRequest, Job, MirrorConfigureRequest, MirroredModel,
    },
};
use sluice_tests::{odoo::Odoo, server::Server, world::events_until};
use std::{
    sync::atomic::{AtomicU16, Ordering},
    time::Instant,
};

const MODEL: &str = "res.partner";

static NEXT: AtomicU16 = AtomicU16::new(1);

pub(crate) struct Side<'a> {
    client: Client,
    server: &'a Server,
}

impl<'a> Side<'a> {
    pub(crate) async fn new(server: &'a Server) -> Result<Self> {
        let client = server.client().await?;
        Ok(Self { client, server })
    }

    /// A new connection to an Odoo, whose mirror has these fields and is empty.
    pub(crate) async fn connect(&self, odoo: &Odoo, fields: &[&str]) -> Result<String> {
        let access = &odoo.access;
        let request = ConnectionsSaveRequest {
            url: access.url.clone(),
            database: access.database.clone(),
            api_key: access.admin_api_key.clone(),
            ..ConnectionsSaveRequest::default()
        };
        self.save(request, fields).await
    }

    /// The same to something that answers as Odoo does.
    pub(crate) async fn connect_to(&self, url: &str, fields: &[&str]) -> Result<String> {
        let request = ConnectionsSaveRequest {
            url: url.to_owned(),
            database: "replayed".to_owned(),
            api_key: "key".to_owned(),
            ..ConnectionsSaveRequest::default()
        };
        self.save(request, fields).await
    }

    async fn save(&self, request: ConnectionsSaveRequest, fields: &[&str]) -> Result<String> {
        let name = format!("bench-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.client
            .save_connection(ConnectionsSaveRequest {
                name: name.clone(),
                ..request
            })
            .await?;
        let model = MirroredModel {
            model: MODEL.to_owned(),
            field_choice: FieldChoice::Named.into(),
            field_names: fields.iter().map(|field| (*field).to_owned()).collect(),
            ..MirroredModel::default()
        };
        self.client
            .configure_mirror(MirrorConfigureRequest {
                connection: name.clone(),
                models: vec![model],
                removed_models: Vec::new(),
            })
            .await?;
        Ok(name)
    }

    /// Fills the mirror; returns records per second from the call to the end of the job.
    pub(crate) async fn fill(&self, connection: &str) -> Result<f64> {
        let (seconds, counters) = self.refresh(connection).await?;
        ensure!(
            counters.created == counters.rows_done && counters.created >= CONTACTS,
            "the mirror was not filled: {counters:?}"
        );
        #[expect(
            clippy::cast_precision_loss,
            reason = "there are far fewer records than 2^52"
        )]
        let created = counters.created as f64;
        Ok(created / seconds)
    }

    /// Syncs; returns how many seconds it took.
    pub(crate) async fn refresh(&self, connection: &str) -> Result<(f64, Counters)> {
        let request = ForceSyncSyncModelRequest {
            connection: connection.to_owned(),
            model: MODEL.to_owned(),
            ..ForceSyncSyncModelRequest::default()
        };
        let started = Instant::now();
        let job = self.client.sync_model(request).await?;
        self.ended(&job, started).await
    }

    /// Looks for deleted records; returns how many seconds it took.
    pub(crate) async fn cleanup(&self, connection: &str) -> Result<(f64, Counters)> {
        let request = ForceSyncCleanupDeletedRequest {
            connection: connection.to_owned(),
            model: MODEL.to_owned(),
            ..ForceSyncCleanupDeletedRequest::default()
        };
        let started = Instant::now();
        let job = self.client.cleanup_deleted(request).await?;
        self.ended(&job, started).await
    }

    async fn ended(&self, job: &Job, started: Instant) -> Result<(f64, Counters)> {
        let story = events_until(&self.client, &job.id, |_| false).await?;
        let seconds = started.elapsed().as_secs_f64();
        let end = story.last().context("a story")?;
        ensure!(
            end.r#type() == EventType::Succeeded,
            "{} ended with {end:?}\n{}",
            job.title,
            self.server.log()
        );
        Ok((seconds, end.counters.context("counters")?))
    }
}
