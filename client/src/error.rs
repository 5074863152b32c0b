//! What a call can fail with, taken apart so that nobody needs to read the text.

use std::{collections::BTreeMap, error::Error as _};

use sluice_proto::v1::{ERROR_DOMAIN, Reason};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// One field of a request that the server could not use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The field's path in the request, such as `import.supplier`.
    pub field: String,
    /// Why it cannot be used.
    pub why: String,
}

/// A call that did not succeed, whoever is to blame: the caller, the server, or what lies between.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct ClientError {
    /// The canonical gRPC code.
    pub code: Code,
    /// The cause as the contract names it; `None` if the server did not answer or is of a newer contract.
    pub reason: Option<Reason>,
    /// One sentence for people, without secrets.
    pub message: String,
    /// The fields at fault; empty if no field is.
    pub violations: Vec<Violation>,
    /// What the contract promises with the reason, such as `job_id` with `LANE_BUSY`.
    pub metadata: BTreeMap<String, String>,
}

impl ClientError {
    /// An error that was found on this side of the wire.
    pub(crate) fn local(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            reason: None,
            message: message.into(),
            violations: Vec::new(),
            metadata: BTreeMap::new(),
        }
    }

    /// An option or argument that cannot be used, found before anything was sent.
    pub(crate) fn unusable(field: &str, why: impl Into<String>) -> Self {
        let why = why.into();
        let mut error = Self::local(Code::InvalidArgument, format!("{field}: {why}"));
        error.violations.push(Violation {
            field: field.to_owned(),
            why,
        });
        error
    }

    /// An answer that lacks what the contract promises.
    pub(crate) fn incomplete(what: &str) -> Self {
        Self::local(Code::DataLoss, format!("the server's answer has no {what}"))
    }

    /// Whether the same call may succeed a moment later: the server is away, stopping, or the line broke.
    pub fn is_transient(&self) -> bool {
        match self.reason {
            Some(reason) => matches!(reason, Reason::ShuttingDown | Reason::DatabaseAway),
            None => matches!(
                self.code,
                Code::Unavailable
                    | Code::Unknown
                    | Code::Internal
                    | Code::Cancelled
                    | Code::DeadlineExceeded
                    | Code::Aborted
            ),
        }
    }
}

impl From<Status> for ClientError {
    fn from(status: Status) -> Self {
        let info = status
            .get_details_error_info()
            .filter(|info| info.domain == ERROR_DOMAIN);
        let violations = status
            .get_details_bad_request()
            .map(|request| request.field_violations)
            .unwrap_or_default()
            .into_iter()
            .map(|violation| Violation {
                field: violation.field,
                why: violation.description,
            })
            .collect();
        // The line itself can be refused: a server that was away for long sees all calls at once that were given up meanwhile.
        let code = match status.code() {
            Code::ResourceExhausted if status.source().is_some() => Code::Unavailable,
            code => code,
        };
        Self {
            code,
            reason: info
                .as_ref()
                .and_then(|info| Reason::from_word(&info.reason)),
            message: told(&status),
            violations,
            metadata: info
                .map(|info| info.metadata.into_iter().collect())
                .unwrap_or_default(),
        }
    }
}

impl From<tonic::transport::Error> for ClientError {
    fn from(error: tonic::transport::Error) -> Self {
        Self::local(Code::Unavailable, deepest(&error))
    }
}

/// The server's own words, or where the line broke, the innermost cause: the outer ones say only "transport error".
fn told(status: &Status) -> String {
    if let Some(source) = status.source() {
        return deepest(source);
    }
    if status.code() == Code::Unimplemented {
        return "the server does not know this call".to_owned();
    }
    if status.message().is_empty() {
        return format!("the server answered {:?} without a word", status.code());
    }
    status.message().to_owned()
}

fn deepest(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use tonic_types::ErrorDetails;

    use super::*;

    #[test]
    fn a_status_is_taken_apart() {
        let mut details = ErrorDetails::with_error_info(
            "LANE_BUSY",
            ERROR_DOMAIN,
            [("job_id".to_owned(), "42".to_owned())],
        );
        details.add_bad_request_violation("import.supplier", "is busy");
        let status = Status::with_error_details(Code::AlreadyExists, "busy", details);
        let error = ClientError::from(status);
        assert_eq!(error.code, Code::AlreadyExists);
        assert_eq!(error.reason, Some(Reason::LaneBusy));
        assert_eq!(error.metadata["job_id"], "42");
        assert_eq!(error.violations[0].field, "import.supplier");
        assert!(!error.is_transient());
    }

    #[test]
    fn odoo_being_away_is_an_answer_and_not_a_broken_line() {
        let details = ErrorDetails::with_error_info("ODOO_UNREACHABLE", ERROR_DOMAIN, []);
        let away = Status::with_error_details(Code::Unavailable, "odoo is away", details);
        assert!(!ClientError::from(away).is_transient());
        assert!(ClientError::from(Status::unavailable("gone")).is_transient());
        let stopping = ErrorDetails::with_error_info("SHUTTING_DOWN", ERROR_DOMAIN, []);
        let stopping = Status::with_error_details(Code::Unavailable, "bye", stopping);
        assert!(ClientError::from(stopping).is_transient());
    }

    #[test]
    fn reasons_of_other_domains_are_not_ours() {
        let details = ErrorDetails::with_error_info("LANE_BUSY", "proxy", []);
        let status = Status::with_error_details(Code::AlreadyExists, "busy", details);
        assert_eq!(ClientError::from(status).reason, None);
    }
}
