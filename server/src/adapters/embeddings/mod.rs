//! Services that turn texts into vectors, by the protocol of `/v1/embeddings`: that of `OpenAI`, and of most that are run at home.
//!
//! Promises: whoever gets vectors has one for each text, of the length that was agreed, all of finite numbers; an embedder that
//! fails again and again is left alone for a while. Addresses in private networks are allowed here, unlike those of lists, since
//! an embedder usually is near, and an administrator sets it.

mod answer;
mod breaker;
mod error;
mod openai;

use std::{fmt, time::Duration};

use futures::future::BoxFuture;
use secrecy::SecretString;
use url::Url;

pub use breaker::Guarded;
pub use error::EmbedError;
pub use openai::OpenAi;

/// What turns texts into vectors. One call is one call of the service; nothing is retried here.
pub trait Embedder: Send + Sync + fmt::Debug {
    /// A vector for each text, in their order.
    fn embed<'a>(&'a self, texts: &'a [String])
    -> BoxFuture<'a, Result<Vec<Vec<f32>>, EmbedError>>;
}

/// Where an embedder is, and what is agreed with it.
#[derive(Clone, Debug)]
pub struct EmbedderAddress {
    /// Its address, with or without `/embeddings`.
    pub url: Url,
    /// The embedding model.
    pub model: String,
    /// How many numbers a vector has.
    pub dimensions: usize,
    /// What is sent as a bearer token.
    pub api_key: Option<SecretString>,
    /// How long one call may take.
    pub timeout: Duration,
    /// How many calls a minute may be made; `None` means as many as we can.
    pub calls_per_minute: Option<u32>,
}
