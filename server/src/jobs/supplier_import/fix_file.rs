//! The rows that failed, as they stood in the list, with a column that says why.
//!
//! Delimited text stays delimited text in its own encoding; every workbook becomes an XLSX workbook, since nothing
//! writes the older formats. Cells that a spreadsheet would take for a formula get an apostrophe in front, which an
//! import of the mended file takes off again.

use std::{
    borrow::Cow,
    collections::HashMap,
    fs::File,
    io::{self, BufWriter, Read, Seek, SeekFrom, Write},
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE};
use futures::Stream;
use rust_xlsxwriter::{ExcelDateTime, Format as CellFormat, Workbook, Worksheet};
use tokio::sync::mpsc;

use super::{
    error::ImportError,
    file::{FileError, Format, Kind, Layout, Row, read_all},
    prepare::RowError,
    reading::OpenList,
    row_errors,
};
use crate::{
    db::Db,
    ids::JobId,
    jobs::threads::{finished, on_a_thread},
};

const REASON: &str = "Sluice: reason";
const PAGE: i64 = 1000;
const PIECE: usize = 256 * 1024;

/// A name for the fix file of a list.
pub(super) fn name(list: &str, format: Format) -> String {
    let ending = if format == Format::Csv { "csv" } else { "xlsx" };
    let (stem, given) = list.rsplit_once('.').unwrap_or((list, ending));
    let stem = if stem.is_empty() { "list" } else { stem };
    let ending = if format == Format::Csv { given } else { ending };
    format!("{stem}-to-fix.{ending}")
}

/// What a reader calls an error, by its code; other codes keep the server's sentence.
pub(super) type Words = HashMap<String, String>;

/// Writes the fix file to the scratch directory; errors come from Postgres in pages while the list is read.
pub(super) async fn write(
    db: Db,
    job: JobId,
    list: OpenList,
    words: Words,
    scratch: PathBuf,
) -> Result<File, ImportError> {
    let (sender, receiver) = mpsc::channel(4);
    let writer = tokio::task::spawn_blocking(move || {
        let mut errors = Errors {
            pages: receiver,
            page: Vec::new().into_iter(),
            words,
        };
        match list.layout.format {
            Format::Csv => write_text(&list, &mut errors, &scratch),
            Format::Xlsx | Format::Xls | Format::Ods => {
                write_workbook(&list, &mut errors, &scratch)
            }
        }
    });
    let mut after = 0;
    loop {
        let page = row_errors::after(db.pool(), job, after, None, PAGE).await?;
        let Some(furthest) = page.last() else { break };
        after = furthest.row;
        if sender.send(page).await.is_err() {
            break;
        }
    }
    drop(sender);
    Ok(finished(writer.await)?)
}

/// The file's bytes in pieces.
pub(super) fn pieces(file: File) -> impl Stream<Item = io::Result<Vec<u8>>> + Send {
    futures::stream::try_unfold(file, |file| async move {
        let (piece, file) = on_a_thread(move || {
            let mut piece = vec![0; PIECE];
            let count = (&file).read(&mut piece)?;
            piece.truncate(count);
            Ok::<_, io::Error>((piece, file))
        })
        .await?;
        Ok((!piece.is_empty()).then_some((piece, file)))
    })
}

/// Row errors in the order of the rows.
struct Errors {
    pages: mpsc::Receiver<Vec<RowError>>,
    page: std::vec::IntoIter<RowError>,
    words: Words,
}

impl Errors {
    /// Why a row failed: the column at fault, a sentence, and the code that never changes.
    fn reason_of(&self, error: &RowError) -> String {
        let column = if error.column.is_empty() {
            String::new()
        } else {
            format!("{}: ", error.column)
        };
        let sentence = self.words.get(&error.code).unwrap_or(&error.message);
        format!("{column}{sentence} [{}]", error.code)
    }
}

impl Iterator for Errors {
    type Item = RowError;

