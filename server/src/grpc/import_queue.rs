//! `sluice.v1.ImportQueue`: supplier price lists on their way into Odoo.

use std::pin::Pin;

use futures::{Stream, StreamExt};
use sluice_proto::v1::{
    self, ImportQueueEnqueueRequest, ImportQueueEnqueueResponse, ImportQueueFixFileRequest,
    ImportQueueFixFileResponse, ImportQueueGetRequest, ImportQueueGetResponse,
    ImportQueueListRowErrorsRequest, ImportQueueListRowErrorsResponse, ImportQueuePreviewRequest,
    ImportQueuePreviewResponse, ImportQueueUploadRequest, ImportQueueUploadResponse,
    import_queue_server::ImportQueue,
};
use tonic::{Request, Response, Status, Streaming};

use super::{
    auth::caller,
    errors::field,
    import_messages::{hex, preview, request as import_request, time},
    import_replies::asked,
    jobs::visible_job,
    page::{Question, cut},
    replies,
};
use crate::{
    connections::Connections,
    jobs::supplier_import::{Imports, KIND, Timing},
    progress::Progress,
    queue::Queue,
};

/// The largest piece of an upload, in bytes.
const LARGEST_PIECE: usize = 1 << 20;
/// So many reasons of a fix file can be told in other words.
const MOST_WORDS: usize = 200;
/// In bytes.
const LONGEST_WORDS: usize = 500;

/// The service.
#[derive(Clone, Debug)]
pub(crate) struct ImportQueueService {
    pub(crate) imports: Imports,
    pub(crate) queue: Queue,
    pub(crate) progress: Progress,
    pub(crate) connections: Connections,
}

#[tonic::async_trait]
impl ImportQueue for ImportQueueService {
    type FixFileStream =
        Pin<Box<dyn Stream<Item = Result<ImportQueueFixFileResponse, Status>> + Send>>;

    async fn upload(
        &self,
        request: Request<Streaming<ImportQueueUploadRequest>>,
    ) -> Result<Response<ImportQueueUploadResponse>, Status> {
        let caller = caller(&request)?;
        let mut pieces = request.into_inner();
        let first = pieces
            .message()
            .await?
            .ok_or_else(|| field("data", "must come in at least one piece"))?;
        let connection = self.connections.visible(&caller, &first.connection).await?;
        let name = first.file_name.clone();
        let pieces = futures::stream::iter([Ok(first)])
            .chain(pieces)
            .map(|piece| piece.and_then(data));
        let stored = self.imports.upload(connection.id, &name, pieces).await?;
        Ok(Response::new(ImportQueueUploadResponse {
            upload_id: stored.id.to_string(),
            size: stored.size,
            sha256: hex(&stored.sha256),
        }))
    }

    async fn enqueue(
        &self,
        request: Request<ImportQueueEnqueueRequest>,
    ) -> Result<Response<ImportQueueEnqueueResponse>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let import = request
            .import
            .ok_or_else(|| field("import", "must say what to import"))?;
        let connection = self
            .connections
            .visible(&caller, &import.connection)
            .await?;
        let timing = Timing {
            priority: i16::try_from(request.priority).unwrap_or(i16::MAX),
            run_at: request.run_at.map(|at| time("run_at", at)).transpose()?,
            request_id: Some(request.request_id).filter(|id| !id.is_empty()),
        };
        let (enqueued, behind) = self
            .imports
            .enqueue(connection.id, &import_request(import)?, timing)
            .await?;
        let existed = enqueued.existed;
        Ok(Response::new(ImportQueueEnqueueResponse {
            job: Some(
                replies::job(&self.connections, &self.progress, &self.queue, enqueued.job).await?,
            ),
            existed,
            behind_job_id: behind.map(|job| job.to_string()).unwrap_or_default(),
        }))
    }

    async fn preview(
        &self,
        request: Request<ImportQueuePreviewRequest>,
    ) -> Result<Response<ImportQueuePreviewResponse>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let import = request
            .import
            .ok_or_else(|| field("import", "must say what to import"))?;
        let connection = self
            .connections
            .visible(&caller, &import.connection)
            .await?;
        let import = import_request(import)?;
        let shown = self
            .imports
            .preview(connection.id, &import, request.rows, request.file_only)
            .await?;
        Ok(Response::new(preview(shown)))
    }

    async fn get(
        &self,
        request: Request<ImportQueueGetRequest>,
    ) -> Result<Response<ImportQueueGetResponse>, Status> {
        let caller = caller(&request)?;
        let job = visible_job(&self.queue, &caller, &request.get_ref().job_id).await?;
        let name = self.connections.name_of(job.connection).await?;
        let connection = self.connections.visible(&caller, &name).await?;
        let schedule = job.schedule().unwrap_or_default().to_owned();
        let spec = Imports::spec_of(job)?;
        Ok(Response::new(ImportQueueGetResponse {
            import: Some(asked(spec, connection)),
            schedule,
        }))
    }

    async fn list_row_errors(
        &self,
        request: Request<ImportQueueListRowErrorsRequest>,
    ) -> Result<Response<ImportQueueListRowErrorsResponse>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let job = visible_job(&self.queue, &caller, &request.job_id).await?;
        let question = Question::new(
            "row_errors",
            &[&job.id.to_string(), &request.code],
            100,
            1000,
        );
        let page = question.page::<u32>(request.page_size, &request.page_token)?;
        let after = page.after.unwrap_or_default();
        let errors = self
            .imports
            .row_errors(job.id, &request.code, after, page.size + 1)
            .await?;
        let (errors, next_page_token) = cut(errors, page.size, &question, |error| error.row);
        let errors = errors.into_iter().map(v1::RowError::from).collect();
        Ok(Response::new(ImportQueueListRowErrorsResponse {
            errors,
            next_page_token,
        }))
    }

    async fn fix_file(
        &self,
        request: Request<ImportQueueFixFileRequest>,
    ) -> Result<Response<Self::FixFileStream>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let job = visible_job(&self.queue, &caller, &request.job_id).await?;
        if job.kind != KIND {
            return Err(field("job_id", "must be the job of an import"));
        }
        let words = request.words;
        if words.len() > MOST_WORDS || words.values().any(|word| word.len() > LONGEST_WORDS) {
            return Err(field("words", "must be at most 200 entries of 500 bytes"));
        }
        let (file_name, pieces) = self.imports.fix_file(job.id, words).await?;
        let name = ImportQueueFixFileResponse {
            file_name,
            data: Vec::new(),
        };
        let pieces = pieces.map(|piece| {
            let data = piece.map_err(Status::from)?;
            Ok(ImportQueueFixFileResponse {
                file_name: String::new(),
                data,
            })
        });
        Ok(Response::new(Box::pin(
            futures::stream::iter([Ok(name)]).chain(pieces),
        )))
    }
}

fn data(piece: ImportQueueUploadRequest) -> Result<Vec<u8>, Status> {
    if piece.data.len() > LARGEST_PIECE {
        return Err(field("data", "must be at most 1 MiB a piece"));
    }
    Ok(piece.data)
}
