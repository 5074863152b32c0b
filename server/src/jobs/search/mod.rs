//! Mirrored records found by what they mean, or by their words.
//!
//! Promises:
//! - a record that changes in the mirror waits to be embedded from the same transaction on, and nothing that waits is lost;
//! - a record that is deleted or archived is gone from the index in the transaction in which the mirror learns it;
//! - a text that did not change is not embedded again;
//! - one bad text stops nothing: it is tried again, then put on a list with its error;
//! - vectors of different embedding models never meet: another model makes another generation, which answers once it is whole;
//! - a connection finds its own records only.
//!
//! [`Search`] is the handle; [`RecordEmbedding`] is what the queue runs; the mirror tells [`outbox`] what it stored.

mod error;
mod handle;
mod health;
mod settings;

mod asked;
mod asking;
mod candidates;
mod configuring;
mod fusing;
mod preview;
mod query;
mod similar;
mod status;

mod embedding;
mod preparing;
mod record_embedding;
mod starter;
mod storing;

mod generations;
pub(in crate::jobs) mod outbox;

mod html;
mod names;
mod parts;
mod plan;
mod reading;
mod rendering;

mod embedders;
mod extension;
mod nearest;
mod store;
mod vectors;
mod words;

#[cfg(test)]
mod tests;

pub use configuring::{Configured, Wanted};
pub use embedders::Embedders;
pub use error::SearchError;
pub use handle::Search;
pub use health::SearchHealth;
pub use preview::{Preview, PreviewText};
pub use query::{Hit, Mode, Question};
pub use record_embedding::{EMBEDDING, RecordEmbedding};
pub use settings::{EmbedderDraft, EmbedderSettings, SearchableModel};
pub use similar::Likeness;
pub use starter::Starter;
pub use status::{GenerationStatus, ModelStatus, SearchStatus};
pub use store::Failure;

pub use crate::adapters::embeddings::EmbedError;

/// What only one running job of a connection may hold.
fn lane(model: &str) -> String {
    format!("search:{model}")
}

/// A number of things as counters have it.
fn count(things: usize) -> i64 {
    i64::try_from(things).unwrap_or(i64::MAX)
}
