//! What jobs do: one pipeline per kind.

pub mod supplier_import;
