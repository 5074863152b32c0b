//! How errors of connections and of Odoo look in the contract.

use sluice_proto::v1::Reason;
use tonic::{Code, Status};

use crate::{
    connections::ConnectionsError,
    grpc::errors::{database_away, field, internal, refusal},
    jobs::OdooError,
};

impl From<ConnectionsError> for Status {
    fn from(error: ConnectionsError) -> Self {
        let (code, reason) = match &error {
            ConnectionsError::Invalid { field: name, why } => return field(name, why),
            ConnectionsError::Db(error) if error.is_transient() => return database_away(error),
            ConnectionsError::Secrets(_) | ConnectionsError::Db(_) => return internal(&error),
            ConnectionsError::NotFound(_) => (Code::NotFound, Reason::ConnectionNotFound),
            ConnectionsError::NotAllowed(_) => (Code::PermissionDenied, Reason::NotAllowed),
            ConnectionsError::PairingCodeUsed => (Code::Unauthenticated, Reason::TokenInvalid),
            ConnectionsError::Busy(_) => (Code::FailedPrecondition, Reason::ConnectionBusy),
        };
        refusal(code, reason, error.to_string(), &[])
    }
}

impl From<OdooError> for Status {
    fn from(error: OdooError) -> Self {
        let (code, reason) = match &error {
            OdooError::LoginMissing(version) => {
                let why = format!(
                    "must name the service user: an API key is not enough for Odoo {version}"
                );
                return field("login", &why);
            }
            OdooError::Away(_) | OdooError::TooManyRequests { .. } => {
                (Code::Unavailable, Reason::OdooUnreachable)
            }
            OdooError::KeyRefused => (Code::FailedPrecondition, Reason::OdooKeyRefused),
            OdooError::NotAllowed(_) | OdooError::AccessDenied(_) => {
                (Code::FailedPrecondition, Reason::OdooNotAllowed)
            }
            OdooError::DatabaseNotFound(_) => {
                (Code::FailedPrecondition, Reason::OdooDatabaseNotFound)
            }
            OdooError::ModelMissing(_) => (Code::NotFound, Reason::ModelNotFound),
            OdooError::AddonMissing(_) | OdooError::TooOld(_) => {
                (Code::FailedPrecondition, Reason::AddonMissing)
            }
            OdooError::AddonVersion { .. } => (Code::FailedPrecondition, Reason::AddonVersion),
            OdooError::Rejected { .. } | OdooError::Answer(_) | OdooError::TooLarge { .. } => {
                (Code::FailedPrecondition, Reason::OdooAnswer)
            }
        };
        refusal(code, reason, error.to_string(), &[])
    }
}
