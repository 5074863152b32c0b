//! What can go wrong between us and LOGIKAL, by what a caller can do about it.

/// Why LOGIKAL did not do what was asked. No message holds a password or a session's token.
#[derive(Debug, thiserror::Error)]
pub enum LogikalError {
    /// LOGIKAL cannot be reached, did not answer in time, or broke off for a reason that passes. Ask again later.
    #[error("LOGIKAL does not answer: {0}")]
    Away(String),
    /// LOGIKAL lets no further session in for now. Ask again when one of ours has ended.
    #[error("LOGIKAL lets no further session in: {0}")]
    SessionLimit(String),
    /// The user or the password is wrong.
    #[error("LOGIKAL refuses the user or the password: save the connection with the right ones")]
    CredentialsRefused,
    /// LOGIKAL no longer knows the session. A new login helps.
    #[error("LOGIKAL has ended the session")]
    SessionLost,
    /// The session does not stand where the call needs it (405), or what it asks for is in use there (409). A new session helps.
    #[error("the session stands in the wrong place: {0}")]
    WrongPlace(String),
    /// The user lacks a right.
    #[error("the user may not do this in LOGIKAL: {0}")]
    NotAllowed(String),
    /// What was asked for is gone, or never was there.
    #[error("LOGIKAL does not have it: {0}")]
    NotFound(String),
    /// LOGIKAL understood the call and refuses it. The same call fails again.
    #[error("LOGIKAL rejects the call: {0}")]
    Rejected(String),
    /// The answer is larger than we take.
    #[error("LOGIKAL's answer is larger than {limit} bytes")]
    TooLarge {
        /// The most bytes of such an answer.
        limit: usize,
    },
    /// The answer is not one that this server understands.
    #[error("LOGIKAL's answer cannot be used: {0}")]
    Answer(String),
}

impl LogikalError {
    /// Whether the session can still be used where it stands.
    pub fn leaves_session_in_place(&self) -> bool {
        matches!(
            self,
            Self::NotAllowed(_) | Self::NotFound(_) | Self::Rejected(_)
        )
    }

    /// Whether the same step may succeed in a new session.
    pub fn wants_new_session(&self) -> bool {
        matches!(self, Self::SessionLost | Self::WrongPlace(_))
    }
}
