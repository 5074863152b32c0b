//! Calls of `ImportQueue`: price lists, what they would do, and what became of them.

use sluice_proto::v1::{
    ImportQueueEnqueueRequest, ImportQueueFixFileRequest, ImportQueueFixFileResponse,
    ImportQueueGetRequest, ImportQueueGetResponse, ImportQueueListRowErrorsRequest,
    ImportQueuePreviewRequest, ImportQueuePreviewResponse, Job, RowError, SupplierImport,
    import_queue_client::ImportQueueClient,
};
use tonic::Streaming;
use uuid::Uuid;

use crate::{
    connect::{Client, Wire},
    error::ClientError,
};

/// The largest page of row errors that the server gives.
const LARGEST_PAGE: usize = 1_000;

/// The most that one answer may hold: a page of row errors brings whole rows of wide lists.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

fn import_queue(wire: Wire) -> ImportQueueClient<Wire> {
    ImportQueueClient::new(wire).max_decoding_message_size(LARGEST_ANSWER)
}

/// A job that was made of an import.
#[derive(Debug, Clone)]
pub struct Enqueued {
    /// The job.
    pub job: Job,
    /// Whether the same request had made it before.
    pub existed: bool,
    /// The job that it waits for, if the supplier's lane is taken.
    pub behind: Option<String>,
}

impl Client {
    /// Queues an import once, even if the line breaks in between: the request gets an id and is repeated with it.
    pub async fn enqueue(&self, import: SupplierImport) -> Result<Enqueued, ClientError> {
        self.enqueue_with(ImportQueueEnqueueRequest {
            import: Some(import),
            ..ImportQueueEnqueueRequest::default()
        })
        .await
    }

    /// Like [`Client::enqueue`], with priority, time, and if it is not empty the caller's own request id.
    pub async fn enqueue_with(
        &self,
        mut request: ImportQueueEnqueueRequest,
    ) -> Result<Enqueued, ClientError> {
        if request.request_id.is_empty() {
            request.request_id = Uuid::now_v7().to_string();
        }
        let answer = self
            .patiently(request, |wire, request| async move {
                import_queue(wire).enqueue(request).await
            })
            .await?;
        Ok(Enqueued {
            job: answer.job.ok_or_else(|| ClientError::incomplete("job"))?,
            existed: answer.existed,
            behind: Some(answer.behind_job_id).filter(|id| !id.is_empty()),
        })
    }

    /// What an import would do with the first rows; nothing is written.
    pub async fn preview(
        &self,
        request: ImportQueuePreviewRequest,
    ) -> Result<ImportQueuePreviewResponse, ClientError> {
        self.patiently(request, |wire, request| async move {
            import_queue(wire).preview(request).await
        })
        .await
    }

    /// What an import's job was asked to do, and the schedule that began it, if one did.
    pub async fn asked(&self, job_id: &str) -> Result<ImportQueueGetResponse, ClientError> {
        let request = ImportQueueGetRequest {
            job_id: job_id.to_owned(),
        };
        self.patiently(request, |wire, request| async move {
            import_queue(wire).get(request).await
        })
        .await
    }

    /// The first rows that failed, at most `limit`; an empty code means all codes.
    pub async fn row_errors(
        &self,
        job_id: &str,
        code: &str,
        limit: usize,
    ) -> Result<Vec<RowError>, ClientError> {
        let mut errors = Vec::new();
        let mut request = ImportQueueListRowErrorsRequest {
            job_id: job_id.to_owned(),
            code: code.to_owned(),
            ..ImportQueueListRowErrorsRequest::default()
        };
        while errors.len() < limit {
            let wanted = (limit - errors.len()).min(LARGEST_PAGE);
            request.page_size = i32::try_from(wanted).unwrap_or(i32::MAX);
            let page = self
                .patiently(request.clone(), |wire, request| async move {
                    import_queue(wire).list_row_errors(request).await
                })
                .await?;
            errors.extend(page.errors);
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
        Ok(errors)
    }

    /// Begins to read the rows that failed, in the list's own format with a column that says why.
    pub async fn fix_file(&self, job_id: &str) -> Result<FixFile, ClientError> {
        let request = ImportQueueFixFileRequest {
            job_id: job_id.to_owned(),
            ..Default::default()
        };
        let mut pieces = self
            .patiently(request, |wire, request| async move {
                // Without the time limit of a call, which would count for the whole stream.
                import_queue(wire).fix_file(request.into_inner()).await
            })
            .await?;
        let first = pieces.message().await?;
        Ok(FixFile {
            name: first
                .as_ref()
                .map(|piece| piece.file_name.clone())
                .unwrap_or_default(),
            first,
            pieces,
        })
    }
}

/// A fix file on its way.
#[derive(Debug)]
pub struct FixFile {
    /// The server's name for the file; empty if it sent nothing.
    pub name: String,
    first: Option<ImportQueueFixFileResponse>,
    pieces: Streaming<ImportQueueFixFileResponse>,
}

impl FixFile {
    /// The next piece of the file; `None` at its end.
    pub async fn piece(&mut self) -> Result<Option<Vec<u8>>, ClientError> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first.data));
        }
        Ok(self.pieces.message().await?.map(|piece| piece.data))
    }
}
