//! How the values of spreadsheets are written as the text of a row.

use std::ops::ControlFlow;

use super::{
    Defect, Kind, MAX_CELL_BYTES, Row,
    limits::{MAX_ROW_BYTES, MAX_SHEET_COLUMNS},
};

/// Puts a value into a column of a row; breaks when the row can take no more.
pub(super) fn put(row: &mut Row, column: usize, text: &str, kind: Kind) -> ControlFlow<()> {
    // Cells come in order; one that points back is a damaged sheet's, and must not shift the others.
    if column < row.width() {
        return ControlFlow::Continue(());
    }
    if column >= MAX_SHEET_COLUMNS {
        return ControlFlow::Break(());
    }
    row.pad_to(column);
    if text.len() > MAX_CELL_BYTES || row.bytes() + text.len() > MAX_ROW_BYTES {
        row.spoil(Defect::TooLong);
        return ControlFlow::Break(());
    }
    row.push(text, kind);
    ControlFlow::Continue(())
}

/// A number as a person would write it: spreadsheets keep 0.1 + 0.2 as 0.30000000000000004 and show 15 digits.
pub(super) fn plain(number: f64) -> String {
    if !number.is_finite() {
        return number.to_string();
    }
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    rounded.to_string()
}

/// A number of a cell that shows percents: 0.15 is kept, 15 % is meant.
pub(super) fn percent(number: f64) -> String {
    format!("{}%", plain(number * 100.0))
}
