//! Progress: the story of a job, as it happens.

use std::time::Duration;

use futures::stream::BoxStream;
use sluice_proto::v1::{
    ProgressGetRequest, ProgressGetResponse, ProgressWatchRequest, ProgressWatchResponse, Reason,
    Snapshot, progress_server, progress_watch_request::Target,
};
use tonic::{Code, Request, Response, Status};

use super::{
    auth::caller,
    errors::{database_away, field, internal, refusal, shutting_down},
    jobs::{visible_connection, visible_job},
    replies,
    watch::{FilterWatch, JobWatch},
};
use crate::{
    connections::Connections,
    progress::{Progress, ProgressError},
    queue::{Job, Queue},
};

/// How often an idle stream shows that it lives, unless the caller says otherwise.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The service.
#[derive(Clone, Debug)]
pub(crate) struct ProgressService {
    pub(crate) queue: Queue,
    pub(crate) progress: Progress,
    pub(crate) connections: Connections,
}

#[tonic::async_trait]
impl progress_server::Progress for ProgressService {
    type WatchStream = BoxStream<'static, Result<ProgressWatchResponse, Status>>;

    async fn watch(
        &self,
        request: Request<ProgressWatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let heartbeat = heartbeat(request.heartbeat.as_ref())?;
        let stream = match request
            .target
            .ok_or_else(|| field("target", "must name a job or a filter"))?
        {
            Target::JobId(id) => {
                let job = visible_job(&self.queue, &caller, &id).await?;
                JobWatch::open(self.clone(), job, request.after_seq, heartbeat).await?
            }
            Target::Filter(filter) => {
                let connection =
                    visible_connection(&self.connections, &caller, &filter.connection).await?;
                FilterWatch::open(self.clone(), connection, filter.kind, heartbeat).await?
            }
        };
        Ok(Response::new(stream))
    }

    async fn get(
        &self,
        request: Request<ProgressGetRequest>,
    ) -> Result<Response<ProgressGetResponse>, Status> {
        let caller = caller(&request)?;
        let job = visible_job(&self.queue, &caller, &request.get_ref().job_id).await?;
        Ok(Response::new(ProgressGetResponse {
            snapshot: Some(self.snapshot(job).await?),
        }))
    }
}

impl ProgressService {
    pub(crate) async fn snapshot(&self, job: Job) -> Result<Snapshot, Status> {
        let time = self.queue.now().await?;
        let job = replies::job(&self.connections, &self.progress, &self.queue, job).await?;
        Ok(Snapshot {
            seq: job.last_seq,
            job: Some(job),
            time: Some(replies::timestamp(time)),
        })
    }
}

fn heartbeat(asked: Option<&prost_types::Duration>) -> Result<Duration, Status> {
    let Some(asked) = asked else {
        return Ok(HEARTBEAT);
    };
    match Duration::try_from(*asked) {
        Ok(asked) if asked >= Duration::from_secs(1) => Ok(asked.min(Duration::from_mins(5))),
        _ => Err(field("heartbeat", "must be at least 1 second")),
    }
}

impl From<ProgressError> for Status {
    fn from(error: ProgressError) -> Self {
        let message = error.to_string();
        match error {
            ProgressError::NotFound => refusal(Code::NotFound, Reason::JobNotFound, message, &[]),
            ProgressError::Pruned { oldest_seq } => {
                let oldest_seq = oldest_seq.to_string();
                refusal(
                    Code::OutOfRange,
                    Reason::EventsPruned,
                    message,
                    &[("oldest_seq", oldest_seq)],
                )
            }
            ProgressError::ShuttingDown => shutting_down(),
            ProgressError::Db(error) if error.is_transient() => database_away(&error),
            ProgressError::Db(error) => internal(&error),
        }
    }
}