    fn next(&mut self) -> Option<RowError> {
        loop {
            if let Some(error) = self.page.next() {
                return Some(error);
            }
            self.page = self.pages.blocking_recv()?.into_iter();
        }
    }
}

/// Hands out the rows up to the header without a reason, and each failed row with its reason.
fn each_row(
    list: &OpenList,
    errors: &mut Errors,
    take: &mut dyn FnMut(&Row, Option<&str>) -> io::Result<()>,
) -> Result<(), FileError> {
    let mut wanted = errors.next();
    let mut failed = None;
    read_all(&list.file, &list.layout, &mut |row| {
        let taken = if row.number() <= list.layout.header_row {
            let reason = (row.number() == list.layout.header_row).then_some(REASON);
            take(row, reason)
        } else if let Some(error) = wanted.take_if(|error| error.row == row.number()) {
            wanted = errors.next();
            take(row, Some(&errors.reason_of(&error)))
        } else {
            Ok(())
        };
        match taken {
            Ok(()) if wanted.is_none() => ControlFlow::Break(()),
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    failed.map_or(Ok(()), |error| Err(error.into()))
}

fn write_text(list: &OpenList, errors: &mut Errors, scratch: &Path) -> Result<File, FileError> {
    let layout = &list.layout;
    let mut output = BufWriter::new(tempfile::tempfile_in(scratch)?);
    output.write_all(mark(layout))?;
    let mut line = Vec::new();
    // Apostrophes are only taken for quotes where they stand around every field.
    let quoting = if layout.quote == b'\'' {
        csv::QuoteStyle::Always
    } else {
        csv::QuoteStyle::Necessary
    };
    each_row(list, errors, &mut |row, reason| {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(layout.delimiter)
            .quote(layout.quote)
            .quote_style(quoting)
            .flexible(true)
            .terminator(csv::Terminator::CRLF)
            .from_writer(std::mem::take(&mut line));
        for (text, _) in row.cells() {
            writer.write_field(disarmed(text).as_bytes())?;
        }
        if let Some(reason) = reason {
            for _ in row.width()..layout.columns.len() {
                writer.write_field("")?;
            }
            writer.write_field(disarmed(reason).as_bytes())?;
        }
        writer.write_record(None::<&[u8]>)?;
        line = writer
            .into_inner()
            .map_err(|error| io::Error::other(error.to_string()))?;
        encode(&line, layout, &mut output)?;
        line.clear();
        Ok(())
    })?;
    rewound(
        output
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?,
    )
}

fn mark(layout: &Layout) -> &'static [u8] {
    match layout.mark_bytes {
        0 => b"",
        _ if layout.encoding == UTF_16LE => b"\xff\xfe",
        _ if layout.encoding == UTF_16BE => b"\xfe\xff",
        _ => b"\xef\xbb\xbf",
    }
}

/// Writes UTF-8 in the list's own encoding.
fn encode(line: &[u8], layout: &Layout, output: &mut impl Write) -> io::Result<()> {
    if layout.encoding == UTF_8 || line.is_ascii() && !is_utf16(layout) {
        return output.write_all(line);
    }
    let text = String::from_utf8_lossy(line);
    if is_utf16(layout) {
        for unit in text.encode_utf16() {
            let bytes = if layout.encoding == UTF_16LE {
                unit.to_le_bytes()
            } else {
                unit.to_be_bytes()
            };
            output.write_all(&bytes)?;
        }
        return Ok(());
    }
    // What the encoding lacks only stands in rows that were not in it.
    let (bytes, _, _) = layout.encoding.encode(&text);
    output.write_all(&bytes)
}

fn is_utf16(layout: &Layout) -> bool {
    layout.encoding == UTF_16LE || layout.encoding == UTF_16BE
}

fn write_workbook(list: &OpenList, errors: &mut Errors, scratch: &Path) -> Result<File, FileError> {
    let mut workbook = Workbook::new();
    workbook.set_tempdir(scratch).map_err(io::Error::other)?;
    let sheet = workbook
        .add_worksheet_with_constant_memory()
        .map_err(io::Error::other)?;
    let mut line = 0;
    each_row(list, errors, &mut |row, reason| {
        for (column, (text, kind)) in (0..).zip(row.cells()) {
            write_cell(sheet, line, column, text, kind).map_err(io::Error::other)?;
        }
        if let Some(reason) = reason {
            let column =
                u16::try_from(row.width().max(list.layout.columns.len())).unwrap_or(u16::MAX);
            write_cell(sheet, line, column, reason, Kind::Text).map_err(io::Error::other)?;
        }
        line += 1;
        Ok(())
    })?;
    let mut file = tempfile::tempfile_in(scratch)?;
    workbook
        .save_to_writer(&mut file)
        .map_err(|error| FileError::Damaged(error.to_string()))?;
    rewound(file)
}

fn write_cell(
    sheet: &mut Worksheet,
    line: u32,
    column: u16,
    text: &str,
    kind: Kind,
) -> Result<(), rust_xlsxwriter::XlsxError> {
    if text.is_empty() {
        return Ok(());
    }
    if kind == Kind::Date
        && let Ok(day) = ExcelDateTime::parse_from_str(text)
    {
        let format = CellFormat::new().set_num_format("yyyy-mm-dd");
        sheet.write_with_format(line, column, &day, &format)?;
        return Ok(());
    }
    let (digits, format) = match text.strip_suffix('%') {
        Some(digits) => (digits, Some(CellFormat::new().set_num_format("0.00%"))),
        None => (text, None),
    };
    match (kind, digits.parse::<f64>()) {
        (Kind::Number, Ok(number)) if number.is_finite() => {
            match format {
                Some(format) => sheet.write_with_format(line, column, number / 100.0, &format)?,
                None => sheet.write_number(line, column, number)?,
            };
        }
        (Kind::Bool, _) => {
            sheet.write_boolean(line, column, text == "true")?;
        }
        _ => {
            // A cell of a workbook holds less than a cell of text.
            let short: String = disarmed(text).chars().take(32_000).collect();
            sheet.write_string(line, column, short)?;
        }
    }
    Ok(())
}

/// The text, or with an apostrophe in front if a spreadsheet would run it as a formula.
fn disarmed(text: &str) -> Cow<'_, str> {
    let is_number = || {
        let digits = text.trim_start_matches(['+', '-']);
        digits.starts_with(|letter: char| letter.is_ascii_digit())
            && digits.chars().all(|letter| {
                letter.is_ascii_digit() || matches!(letter, '.' | ',' | ' ' | '%' | '\u{20ac}')
            })
    };
    match text.trim_start().chars().next() {
        Some('=' | '@') => format!("'{text}").into(),
        Some('+' | '-') if !is_number() => format!("'{text}").into(),
        _ if text.starts_with(['\t', '\r']) => format!("'{text}").into(),
        _ => text.into(),
    }
}

fn rewound(mut file: File) -> Result<File, FileError> {
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed_and_numbers_are_left_alone() {
        let cases = [
            ("=HYPERLINK(\"x\")", "'=HYPERLINK(\"x\")"),
            ("+31 6 cmd", "'+31 6 cmd"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
            (" =1", "' =1"),
            ("\t=1", "'\t=1"),
            ("-12,50", "-12,50"),
            ("+5", "+5"),
            ("Zaag", "Zaag"),
        ];
        for (text, expected) in cases {
            assert_eq!(disarmed(text), expected);
        }
    }

    #[test]
    fn a_fix_file_is_named_after_its_list() {
        assert_eq!(name("prijzen.txt", Format::Csv), "prijzen-to-fix.txt");
        assert_eq!(name("", Format::Csv), "list-to-fix.csv");
        assert_eq!(name("prijzen.ods", Format::Ods), "prijzen-to-fix.xlsx");
    }
}
