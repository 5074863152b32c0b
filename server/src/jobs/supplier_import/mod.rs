//! A supplier price list becomes price lines in Odoo: parse, map, validate, deduplicate, batch, apply, sweep, finish.

pub mod codes;
pub mod fields;
pub mod file;
pub mod filter;
pub mod mapping;
pub mod numbers;
pub mod survey;

mod alias_names;
mod aliases;
mod barcode;
mod batch_size;
mod cells;
mod dates;
mod deduplicate;
mod line;
mod number_shape;
mod prepare;
mod validate;

#[cfg(test)]
mod bad_input;
