//! Calls of `Diagnostics`: is everything as it should be?

use sluice_proto::v1::{
    DiagnosticsCheckRequest, DiagnosticsCheckResponse, diagnostics_client::DiagnosticsClient,
};

use crate::{connect::Client, error::ClientError};

impl Client {
    /// Lets the server look at itself, its Postgres and its workers. Wants an admin's token.
    pub async fn check(&self) -> Result<DiagnosticsCheckResponse, ClientError> {
        let request = self.timed(DiagnosticsCheckRequest {});
        let answer = DiagnosticsClient::new(self.wire()).check(request).await?;
        Ok(answer.into_inner())
    }
}
