//! Diagnostics: the findings of a look at the server, for an administrator.

use sluice_proto::v1::{
    self, DiagnosticsCheckRequest, DiagnosticsCheckResponse, diagnostics_server::Diagnostics,
};
use tonic::{Request, Response, Status};

use super::auth::admin;
use crate::diagnosis::{Diagnosis, Finding, Verdict};

/// The service.
#[derive(Debug)]
pub(crate) struct DiagnosticsService {
    diagnosis: Diagnosis,
}

impl DiagnosticsService {
    pub(crate) fn new(diagnosis: Diagnosis) -> Self {
        Self { diagnosis }
    }
}

#[tonic::async_trait]
impl Diagnostics for DiagnosticsService {
    async fn check(
        &self,
        request: Request<DiagnosticsCheckRequest>,
    ) -> Result<Response<DiagnosticsCheckResponse>, Status> {
        admin(&request)?;
        let findings = self
            .diagnosis
            .findings()
            .await
            .into_iter()
            .map(v1::Finding::from)
            .collect();
        Ok(Response::new(DiagnosticsCheckResponse {
            server_version: env!("CARGO_PKG_VERSION").to_owned(),
            findings,
        }))
    }
}

impl From<Finding> for v1::Finding {
    fn from(finding: Finding) -> Self {
        let verdict = match finding.verdict {
            Verdict::Good => v1::Verdict::Good,
            Verdict::Warning => v1::Verdict::Warning,
            Verdict::Bad => v1::Verdict::Bad,
        };
        Self {
            name: finding.name.to_owned(),
            verdict: verdict.into(),
            message: finding.message,
            remedy: finding.remedy,
        }
    }
}
