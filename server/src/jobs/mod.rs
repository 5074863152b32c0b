//! What jobs do: one pipeline per kind.

pub mod mirror;
pub mod project_sync;
pub mod search;
pub mod supplier_import;

mod odoo_clients;
mod patience;
mod threads;

pub use odoo_clients::{Greeting, OdooClients};

pub use crate::adapters::odoo::OdooError;
