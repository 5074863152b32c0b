//! Rows of XLSX sheets, streamed cell by cell.

use std::{
    borrow::Cow,
    fs::File,
    io::{BufReader, Seek, SeekFrom},
    ops::ControlFlow,
};

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};

use super::{
    FileError, Kind, Row,
    cell_text::{percent, plain, put},
    percent_styles,
};

/// What takes the rows, one by one.
pub(super) type Each<'a> = &'a mut dyn FnMut(&Row) -> ControlFlow<()>;

/// Streams an XLSX sheet; an empty name means the first sheet with content.
pub(super) fn read_xlsx(file: &File, sheet: &str, each: Each<'_>) -> Result<(), FileError> {
    let percents = percent_styles::read(file)?;
    let mut workbook: Xlsx<_> = Xlsx::new(buffered(file)?).map_err(xlsx_error)?;
    for name in sheets(&workbook.sheet_names(), sheet)? {
        let mut cells = match workbook.worksheet_cells_reader(&name) {
            Ok(cells) => cells,
            // A sheet that is only a chart has no cells.
            Err(XlsxError::WorksheetNotFound(_) | XlsxError::NotAWorksheet(_))
                if sheet.is_empty() =>
            {
                continue;
            }
            Err(error) => return Err(xlsx_error(error)),
        };
        let mut row = Row::default();
        let mut begun = false;
        let mut found = false;
        while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(xlsx_error)? {
            let (line, column) = cell.get_position();
            if begun && line + 1 != row.number() {
                found |= !row.is_blank();
                if each(&row).is_break() {
                    return Ok(());
                }
                begun = false;
            }
            if !begun {
                row.begin(line + 1);
                begun = true;
            }
            if let Some((text, kind)) = written(cell.get_value(), percents.contains(&style)) {
                // What a row cannot take any more makes it faulty; the next rows are read.
                let _ = put(&mut row, column as usize, &text, kind);
            }
        }
        if begun {
            found |= !row.is_blank();
            if each(&row).is_break() {
                return Ok(());
            }
        }
        if found {
            return Ok(());
        }
    }
    Ok(())
}

pub(super) fn buffered(file: &File) -> Result<BufReader<File>, FileError> {
    let mut file = file.try_clone()?;
    file.seek(SeekFrom::Start(0))?;
    Ok(BufReader::with_capacity(64 * 1024, file))
}

/// The sheets to look at, in order.
pub(super) fn sheets(names: &[String], wanted: &str) -> Result<Vec<String>, FileError> {
    if wanted.is_empty() {
        return Ok(names.to_vec());
    }
    match names.iter().find(|name| name.as_str() == wanted) {
        Some(name) => Ok(vec![name.clone()]),
        None => Err(no_such_sheet(wanted, names)),
    }
}

pub(super) fn no_such_sheet(wanted: &str, names: &[String]) -> FileError {
    FileError::NoSuchSheet {
        sheet: wanted.to_owned(),
        sheets: names
            .iter()
            .map(|name| format!("'{name}'"))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// A value as a row's text; none if there is no value.
fn written<'v>(value: &'v DataRef<'_>, is_percent: bool) -> Option<(Cow<'v, str>, Kind)> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "spreadsheets keep numbers as floats themselves"
    )]
    Some(match value {
        DataRef::Empty => return None,
        DataRef::Int(number) if is_percent => (percent(*number as f64).into(), Kind::Number),
        DataRef::Int(number) => (number.to_string().into(), Kind::Number),
        DataRef::Float(number) if is_percent => (percent(*number).into(), Kind::Number),
        DataRef::Float(number) => (plain(*number).into(), Kind::Number),
        DataRef::String(text) | DataRef::DurationIso(text) => (text.as_str().into(), Kind::Text),
        DataRef::SharedString(text) => ((*text).into(), Kind::Text),
        DataRef::Bool(yes) => (yes.to_string().into(), Kind::Bool),
        DataRef::DateTime(moment) => date(*moment),
        DataRef::DateTimeIso(text) => (text.get(..10).unwrap_or(text).into(), Kind::Date),
        DataRef::Error(error) => (error.to_string().into(), Kind::Error),
    })
}

/// A moment as the day it lies on; what only counts hours is a number.
pub(super) fn date(moment: ExcelDateTime) -> (Cow<'static, str>, Kind) {
    if !moment.is_datetime() {
        return (plain(moment.as_f64()).into(), Kind::Number);
    }
    let (year, month, day, ..) = moment.to_ymd_hms_milli();
    (format!("{year:04}-{month:02}-{day:02}").into(), Kind::Date)
}

fn xlsx_error(error: XlsxError) -> FileError {
    match error {
        XlsxError::Password => FileError::PasswordProtected,
        other => FileError::Damaged(other.to_string()),
    }
}
