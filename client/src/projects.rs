//! Calls of `Projects`, and of `ForceSync` and `Connections` as far as they concern LOGIKAL.

use sluice_proto::v1::{
    ConnectionsGetLogikalRequest, ConnectionsSaveLogikalRequest, ForceSyncFindProjectsRequest,
    ForceSyncSyncProjectRequest, Job, LogikalSite, Project, ProjectsGetRequest,
    ProjectsGetResponse, ProjectsListRequest, connections_client::ConnectionsClient,
    force_sync_client::ForceSyncClient, projects_client::ProjectsClient,
};
use uuid::Uuid;

use crate::{connect::Client, error::ClientError};

/// The most that one answer may hold: a project has hundreds of elevations.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

impl Client {
    /// Says where the LOGIKAL of a connection is.
    pub async fn save_logikal(
        &self,
        request: ConnectionsSaveLogikalRequest,
    ) -> Result<LogikalSite, ClientError> {
        let answer = ConnectionsClient::new(self.wire())
            .save_logikal(self.timed(request))
            .await?
            .into_inner();
        answer
            .logikal
            .ok_or_else(|| ClientError::incomplete("logikal"))
    }

    /// Where the LOGIKAL of a connection is, if one was saved.
    pub async fn logikal(&self, connection: &str) -> Result<Option<LogikalSite>, ClientError> {
        let request = ConnectionsGetLogikalRequest {
            connection: connection.to_owned(),
        };
        let answer = self
            .patiently(request, |wire, request| async move {
                ConnectionsClient::new(wire).get_logikal(request).await
            })
            .await?;
        Ok(answer.logikal)
    }

    /// Makes a job that fetches a project, once, even if the line breaks in between: an empty request id is filled.
    /// Returns LOGIKAL's GUID of the project as well.
    pub async fn sync_project(
        &self,
        mut request: ForceSyncSyncProjectRequest,
    ) -> Result<(Job, String), ClientError> {
        if request.request_id.is_empty() {
            request.request_id = Uuid::now_v7().to_string();
        }
        let answer = self
            .patiently(request, |wire, request| async move {
                ForceSyncClient::new(wire).sync_project(request).await
            })
            .await?;
        let job = answer.job.ok_or_else(|| ClientError::incomplete("job"))?;
        Ok((job, answer.project_id))
    }

    /// Makes a job that looks which projects LOGIKAL has.
    pub async fn find_projects(&self, connection: &str) -> Result<Job, ClientError> {
        let request = ForceSyncFindProjectsRequest {
            connection: connection.to_owned(),
            request_id: Uuid::now_v7().to_string(),
        };
        let answer = self
            .patiently(request, |wire, request| async move {
                ForceSyncClient::new(wire).find_projects(request).await
            })
            .await?;
        answer.job.ok_or_else(|| ClientError::incomplete("job"))
    }

    /// All projects of a connection by directory and name; `refresh` looks into LOGIKAL first.
    pub async fn projects(
        &self,
        connection: &str,
        refresh: bool,
    ) -> Result<Vec<Project>, ClientError> {
        let mut projects = Vec::new();
        let mut request = ProjectsListRequest {
            connection: connection.to_owned(),
            refresh,
            page_size: 500,
            page_token: String::new(),
        };
        loop {
            let page = self
                .patiently(request.clone(), |wire, request| async move {
                    ProjectsClient::new(wire).list(request).await
                })
                .await?;
            projects.extend(page.projects);
            if page.next_page_token.is_empty() {
                return Ok(projects);
            }
            request.page_token = page.next_page_token;
        }
    }

    /// A project with its phases and elevations, and what became of its last sync.
    pub async fn project(
        &self,
        request: ProjectsGetRequest,
    ) -> Result<ProjectsGetResponse, ClientError> {
        self.patiently(request, |wire, request| async move {
            ProjectsClient::new(wire)
                .max_decoding_message_size(LARGEST_ANSWER)
                .get(request)
                .await
        })
        .await
    }
}
