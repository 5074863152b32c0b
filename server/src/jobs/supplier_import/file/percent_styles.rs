//! Which cells of an XLSX workbook show percents: 0.15 is kept there where 15 % is meant.

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io::BufReader,
};

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use zip::ZipArchive;

use super::{FileError, sheet::buffered};

/// The formats that every workbook has: `0%` and `0.00%`.
const BUILT_IN: [u32; 2] = [9, 10];

/// The styles of cells that show percents, by their place in the workbook's list of styles.
pub(super) fn read(file: &File) -> Result<HashSet<usize>, FileError> {
    let mut archive =
        ZipArchive::new(buffered(file)?).map_err(|error| FileError::Damaged(error.to_string()))?;
    let mut styles = HashSet::new();
    // A workbook without styles shows no percents.
    let Ok(part) = archive.by_name("xl/styles.xml") else {
        return Ok(styles);
    };
    let mut xml = Reader::from_reader(BufReader::new(part));
    let mut buffer = Vec::new();
    let mut formats: HashMap<u32, bool> = BUILT_IN.map(|id| (id, true)).into();
    let mut in_cells = false;
    let mut style = 0;
    loop {
        buffer.clear();
        let event = xml.read_event_into(&mut buffer);
        match event.map_err(|error| FileError::Damaged(error.to_string()))? {
            Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
                "numFmt" => {
                    if let Some(id) = number(&element, "numFmtId") {
                        let code = text(&element, "formatCode").unwrap_or_default();
                        formats.insert(id, shows_percent(&code));
                    }
                }
                "cellXfs" => in_cells = true,
                "xf" if in_cells => {
                    let format = number(&element, "numFmtId").unwrap_or(0);
                    if formats.get(&format) == Some(&true) {
                        styles.insert(style);
                    }
                    style += 1;
                }
                _ => {}
            },
            Event::End(element) if element.local_name().as_ref() == "cellXfs" => return Ok(styles),
            Event::Eof => return Ok(styles),
            _ => {}
        }
    }
}

fn text(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.try_get_attribute(name).ok().flatten()?;
    Some(found.value.into_owned())
}

fn number(element: &BytesStart<'_>, name: &str) -> Option<u32> {
    text(element, name)?.parse().ok()
}

/// Whether a format has a percent sign that is not mere text: in quotes or behind a backslash it is.
fn shows_percent(code: &str) -> bool {
    let code = code.replace("&quot;", "\"");
    let mut letters = code.chars();
    let mut in_quotes = false;
    while let Some(letter) = letters.next() {
        match letter {
            '"' => in_quotes = !in_quotes,
            '\\' | '_' | '*' if !in_quotes => {
                letters.next();
            }
            '%' if !in_quotes => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percent_sign_counts_where_it_is_no_text() {
        for (code, expected) in [
            ("0.0%", true),
            ("0.00\\ %", true),
            ("0 \"%\"", false),
            ("0 &quot;%&quot;", false),
            ("0\\%", false),
            ("#,##0.00", false),
        ] {
            assert_eq!(shows_percent(code), expected, "{code}");
        }
    }
}
