//! Rows of delimited text, read in pieces: no quote, cell or line makes it hold more than one bounded row.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    ops::ControlFlow,
};

use csv_core::{ReadRecordResult, ReaderBuilder};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::{
    Defect, FileError, Layout, MAX_CELL_BYTES, Row, limits::MAX_ROW_BYTES, transcode::Transcode,
};

/// How many bytes are read at once.
const PIECE: usize = 256 * 1024;
/// The most cells of a row that are kept.
const MAX_CELLS: usize = 4096;

/// Reads every row of the file from its beginning.
pub(super) fn read(
    file: &File,
    layout: &Layout,
    each: &mut dyn FnMut(&Row) -> ControlFlow<()>,
) -> Result<(), FileError> {
    let mut source = file.try_clone()?;
    source.seek(SeekFrom::Start(layout.mark_bytes as u64))?;
    if layout.encoding == UTF_16LE || layout.encoding == UTF_16BE {
        let text = Transcode::new(source, layout.encoding);
        return read_records(
            text,
            layout.delimiter,
            layout.quote,
            &Decoding::of(UTF_8, false),
            each,
        );
    }
    let decoding = Decoding::of(layout.encoding, layout.mixed_encoding);
    read_records(source, layout.delimiter, layout.quote, &decoding, each)
}

/// Reads every record of UTF-8 text that is in memory; the text may end in the middle of one.
pub(super) fn read_text(
    text: &[u8],
    delimiter: u8,
    quote: u8,
    each: &mut dyn FnMut(&Row) -> ControlFlow<()>,
) {
    let decoding = Decoding::of(UTF_8, false);
    // Memory does not fail to be read.
    let _ = read_records(text, delimiter, quote, &decoding, each);
}

/// How the bytes of one row become text.
struct Decoding {
    encoding: &'static Encoding,
    /// Whether rows that are UTF-8 are at fault in a file that is not.
    refuse_utf8: bool,
}

impl Decoding {
    fn of(encoding: &'static Encoding, mixed: bool) -> Self {
        Self {
            encoding,
            refuse_utf8: mixed && encoding != UTF_8,
        }
    }

    /// Fills the row from its bytes and the ends of its cells.
    fn fill(&self, row: &mut Row, number: u32, bytes: Vec<u8>, ends: &[usize]) {
        if self.encoding == UTF_8 || bytes.is_ascii() {
            match String::from_utf8(bytes) {
                Ok(text) if ends.iter().all(|end| text.is_char_boundary(*end)) => {
                    row.fill(number, text, ends);
                }
                Ok(text) => spoil(row, number, text.as_bytes(), ends),
                Err(error) => spoil(row, number, error.as_bytes(), ends),
            }
            return;
        }
        let looks_utf8 = self.refuse_utf8 && std::str::from_utf8(&bytes).is_ok();
        row.begin(number);
        let mut start = 0;
        for &end in ends {
            let (text, _) = self
                .encoding
                .decode_without_bom_handling(&bytes[start..end]);
            row.push(&text, super::Kind::Text);
            start = end;
        }
        if looks_utf8 {
            row.spoil(Defect::Encoding);
        }
    }
}

/// Shows what can be shown of a row whose bytes are not text.
fn spoil(row: &mut Row, number: u32, bytes: &[u8], ends: &[usize]) {
    row.begin(number);
    let mut start = 0;
    for &end in ends {
        row.push(
            &String::from_utf8_lossy(&bytes[start..end]),
            super::Kind::Text,
        );
        start = end;
    }
    row.spoil(Defect::Encoding);
}

/// What has been read and not yet been looked at.
struct Input<R> {
    source: R,
    piece: Vec<u8>,
    start: usize,
    end: usize,
}

impl<R: Read> Input<R> {
    fn rest(&self) -> &[u8] {
        &self.piece[self.start..self.end]
    }

    /// Reads on if nothing is left; false at the end of the file.
    fn ready(&mut self) -> Result<bool, FileError> {
        if self.start == self.end {
            self.start = 0;
            self.end = self.source.read(&mut self.piece)?;
        }
        Ok(self.end > 0)
    }
}

fn read_records<R: Read>(
    source: R,
    delimiter: u8,
    quote: u8,
    decoding: &Decoding,
    each: &mut dyn FnMut(&Row) -> ControlFlow<()>,
) -> Result<(), FileError> {
    let mut parser = ReaderBuilder::new()
        .delimiter(delimiter)
        .quote(quote)
        .build();
    let mut input = Input {
        source,
        piece: vec![0; PIECE],
        start: 0,
        end: 0,
    };
    let mut ends = vec![0_usize; 64];
    let mut row = Row::default();
    let mut number = 0_u32;
    let mut last_byte = b'\n';
    loop {
        if !skip_blank_lines(&mut input, &mut number, &mut last_byte)? {
            return Ok(());
        }
        let mut bytes = row.take_buffer();
        let record = read_record(
            &mut parser,
            &mut input,
            &mut bytes,
            &mut ends,
            &mut last_byte,
        )?;
        number += 1;
        let ends = &ends[..record.cells];
        let longest = ends
            .iter()
            .zip(std::iter::once(&0).chain(ends))
            .map(|(end, start)| end - start)
            .max();
        decoding.fill(&mut row, number, bytes, ends);
        if record.overflowed || longest.is_some_and(|longest| longest > MAX_CELL_BYTES) {
            row.spoil(Defect::TooLong);
        }
        if record.quote_unclosed {
            row.spoil(Defect::QuoteUnclosed);
        }
        if each(&row).is_break() {
            return Ok(());
        }
    }
}

