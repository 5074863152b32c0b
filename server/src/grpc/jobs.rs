//! Jobs: looking at durable units of work, and steering them.

use sluice_proto::v1::{
    self, JobsCancelRequest, JobsCancelResponse, JobsGetRequest, JobsGetResponse, JobsListRequest,
    JobsListResponse, JobsPauseRequest, JobsPauseResponse, JobsResumeRequest, JobsResumeResponse,
    JobsRetryRequest, JobsRetryResponse, jobs_server::Jobs,
};
use tonic::{Request, Response, Status};

use super::{
    auth::caller,
    errors::field,
    page::{Question, cut},
    replies,
};
use crate::{
    connections::{Caller, Connections},
    ids::{ConnectionId, JobId},
    progress::Progress,
    queue::{Job, JobFilter, JobState, Position, Queue, QueueError},
};

/// The service.
#[derive(Clone, Debug)]
pub(crate) struct JobsService {
    pub(crate) queue: Queue,
    pub(crate) progress: Progress,
    pub(crate) connections: Connections,
}

#[tonic::async_trait]
impl Jobs for JobsService {
    async fn get(
        &self,
        request: Request<JobsGetRequest>,
    ) -> Result<Response<JobsGetResponse>, Status> {
        let caller = caller(&request)?;
        let job = visible_job(&self.queue, &caller, &request.get_ref().job_id).await?;
        Ok(Response::new(JobsGetResponse {
            job: Some(self.reply(job).await?),
        }))
    }

    async fn list(
        &self,
        request: Request<JobsListRequest>,
    ) -> Result<Response<JobsListResponse>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let filter = JobFilter {
            connection: visible_connection(&self.connections, &caller, &request.connection).await?,
            kind: (!request.kind.is_empty()).then(|| request.kind.clone()),
            states: request.states().map(state).collect::<Result<_, _>>()?,
        };
        let states = format!("{:?}", filter.states);
        let whose = filter
            .connection
            .map(|id| id.to_string())
            .unwrap_or_default();
        let question = Question::new("jobs", &[&whose, &request.kind, &states], 50, 500);
        let page = question.page::<Position>(request.page_size, &request.page_token)?;
        let limit = i64::try_from(page.size + 1).unwrap_or(i64::MAX);
        let jobs = self.queue.list(&filter, page.after, limit).await?;
        let (jobs, next_page_token) =
            cut(jobs, page.size, &question, |job| Position { id: job.id });
        let jobs = replies::jobs(&self.connections, &self.progress, &self.queue, jobs).await?;
        Ok(Response::new(JobsListResponse {
            jobs,
            next_page_token,
        }))
    }

    async fn cancel(
        &self,
        request: Request<JobsCancelRequest>,
    ) -> Result<Response<JobsCancelResponse>, Status> {
        let caller = caller(&request)?;
        let (id, whose) = meant(&caller, &request.get_ref().job_id)?;
        let steered = self.queue.cancel(id, whose).await?;
        Ok(Response::new(JobsCancelResponse {
            job: Some(replies::steered(&self.connections, steered).await?),
        }))
    }

    async fn pause(
        &self,
        request: Request<JobsPauseRequest>,
    ) -> Result<Response<JobsPauseResponse>, Status> {
        let caller = caller(&request)?;
        let (id, whose) = meant(&caller, &request.get_ref().job_id)?;
        let steered = self.queue.pause(id, whose).await?;
        Ok(Response::new(JobsPauseResponse {
            job: Some(replies::steered(&self.connections, steered).await?),
        }))
    }

    async fn resume(
        &self,
        request: Request<JobsResumeRequest>,
    ) -> Result<Response<JobsResumeResponse>, Status> {
        let caller = caller(&request)?;
        let (id, whose) = meant(&caller, &request.get_ref().job_id)?;
        let steered = self.queue.resume(id, whose).await?;
        Ok(Response::new(JobsResumeResponse {
            job: Some(replies::steered(&self.connections, steered).await?),
        }))
    }

    async fn retry(
        &self,
        request: Request<JobsRetryRequest>,
    ) -> Result<Response<JobsRetryResponse>, Status> {
        let caller = caller(&request)?;
        let (id, whose) = meant(&caller, &request.get_ref().job_id)?;
        let steered = self.queue.retry(id, whose).await?;
        Ok(Response::new(JobsRetryResponse {
            job: Some(replies::steered(&self.connections, steered).await?),
        }))
    }
}

impl JobsService {
    async fn reply(&self, job: Job) -> Result<v1::Job, Status> {
        replies::job(&self.connections, &self.progress, &self.queue, job).await
    }
}

/// The job of this id, if the caller may see it. To anybody else it does not exist.
pub(crate) async fn visible_job(queue: &Queue, caller: &Caller, id: &str) -> Result<Job, Status> {
    let (id, whose) = meant(caller, id)?;
    let job = queue.get(id).await?;
    match whose {
        Some(own) if own != job.connection => Err(QueueError::NotFound(id).into()),
        _ => Ok(job),
    }
}

/// Which job a caller means, and whose jobs exist for the caller; `None` means all.
fn meant(caller: &Caller, id: &str) -> Result<(JobId, Option<ConnectionId>), Status> {
    let id: JobId = id.parse().map_err(|_| field("job_id", "must be a UUID"))?;
    match caller {
        Caller::Admin => Ok((id, None)),
        Caller::Connection { id: own, .. } => Ok((id, Some(*own))),
        Caller::Pairing { .. } => Err(QueueError::NotFound(id).into()),
    }
}

/// The connection that a listing is limited to: the one named, or a connection's own; `None` for an admin who named none.
pub(crate) async fn visible_connection(
    connections: &Connections,
    caller: &Caller,
    name: &str,
) -> Result<Option<ConnectionId>, Status> {
    if matches!(caller, Caller::Admin) && name.is_empty() {
        return Ok(None);
    }
    Ok(Some(connections.visible(caller, name).await?.id))
}

fn state(state: v1::JobState) -> Result<JobState, Status> {
    match state {
        v1::JobState::Queued => Ok(JobState::Queued),
        v1::JobState::Running => Ok(JobState::Running),
        v1::JobState::Paused => Ok(JobState::Paused),
        v1::JobState::Succeeded => Ok(JobState::Succeeded),
        v1::JobState::Failed => Ok(JobState::Failed),
        v1::JobState::Cancelled => Ok(JobState::Cancelled),
        v1::JobState::Unspecified => Err(field("states", "must name known states")),
    }
}
