//! The streams of Progress.Watch: a snapshot, then events, and a heartbeat when nothing else comes.

use std::{collections::HashMap, time::Duration};

use chrono::Utc;
use futures::{StreamExt as _, stream, stream::BoxStream};
use sluice_proto::v1::{Heartbeat, ProgressWatchResponse, progress_watch_response::Message};
use tokio::time::timeout;
use tonic::Status;

use super::{progress::ProgressService, replies};
use crate::{
    ids::{ConnectionId, JobId},
    progress::{ProgressError, Touched, Watch},
    queue::{Job, JobFilter, JobState},
};

/// How many events of one job are read at once for a watcher of many.
const PAGE: i64 = 500;
/// How many unfinished jobs a watcher of many is shown at first.
const MOST_JOBS: i64 = 500;

type Replies = BoxStream<'static, Result<ProgressWatchResponse, Status>>;

/// One job's story to its end.
pub(crate) struct JobWatch {
    watch: Watch,
    heartbeat: Duration,
}

impl JobWatch {
    pub(crate) async fn open(
        service: ProgressService,
        job: Job,
        after_seq: i64,
        heartbeat: Duration,
    ) -> Result<Replies, Status> {
        // The watch begins before the snapshot is taken, so that nothing falls between them.
        let watch = service.progress.watch(job.id, after_seq).await?;
        let snapshot = service.snapshot(service.queue.get(job.id).await?).await?;
        let events = stream::unfold(Self { watch, heartbeat }, Self::next);
        Ok(
            stream::once(async { Ok(response(Message::Snapshot(snapshot))) })
                .chain(events)
                .boxed(),
        )
    }

    async fn next(mut self) -> Option<(Result<ProgressWatchResponse, Status>, Self)> {
        let reply = match timeout(self.heartbeat, self.watch.next()).await {
            Ok(Some(Ok(event))) => Ok(response(Message::Event(replies::event(&event)))),
            Ok(Some(Err(error))) => Err(error.into()),
            Ok(None) => return None,
            Err(_) => Ok(heartbeat()),
        };
        Some((reply, self))
    }
}

/// The stories of all jobs that fit a filter, those to come as well.
pub(crate) struct FilterWatch {
    service: ProgressService,
    filter: JobFilter,
    touched: Touched,
    heartbeat: Duration,
    /// How far each job was told. A job leaves when its story ends.
    told: HashMap<JobId, i64>,
}

impl FilterWatch {
    pub(crate) async fn open(
        service: ProgressService,
        connection: Option<ConnectionId>,
        kind: String,
        heartbeat: Duration,
    ) -> Result<Replies, Status> {
        let filter = JobFilter {
            connection,
            kind: (!kind.is_empty()).then_some(kind),
            states: vec![JobState::Queued, JobState::Running, JobState::Paused],
        };
        let touched = service.progress.watch_all();
        let mut watch = Self {
            service,
            filter,
            touched,
            heartbeat,
            told: HashMap::new(),
        };
        let first = watch.catch_up().await?;
        let later = stream::unfold(Some(watch), |watch| async { Self::next(watch?).await })
            .flat_map(stream::iter);
        Ok(stream::iter(first.into_iter().map(Ok)).chain(later).boxed())
    }

    async fn next(mut self) -> Option<(Vec<Result<ProgressWatchResponse, Status>>, Option<Self>)> {
        let replies = match timeout(self.heartbeat, self.touched.next()).await {
            Ok(Ok(Some(job))) => self.tell(job).await,
            Ok(Ok(None)) => self.catch_up().await,
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Ok(vec![heartbeat()]),
        };
        match replies {
            Ok(replies) => Some((replies.into_iter().map(Ok).collect(), Some(self))),
            Err(status) => Some((vec![Err(status)], None)),
        }
    }

    /// Tells of every job: those that are unfinished now, and those told of before.
    async fn catch_up(&mut self) -> Result<Vec<ProgressWatchResponse>, Status> {
        let unfinished = self
            .service
            .queue
            .list(&self.filter, None, MOST_JOBS)
            .await?;
        let mut jobs: Vec<JobId> = self.told.keys().copied().collect();
        jobs.extend(
            unfinished
                .iter()
                .map(|job| job.id)
                .filter(|id| !self.told.contains_key(id)),
        );
        let mut replies = Vec::new();
        for job in jobs {
            replies.extend(self.tell(job).await?);
        }
        Ok(replies)
    }

    /// What is new of one job: a snapshot the first time, then its events.
    async fn tell(&mut self, id: JobId) -> Result<Vec<ProgressWatchResponse>, Status> {
        let Some(told) = self.told.get(&id).copied() else {
            return self.introduce(id).await;
        };
        let events = self
            .service
            .progress
            .read(id, told, PAGE)
            .await
            .map_err(ProgressError::from)?;
        if let Some(last) = events.last() {
            if last.kind.is_terminal() {
                self.told.remove(&id);
            } else {
                self.told.insert(id, last.seq);
            }
        }
        Ok(events
            .iter()
            .map(|event| response(Message::Event(replies::event(event))))
            .collect())
    }

    async fn introduce(&mut self, id: JobId) -> Result<Vec<ProgressWatchResponse>, Status> {
        let job = self.service.queue.get(id).await?;
        let fits = self
            .filter
            .connection
            .is_none_or(|connection| connection == job.connection)
            && self
                .filter
                .kind
                .as_ref()
                .is_none_or(|kind| *kind == job.kind);
        if !fits {
            return Ok(Vec::new());
        }
        let finished = job.state.is_finished();
        let snapshot = self.service.snapshot(job).await?;
        if !finished {
            self.told.insert(id, snapshot.seq);
        }
        Ok(vec![response(Message::Snapshot(snapshot))])
    }
}

fn heartbeat() -> ProgressWatchResponse {
    response(Message::Heartbeat(Heartbeat {
        time: Some(replies::timestamp(Utc::now())),
    }))
}

fn response(message: Message) -> ProgressWatchResponse {
    ProgressWatchResponse {
        message: Some(message),
    }
}