/// Passes over empty lines, which count as rows; false at the end of the file.
fn skip_blank_lines<R: Read>(
    input: &mut Input<R>,
    number: &mut u32,
    last_byte: &mut u8,
) -> Result<bool, FileError> {
    loop {
        if !input.ready()? {
            return Ok(false);
        }
        let byte = input.rest()[0];
        match byte {
            // The second half of a line break is no line of its own.
            b'\n' if *last_byte == b'\r' => {}
            b'\n' | b'\r' => *number += 1,
            _ => return Ok(true),
        }
        *last_byte = byte;
        input.start += 1;
    }
}

/// What was found of one record.
struct Record {
    cells: usize,
    overflowed: bool,
    quote_unclosed: bool,
}

fn read_record<R: Read>(
    parser: &mut csv_core::Reader,
    input: &mut Input<R>,
    bytes: &mut Vec<u8>,
    ends: &mut Vec<usize>,
    last_byte: &mut u8,
) -> Result<Record, FileError> {
    let mut filled = 0;
    let mut record = Record {
        cells: 0,
        overflowed: false,
        quote_unclosed: false,
    };
    bytes.resize(bytes.capacity().clamp(4096, MAX_ROW_BYTES), 0);
    loop {
        // A line break after the last byte ends every record but one inside quotes.
        let at_end = !input.ready()?;
        let rest: &[u8] = if !at_end {
            input.rest()
        } else if record.quote_unclosed {
            b""
        } else {
            b"\n"
        };
        let (result, read, written, ended) =
            parser.read_record(rest, &mut bytes[filled..], &mut ends[record.cells..]);
        if !at_end {
            input.start += read;
            if read > 0 {
                *last_byte = input.piece[input.start - 1];
            }
        }
        filled += written;
        record.cells += ended;
        match result {
            ReadRecordResult::InputEmpty => record.quote_unclosed = at_end,
            ReadRecordResult::OutputFull if bytes.len() < MAX_ROW_BYTES => {
                bytes.resize((bytes.len() * 2).min(MAX_ROW_BYTES), 0);
            }
            ReadRecordResult::OutputEndsFull if ends.len() < MAX_CELLS => {
                ends.resize(ends.len() * 2, 0);
            }
            ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                // Only where the record ends matters now.
                record.overflowed = true;
                filled = 0;
                record.cells = 0;
            }
            ReadRecordResult::Record | ReadRecordResult::End => break,
        }
    }
    if record.overflowed {
        filled = 0;
        record.cells = 0;
    }
    bytes.truncate(filled);
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &[u8]) -> Vec<(u32, Vec<String>, Option<Defect>)> {
        let mut rows = Vec::new();
        read_text(text, b';', b'"', &mut |row| {
            rows.push((
                row.number(),
                row.cells().map(|(text, _)| text.to_owned()).collect(),
                row.defect(),
            ));
            ControlFlow::Continue(())
        });
        rows
    }

    #[test]
    fn quoted_line_breaks_and_blank_lines_keep_row_numbers_right() {
        let found = rows(b"a;b\r\n\r\n\"x\r\ny\";\"say \"\"hi\"\"\"\r\n;\n\n\nlast;one");
        let expected: [(u32, &[&str]); 4] = [
            (1, &["a", "b"]),
            (3, &["x\r\ny", "say \"hi\""]),
            (4, &["", ""]),
            (7, &["last", "one"]),
        ];
        assert_eq!(found.len(), expected.len());
        for ((number, cells, defect), (row, texts)) in found.iter().zip(expected) {
            assert_eq!(
                (
                    *number,
                    cells
                        .iter()
                        .map(String::as_str)
                        .collect::<Vec<_>>()
                        .as_slice()
                ),
                (row, texts)
            );
            assert_eq!(*defect, None);
        }
    }

    #[test]
    fn a_cell_of_ten_megabytes_is_a_defect_and_the_next_row_is_read() {
        let mut text = b"a;b\n1;".to_vec();
        text.resize(text.len() + 10 * 1024 * 1024, b'x');
        text.extend_from_slice(b";tail\n2;fine\n");
        let found = rows(&text);
        assert_eq!(found[1].2, Some(Defect::TooLong));
        assert_eq!(found[2], (3, vec!["2".to_owned(), "fine".to_owned()], None));
    }

    #[test]
    fn a_quote_that_is_never_closed_is_a_defect_of_its_row() {
        let found = rows(b"a;b\n1;\"open\n2;x\n3;y\n");
        assert_eq!(found.len(), 2);
        assert_eq!((found[1].0, found[1].2), (2, Some(Defect::QuoteUnclosed)));
    }

    #[test]
    fn a_row_with_thousands_of_cells_is_read() {
        let text = format!("{}\nx;y\n", ";".repeat(500));
        let found = rows(text.as_bytes());
        assert_eq!((found[0].1.len(), found[1].1.len()), (501, 2));
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_back(cells in proptest::collection::vec(
            proptest::collection::vec("[ -~\u{e9}\r\n]{0,12}", 2..5), 1..20)) {
            let mut writer = csv::WriterBuilder::new().delimiter(b';').flexible(true).quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
            for row in &cells {
                writer.write_record(row).unwrap();
            }
            let found = rows(&writer.into_inner().unwrap());
            let texts: Vec<Vec<String>> = found.into_iter().map(|(_, cells, _)| cells).collect();
            proptest::prop_assert_eq!(texts, cells);
        }
    }
}
