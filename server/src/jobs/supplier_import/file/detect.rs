//! Tells how a file is written: its format by its first bytes, the rest by how well a reading fits.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    ops::ControlFlow,
};

use encoding_rs::{Encoding, UTF_8};
use serde::{Deserialize, Serialize};

use super::super::remark::Remark;
use super::{FileError, MAX_COLUMNS, Row, archive, delimited, encoding::Encodings, read_all, xls};
use crate::jobs::supplier_import::mapping;

/// How many bytes of text decide about delimiter and quote.
const SAMPLE_BYTES: usize = 128 * 1024;
/// How many rows are searched for the header.
const HEADER_SEARCH: u32 = 30;
/// Delimiters that are tried, the likeliest first.
const DELIMITERS: [u8; 4] = [b';', b',', b'\t', b'|'];
/// How the container of older workbooks and of encrypted ones starts.
const CONTAINER: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// How a list is written.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Delimited text.
    Csv,
    /// An Excel workbook since 2007.
    Xlsx,
    /// An Excel workbook before 2007.
    Xls,
    /// An `OpenDocument` spreadsheet.
    Ods,
}

/// What a caller says about a file; what is not said is detected.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct FileOptions {
    /// How the list is written.
    pub format: Option<Format>,
    /// The label of the text's encoding.
    pub encoding: String,
    /// The character between fields.
    pub delimiter: String,
    /// The sheet's name.
    pub sheet: String,
    /// The 1-based row of the header; 0 means detect it.
    pub header_row: u32,
}

/// One column of a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Column {
    /// The header's text; empty if there is none.
    pub header: String,
}

/// How a file is written, all of it decided.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// The file's format.
    pub format: Format,
    /// The encoding of text files.
    pub encoding: &'static Encoding,
    /// The length of the byte order mark.
    pub mark_bytes: usize,
    /// Whether lines of other encodings were found.
    pub mixed_encoding: bool,
    /// The byte between fields of text files.
    pub delimiter: u8,
    /// The byte around fields of text files.
    pub quote: u8,
    /// The sheet's name as the caller gave it; empty means the first with content.
    pub sheet: String,
    /// The 1-based row of the header; 0 if the list has none.
    pub header_row: u32,
    /// The columns in order.
    pub columns: Vec<Column>,
    /// What is worth knowing about the file as a whole.
    pub warnings: Vec<Remark>,
}

/// Decides how the file is written.
///
/// # Errors
/// [`FileError`] when it is no list, or not one that can be read safely.
pub(crate) fn detect(
    file: &File,
    found: Encodings,
    options: &FileOptions,
) -> Result<Layout, FileError> {
    let mut start = vec![0; SAMPLE_BYTES];
    let length = read_start(file, &mut start)?;
    start.truncate(length);
    if start.is_empty() {
        return Err(FileError::Empty);
    }
    let format = format(file, &start)?;
    if options.format.is_some_and(|wanted| wanted != format) {
        let why = format!("does not fit: the file's content is {}", describe(format));
        return Err(FileError::Option {
            field: "import.file.format",
            why,
        });
    }
    let mut layout = Layout {
        format,
        encoding: found.encoding,
        mark_bytes: found.mark_bytes,
        mixed_encoding: found.mixed,
        delimiter: b';',
        quote: b'"',
        sheet: options.sheet.clone(),
        header_row: options.header_row,
        columns: Vec::new(),
        warnings: Vec::new(),
    };
    if format == Format::Csv {
        detect_text(&mut layout, &start, options)?;
    }
    detect_header(&mut layout, file, options)?;
    Ok(layout)
}

fn read_start(file: &File, buffer: &mut [u8]) -> Result<usize, FileError> {
    let mut file = file.try_clone()?;
    file.seek(SeekFrom::Start(0))?;
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..])? {
            0 => break,
            count => length += count,
        }
    }
    Ok(length)
}

fn describe(format: Format) -> &'static str {
    match format {
        Format::Csv => "delimited text",
        Format::Xlsx => "an XLSX workbook",
        Format::Xls => "an XLS workbook",
        Format::Ods => "an OpenDocument spreadsheet",
    }
}

/// Whether a file that starts like this can only be understood as a whole: an archive or a container.
pub(crate) fn is_packed(start: &[u8]) -> bool {
    is_archive(start) || start.starts_with(CONTAINER)
}

fn is_archive(start: &[u8]) -> bool {
    start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06")
}

fn format(file: &File, start: &[u8]) -> Result<Format, FileError> {
    let not_a_list = |what: &str| Err(FileError::NotAList(what.to_owned()));
    if is_archive(start) {
        return match archive::inspect(file)? {
            archive::Contents::Xlsx => Ok(Format::Xlsx),
            archive::Contents::Ods => Ok(Format::Ods),
            archive::Contents::Other(what) => not_a_list(what),
        };
    }
    if start.starts_with(CONTAINER) {
        return if xls::is_encrypted(file)? {
            Err(FileError::PasswordProtected)
        } else {
            Ok(Format::Xls)
        };
    }
    if start.starts_with(b"%PDF") {
        return not_a_list("it is a PDF document");
    }
    if start.starts_with(b"\x1f\x8b") {
        return not_a_list("it is compressed (gzip): unpack it first");
    }
    let text = start.trim_ascii_start();
    let begins = |word: &[u8]| {
        text.get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word))
    };
    if begins(b"<!doctype html") || begins(b"<html") || begins(b"<table") {
        return not_a_list("it is a web page; perhaps the address needs a login");
    }
    if begins(b"<?xml") {
        return not_a_list("it is XML");
    }
    if begins(b"{") || begins(b"[{") {
        return not_a_list("it is JSON");
    }
    Ok(Format::Csv)
}

