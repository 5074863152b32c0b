//! A server of Sluice, a simulated LOGIKAL, and a connection between them whose Odoo nobody asks.

use anyhow::{Context as _, Result, ensure};
use futures::StreamExt as _;
use sluice_client::{
    Client, ClientError, Update,
    v1::{
        ConnectionsSaveLogikalRequest, ConnectionsSaveRequest, Event, ForceSyncSyncProjectRequest,
        Job, ProjectTally, ProjectsGetRequest, ProjectsGetResponse,
    },
};
use sluice_tests::{
    logikal::{Moods, PASSWORD, Simulator, Site, USER},
    server::Server,
    until::until,
};

pub(crate) const CONNECTION: &str = "shop";
/// The sample project's name.
pub(crate) const NAME: &str = "DOS22309";

pub(crate) struct Workshop {
    pub(crate) simulator: Simulator,
    pub(crate) server: Server,
    pub(crate) client: Client,
}

impl Workshop {
    pub(crate) async fn with(moods: Moods) -> Result<Self> {
        Self::of(Site::sample(), moods).await
    }

    pub(crate) async fn of(site: Site, moods: Moods) -> Result<Self> {
        let simulator = Simulator::start(site, moods).await?;
        let server = Server::start(&[]).await?;
        let client = server.client().await?;
        client
            .save_connection(ConnectionsSaveRequest {
                name: CONNECTION.to_owned(),
                url: "http://127.0.0.1:1".to_owned(),
                database: "nobody".to_owned(),
                api_key: "key".to_owned(),
                skip_test: true,
                ..ConnectionsSaveRequest::default()
            })
            .await?;
        let workshop = Self {
            simulator,
            server,
            client,
        };
        workshop.client.save_logikal(workshop.logikal()).await?;
        Ok(workshop)
    }

    pub(crate) fn logikal(&self) -> ConnectionsSaveLogikalRequest {
        ConnectionsSaveLogikalRequest {
            connection: CONNECTION.to_owned(),
            url: self.simulator.url(),
            user: USER.to_owned(),
            password: PASSWORD.to_owned(),
            ..ConnectionsSaveLogikalRequest::default()
        }
    }

    pub(crate) fn request() -> ForceSyncSyncProjectRequest {
        ForceSyncSyncProjectRequest {
            connection: CONNECTION.to_owned(),
            name: NAME.to_owned(),
            skip_odoo: true,
            ..ForceSyncSyncProjectRequest::default()
        }
    }

    /// Syncs the sample project, changed only; what is shown of it afterwards.
    pub(crate) async fn sync(&self) -> Result<ProjectsGetResponse> {
        self.sync_by(Self::request()).await
    }

    pub(crate) async fn sync_by(
        &self,
        request: ForceSyncSyncProjectRequest,
    ) -> Result<ProjectsGetResponse> {
        let (job, project) = self.client.sync_project(request).await?;
        let job = self.ended(&job).await?;
        ensure!(
            job.state == i32::from(sluice_client::v1::JobState::Succeeded),
            "{job:?}\n{}",
            self.server.log()
        );
        Ok(self.shown_by_id(&project).await?)
    }

    pub(crate) async fn ended(&self, job: &Job) -> Result<Job> {
        let mut story = self.client.watch(job.id.clone());
        while let Some(update) = story.next().await {
            update?;
        }
        Ok(self.client.job(&job.id).await?)
    }

    pub(crate) async fn story(&self, job: &Job) -> Result<Vec<Event>> {
        let mut events = Vec::new();
        let mut story = self.client.watch(job.id.clone());
        while let Some(update) = story.next().await {
            if let Update::Event(event) = update? {
                events.push(*event);
            }
        }
        Ok(events)
    }

    pub(crate) async fn shown(&self) -> Result<ProjectsGetResponse, ClientError> {
        let request = ProjectsGetRequest {
            connection: CONNECTION.to_owned(),
            name: NAME.to_owned(),
            ..ProjectsGetRequest::default()
        };
        self.client.project(request).await
    }

    pub(crate) async fn shown_by_id(&self, id: &str) -> Result<ProjectsGetResponse, ClientError> {
        let request = ProjectsGetRequest {
            connection: CONNECTION.to_owned(),
            project_id: id.to_owned(),
            ..ProjectsGetRequest::default()
        };
        self.client.project(request).await
    }

    /// Waits until nothing of ours is left open in LOGIKAL.
    pub(crate) async fn end(self) -> Result<()> {
        let open = async || Ok(self.simulator.open_sessions());
        until("no session is open", open, |open| *open == 0).await?;
        Ok(())
    }
}

/// The names of the elevations of a phase.
pub(crate) fn names(answer: &ProjectsGetResponse, phase: usize) -> Vec<String> {
    answer.phases[phase]
        .elevations
        .iter()
        .map(|elevation| elevation.name.clone())
        .collect()
}

/// Synced, skipped and failed phases, elevations, pictures and parts lists.
pub(crate) fn tallies(answer: &ProjectsGetResponse) -> Result<[(i32, i32, i32); 4]> {
    let sync = answer.last_sync.as_ref().context("it was synced")?;
    let tally = |tally: Option<ProjectTally>| {
        let tally = tally.unwrap_or_default();
        (tally.synced, tally.skipped, tally.failed)
    };
    Ok([
        tally(sync.phases),
        tally(sync.elevations),
        tally(sync.thumbnails),
        tally(sync.parts_lists),
    ])
}

/// What could not be had: the elevation, the part and the code.
pub(crate) fn failures(answer: &ProjectsGetResponse) -> Vec<(String, String, String)> {
    answer.last_sync.as_ref().map_or_else(Vec::new, |sync| {
        sync.failures
            .iter()
            .map(|failure| {
                (
                    failure.elevation.clone(),
                    failure.part.clone(),
                    failure.code.clone(),
                )
            })
            .collect()
    })
}
