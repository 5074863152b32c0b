//! Rows of `OpenDocument` spreadsheets, streamed: a few bytes of repeats may stand for more cells than fit in memory.

use std::{
    fs::File,
    io::{BufRead, BufReader},
};

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesStart, Event},
};
use zip::ZipArchive;

use super::{
    FileError, Kind, MAX_CELL_BYTES, Row,
    cell_text::{percent, plain, put},
    sheet::{Each, buffered, no_such_sheet},
};

/// Streams a sheet; an empty name means the first sheet with content.
pub(super) fn read(file: &File, sheet: &str, each: Each<'_>) -> Result<(), FileError> {
    let mut archive = ZipArchive::new(buffered(file)?).map_err(damaged)?;
    if is_encrypted(&mut archive)? {
        return Err(FileError::PasswordProtected);
    }
    let content = archive.by_name("content.xml").map_err(damaged)?;
    let mut document = Document::new(BufReader::with_capacity(64 * 1024, content));
    let mut names = Vec::new();
    loop {
        let name = match document.next()? {
            Event::Start(element) if is(&element, "table:table") => {
                attribute(&element, "table:name")?.unwrap_or_default()
            }
            Event::Eof => break,
            _ => continue,
        };
        let wanted = sheet.is_empty() || name == sheet;
        if !wanted {
            document.skip()?;
        } else if document.sheet(each)?.is_some() {
            return Ok(());
        }
        names.push(name);
    }
    if sheet.is_empty() || names.iter().any(|name| name == sheet) {
        Ok(())
    } else {
        Err(no_such_sheet(sheet, &names))
    }
}

fn is_encrypted(archive: &mut ZipArchive<BufReader<File>>) -> Result<bool, FileError> {
    let Ok(manifest) = archive.by_name("META-INF/manifest.xml") else {
        return Ok(false);
    };
    let mut manifest = Document::new(BufReader::new(manifest));
    loop {
        match manifest.next()? {
            Event::Start(element) if element.local_name().as_ref() == "encryption-data" => {
                return Ok(true);
            }
            Event::Eof => return Ok(false),
            _ => {}
        }
    }
}

/// An XML document that is read once from front to back.
struct Document<R> {
    xml: Reader<R>,
    buffer: Vec<u8>,
}

/// What an element says of a cell.
struct Cell {
    kind: Kind,
    /// Its value where that is not the text inside it.
    value: Option<String>,
    repeats: usize,
}

impl<R: BufRead> Document<R> {
    fn new(source: R) -> Self {
        let mut xml = Reader::from_reader(source);
        xml.config_mut().expand_empty_elements = true;
        Self {
            xml,
            buffer: Vec::new(),
        }
    }

