//! Rows of delimited text, read in pieces: no quote, cell or line makes it hold more than one bounded row.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    ops::ControlFlow,
};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::{
    Defect, FileError, Layout, Row,
    records::{Record, Records},
    transcode::Transcode,
};

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

    /// Makes a row of a record, which gets the row's memory in exchange.
    fn fill(&self, row: &mut Row, record: &mut Record) {
        let Record { number, ends, .. } = record;
        let number = *number;
        let bytes = std::mem::replace(&mut record.bytes, row.take_buffer());
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
        for &end in &*ends {
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

fn read_records<R: Read>(
    source: R,
    delimiter: u8,
    quote: u8,
    decoding: &Decoding,
    each: &mut dyn FnMut(&Row) -> ControlFlow<()>,
) -> Result<(), FileError> {
    let mut records = Records::new(source, delimiter, quote);
    let mut record = Record::default();
    let mut row = Row::default();
    while records.next(&mut record)? {
        decoding.fill(&mut row, &mut record);
        if let Some(defect) = record.defect {
            row.spoil(defect);
        }
        if each(&row).is_break() {
            break;
        }
    }
    Ok(())
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
    fn a_quote_that_is_never_closed_costs_its_own_line_and_no_other() {
        let unclosed = Some(Defect::QuoteUnclosed);
        let long = format!("a;b\n1;\"open\n{}2;x\n", "c;d\n".repeat(300_000));
        let cases: [(&[u8], u32, &str, usize); 7] = [
            // The file ends inside quotes.
            (b"a;b\n1;\"open\n2;x\n3;y\n", 2, "\"open", 4),
            (b"a;b\n1;x\n2;\"open", 3, "\"open", 3),
            // Another row's quote shows that this one was not closed.
            (b"a;b\n1;\"open\n2;\"x\"\n3;y\n", 2, "\"open", 4),
            (
                b"\"a\";\"b\"\r\n\"1\";\"open\r\n\"2\";\"x\"\r\n",
                2,
                "\"open",
                3,
            ),
            // A line break inside good quotes before it is left alone.
            (b"a;b\n\"1\n1\";\"open\n2;\"x\"\n", 2, "\"open", 3),
            (b"a;b\r1;\"op\"\"en\r2;x", 2, "\"op\"\"en", 3),
            // The longest row ends inside quotes.
            (long.as_bytes(), 2, "\"open", 300_003),
        ];
        for (text, row, cell, count) in cases {
            let found = rows(text);
            let shown = String::from_utf8_lossy(&text[..text.len().min(40)]);
            assert_eq!(found.len(), count, "{shown}");
            let bad: Vec<_> = found.iter().filter(|row| row.2.is_some()).collect();
            assert_eq!(
                (bad.len(), bad[0].0, bad[0].2),
                (1, row, unclosed),
                "{shown}"
            );
            assert_eq!(bad[0].1[1], cell, "{shown}");
            let numbers = found.iter().map(|row| row.0);
            assert!(numbers.eq(1..=u32::try_from(count).unwrap()), "{shown}");
        }
    }

    #[test]
    fn a_quote_inside_quotes_on_one_line_is_text() {
        let found = rows(b"a;b\n\"19\" rack\";5\n19\" rack;\"\"\n\"say \"\"hi\"\"\";x\n");
        let cells: Vec<&[String]> = found.iter().map(|row| &row.1[..]).collect();
        assert_eq!(
            cells[1..],
            [["19\" rack", "5"], ["19\" rack", ""], ["say \"hi\"", "x"]]
        );
        assert!(found.iter().all(|row| row.2.is_none()));
    }

    #[test]
    fn records_are_the_same_however_the_bytes_arrive() {
        struct Drops<'a>(&'a [u8], usize);
        impl Read for Drops<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                let count = self.1.min(self.0.len()).min(buffer.len());
                buffer[..count].copy_from_slice(&self.0[..count]);
                self.0 = &self.0[count..];
                Ok(count)
            }
        }
        let text = b"a;b\r\n\r\n\"x\r\ny\";\"say \"\"hi\"\"\"\r\n;\"\"\r\n1;\"open\r\n\"2\";\"z\"";
        let expected = rows(text);
        for size in 1..8 {
            let mut found = Vec::new();
            read_records(
                Drops(text, size),
                b';',
                b'"',
                &Decoding::of(UTF_8, false),
                &mut |row| {
                    found.push((
                        row.number(),
                        row.cells().map(|(text, _)| text.to_owned()).collect(),
                        row.defect(),
                    ));
                    ControlFlow::Continue(())
                },
            )
            .unwrap();
            assert_eq!(found, expected, "{size} bytes at a time");
        }
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
