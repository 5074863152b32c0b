//! How a refusal looks: a canonical code, and details that a program can read.

use std::{collections::HashMap, fmt::Display};

use sluice_proto::v1::{ERROR_DOMAIN, Reason};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};
use tracing::{error, warn};
use uuid::Uuid;

/// A refusal with its reason; `metadata` is what the contract promises for that reason.
pub(crate) fn refusal(
    code: Code,
    reason: Reason,
    message: impl Into<String>,
    metadata: &[(&str, String)],
) -> Status {
    let metadata: HashMap<String, String> = metadata
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone()))
        .collect();
    let details = ErrorDetails::with_error_info(reason.word(), ERROR_DOMAIN, metadata);
    Status::with_error_details(code, message, details)
}

/// A field of the request cannot be used; `why` ends the sentence that begins with the field's name.
pub(crate) fn field(field: &str, why: impl Into<String>) -> Status {
    let why = why.into();
    let mut details = ErrorDetails::with_bad_request_violation(field, why.clone());
    details.set_error_info(Reason::FieldInvalid.word(), ERROR_DOMAIN, HashMap::new());
    Status::with_error_details(Code::InvalidArgument, format!("{field} {why}"), details)
}

/// A fault of ours: the log gets the cause, the caller a number to find it by.
pub(crate) fn internal(cause: &impl Display) -> Status {
    let incident = Uuid::now_v7().to_string();
    error!(incident, "a call failed: {cause}");
    let message = format!("the server failed; its log has the details under {incident}");
    refusal(
        Code::Internal,
        Reason::Internal,
        message,
        &[("incident", incident)],
    )
}

/// Our database does not answer for the moment.
pub(crate) fn database_away(cause: &impl Display) -> Status {
    warn!("a call could not be answered: {cause}");
    refusal(
        Code::Unavailable,
        Reason::DatabaseAway,
        "the server's database does not answer; try again in a moment",
        &[],
    )
}

/// The server is stopping.
pub(crate) fn shutting_down() -> Status {
    refusal(
        Code::Unavailable,
        Reason::ShuttingDown,
        "the server is stopping; try again in a moment",
        &[],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_field_is_named_twice() {
        let status = field("page_size", "must not be negative");
        assert_eq!(status.message(), "page_size must not be negative");
        let details = status.get_error_details();
        assert_eq!(details.error_info().unwrap().reason, "FIELD_INVALID");
        assert_eq!(
            details.bad_request().unwrap().field_violations[0].field,
            "page_size"
        );
    }
}
