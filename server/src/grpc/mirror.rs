//! `sluice.v1.Mirror`: Odoo models as Postgres tables.

use sluice_proto::v1::{
    MirrorConfigureRequest, MirrorConfigureResponse, MirrorGetOverviewRequest,
    MirrorGetOverviewResponse, MirrorGetStatusRequest, MirrorGetStatusResponse,
    MirrorListRecordsRequest, MirrorListRecordsResponse, MirrorRetryParkedRequest,
    MirrorRetryParkedResponse, mirror_server::Mirror as MirrorContract,
};
use tonic::{Request, Response, Status};

use super::{
    auth::caller,
    mirror_messages::{filter, model, record, section, settings, state, status},
    page::{Question, cut},
    replies::{self, timestamp},
};
use crate::{
    connections::Connections,
    jobs::mirror::{Listing, Mirror},
    progress::Progress,
    queue::Queue,
};

/// The service.
#[derive(Clone, Debug)]
pub(crate) struct MirrorService {
    pub(crate) mirror: Mirror,
    pub(crate) progress: Progress,
    pub(crate) queue: Queue,
    pub(crate) connections: Connections,
}

#[tonic::async_trait]
impl MirrorContract for MirrorService {
    async fn configure(
        &self,
        request: Request<MirrorConfigureRequest>,
    ) -> Result<Response<MirrorConfigureResponse>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let connection = self
            .connections
            .visible(&caller, &request.connection)
            .await?;
        let models: Vec<_> = request.models.into_iter().map(settings).collect();
        let models = self
            .mirror
            .configure(connection.id, &models, &request.removed_models)
            .await?;
        Ok(Response::new(MirrorConfigureResponse {
            models: models.into_iter().map(model).collect(),
        }))
    }

    async fn get_status(
        &self,
        request: Request<MirrorGetStatusRequest>,
    ) -> Result<Response<MirrorGetStatusResponse>, Status> {
        let caller = caller(&request)?;
        let connection = self
            .connections
            .visible(&caller, &request.get_ref().connection)
            .await?;
        let mut found = self.mirror.status(connection.id).await?;
        let mut models = Vec::with_capacity(found.models.len());
        for mut found in found.models.drain(..) {
            let job = match found.last_job.take() {
                Some(job) => {
                    Some(replies::job(&self.connections, &self.progress, &self.queue, job).await?)
                }
                None => None,
            };
            models.push(status(found, job));
        }
        Ok(Response::new(MirrorGetStatusResponse {
            state: state(found.state).into(),
            percent: i32::try_from(found.percent).unwrap_or_default(),
            schema: found.schema.unwrap_or_default(),
            reader_role: found.reader.unwrap_or_default(),
            models,
        }))
    }

    async fn get_overview(
        &self,
        request: Request<MirrorGetOverviewRequest>,
    ) -> Result<Response<MirrorGetOverviewResponse>, Status> {
        let caller = caller(&request)?;
        let connection = self
            .connections
            .visible(&caller, &request.get_ref().connection)
            .await?;
        let found = self.mirror.overview(connection.id).await?;
        Ok(Response::new(MirrorGetOverviewResponse {
            as_of: Some(timestamp(found.as_of)),
            sections: found.sections.into_iter().map(section).collect(),
        }))
    }

    async fn list_records(
        &self,
        request: Request<MirrorListRecordsRequest>,
    ) -> Result<Response<MirrorListRecordsResponse>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let connection = self
            .connections
            .visible(&caller, &request.connection)
            .await?;
        let asked = format!(
            "{:?} {:?} {}",
            request.columns, request.filters, request.include_deleted
        );
        let whose = connection.id.to_string();
        let question = Question::new("records", &[&whose, &request.model, &asked], 100, 1000);
        let page = question.page::<i64>(request.page_size, &request.page_token)?;
        let listing = Listing {
            columns: request.columns,
            filters: request.filters.into_iter().map(filter).collect(),
            include_deleted: request.include_deleted,
            after: page.after.unwrap_or(i64::MIN),
            limit: i64::try_from(page.size + 1).unwrap_or(i64::MAX),
        };
        let found = self
            .mirror
            .records(connection.id, &request.model, &listing)
            .await?;
        let (found, next_page_token) = cut(found, page.size, &question, |last| last.odoo_id);
        Ok(Response::new(MirrorListRecordsResponse {
            records: found.into_iter().map(record).collect(),
            next_page_token,
        }))
    }

    async fn retry_parked(
        &self,
        request: Request<MirrorRetryParkedRequest>,
    ) -> Result<Response<MirrorRetryParkedResponse>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let connection = self
            .connections
            .visible(&caller, &request.connection)
            .await?;
        let enqueued = self
            .mirror
            .retry_parked(connection.id, &request.model)
            .await?;
        Ok(Response::new(MirrorRetryParkedResponse {
            job: Some(
                replies::job(&self.connections, &self.progress, &self.queue, enqueued.job).await?,
            ),
        }))
    }
}
