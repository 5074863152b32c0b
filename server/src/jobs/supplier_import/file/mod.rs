//! A list's file: what it is, and its rows one by one in bounded memory, whatever its format.

mod archive;
mod cell_text;
mod delimited;
mod detect;
mod encoding;
mod error;
mod limits;
mod ods;
mod percent_styles;
mod records;
mod row;
mod sheet;
mod transcode;
mod xls;

use std::{fs::File, ops::ControlFlow};

pub(super) use detect::{Column, Layout, detect, is_packed};
pub use detect::{FileOptions, Format};
pub(super) use encoding::{EncodingScan, Encodings};
pub use error::FileError;
pub(super) use limits::{MAX_CELL_BYTES, MAX_COLUMNS, MAX_ROWS};
pub(super) use row::{Defect, Kind, Row};

/// Reads all rows under the header, in the file's order, and stops early when `each` breaks.
///
/// Rows without content are not handed out, but they count in the row numbers.
///
/// # Errors
/// [`FileError`] when the file as a whole cannot be read (further); defects of single rows travel in [`Row::defect`].
pub(super) fn read_rows(
    file: &File,
    layout: &Layout,
    each: &mut dyn FnMut(&Row) -> ControlFlow<()>,
) -> Result<(), FileError> {
    let header = layout.header_row;
    let mut rows = 0_u32;
    let mut too_many = false;
    read_all(file, layout, &mut |row| {
        if row.number() <= header || row.is_blank() {
            return ControlFlow::Continue(());
        }
        rows += 1;
        too_many = rows > MAX_ROWS;
        if too_many {
            return ControlFlow::Break(());
        }
        each(row)
    })?;
    if too_many {
        Err(FileError::TooManyRows)
    } else {
        Ok(())
    }
}

/// Reads every row from the first on, the header and what stands above it included.
///
/// # Errors
/// As [`read_rows`].
pub(super) fn read_all(
    file: &File,
    layout: &Layout,
    each: &mut dyn FnMut(&Row) -> ControlFlow<()>,
) -> Result<(), FileError> {
    match layout.format {
        Format::Csv => delimited::read(file, layout, each),
        Format::Xlsx => sheet::read_xlsx(file, &layout.sheet, each),
        Format::Xls => xls::read(file, &layout.sheet, each),
        Format::Ods => ods::read(file, &layout.sheet, each),
    }
}
