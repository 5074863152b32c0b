//! `sluice.v1.ForceSync`: refreshing a mirror or a LOGIKAL project now.

use sluice_proto::v1::{
    ForceSyncCleanupDeletedRequest, ForceSyncCleanupDeletedResponse, ForceSyncFindProjectsRequest,
    ForceSyncFindProjectsResponse, ForceSyncSyncModelRequest, ForceSyncSyncModelResponse,
    ForceSyncSyncProjectRequest, ForceSyncSyncProjectResponse, force_sync_server::ForceSync,
};
use tonic::{Request, Response, Status};

use super::{auth::caller, errors::field, import_messages::time, replies};
use crate::{
    connections::Connections,
    jobs::{
        mirror::{CleanupRequest, Mirror, What},
        project_sync::{Projects, SyncRequest, Wanted},
    },
    progress::Progress,
    queue::Queue,
};

/// The service.
#[derive(Clone, Debug)]
pub(crate) struct ForceSyncService {
    pub(crate) mirror: Mirror,
    pub(crate) projects: Projects,
    pub(crate) progress: Progress,
    pub(crate) queue: Queue,
    pub(crate) connections: Connections,
}

#[tonic::async_trait]
impl ForceSync for ForceSyncService {
    async fn sync_model(
        &self,
        request: Request<ForceSyncSyncModelRequest>,
    ) -> Result<Response<ForceSyncSyncModelResponse>, Status> {
        let caller = caller(&request)?;
        let mut request = request.into_inner();
        let connection = self
            .connections
            .visible(&caller, &request.connection)
            .await?;
        let request_id = Some(std::mem::take(&mut request.request_id)).filter(|id| !id.is_empty());
        let model = std::mem::take(&mut request.model);
        let enqueued = self
            .mirror
            .sync(connection.id, &model, what(request)?, request_id)
            .await?;
        let existed = enqueued.existed;
        Ok(Response::new(ForceSyncSyncModelResponse {
            job: Some(
                replies::job(&self.connections, &self.progress, &self.queue, enqueued.job).await?,
            ),
            existed,
        }))
    }

    async fn cleanup_deleted(
        &self,
        request: Request<ForceSyncCleanupDeletedRequest>,
    ) -> Result<Response<ForceSyncCleanupDeletedResponse>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let connection = self
            .connections
            .visible(&caller, &request.connection)
            .await?;
        let cleanup = CleanupRequest {
            dry_run: request.dry_run,
            max_percent: request.max_percent,
            confirm: request.confirm,
            hard_delete: request.hard_delete,
        };
        let request_id = Some(request.request_id).filter(|id| !id.is_empty());
        let enqueued = self
            .mirror
            .cleanup(connection.id, &request.model, cleanup, request_id)
            .await?;
        let existed = enqueued.existed;
        Ok(Response::new(ForceSyncCleanupDeletedResponse {
            job: Some(
                replies::job(&self.connections, &self.progress, &self.queue, enqueued.job).await?,
            ),
            existed,
        }))
    }

    async fn sync_project(
        &self,
        request: Request<ForceSyncSyncProjectRequest>,
    ) -> Result<Response<ForceSyncSyncProjectResponse>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let connection = self
            .connections
            .visible(&caller, &request.connection)
            .await?;
        let asked = SyncRequest {
            wanted: Wanted::new(&request.project_id, &request.name, &request.directory)?,
            full: request.full,
            thumbnails: !request.skip_thumbnails,
            parts_lists: !request.skip_parts_lists,
            odoo: !request.skip_odoo,
        };
        let request_id = Some(request.request_id).filter(|id| !id.is_empty());
        let (enqueued, project) = self.projects.sync(connection.id, asked, request_id).await?;
        let existed = enqueued.existed;
        Ok(Response::new(ForceSyncSyncProjectResponse {
            job: Some(
                replies::job(&self.connections, &self.progress, &self.queue, enqueued.job).await?,
            ),
            existed,
            project_id: project.to_string(),
        }))
    }

    async fn find_projects(
        &self,
        request: Request<ForceSyncFindProjectsRequest>,
    ) -> Result<Response<ForceSyncFindProjectsResponse>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let connection = self
            .connections
            .visible(&caller, &request.connection)
            .await?;
        let request_id = Some(request.request_id).filter(|id| !id.is_empty());
        let enqueued = self.projects.look(connection.id, request_id).await?;
        let existed = enqueued.existed;
        Ok(Response::new(ForceSyncFindProjectsResponse {
            job: Some(
                replies::job(&self.connections, &self.progress, &self.queue, enqueued.job).await?,
            ),
            existed,
        }))
    }
}

/// Which records are meant; at most one way of saying it.
fn what(request: ForceSyncSyncModelRequest) -> Result<What, Status> {
    let has_range = request.changed_from.is_some() || request.changed_to.is_some();
    let ways = [
        request.full,
        request.limit != 0,
        has_range,
        !request.ids.is_empty(),
    ];
    if ways.iter().filter(|way| **way).count() > 1 {
        let why = "must stand alone: only one of full, limit, changed_from with changed_to, and ids says what to read";
        return Err(field(if request.full { "full" } else { "ids" }, why));
    }
    if request.full {
        Ok(What::Everything)
    } else if request.limit != 0 {
        Ok(What::Trial(request.limit))
    } else if has_range {
        let from = request
            .changed_from
            .ok_or_else(|| field("changed_from", "must say where the range begins"))?;
        Ok(What::Range {
            from: time("changed_from", from)?,
            to: request
                .changed_to
                .map(|to| time("changed_to", to))
                .transpose()?,
        })
    } else if request.ids.is_empty() {
        Ok(What::Changes)
    } else {
        Ok(What::Ids(request.ids))
    }
}
