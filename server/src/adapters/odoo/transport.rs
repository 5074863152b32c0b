//! The seam between what is asked of Odoo and the protocol that carries it.

use futures::future::BoxFuture;
use serde_json::Value;

use super::OdooError;

/// One call of a public method of an Odoo model: one transaction in Odoo.
#[derive(Debug)]
pub struct Call {
    pub model: &'static str,
    pub method: &'static str,
    /// A JSON object of named arguments.
    pub arguments: Value,
}

/// A protocol that carries calls to one Odoo database.
pub trait Transport: Send + Sync + 'static {
    /// Makes the call and returns what the method returned.
    fn call(&self, call: Call) -> BoxFuture<'_, Result<Value, OdooError>>;
}
