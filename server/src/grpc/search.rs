//! `sluice.v1.Search`: mirrored records found by what they mean, or by their words.

use std::pin::Pin;

use futures::{Stream, stream};
use sluice_proto::v1::{
    SearchConfigureRequest, SearchConfigureResponse, SearchEmbedRequest, SearchEmbedResponse,
    SearchGetStatusRequest, SearchGetStatusResponse, SearchListFailedRequest,
    SearchListFailedResponse, SearchPreviewRequest, SearchPreviewResponse, SearchQueryRequest,
    SearchQueryResponse, SearchRetryRequest, SearchRetryResponse, SearchSimilarRequest,
    SearchSimilarResponse, search_server::Search as SearchContract,
};
use tonic::{Request, Response, Status};

use super::{
    auth::caller,
    page::{Question, cut},
    replies,
    search_messages::{
        embedder, failure, generation, hit, likeness, model_of, preview, question, searchable,
        status, wanted,
    },
};
use crate::{
    connections::Connections,
    jobs::search::{Hit, Search},
    progress::Progress,
    queue::Queue,
};

/// The service.
#[derive(Clone, Debug)]
pub(crate) struct SearchService {
    pub(crate) search: Search,
    pub(crate) progress: Progress,
    pub(crate) queue: Queue,
    pub(crate) connections: Connections,
}

type Hits<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// Hits one by one.
fn streamed<T: Send + 'static>(
    hits: Vec<Hit>,
    form: impl Fn(Hit) -> T + Send + 'static,
) -> Hits<T> {
    Box::pin(stream::iter(hits.into_iter().map(move |hit| Ok(form(hit)))))
}

#[tonic::async_trait]
impl SearchContract for SearchService {
    type QueryStream = Hits<SearchQueryResponse>;
    type SimilarStream = Hits<SearchSimilarResponse>;

    async fn configure(
        &self,
        request: Request<SearchConfigureRequest>,
    ) -> Result<Response<SearchConfigureResponse>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let connection = self
            .connections
            .visible(&caller, &request.connection)
            .await?;
        let configured = self
            .search
            .configure(connection.id, &wanted(request)?)
            .await?;
        let jobs = configured.jobs;
        let jobs = replies::jobs(&self.connections, &self.progress, &self.queue, jobs).await?;
        Ok(Response::new(SearchConfigureResponse {
            embedder: configured.embedder.map(embedder),
            models: configured.models.into_iter().map(searchable).collect(),
            jobs,
        }))
    }

    async fn preview(
        &self,
        request: Request<SearchPreviewRequest>,
    ) -> Result<Response<SearchPreviewResponse>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let connection = self
            .connections
            .visible(&caller, &request.connection)
            .await?;
        let model = model_of(request.model.unwrap_or_default());
        let found = self
            .search
            .preview(connection.id, &model, request.limit.into())
            .await?;
        Ok(Response::new(preview(found)))
    }

    async fn embed(
        &self,
        request: Request<SearchEmbedRequest>,
    ) -> Result<Response<SearchEmbedResponse>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let connection = self
            .connections
            .visible(&caller, &request.connection)
            .await?;
        let request_id = Some(request.request_id).filter(|id| !id.is_empty());
        let enqueued = self
            .search
            .embed(connection.id, &request.model, request.full, request_id)
            .await?;
        let existed = enqueued.existed;
        Ok(Response::new(SearchEmbedResponse {
            job: Some(
                replies::job(&self.connections, &self.progress, &self.queue, enqueued.job).await?,
            ),
            existed,
        }))
    }

    async fn query(
        &self,
        request: Request<SearchQueryRequest>,
    ) -> Result<Response<Self::QueryStream>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let connection = self
            .connections
            .visible(&caller, &request.connection)
            .await?;
        let hits = self.search.query(&connection, &question(request)).await?;
        Ok(Response::new(streamed(hits, |found| SearchQueryResponse {
            hit: Some(hit(found)),
        })))
    }

    async fn similar(
        &self,
        request: Request<SearchSimilarRequest>,
    ) -> Result<Response<Self::SimilarStream>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let connection = self
            .connections
            .visible(&caller, &request.connection)
            .await?;
        let hits = self.search.similar(&connection, &likeness(request)).await?;
        Ok(Response::new(streamed(hits, |found| {
            SearchSimilarResponse {
                hit: Some(hit(found)),
            }
        })))
    }

    async fn get_status(
        &self,
        request: Request<SearchGetStatusRequest>,
    ) -> Result<Response<SearchGetStatusResponse>, Status> {
        let caller = caller(&request)?;
        let connection = self
            .connections
            .visible(&caller, &request.get_ref().connection)
            .await?;
        let mut found = self.search.status(connection.id).await?;
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
        Ok(Response::new(SearchGetStatusResponse {
            embedder: found.embedder.map(embedder),
            models,
            generations: found.generations.into_iter().map(generation).collect(),
            extension_version: found.extension.unwrap_or_default(),
        }))
    }

    async fn list_failed(
        &self,
        request: Request<SearchListFailedRequest>,
    ) -> Result<Response<SearchListFailedResponse>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let connection = self
            .connections
            .visible(&caller, &request.connection)
            .await?;
        let whose = connection.id.to_string();
        let question = Question::new("embedding failures", &[&whose, &request.model], 100, 1000);
        let page = question.page::<(String, i64)>(request.page_size, &request.page_token)?;
        let limit = i64::try_from(page.size + 1).unwrap_or(i64::MAX);
        let after = page.after.unwrap_or_default();
        let found = self
            .search
            .failures(connection.id, &request.model, &after, limit)
            .await?;
        let (found, next_page_token) = cut(found, page.size, &question, |last| {
            (last.model.clone(), last.record_id)
        });
        Ok(Response::new(SearchListFailedResponse {
            failures: found.into_iter().map(failure).collect(),
            next_page_token,
        }))
    }

    async fn retry(
        &self,
        request: Request<SearchRetryRequest>,
    ) -> Result<Response<SearchRetryResponse>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let connection = self
            .connections
            .visible(&caller, &request.connection)
            .await?;
        let job = self.search.retry(connection.id, &request.model).await?;
        Ok(Response::new(SearchRetryResponse {
            job: Some(replies::job(&self.connections, &self.progress, &self.queue, job).await?),
        }))
    }
}
