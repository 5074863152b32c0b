//! Calls of `Mirror` and `ForceSync`: Odoo models as Postgres tables.

use sluice_proto::v1::{
    ForceSyncCleanupDeletedRequest, ForceSyncSyncModelRequest, Job, MirrorConfigureRequest,
    MirrorGetOverviewRequest, MirrorGetOverviewResponse, MirrorGetStatusRequest,
    MirrorGetStatusResponse, MirrorListRecordsRequest, MirrorRecord, MirrorRetryParkedRequest,
    MirroredModel, force_sync_client::ForceSyncClient, mirror_client::MirrorClient,
};
use uuid::Uuid;

use crate::{connect::Client, error::ClientError};

/// The most that one answer may hold: a page of records brings whole texts.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// The largest page of records that the server gives.
const LARGEST_PAGE: usize = 1_000;

impl Client {
    /// Makes a job that reads a model, once, even if the line breaks in between: an empty request id is filled.
    pub async fn sync_model(
        &self,
        mut request: ForceSyncSyncModelRequest,
    ) -> Result<Job, ClientError> {
        if request.request_id.is_empty() {
            request.request_id = Uuid::now_v7().to_string();
        }
        let answer = self
            .patiently(request, |wire, request| async move {
                ForceSyncClient::new(wire).sync_model(request).await
            })
            .await?;
        answer.job.ok_or_else(|| ClientError::incomplete("job"))
    }

    /// Makes a job that marks mirrored records which Odoo no longer has; once, like [`Client::sync_model`].
    pub async fn cleanup_deleted(
        &self,
        mut request: ForceSyncCleanupDeletedRequest,
    ) -> Result<Job, ClientError> {
        if request.request_id.is_empty() {
            request.request_id = Uuid::now_v7().to_string();
        }
        let answer = self
            .patiently(request, |wire, request| async move {
                ForceSyncClient::new(wire).cleanup_deleted(request).await
            })
            .await?;
        answer.job.ok_or_else(|| ClientError::incomplete("job"))
    }

    /// Says which models are mirrored and how; returns all that are.
    pub async fn configure_mirror(
        &self,
        request: MirrorConfigureRequest,
    ) -> Result<Vec<MirroredModel>, ClientError> {
        let answer = self
            .patiently(request, |wire, request| async move {
                MirrorClient::new(wire).configure(request).await
            })
            .await?;
        Ok(answer.models)
    }

    /// How far the mirror of a connection is.
    pub async fn mirror_status(
        &self,
        connection: &str,
    ) -> Result<MirrorGetStatusResponse, ClientError> {
        let request = MirrorGetStatusRequest {
            connection: connection.to_owned(),
        };
        self.patiently(request, |wire, request| async move {
            MirrorClient::new(wire).get_status(request).await
        })
        .await
    }

    /// A company in a few numbers, from its mirror.
    pub async fn mirror_overview(
        &self,
        connection: &str,
    ) -> Result<MirrorGetOverviewResponse, ClientError> {
        let request = MirrorGetOverviewRequest {
            connection: connection.to_owned(),
        };
        self.patiently(request, |wire, request| async move {
            MirrorClient::new(wire).get_overview(request).await
        })
        .await
    }

    /// Mirrored records by id, at most `limit`.
    pub async fn mirrored_records(
        &self,
        mut request: MirrorListRecordsRequest,
        limit: usize,
    ) -> Result<Vec<MirrorRecord>, ClientError> {
        let mut records = Vec::new();
        while records.len() < limit {
            let wanted = (limit - records.len()).min(LARGEST_PAGE);
            request.page_size = i32::try_from(wanted).unwrap_or(i32::MAX);
            let page = self
                .patiently(request.clone(), |wire, request| async move {
                    MirrorClient::new(wire)
                        .max_decoding_message_size(LARGEST_ANSWER)
                        .list_records(request)
                        .await
                })
                .await?;
            records.extend(page.records);
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
        Ok(records)
    }

    /// Makes a job that tries the records of a model again that were put aside.
    pub async fn retry_parked(&self, connection: &str, model: &str) -> Result<Job, ClientError> {
        let request = self.timed(MirrorRetryParkedRequest {
            connection: connection.to_owned(),
            model: model.to_owned(),
        });
        let answer = MirrorClient::new(self.wire()).retry_parked(request).await?;
        let job = answer.into_inner().job;
        job.ok_or_else(|| ClientError::incomplete("job"))
    }
}
