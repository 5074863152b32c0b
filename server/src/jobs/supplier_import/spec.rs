//! What an import job is to do, as its row keeps it; and how far it is, as its checkpoint keeps it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fields::Field;
use super::{
    file::FileOptions, filter::FilterRules, mapping::ColumnMapping, numbers::DecimalStyle,
};
use crate::{
    adapters::odoo::{BatchOptions, MatchKey, SweepPolicy},
    ids::UploadId,
};

/// What an import job is to do. The same request always makes the same spec.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ImportSpec {
    /// The id of the contact in Odoo.
    pub supplier: i64,
    /// Where the list is.
    pub source: Source,
    /// The list's name for people; empty means what the source says.
    pub file_name: String,
    /// What was said about the file.
    pub file: FileOptions,
    /// How numbers are written in text; none means decide it per column.
    pub decimal_style: Option<DecimalStyle>,
    /// What columns mean; empty means the saved mapping, else the suggested one.
    pub mapping: Vec<ColumnMapping>,
    /// How rows are matched and written.
    pub options: BatchOptions,
    /// Which rows are left out.
    pub filter: FilterRules,
    /// What becomes of lines that the list no longer names; none keeps them.
    pub sweep: Option<SweepPolicy>,
    /// The largest share of the supplier's lines that a sweep may touch.
    pub sweep_max_percent: i64,
    /// Whether nothing is written to Odoo.
    pub dry_run: bool,
}

/// Where a list is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Stored here.
    List(UploadId),
    /// At an address; the job fetches it when it runs.
    Url(String),
}

/// How far an import is.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Checkpoint {
    /// The stored list; a list from an address is fetched once, so that every attempt reads the same bytes.
    pub(super) list: Option<UploadId>,
    /// The mapping that was settled on; a later change of the saved one does not change a job under way.
    pub(super) mapping: Option<Vec<ColumnMapping>>,
    /// All rows up to this one are dealt with.
    pub(super) done_to: u32,
    /// Whether the whole list is dealt with.
    pub(super) read: bool,
    /// Whether the sweep was found safe, and has begun.
    pub(super) sweeping: bool,
    /// Lines that were swept.
    pub(super) swept: i64,
    /// Good rows of a dry run.
    pub(super) valid: i64,
    /// Rows that were left out, by reason.
    pub(super) skipped: BTreeMap<String, i64>,
}

impl Checkpoint {
    /// How many rows filters of ours left out; Odoo's own reason is not one of them.
    pub(super) fn filtered(&self) -> i64 {
        self.skipped
            .iter()
            .filter(|(reason, _)| *reason != "unknown_product")
            .map(|(_, count)| count)
            .sum()
    }
}

/// The fields by which products are found, in the order of the options.
pub(super) fn key_fields(keys: &[MatchKey]) -> Vec<Field> {
    keys.iter()
        .map(|key| match key {
            MatchKey::Barcode => Field::Barcode,
            MatchKey::DefaultCode => Field::DefaultCode,
            MatchKey::ProductCode => Field::ProductCode,
        })
        .collect()
}
