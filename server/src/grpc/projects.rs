//! `sluice.v1.Projects`: LOGIKAL projects as they were last fetched.

use sluice_proto::v1::{
    ProjectsGetRequest, ProjectsGetResponse, ProjectsListRequest, ProjectsListResponse,
    projects_server::Projects as ProjectsContract,
};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{
    auth::caller,
    page::{Question, cut},
    project_messages::{last_sync, phase, project},
};
use crate::{
    connections::Connections,
    jobs::project_sync::{Projects, Wanted},
};

/// The service.
#[derive(Clone, Debug)]
pub(crate) struct ProjectsService {
    pub(crate) projects: Projects,
    pub(crate) connections: Connections,
}

#[tonic::async_trait]
impl ProjectsContract for ProjectsService {
    async fn list(
        &self,
        request: Request<ProjectsListRequest>,
    ) -> Result<Response<ProjectsListResponse>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let connection = self
            .connections
            .visible(&caller, &request.connection)
            .await?;
        let question = Question::new("projects", &[&connection.id.to_string()], 50, 500);
        let page =
            question.page::<(String, String, Uuid)>(request.page_size, &request.page_token)?;
        if request.refresh && page.after.is_none() {
            self.projects.refresh(connection.id).await?;
        }
        let limit = i64::try_from(page.size + 1).unwrap_or(i64::MAX);
        let after = page.after.unwrap_or_default();
        let listed = self.projects.list(connection.id, &after, limit).await?;
        let (listed, next_page_token) = cut(listed, page.size, &question, |last| {
            (last.directory.clone(), last.name.clone(), last.guid)
        });
        Ok(Response::new(ProjectsListResponse {
            projects: listed.into_iter().map(project).collect(),
            next_page_token,
        }))
    }

    async fn get(
        &self,
        request: Request<ProjectsGetRequest>,
    ) -> Result<Response<ProjectsGetResponse>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let connection = self
            .connections
            .visible(&caller, &request.connection)
            .await?;
        let wanted = Wanted::new(&request.project_id, &request.name, &request.directory)?;
        let (shown, phases, failures) = self.projects.show(connection.id, &wanted).await?;
        Ok(Response::new(ProjectsGetResponse {
            last_sync: last_sync(&shown, failures),
            project: Some(project(shown)),
            phases: phases.into_iter().map(phase).collect(),
        }))
    }
}
