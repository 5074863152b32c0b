//! Cuts delimited text into records, in bounded memory. A quote that is never closed costs its own line, not the rest.
//!
//! Where quotes end is decided like this:
//! - a quote ends its cell only in front of a delimiter, a line break or the file's end; two quotes are one of the text;
//! - any other quote inside quotes is text (`"19" rack"`), unless the cell has gone over a line break by then;
//! - in that case, and where the file or the longest row ends inside quotes, the quote was never closed: the record
//!   ends with the line in which it was opened, and the next line is the next record.

use std::io::Read;

use memchr::{memchr, memchr2, memchr3};

use super::{Defect, FileError, MAX_CELL_BYTES, limits::MAX_ROW_BYTES};

/// How many bytes are read at once.
const PIECE: usize = 256 * 1024;
/// The most cells of a record that are kept.
const MAX_CELLS: usize = 4096;

/// The records of a text that is read in pieces.
pub(super) struct Records<R> {
    source: R,
    marks: Marks,
    piece: Vec<u8>,
    /// What of the piece has been read and not yet been handed out.
    start: usize,
    end: usize,
    /// Whether the source has no more.
    ended: bool,
    number: u32,
    after_return: bool,
}

/// One record without its quotes, one cell behind the other; its memory is used again for the next one.
#[derive(Default)]
pub(super) struct Record {
    /// Which one it is, blank lines counted too; the first is 1.
    pub(super) number: u32,
    pub(super) bytes: Vec<u8>,
    /// Where each cell ends in the bytes.
    pub(super) ends: Vec<usize>,
    pub(super) defect: Option<Defect>,
}

/// The bytes that mean something.
struct Marks {
    delimiter: u8,
    quote: u8,
}

/// How far the bytes at hand make a record.
enum Cut {
    /// They do, and this many of them.
    Whole(usize),
    /// Not yet. In quotes that have gone over a line break: where they were opened, and how long the bytes then were.
    Part(Option<Opened>),
}

/// A quote that was opened.
#[derive(Clone, Copy)]
struct Opened {
    /// Its place in the text.
    place: usize,
    /// How many bytes of the record lie before its cell.
    before: usize,
}

impl<R: Read> Records<R> {
    pub(super) fn new(source: R, delimiter: u8, quote: u8) -> Self {
        Self {
            source,
            marks: Marks { delimiter, quote },
            piece: vec![0; PIECE],
            start: 0,
            end: 0,
            ended: false,
            number: 0,
            after_return: false,
        }
    }

    /// Fills in the next record; false at the end of the text.
    pub(super) fn next(&mut self, record: &mut Record) -> Result<bool, FileError> {
        if !self.skip_blank_lines()? {
            return Ok(false);
        }
        self.number += 1;
        record.number = self.number;
        loop {
            let rest = &self.piece[self.start..self.end];
            let opened = match self.marks.cut(rest, self.ended, record) {
                Cut::Whole(length) => {
                    self.pass(length);
                    return Ok(true);
                }
                Cut::Part(opened) => opened,
            };
            if !self.ended && rest.len() < MAX_ROW_BYTES {
                self.read_on()?;
            } else if let Some(opened) = opened {
                let length = end_with_line(rest, opened, record);
                self.pass(length);
                return Ok(true);
            } else {
                record.spoil_as_too_long();
                self.skip_line()?;
                return Ok(true);
            }
        }
    }

    /// Passes over empty lines, which count as records; false at the end of the text.
    fn skip_blank_lines(&mut self) -> Result<bool, FileError> {
        loop {
            if self.start == self.end {
                if self.ended {
                    return Ok(false);
                }
                self.read_on()?;
                continue;
            }
            match self.piece[self.start] {
                // The second half of a line break is no line of its own.
                b'\n' if self.after_return => {}
                b'\n' | b'\r' => self.number += 1,
                _ => return Ok(true),
            }
            self.pass(1);
        }
    }

    /// Passes over the rest of a line of any length, and its end.
    fn skip_line(&mut self) -> Result<(), FileError> {
        loop {
            let rest = &self.piece[self.start..self.end];
            if let Some(place) = line_end(rest) {
                self.pass(place + 1);
                return Ok(());
            }
            self.pass(rest.len());
            if self.ended {
                return Ok(());
            }
            self.read_on()?;
        }
    }

