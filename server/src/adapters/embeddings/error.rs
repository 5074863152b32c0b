//! What can go wrong between us and an embedder, by what a caller can do about it.

use std::time::Duration;

/// Why an embedder did not turn texts into vectors. No message holds the key.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EmbedError {
    /// It cannot be reached, or broke off for a reason that passes. Ask again later.
    #[error("the embedder does not answer: {0}")]
    Away(String),
    /// It did not answer in time. Ask again later.
    #[error("the embedder did not answer within {} s", .0.as_secs())]
    Slow(Duration),
    /// It wants fewer calls. Ask again later.
    #[error("the embedder asks for a pause")]
    TooManyRequests {
        /// How long to wait, where the answer says so.
        retry_after: Option<Duration>,
    },
    /// It failed so often in a row that it is left alone for a while. Ask again later.
    #[error("the embedder failed {failures} times in a row and is left alone for a while: {last}")]
    Resting {
        /// How often.
        failures: u32,
        /// How long it is left alone still.
        rest: Duration,
        /// What it failed with the last time.
        last: String,
    },
    /// The key is wrong, or may not do this.
    #[error("the embedder refuses the key (HTTP {0}): save the right one")]
    KeyRefused(u16),
    /// The address or the settings are wrong: no text would get through.
    #[error("the embedder cannot be used as it is set: {0}")]
    Misconfigured(String),
    /// Vectors are of another length than the settings say.
    #[error(
        "the embedder's vectors have {found} dimensions and not {expected}: set what its model has"
    )]
    Dimensions {
        /// What the settings say.
        expected: usize,
        /// What came.
        found: usize,
    },
    /// The texts are too many or too long at once. Ask for fewer.
    #[error("the texts are too long for the embedder")]
    TooLarge,
    /// It does not take one of the texts.
    #[error("the embedder rejects a text: {0}")]
    Rejected(String),
    /// A vector has a part that is no number.
    #[error("the embedder answers with a vector that is not of finite numbers, or of zeros only")]
    NotNumbers,
    /// There are fewer vectors than texts, or others.
    #[error("the embedder answers {found} vectors to {expected} texts")]
    Count {
        /// How many texts there were.
        expected: usize,
        /// How many vectors came.
        found: usize,
    },
}

impl EmbedError {
    /// Whether the same call may succeed later without anybody changing anything.
    pub fn is_away(&self) -> bool {
        matches!(
            self,
            Self::Away(_) | Self::Slow(_) | Self::TooManyRequests { .. } | Self::Resting { .. }
        )
    }

    /// Whether it may be about one of the texts, so that the others would get through without it.
    pub fn is_about_texts(&self) -> bool {
        matches!(
            self,
            Self::TooLarge | Self::Rejected(_) | Self::NotNumbers | Self::Count { .. }
        )
    }

    /// How long it wants to be left alone, where it says so.
    pub fn pause(&self) -> Option<Duration> {
        match self {
            Self::TooManyRequests { retry_after } => *retry_after,
            Self::Resting { rest, .. } => Some(*rest),
            _ => None,
        }
    }
}
