//! Turns a list's rows into batches for Odoo: validated, filtered, without duplicates, never two batches for one run of tiers.

use std::{
    collections::{BTreeMap, HashSet, hash_map::RandomState},
    fs::File,
    hash::BuildHasher,
    ops::ControlFlow,
};

use super::{
    deduplicate::Lines,
    file::{FileError, Layout, Row, read_rows},
    line::Line,
    validate::{Checked, Fault, Validator},
};
use crate::adapters::odoo::BatchRow;

/// A batch is also cut when it covers that many rows, whatever became of them.
const MOST_COVERED: usize = 20_000;
/// And when its rows take that much memory, however few they are.
const MOST_BYTES: usize = 8 << 20;
/// How many values and how much of each an error keeps, so that an error's size has a bound.
const VALUES_KEPT: usize = 256;
const VALUE_BYTES_KEPT: usize = 1000;

/// One row that cannot be applied.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RowError {
    /// The 1-based row in the file.
    pub row: u32,
    /// A code of [`super::codes::ROW_ERRORS`].
    pub code: String,
    /// The column at fault; empty if the row as a whole is.
    pub column: String,
    /// Words for people.
    pub message: String,
    /// The row's fields as they stand in the file.
    pub values: Vec<String>,
}

/// A range of rows, ready to be applied.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    /// The range of file rows that this batch answers for, both included.
    pub(super) first_row: u32,
    pub(super) last_row: u32,
    /// Rows for Odoo, in order; empty when rows are only counted.
    pub(super) rows: Vec<BatchRow>,
    /// The same rows as they stand in the file.
    pub(super) originals: Vec<Row>,
    /// How much text those are.
    bytes: usize,
    /// How many rows are good.
    pub(super) valid: u32,
    pub(super) errors: Vec<RowError>,
    /// How many rows are left out, by reason.
    pub(super) skipped: BTreeMap<&'static str, u32>,
    /// Hashes of everything by which products may be found: two batches that share one may touch the same product.
    pub(super) products: HashSet<u64>,
}

impl Prepared {
    /// How many rows of the file it answers for.
    pub(super) fn covered(&self) -> usize {
        self.valid as usize + self.errors.len() + self.skipped_rows() as usize
    }

    /// How many rows filters leave out.
    pub(super) fn skipped_rows(&self) -> u32 {
        self.skipped.values().sum()
    }
}

/// What a reading is to do with the rows.
pub(super) struct Plan<'a> {
    pub(super) validator: &'a Validator,
    /// How many rows the list has, as the survey counted.
    pub(super) rows: u32,
    /// Rows up to this one are done; they only count as earlier rows of the same line.
    pub(super) done_to: u32,
    /// Whether good rows are kept for Odoo, or only counted.
    pub(super) keep_rows: bool,
}

/// Reads the list and hands out batches until it ends or `emit` breaks. `size` is asked before each batch.
pub(super) fn prepare(
    file: &File,
    layout: &Layout,
    plan: &Plan<'_>,
    size: &dyn Fn() -> usize,
    emit: &mut dyn FnMut(Prepared) -> ControlFlow<()>,
) -> Result<(), FileError> {
    let mut lines = Lines::for_rows(plan.rows);
    let hasher = RandomState::new();
    let mut batch = Prepared {
        first_row: plan.done_to.max(layout.header_row) + 1,
        ..Prepared::default()
    };
    let mut target = size();
    let mut last_product = String::new();
    let mut stopped = false;
    read_rows(file, layout, &mut |row| {
        let done = row.number() <= plan.done_to;
        match plan.validator.check(row) {
            Checked::Valid(line) => {
                if let Some(first) = lines.earlier(&line.key(), row.number()) {
                    if !done {
                        batch
                            .errors
                            .push(plan.validator.error(row, &[duplicate(&line, first)]));
                    }
                } else if !done {
                    let full = (batch.rows.len() >= target || batch.bytes >= MOST_BYTES)
                        && line.product() != last_product
                        || batch.covered() >= MOST_COVERED;
                    if full {
                        stopped = emit(next(&mut batch)).is_break();
                        target = size();
                    }
                    batch.take(&line, row, plan.keep_rows, &hasher);
                    last_product.clear();
                    last_product.push_str(line.product());
                }
            }
            _ if done => {}
            Checked::Skipped(reason) => *batch.skipped.entry(reason).or_default() += 1,
            Checked::Faulty(faults) => batch.errors.push(plan.validator.error(row, &faults)),
        }
        if !done {
            batch.last_row = row.number();
            if batch.covered() >= MOST_COVERED && !stopped {
                stopped = emit(next(&mut batch)).is_break();
                target = size();
            }
        }
        if stopped {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    if !stopped && batch.covered() > 0 {
        let _ = emit(batch);
    }
    Ok(())
}

/// Takes the batch and begins the next one behind it.
fn next(batch: &mut Prepared) -> Prepared {
    let following = Prepared {
        first_row: batch.last_row + 1,
        ..Prepared::default()
    };
    std::mem::replace(batch, following)
}

fn duplicate(line: &Line<'_>, first: u32) -> Fault {
    let message = format!(
        "row {first} names the same price line ({}) already; the first one counts",
        line.product()
    );
    Fault {
        code: "duplicate_line",
        column: None,
        message,
    }
}

impl Prepared {
    fn take(&mut self, line: &Line<'_>, row: &Row, keep: bool, hasher: &RandomState) {
        self.valid += 1;
        if !keep {
            return;
        }
        self.products
            .extend(line.products().map(|product| hasher.hash_one(product)));
        self.rows.push(line.to_batch_row());
        self.bytes += row.bytes();
        self.originals.push(row.clone());
    }
}

impl Validator {
    /// The error of a row: the first fault gives the code, all of them the words.
    pub(super) fn error(&self, row: &Row, faults: &[Fault]) -> RowError {
        let column = faults[0]
            .column
            .map(|index| self.column_name(index))
            .unwrap_or_default();
        let mut message = faults[0].message.clone();
        for fault in &faults[1..] {
            message.push_str("; ");
            if let Some(index) = fault.column {
                message.extend(["column '", &self.column_name(index), "': "]);
            }
            message.push_str(&fault.message);
        }
        RowError {
            row: row.number(),
            code: faults[0].code.to_owned(),
            column,
            message,
            values: kept_values(row),
        }
    }
}

/// A row's values as an error keeps them: bounded, and without the one character that Postgres does not store.
pub(super) fn kept_values(row: &Row) -> Vec<String> {
    row.cells()
        .take(VALUES_KEPT)
        .map(|(text, _)| {
            let mut end = text.len().min(VALUE_BYTES_KEPT);
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text[..end].replace('\0', "\u{fffd}")
        })
        .collect()
}