fn detect_text(layout: &mut Layout, start: &[u8], options: &FileOptions) -> Result<(), FileError> {
    if !options.encoding.is_empty() {
        let label = if options.encoding.eq_ignore_ascii_case("utf-8-sig") {
            "utf-8"
        } else {
            &options.encoding
        };
        layout.encoding =
            Encoding::for_label(label.as_bytes()).ok_or_else(|| FileError::Option {
                field: "import.file.encoding",
                why: format!("cannot be '{label}': no such encoding is known here"),
            })?;
        layout.mixed_encoding &= layout.encoding == UTF_8;
    }
    if layout.mixed_encoding {
        layout.warnings.push(Remark::new("encoding_mixed", format!(
            "the text is partly {} and partly another encoding; rows of the other encoding are reported as errors",
            layout.encoding.name()
        )));
    }
    let (text, _) = layout
        .encoding
        .decode_without_bom_handling(&start[layout.mark_bytes.min(start.len())..]);
    if text.trim().is_empty() {
        return Err(FileError::Empty);
    }
    if text.contains('\0') {
        return Err(FileError::NotAList("it holds binary data".to_owned()));
    }
    layout.quote = quote(&text);
    layout.delimiter = match options.delimiter.as_str() {
        "" => delimiter(text.as_bytes(), layout.quote),
        "\\t" => b'\t',
        one if one.len() == 1 && one != "\"" && one != "\n" && one != "\r" => one.as_bytes()[0],
        other => {
            let why = format!("must be one ASCII character, not '{other}'");
            return Err(FileError::Option {
                field: "import.file.delimiter",
                why,
            });
        }
    };
    Ok(())
}

/// The apostrophe if fields are wrapped in it and no double quote is there, else the double quote.
fn quote(text: &str) -> u8 {
    if text.contains('"') {
        return b'"';
    }
    let wrapped = DELIMITERS
        .iter()
        .map(|delimiter| text.matches(&format!("'{}'", *delimiter as char)).count())
        .max();
    if wrapped.unwrap_or(0) > text.lines().count() {
        b'\''
    } else {
        b'"'
    }
}

/// The delimiter under which most rows have the same number of cells, and more than one.
fn delimiter(text: &[u8], quote: u8) -> u8 {
    let score = |delimiter: u8| {
        let mut widths = std::collections::BTreeMap::<usize, usize>::new();
        let mut rows = 0;
        delimited::read_text(text, delimiter, quote, &mut |row| {
            *widths.entry(row.width()).or_default() += 1;
            rows += 1;
            if rows < 200 {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        // (rows that agree, their width), one-celled rows never count.
        widths
            .into_iter()
            .filter(|(width, _)| *width > 1)
            .map(|(width, count)| (count, width))
            .max()
            .unwrap_or((0, 0))
    };
    let best = DELIMITERS
        .iter()
        .rev()
        .map(|delimiter| (score(*delimiter), *delimiter))
        .max_by_key(|(score, _)| *score);
    best.filter(|((count, _), _)| *count > 0)
        .map_or(b';', |(_, delimiter)| delimiter)
}

/// Finds the header: the row with most names that are known, else the first row of which no cell looks like a value.
fn detect_header(layout: &mut Layout, file: &File, options: &FileOptions) -> Result<(), FileError> {
    let last = options.header_row.max(HEADER_SEARCH);
    let mut head: Vec<Row> = Vec::new();
    read_all(file, layout, &mut |row| {
        if row.number() > last {
            return ControlFlow::Break(());
        }
        if !row.is_blank() {
            head.push(row.clone());
        }
        ControlFlow::Continue(())
    })?;
    if head.is_empty() {
        return Err(FileError::Empty);
    }
    let header = if options.header_row > 0 {
        let given = head.iter().find(|row| row.number() == options.header_row);
        Some(given.ok_or_else(|| FileError::Option {
            field: "import.file.header_row",
            why: format!(
                "points to row {}, which is empty or beyond the end of the list",
                options.header_row
            ),
        })?)
    } else {
        let known = |row: &&Row| {
            row.cells()
                .filter(|(text, _)| mapping::is_known_name(text))
                .count()
        };
        // Of equally good rows the first.
        let best = head
            .iter()
            .rev()
            .max_by_key(known)
            .filter(|row| known(row) > 0);
        best.or_else(|| head.first().filter(|row| looks_like_names(row)))
    };
    layout.header_row = header.map_or(0, Row::number);
    let columns = if let Some(row) = header {
        row.cells()
            .map(|(text, _)| Column {
                header: text.trim().to_owned(),
            })
            .collect()
    } else {
        let widest = head.iter().map(Row::width).max().unwrap_or(0);
        vec![
            Column {
                header: String::new()
            };
            widest
        ]
    };
    layout.columns = columns;
    while layout.header_row > 0
        && layout
            .columns
            .last()
            .is_some_and(|column| column.header.is_empty())
    {
        // Columns without a name at the end only count if something stands in them.
        let index = layout.columns.len() - 1;
        if head
            .iter()
            .any(|row| row.number() > layout.header_row && !row.cell(index).0.is_empty())
        {
            break;
        }
        layout.columns.pop();
    }
    if layout.columns.len() > MAX_COLUMNS {
        return Err(FileError::TooManyColumns {
            columns: layout.columns.len(),
        });
    }
    if layout.header_row == 0 {
        layout.warnings.push(Remark::new(
            "header_missing",
            "no header was found; columns are named by their position, the first is #1",
        ));
    }
    Ok(())
}

fn looks_like_names(row: &Row) -> bool {
    let mut names = 0;
    for (text, kind) in row.cells() {
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        if kind != super::Kind::Text
            || text.len() > 60
            || text.starts_with(|letter: char| letter.is_ascii_digit())
        {
            return false;
        }
        names += 1;
    }
    names > 0
}
