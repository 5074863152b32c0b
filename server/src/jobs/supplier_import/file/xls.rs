//! Rows of workbooks from before 2007. Their reader holds them whole, so what they claim to be is checked first.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    panic::{self, AssertUnwindSafe},
};

use calamine::{Data, Range, Reader, Xls, XlsError};

use super::{
    FileError, Kind, Row,
    cell_text::{plain, put},
    limits::{MAX_XLS_BYTES, MAX_XLS_CELLS},
    sheet::{Each, buffered, date, sheets},
};

/// The most rows and columns that a sheet of the format can have.
const ROWS: u64 = 65_536;
const COLUMNS: u64 = 256;

// Kinds of records, by the numbers that the format gives them.
const BEGIN_OF_SHEET: u16 = 0x0809;
const DIMENSIONS: u16 = 0x0200;
const CELLS_OF_NUMBERS: u16 = 0x00bd;
const CELL: [u16; 8] = [
    0x0006, 0x00d6, 0x00fd, 0x0201, 0x0203, 0x0204, 0x0205, 0x027e,
];

/// Reads a sheet; an empty name means the first sheet with content.
pub(super) fn read(file: &File, sheet: &str, each: Each<'_>) -> Result<(), FileError> {
    if file.metadata()?.len() > MAX_XLS_BYTES {
        return Err(too_large());
    }
    check(file)?;
    let source = buffered(file)?;
    // Damage that its reader did not expect makes it panic.
    let opened = panic::catch_unwind(AssertUnwindSafe(|| Xls::new(source)));
    let mut workbook: Xls<_> = opened
        .map_err(|_| FileError::Damaged("its records do not fit together".to_owned()))?
        .map_err(|error| match error {
            XlsError::Password => FileError::PasswordProtected,
            other => FileError::Damaged(other.to_string()),
        })?;
    for name in sheets(&workbook.sheet_names(), sheet)? {
        let range = workbook
            .worksheet_range(&name)
            .map_err(|error| FileError::Damaged(error.to_string()))?;
        if hand_out(&range, each) {
            return Ok(());
        }
    }
    Ok(())
}

/// Whether the container holds an encrypted workbook, of whichever format.
pub(super) fn is_encrypted(file: &File) -> Result<bool, FileError> {
    let container = cfb::CompoundFile::open(buffered(file)?);
    Ok(container.is_ok_and(|container| container.is_stream("/EncryptedPackage")))
}

/// Makes sure that the sheets are no larger than can be held.
fn check(file: &File) -> Result<(), FileError> {
    let damaged = |error: io::Error| FileError::Damaged(error.to_string());
    let mut container = cfb::CompoundFile::open(buffered(file)?).map_err(damaged)?;
    let name = ["/Workbook", "/Book"]
        .into_iter()
        .find(|name| container.is_stream(name))
        .ok_or_else(|| FileError::NotAList("it holds no workbook".to_owned()))?;
    let mut stream = BufReader::new(container.open_stream(name).map_err(damaged)?);
    let mut span = Span::default();
    let mut head = [0; 4];
    while stream.read_exact(&mut head).is_ok() {
        let kind = u16::from_le_bytes([head[0], head[1]]);
        let length = u16::from_le_bytes([head[2], head[3]]);
        let mut start = [0; 16];
        let kept = usize::from(length).min(start.len());
        if stream.read_exact(&mut start[..kept]).is_err() {
            break;
        }
        span.take(kind, length, &start[..kept])?;
        let rest = i64::from(length) - i64::try_from(kept).unwrap_or_default();
        if stream.seek_relative(rest).is_err() {
            break;
        }
    }
    span.end_sheet()
}

/// How far the cells of a workbook reach.
#[derive(Default)]
struct Span {
    rows: u64,
    columns: u64,
    /// Cells of the sheets before.
    cells: u64,
}

impl Span {
    fn take(&mut self, kind: u16, length: u16, start: &[u8]) -> Result<(), FileError> {
        let short = |at: usize| {
            let bytes = start.get(at..at + 2);
            bytes.map_or(0, |bytes| {
                u64::from(u16::from_le_bytes([bytes[0], bytes[1]]))
            })
        };
        let long = |at: usize| short(at) | short(at + 2) << 16;
        if kind == BEGIN_OF_SHEET {
            return self.end_sheet();
        }
        if kind == DIMENSIONS {
            let (first, end, columns) = match length {
                10 => (short(0), short(2), short(6)),
                _ => (long(0), long(4), short(10)),
            };
            if first > end || end > ROWS || columns > COLUMNS {
                return Err(too_large());
            }
        }
        let cells = match kind {
            CELLS_OF_NUMBERS => u64::from(length.saturating_sub(6)) / 6,
            kind if CELL.contains(&kind) => 1,
            _ => return Ok(()),
        };
        self.rows = self.rows.max(short(0) + 1);
        self.columns = self.columns.max(short(2) + cells);
        Ok(())
    }

    fn end_sheet(&mut self) -> Result<(), FileError> {
        self.cells += self.rows * self.columns;
        (self.rows, self.columns) = (0, 0);
        if self.cells > MAX_XLS_CELLS {
            return Err(too_large());
        }
        Ok(())
    }
}

fn too_large() -> FileError {
    FileError::Bomb(
        "an XLS workbook of this size is more than a list: save the list as CSV or XLSX".into(),
    )
}

/// Hands out the rows of a sheet that is in memory; false if it has none.
fn hand_out(range: &Range<Data>, each: Each<'_>) -> bool {
    let Some((first_row, first_column)) = range.start() else {
        return false;
    };
    let mut row = Row::default();
    for (line, cells) in (first_row + 1..).zip(range.rows()) {
        row.begin(line);
        for (column, value) in (first_column as usize..).zip(cells) {
            let (text, kind) = match value {
                Data::Empty => continue,
                Data::Int(number) => (number.to_string().into(), Kind::Number),
                Data::Float(number) => (plain(*number).into(), Kind::Number),
                Data::String(text) | Data::DurationIso(text) => (text.as_str().into(), Kind::Text),
                Data::Bool(yes) => (yes.to_string().into(), Kind::Bool),
                Data::DateTime(moment) => date(*moment),
                Data::DateTimeIso(text) => (text.get(..10).unwrap_or(text).into(), Kind::Date),
                Data::Error(error) => (error.to_string().into(), Kind::Error),
            };
            if put(&mut row, column, &text, kind).is_break() {
                break;
            }
        }
        if each(&row).is_break() {
            break;
        }
    }
    true
}
