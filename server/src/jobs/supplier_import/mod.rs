//! A supplier price list becomes price lines in Odoo: parse, map, validate, deduplicate, batch, apply, sweep, finish.
//!
//! Promises:
//! - memory does not grow with the list's width or length beyond 20 bytes a row, whatever is in it;
//! - each row with content ends in exactly one of created, updated, unchanged, skipped and error;
//! - a number that cannot be read is an error of its row, never 0, and what could mean two things is asked;
//! - an attempt may end at any moment: the next one goes on behind the last row that is dealt with.
//!
//! [`Imports`] is the handle; [`SupplierImport`] is what the queue runs.

mod error;
mod imports;
mod remark;
mod request;
mod spec;

mod apply;
mod batch_size;
mod reading;
mod run;
mod storing;
mod sweep;

mod alias_names;
mod aliases;
mod fields;
mod file;
mod mapping;
mod question;
mod survey;

mod barcode;
mod cells;
pub mod codes;
mod dates;
mod deduplicate;
mod filter;
mod line;
mod number_shape;
mod numbers;
mod prepare;
mod validate;

mod fix_file;
mod mappings;
mod preview;
mod row_errors;
mod schedules;
mod staging;

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod workbooks;

pub use crate::adapters::SourceError;
pub use crate::adapters::odoo::{MatchKey, PreviewOutcome, SweepPolicy, UnknownPolicy};
pub use error::ImportError;
pub use fields::Field;
pub use file::{FileError, FileOptions, Format};
pub use filter::FilterRules;
pub use imports::{ImportSettings, Imports, Planned, Timing};
pub use mapping::{ColumnMapping, MappingError};
pub use numbers::DecimalStyle;
pub use prepare::RowError;
pub use preview::{Preview, PreviewColumn, PreviewedRow};
pub use remark::Remark;
pub use request::{ImportRequest, MAX_CONTENT_BYTES, RequestSource};
pub use run::{KIND, SupplierImport};
pub use schedules::Recurrence;
pub use spec::{ImportSpec, Source};
pub use staging::Uploaded;
#[cfg(test)]
mod tests;
