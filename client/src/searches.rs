//! Calls of `Search`: mirrored records found by what they mean, or by their words.

use sluice_proto::v1::{
    Job, SearchConfigureRequest, SearchConfigureResponse, SearchEmbedRequest, SearchFailure,
    SearchGetStatusRequest, SearchGetStatusResponse, SearchHit, SearchListFailedRequest,
    SearchPreviewRequest, SearchPreviewResponse, SearchQueryRequest, SearchRetryRequest,
    SearchSimilarRequest, search_client::SearchClient,
};
use uuid::Uuid;

use crate::{connect::Client, error::ClientError};

/// The largest page of failures that the server gives.
const LARGEST_PAGE: usize = 1_000;

impl Client {
    /// Says which embedder is used, and what is searchable. It is not repeated if the line breaks: ask for the status then.
    pub async fn configure_search(
        &self,
        request: SearchConfigureRequest,
    ) -> Result<SearchConfigureResponse, ClientError> {
        let answer = SearchClient::new(self.wire())
            .configure(self.timed(request))
            .await?;
        Ok(answer.into_inner())
    }

    /// What would be embedded of a mirrored model, and how much that is.
    pub async fn preview_search(
        &self,
        request: SearchPreviewRequest,
    ) -> Result<SearchPreviewResponse, ClientError> {
        self.patiently(request, |wire, request| async move {
            SearchClient::new(wire).preview(request).await
        })
        .await
    }

    /// Makes a job that embeds what waits of a model; once, even if the line breaks in between: an empty request id is filled.
    pub async fn embed(&self, mut request: SearchEmbedRequest) -> Result<Job, ClientError> {
        if request.request_id.is_empty() {
            request.request_id = Uuid::now_v7().to_string();
        }
        let answer = self
            .patiently(request, |wire, request| async move {
                SearchClient::new(wire).embed(request).await
            })
            .await?;
        answer.job.ok_or_else(|| ClientError::incomplete("job"))
    }

    /// Records that fit a text, the best first.
    pub async fn search(&self, request: SearchQueryRequest) -> Result<Vec<SearchHit>, ClientError> {
        let mut hits = Vec::new();
        let mut stream = SearchClient::new(self.wire())
            .query(self.timed(request))
            .await?
            .into_inner();
        while let Some(answer) = stream.message().await? {
            hits.extend(answer.hit);
        }
        Ok(hits)
    }

    /// Records that mean much the same as a given one, the best first.
    pub async fn similar(
        &self,
        request: SearchSimilarRequest,
    ) -> Result<Vec<SearchHit>, ClientError> {
        let mut hits = Vec::new();
        let mut stream = SearchClient::new(self.wire())
            .similar(self.timed(request))
            .await?
            .into_inner();
        while let Some(answer) = stream.message().await? {
            hits.extend(answer.hit);
        }
        Ok(hits)
    }

    /// What is searchable, and how far the index is.
    pub async fn search_status(
        &self,
        connection: &str,
    ) -> Result<SearchGetStatusResponse, ClientError> {
        let request = SearchGetStatusRequest {
            connection: connection.to_owned(),
        };
        self.patiently(request, |wire, request| async move {
            SearchClient::new(wire).get_status(request).await
        })
        .await
    }

    /// Records that could not be embedded, at most so many; an empty model means all.
    pub async fn embedding_failures(
        &self,
        connection: &str,
        model: &str,
        most: usize,
    ) -> Result<Vec<SearchFailure>, ClientError> {
        let mut failures = Vec::new();
        let mut page_token = String::new();
        while failures.len() < most {
            let wanted = (most - failures.len()).min(LARGEST_PAGE);
            let request = SearchListFailedRequest {
                connection: connection.to_owned(),
                model: model.to_owned(),
                page_size: i32::try_from(wanted).unwrap_or(i32::MAX),
                page_token,
            };
            let answer = self
                .patiently(request, |wire, request| async move {
                    SearchClient::new(wire).list_failed(request).await
                })
                .await?;
            failures.extend(answer.failures);
            page_token = answer.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        Ok(failures)
    }

    /// Lets the records of a model that could not be embedded wait again; the job embeds them.
    pub async fn retry_embedding(&self, connection: &str, model: &str) -> Result<Job, ClientError> {
        let request = SearchRetryRequest {
            connection: connection.to_owned(),
            model: model.to_owned(),
        };
        let answer = self
            .patiently(request, |wire, request| async move {
                SearchClient::new(wire).retry(request).await
            })
            .await?;
        answer.job.ok_or_else(|| ClientError::incomplete("job"))
    }
}
