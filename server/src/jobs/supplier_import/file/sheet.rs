//! Rows of spreadsheets. XLSX is streamed cell by cell; XLS and ODS are held, which their size limits allow.

use std::{
    fs::File,
    io::{BufReader, Seek, SeekFrom},
    ops::ControlFlow,
};

use calamine::{Data, DataRef, ExcelDateTime, Ods, Range, Reader, Xls, Xlsx, XlsxError};

use super::{Defect, FileError, Kind, MAX_CELL_BYTES, Row, limits::MAX_XLS_BYTES};

/// What takes the rows, one by one.
type Each<'a> = &'a mut dyn FnMut(&Row) -> ControlFlow<()>;

/// Streams an XLSX sheet; an empty name means the first sheet with content.
pub(super) fn read_xlsx(file: &File, sheet: &str, each: Each<'_>) -> Result<(), FileError> {
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
        while let Some(cell) = cells.next_cell().map_err(xlsx_error)? {
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
            place(&mut row, column as usize, cell.get_value());
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

/// Reads an XLS sheet; an empty name means the first sheet with content.
pub(super) fn read_xls(file: &File, sheet: &str, each: Each<'_>) -> Result<(), FileError> {
    if file.metadata()?.len() > MAX_XLS_BYTES {
        return Err(FileError::Bomb(
            "an XLS file of this size has more than a list: save the list as CSV or XLSX".into(),
        ));
    }
    let mut workbook: Xls<_> = Xls::new(buffered(file)?).map_err(|error| match error {
        calamine::XlsError::Password => FileError::PasswordProtected,
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

/// Reads an ODS sheet; an empty name means the first sheet with content.
pub(super) fn read_ods(file: &File, sheet: &str, each: Each<'_>) -> Result<(), FileError> {
    let mut workbook: Ods<_> = Ods::new(buffered(file)?).map_err(|error| match error {
        calamine::OdsError::Password => FileError::PasswordProtected,
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

/// Whether the workbook is an encrypted one in the older container format.
pub(super) fn is_encrypted(file: &File) -> Result<bool, FileError> {
    Ok(matches!(
        Xlsx::new(buffered(file)?),
        Err(XlsxError::Password)
    ))
}

fn buffered(file: &File) -> Result<BufReader<File>, FileError> {
    let mut file = file.try_clone()?;
    file.seek(SeekFrom::Start(0))?;
    Ok(BufReader::with_capacity(64 * 1024, file))
}

fn sheets(names: &[String], wanted: &str) -> Result<Vec<String>, FileError> {
    if wanted.is_empty() {
        return Ok(names.to_vec());
    }
    match names.iter().find(|name| name.as_str() == wanted) {
        Some(name) => Ok(vec![name.clone()]),
        None => Err(FileError::NoSuchSheet {
            sheet: wanted.to_owned(),
            sheets: names
                .iter()
                .map(|name| format!("'{name}'"))
                .collect::<Vec<_>>()
                .join(", "),
        }),
    }
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
            place(&mut row, column, &borrowed(value));
        }
        if each(&row).is_break() {
            break;
        }
    }
    true
}

fn borrowed(value: &Data) -> DataRef<'_> {
    match value {
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::String(text) | Data::DurationIso(text) => DataRef::SharedString(text),
        Data::Bool(yes) => DataRef::Bool(*yes),
        Data::DateTime(moment) => DataRef::DateTime(*moment),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
        Data::Empty => DataRef::Empty,
    }
}

fn place(row: &mut Row, column: usize, value: &DataRef<'_>) {
    // Cells come in order; one that points back is a damaged sheet's, and must not shift the others.
    if column < row.width() || column > 16_384 {
        return;
    }
    let (text, kind): (std::borrow::Cow<'_, str>, Kind) = match value {
        DataRef::Empty => return,
        DataRef::Int(number) => (number.to_string().into(), Kind::Number),
        DataRef::Float(number) => (plain(*number).into(), Kind::Number),
        DataRef::String(text) | DataRef::DurationIso(text) => (text.as_str().into(), Kind::Text),
        DataRef::SharedString(text) => ((*text).into(), Kind::Text),
        DataRef::Bool(yes) => (yes.to_string().into(), Kind::Bool),
        DataRef::DateTime(moment) => date(*moment),
        DataRef::DateTimeIso(text) => (text.get(..10).unwrap_or(text).into(), Kind::Date),
        DataRef::Error(error) => (error.to_string().into(), Kind::Error),
    };
    row.pad_to(column);
    if text.len() > MAX_CELL_BYTES {
        row.push("", kind);
        row.spoil(Defect::TooLong);
    } else {
        row.push(&text, kind);
    }
}

/// A number as a person would write it: spreadsheets keep 0.1 + 0.2 as 0.30000000000000004 and show 15 digits.
fn plain(number: f64) -> String {
    if !number.is_finite() {
        return number.to_string();
    }
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    rounded.to_string()
}

fn date(moment: ExcelDateTime) -> (std::borrow::Cow<'static, str>, Kind) {
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
