//! The other side of the wire, as a test wants it: it can be killed with all its connections.

use std::{
    collections::{HashMap, VecDeque},
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{StreamExt as _, stream, stream::BoxStream};
use sluice_client::v1::{
    self, Counters, Event, EventType, ImportQueueUploadRequest, Job, JobState,
    ProgressWatchResponse, Reason, Snapshot,
    import_queue_server::{ImportQueue, ImportQueueServer},
    progress_server::{Progress, ProgressServer},
    progress_watch_response::Message,
};
use tokio::runtime::Runtime;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Code, Request, Response, Status, Streaming, transport::Server};
use tonic_types::{ErrorDetails, StatusExt as _};

/// What one call of Watch gets.
pub(crate) enum Scene {
    /// These messages, then the end of the stream.
    End(Vec<ProgressWatchResponse>),
    /// These messages, then an error.
    Status(Vec<ProgressWatchResponse>, Status),
    /// These messages, then nothing.
    Stay(Vec<ProgressWatchResponse>),
}

#[derive(Default)]
struct Seen {
    scenes: VecDeque<Scene>,
    asked_after: Vec<i64>,
    refusals: usize,
    request_ids: Vec<String>,
    pieces: Vec<ImportQueueUploadRequest>,
    finished_uploads: usize,
}

/// A server of its own runtime: dropping that is as good as `kill -9`.
pub(crate) struct FarSide {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    runtime: Option<Runtime>,
}

impl FarSide {
    pub(crate) fn start(scenes: Vec<Scene>) -> Self {
        let mut server = Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            seen: Arc::default(),
            runtime: None,
        };
        server.run(scenes);
        server
    }

    pub(crate) fn kill_and_restart(&mut self, scenes: Vec<Scene>) {
        self.kill();
        self.run(scenes);
    }

    pub(crate) fn kill(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // In a thread of its own, since a runtime may not end inside another.
            std::thread::spawn(move || runtime.shutdown_timeout(Duration::from_secs(10)))
                .join()
                .unwrap();
        }
    }

    fn run(&mut self, scenes: Vec<Scene>) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        *self.seen.lock().unwrap() = Seen {
            scenes: scenes.into(),
            ..Seen::default()
        };
        let listener = TcpListener::bind(self.address).unwrap();
        listener.set_nonblocking(true).unwrap();
        self.address = listener.local_addr().unwrap();
        let seen = Arc::clone(&self.seen);
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            Server::builder()
                .add_service(ProgressServer::new(Part(Arc::clone(&seen))))
                .add_service(ImportQueueServer::new(Part(seen)))
                .serve_with_incoming(TcpListenerStream::new(listener))
                .await
                .unwrap();
        });
        self.runtime = Some(runtime);
    }

    pub(crate) fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn refuse_enqueues(&self, times: usize) {
        self.seen.lock().unwrap().refusals = times;
    }

    pub(crate) fn asked_after(&self) -> Vec<i64> {
        self.seen.lock().unwrap().asked_after.clone()
    }

    pub(crate) fn request_ids(&self) -> Vec<String> {
        self.seen.lock().unwrap().request_ids.clone()
    }

    pub(crate) fn pieces(&self) -> Vec<ImportQueueUploadRequest> {
        self.seen.lock().unwrap().pieces.clone()
    }

    /// How many uploads came to their end. Kills the server first, so that none can come later.
    pub(crate) fn finished_uploads(mut self) -> usize {
        self.kill();
        self.seen.lock().unwrap().finished_uploads
    }
}

impl Drop for FarSide {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// One service of the server.
struct Part(Arc<Mutex<Seen>>);

#[tonic::async_trait]
impl Progress for Part {
    type WatchStream = BoxStream<'static, Result<ProgressWatchResponse, Status>>;

    async fn watch(
        &self,
        request: Request<v1::ProgressWatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        if request.metadata().get("authorization").is_none() {
            return Err(refused(Code::Unauthenticated, Reason::TokenMissing));
        }
        let mut seen = self.0.lock().unwrap();
        seen.asked_after.push(request.get_ref().after_seq);
        let (messages, last) = match seen.scenes.pop_front() {
            Some(Scene::End(messages)) => (messages, stream::empty().boxed()),
            Some(Scene::Status(messages, status)) => {
                (messages, stream::iter([Err(status)]).boxed())
            }
            Some(Scene::Stay(messages)) => (messages, stream::pending().boxed()),
            None => return Err(Status::failed_precondition("no scene is left")),
        };
        let messages = stream::iter(messages.into_iter().map(Ok));
        Ok(Response::new(messages.chain(last).boxed()))
    }

