//! What can go wrong between us and Odoo, by what a caller can do about it.

use std::time::Duration;

/// Why Odoo did not do what was asked. No message holds a secret or a traceback.
#[derive(Debug, thiserror::Error)]
pub enum OdooError {
    /// Odoo cannot be reached, did not answer in time, or broke off for a reason that passes. Ask again later.
    #[error("Odoo does not answer: {0}")]
    Away(String),
    /// Odoo, or what stands before it, wants fewer calls or is away for a while. Ask again later.
    #[error("Odoo, or what stands before it, asks for a pause")]
    TooManyRequests {
        /// How long to wait, where the answer says so.
        retry_after: Option<Duration>,
    },
    /// The API key is wrong, revoked or expired.
    #[error(
        "Odoo refuses the API key: make a new one for the service user and save it with this connection"
    )]
    KeyRefused,
    /// The key's user lacks a right in Odoo; the text is Odoo's.
    #[error("the service user may not do this in Odoo: {0}")]
    NotAllowed(String),
    /// Odoo turns the caller away as a stranger, although the key is known: a user that is archived, or an Odoo that is just stopping.
    #[error("Odoo denies the service user access: {0}")]
    AccessDenied(String),
    /// The address has no such database; the text says which.
    #[error("{0}")]
    DatabaseNotFound(String),
    /// An addon of ours is not installed; the text is its name.
    #[error("the addon {0:?} is not installed in this database")]
    AddonMissing(String),
    /// What was asked for needs an addon of ours, and they are made for newer versions; the text is Odoo's version.
    #[error("this needs the Sluice addon, which is for Odoo 19 and newer; this is Odoo {0}")]
    TooOld(String),
    /// This version lets nobody in by an API key alone; the text is Odoo's version.
    #[error("an API key is not enough for Odoo {0}: give the service user's login too")]
    LoginMissing(String),
    /// This Odoo has no such model; the text is its name.
    #[error("this Odoo has no model {0:?}")]
    ModelMissing(String),
    /// The addon keeps another contract than this server.
    #[error(
        "the installed addon {installed} keeps contract {contract} and this server contract {expected}: update the older one"
    )]
    AddonVersion {
        /// The addon's version.
        installed: String,
        /// The contract that the addon keeps; 0 if it names none.
        contract: i64,
        /// The contract that this server keeps.
        expected: i64,
    },
    /// The answer is larger than we take. Ask for less.
    #[error("Odoo's answer is larger than {limit} bytes")]
    TooLarge {
        /// The most bytes of an answer.
        limit: usize,
    },
    /// Odoo ran the method and refused: bad values, a missing record, a broken rule. The same call fails again.
    #[error("Odoo rejects the call: {message}")]
    Rejected {
        /// The Python name of the exception, such as `odoo.exceptions.UserError`.
        name: String,
        /// Odoo's own words.
        message: String,
    },
    /// The answer is not one that this server understands.
    #[error("Odoo's answer cannot be used: {0}")]
    Answer(String),
}

impl OdooError {
    /// Whether the same call may succeed later without anybody changing anything.
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Away(_) | Self::TooManyRequests { .. })
    }
}