    fn next(&mut self) -> Result<Event<'_>, FileError> {
        self.buffer.clear();
        self.xml.read_event_into(&mut self.buffer).map_err(damaged)
    }

    /// Passes over the rest of the element that was just begun.
    fn skip(&mut self) -> Result<(), FileError> {
        let mut depth = 1_u32;
        while depth > 0 {
            match self.next()? {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                Event::Eof => return Err(damaged("it ends too early")),
                _ => {}
            }
        }
        Ok(())
    }

    /// Hands out the rows of the sheet that was just begun; none if nothing stands in it.
    fn sheet(&mut self, each: Each<'_>) -> Result<Option<()>, FileError> {
        let mut row = Row::default();
        let mut number = 0_u32;
        let mut found = None;
        loop {
            match self.next()? {
                Event::Start(element) if is(&element, "table:table-row") => {
                    let repeats = repeats(&element, "table:number-rows-repeated")?;
                    row.begin(number.saturating_add(1));
                    self.row(&mut row)?;
                    let repeats = u32::try_from(repeats).unwrap_or(u32::MAX);
                    let last = number.saturating_add(repeats);
                    while !row.is_blank() && number < last {
                        found = Some(());
                        number += 1;
                        row.renumber(number);
                        if each(&row).is_break() {
                            return Ok(found);
                        }
                    }
                    number = last;
                }
                Event::Start(element)
                    if is(&element, "table:shapes") || is(&element, "office:forms") =>
                {
                    self.skip()?;
                }
                Event::End(element) if element.name().as_ref() == "table:table" => {
                    return Ok(found);
                }
                Event::Eof => return Err(damaged("a sheet has no end")),
                // Rows may be wrapped in groups, and a sheet has more than rows.
                _ => {}
            }
        }
    }

    /// Reads the cells of the row that was just begun.
    fn row(&mut self, row: &mut Row) -> Result<(), FileError> {
        let mut column = 0_usize;
        let mut text = String::new();
        loop {
            let cell = match self.next()? {
                Event::Start(element)
                    if is(&element, "table:table-cell")
                        || is(&element, "table:covered-table-cell") =>
                {
                    cell(&element)?
                }
                Event::Start(_) => {
                    self.skip()?;
                    continue;
                }
                Event::End(_) => return Ok(()),
                Event::Eof => return Err(damaged("a row has no end")),
                _ => continue,
            };
            self.text(&mut text)?;
            let value = cell.value.as_deref().unwrap_or(&text);
            for place in column..column.saturating_add(cell.repeats) {
                // Blank cells take no room, and so many as there are do not matter.
                if value.is_empty() || put(row, place, value, cell.kind).is_break() {
                    break;
                }
            }
            column = column.saturating_add(cell.repeats);
        }
    }

    /// Reads the text of the cell that was just begun, up to a little more than a cell may have.
    fn text(&mut self, text: &mut String) -> Result<(), FileError> {
        text.clear();
        let mut depth = 1_u32;
        let mut paragraphs = 0_u32;
        while depth > 0 {
            let room = text.len() <= MAX_CELL_BYTES;
            let mut skip = false;
            match self.next()? {
                Event::Start(element) => {
                    let name = element.name();
                    let name = name.as_ref();
                    depth += 1;
                    match name {
                        "text:p" => {
                            if paragraphs > 0 && room {
                                text.push('\n');
                            }
                            paragraphs += 1;
                        }
                        "text:s" if room => {
                            let count = repeats(&element, "text:c")?.min(MAX_CELL_BYTES);
                            text.extend(std::iter::repeat_n(' ', count));
                        }
                        "text:tab" if room => text.push('\t'),
                        "text:line-break" if room => text.push('\n'),
                        // Notes and pictures lie on a cell and are not in it.
                        _ => skip = !name.starts_with("text:"),
                    }
                }
                Event::End(_) => depth -= 1,
                // Blanks between the elements are no text.
                Event::Text(piece) if depth > 1 && room => text.push_str(&piece.xml10_content()),
                Event::CData(piece) if depth > 1 && room => text.push_str(&piece.xml10_content()),
                Event::GeneralRef(name) if room => match name.resolve_char_ref() {
                    Ok(Some(letter)) => text.push(letter),
                    _ => text.push_str(resolve_predefined_entity(&name).unwrap_or_default()),
                },
                Event::Eof => return Err(damaged("a cell has no end")),
                _ => {}
            }
            if skip {
                self.skip()?;
                depth -= 1;
            }
        }
        Ok(())
    }
}

fn cell(element: &BytesStart<'_>) -> Result<Cell, FileError> {
    let value = |name| attribute(element, name);
    let number = |write: fn(f64) -> String| {
        let number = value("office:value")?;
        Ok::<_, FileError>(number.map(|text| text.parse().map_or(text, write)))
    };
    let is_error = value("calcext:value-type")?.is_some_and(|of| of == "error");
    let (kind, value) = match value("office:value-type")?.as_deref() {
        _ if is_error => (Kind::Error, None),
        Some("float" | "currency") => (Kind::Number, number(plain)?),
        Some("percentage") => (Kind::Number, number(percent)?),
        Some("date") => {
            let date = value("office:date-value")?;
            let day = date.map(|date| date.get(..10).map(str::to_owned).unwrap_or(date));
            (Kind::Date, day)
        }
        Some("boolean") => (Kind::Bool, value("office:boolean-value")?),
        _ => (Kind::Text, value("office:string-value")?),
    };
    Ok(Cell {
        kind,
        value,
        repeats: repeats(element, "table:number-columns-repeated")?,
    })
}

fn repeats(element: &BytesStart<'_>, name: &str) -> Result<usize, FileError> {
    let Some(text) = attribute(element, name)? else {
        return Ok(1);
    };
    text.parse()
        .map_err(|_| damaged(format!("its '{name}' is no number")))
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, FileError> {
    let Some(attribute) = element.try_get_attribute(name).map_err(damaged)? else {
        return Ok(None);
    };
    let value = attribute.normalized_value(XmlVersion::Implicit1_0);
    Ok(Some(value.map_err(damaged)?.into_owned()))
}

fn is(element: &BytesStart<'_>, name: &str) -> bool {
    element.name().as_ref() == name
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "map_err hands errors over by value"
)]
fn damaged(why: impl ToString) -> FileError {
    FileError::Damaged(why.to_string())
}
