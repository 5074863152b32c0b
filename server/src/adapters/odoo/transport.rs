//! The seam between what is asked of Odoo and the protocol that carries it.

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use serde_json::Value;

use super::OdooError;

/// One call of a public method of an Odoo model: one transaction in Odoo.
#[derive(Debug)]
pub struct Call<'a> {
    pub model: &'a str,
    pub method: &'static str,
    /// A JSON object of named arguments.
    pub arguments: Value,
}

/// What a method returned, as the JSON that came: a page of records is read from it without a detour.
#[derive(Clone, Debug, Default)]
pub struct Answer(pub(super) Vec<u8>);

impl Answer {
    /// The JSON.
    pub fn json(&self) -> &[u8] {
        &self.0
    }
}

/// A protocol that carries calls to one Odoo database.
pub trait Transport: Send + Sync + 'static {
    /// Makes the call and returns what the method returned.
    fn call<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Answer, OdooError>>;

    /// Which Odoo it is, such as `19.0`.
    fn version(&self) -> BoxFuture<'_, Result<String, OdooError>>;

    /// What the clock of Odoo's machine says, to the second.
    fn clock(&self) -> BoxFuture<'_, Result<DateTime<Utc>, OdooError>>;
}
