//! Other systems' protocols, their errors and their limits. No database here, and no retries across jobs.

pub mod embeddings;
pub mod logikal;
pub mod odoo;

mod address;
mod http;
mod pace;
mod source;
#[cfg(test)]
mod tests;

pub use http::{Http, HttpError, Limits};
pub use source::{Source, SourceError};