    async fn get(
        &self,
        _: Request<v1::ProgressGetRequest>,
    ) -> Result<Response<v1::ProgressGetResponse>, Status> {
        Err(Status::unimplemented("not part of these tests"))
    }
}

#[tonic::async_trait]
impl ImportQueue for Part {
    type FixFileStream = BoxStream<'static, Result<v1::ImportQueueFixFileResponse, Status>>;

    async fn upload(
        &self,
        request: Request<Streaming<ImportQueueUploadRequest>>,
    ) -> Result<Response<v1::ImportQueueUploadResponse>, Status> {
        let mut pieces = request.into_inner();
        let mut size = 0;
        while let Some(piece) = pieces.message().await? {
            size += i64::try_from(piece.data.len()).unwrap();
            self.0.lock().unwrap().pieces.push(piece);
        }
        self.0.lock().unwrap().finished_uploads += 1;
        Ok(Response::new(v1::ImportQueueUploadResponse {
            upload_id: "upload".to_owned(),
            size,
            sha256: String::new(),
        }))
    }

    async fn enqueue(
        &self,
        request: Request<v1::ImportQueueEnqueueRequest>,
    ) -> Result<Response<v1::ImportQueueEnqueueResponse>, Status> {
        let mut seen = self.0.lock().unwrap();
        seen.request_ids.push(request.into_inner().request_id);
        if seen.refusals > 0 {
            seen.refusals -= 1;
            return Err(gone());
        }
        Ok(Response::new(v1::ImportQueueEnqueueResponse {
            job: Some(Job::default()),
            ..v1::ImportQueueEnqueueResponse::default()
        }))
    }

    async fn get(
        &self,
        _: Request<v1::ImportQueueGetRequest>,
    ) -> Result<Response<v1::ImportQueueGetResponse>, Status> {
        Err(Status::unimplemented("not part of these tests"))
    }

    async fn preview(
        &self,
        _: Request<v1::ImportQueuePreviewRequest>,
    ) -> Result<Response<v1::ImportQueuePreviewResponse>, Status> {
        Err(Status::unimplemented("not part of these tests"))
    }

    async fn list_row_errors(
        &self,
        _: Request<v1::ImportQueueListRowErrorsRequest>,
    ) -> Result<Response<v1::ImportQueueListRowErrorsResponse>, Status> {
        Err(Status::unimplemented("not part of these tests"))
    }

    async fn fix_file(
        &self,
        _: Request<v1::ImportQueueFixFileRequest>,
    ) -> Result<Response<Self::FixFileStream>, Status> {
        Err(Status::unimplemented("not part of these tests"))
    }
}

/// What a stopping server says.
pub(crate) fn gone() -> Status {
    refused(Code::Unavailable, Reason::ShuttingDown)
}

pub(crate) fn refused(code: Code, reason: Reason) -> Status {
    refused_with(code, reason, &[])
}

pub(crate) fn refused_with(code: Code, reason: Reason, metadata: &[(&str, &str)]) -> Status {
    let metadata: HashMap<String, String> = metadata
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    let details = ErrorDetails::with_error_info(reason.word(), v1::ERROR_DOMAIN, metadata);
    Status::with_error_details(code, "refused", details)
}

pub(crate) fn snapshot(seq: i64, state: JobState) -> ProgressWatchResponse {
    let job = Job {
        state: state.into(),
        ..Job::default()
    };
    response(Message::Snapshot(Snapshot {
        job: Some(job),
        seq,
        time: None,
    }))
}

pub(crate) fn event(seq: i64, kind: EventType) -> ProgressWatchResponse {
    response(Message::Event(Event {
        seq,
        r#type: kind.into(),
        ..Event::default()
    }))
}

pub(crate) fn counted(seq: i64, kind: EventType, counters: Counters) -> ProgressWatchResponse {
    response(Message::Event(Event {
        seq,
        r#type: kind.into(),
        counters: Some(counters),
        ..Event::default()
    }))
}

/// A PROGRESS event that stands for `folded` others as well.
pub(crate) fn folded(seq: i64, folded: i64) -> ProgressWatchResponse {
    response(Message::Event(Event {
        seq,
        r#type: EventType::Progress.into(),
        folded,
        ..Event::default()
    }))
}

fn response(message: Message) -> ProgressWatchResponse {
    ProgressWatchResponse {
        message: Some(message),
    }
}