    fn pass(&mut self, length: usize) {
        self.start += length;
        if length > 0 {
            self.after_return = self.piece[self.start - 1] == b'\r';
        }
    }

    /// Reads more behind what is left, which moves to the front.
    fn read_on(&mut self) -> Result<(), FileError> {
        self.piece.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.end == self.piece.len() {
            self.piece.resize(self.end + PIECE, 0);
        }
        let count = self.source.read(&mut self.piece[self.end..])?;
        self.end += count;
        self.ended = count == 0;
        Ok(())
    }
}

impl Marks {
    /// Cuts the record at the front of `text`; `is_all` says that nothing comes behind it.
    fn cut(&self, text: &[u8], is_all: bool, record: &mut Record) -> Cut {
        record.bytes.clear();
        record.ends.clear();
        record.defect = None;
        let mut place = 0;
        loop {
            let before = record.bytes.len();
            if text.get(place) == Some(&self.quote) {
                let opened = Opened { place, before };
                match self.quoted(&text[place + 1..], is_all, &mut record.bytes) {
                    Quoted::Closed(length) => place += 1 + length,
                    Quoted::Unclosed => return Cut::Whole(end_with_line(text, opened, record)),
                    Quoted::Open { over_line } => return Cut::Part(over_line.then_some(opened)),
                }
            } else {
                let rest = &text[place..];
                let end = memchr3(self.delimiter, b'\n', b'\r', rest);
                let Some(length) = end.or(is_all.then_some(rest.len())) else {
                    return Cut::Part(None);
                };
                record.bytes.extend_from_slice(&rest[..length]);
                place += length;
            }
            record.end_cell(before);
            match text.get(place) {
                Some(byte) if *byte == self.delimiter => place += 1,
                Some(_) => return Cut::Whole(place + 1),
                None => return Cut::Whole(place),
            }
        }
    }

    /// Reads a cell behind the quote that opens it.
    fn quoted(&self, text: &[u8], is_all: bool, bytes: &mut Vec<u8>) -> Quoted {
        let mut place = 0;
        let mut over_line = false;
        loop {
            let rest = &text[place..];
            let Some(length) = memchr(self.quote, rest) else {
                return if is_all {
                    Quoted::Unclosed
                } else {
                    over_line |= line_end(rest).is_some();
                    Quoted::Open { over_line }
                };
            };
            over_line |= line_end(&rest[..length]).is_some();
            bytes.extend_from_slice(&rest[..length]);
            place += length + 1;
            match text.get(place) {
                Some(byte) if *byte == self.quote => place += 1,
                Some(byte) if *byte == self.delimiter => return Quoted::Closed(place),
                Some(b'\n' | b'\r') => return Quoted::Closed(place),
                None if is_all => return Quoted::Closed(place),
                None => return Quoted::Open { over_line },
                Some(_) if over_line => return Quoted::Unclosed,
                Some(_) => {}
            }
            bytes.push(self.quote);
        }
    }
}

/// How a cell in quotes goes on.
enum Quoted {
    /// It ends behind this many bytes.
    Closed(usize),
    /// Its quote is never closed.
    Unclosed,
    /// More text is needed to tell.
    Open { over_line: bool },
}

impl Record {
    fn end_cell(&mut self, before: usize) {
        if self.ends.len() == MAX_CELLS {
            // Only where the record ends matters now.
            self.bytes.truncate(before);
            self.defect = Some(Defect::TooLong);
            return;
        }
        if self.bytes.len() - before > MAX_CELL_BYTES {
            self.defect = Some(Defect::TooLong);
        }
        self.ends.push(self.bytes.len());
    }

    fn spoil_as_too_long(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.defect = Some(Defect::TooLong);
    }
}

/// Ends the record with the line in which a quote was opened, and keeps that quote as text; tells the record's length.
fn end_with_line(text: &[u8], opened: Opened, record: &mut Record) -> usize {
    let line = &text[opened.place..];
    let length = line_end(line).unwrap_or(line.len());
    record.bytes.truncate(opened.before);
    record.bytes.extend_from_slice(&line[..length]);
    record.ends.push(record.bytes.len());
    record.defect = Some(Defect::QuoteUnclosed);
    (opened.place + length + 1).min(text.len())
}

fn line_end(text: &[u8]) -> Option<usize> {
    memchr2(b'\n', b'\r', text)
}
