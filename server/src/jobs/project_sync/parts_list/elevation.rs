//! Finds an elevation in its parts list: by its key, else by its exact name, else because it is the only one.

use uuid::Uuid;

use super::{
    Element, PartsListError, Remarks, Sought,
    file::{Cell, File, Table},
    lines::Columns,
};

/// How an elevation was told from the others of its file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FoundBy {
    /// By LOGIKAL's key.
    Guid,
    /// By its exact name: LOGIKAL's files and its service may call one elevation by different keys.
    Name,
    /// It is the only one.
    OnlyRow,
}

/// The elevation, inside its file.
pub(super) struct Found {
    /// The file's own key of it.
    pub(super) key: Option<i64>,
    /// How many elevations the file holds.
    pub(super) of: usize,
    pub(super) by: FoundBy,
    pub(super) element: Element,
}

const WANTED: [&str; 10] = [
    "ElevationID",
    "xGUID",
    "Name",
    "Width",
    "Height",
    "Weight",
    "Area",
    "Perimeter",
    "SystemCode",
    "SystemName",
];

pub(super) fn find(
    file: &File,
    sought: Sought<'_>,
    remarks: &mut Remarks,
) -> Result<Found, PartsListError> {
    let table = file
        .read("Elevations", &WANTED)?
        .ok_or(PartsListError::NoElevations)?;
    let (row, by) = row_of(&table, sought).ok_or_else(|| PartsListError::Ambiguous {
        elevations: table.rows.len(),
        name: sought.name.to_owned(),
    })?;
    let mut columns = Columns::of(&table, row, remarks);
    let element = Element {
        width_mm: columns.number("Width"),
        height_mm: columns.number("Height"),
        weight_kg: columns.number("Weight"),
        area_m2: columns.number("Area"),
        perimeter_m: columns.number("Perimeter"),
        system_code: columns.text("SystemCode"),
        system_name: columns.text("SystemName"),
    };
    Ok(Found {
        key: columns.integer("ElevationID"),
        of: table.rows.len(),
        by,
        element,
    })
}

fn row_of<'table>(
    table: &'table Table,
    sought: Sought<'_>,
) -> Option<(&'table Vec<Cell>, FoundBy)> {
    let only = |fits: &dyn Fn(&Vec<Cell>) -> bool| {
        let mut fitting = table.rows.iter().filter(|row| fits(row));
        let first = fitting.next();
        (first, fitting.next().is_some())
    };
    if let Some(column) = table.column("xGUID") {
        let is_it = |row: &Vec<Cell>| matches!(&row[column], Cell::Text(text) if guid(text) == Some(sought.id));
        match only(&is_it) {
            (Some(row), false) => return Some((row, FoundBy::Guid)),
            (Some(_), true) => return None,
            (None, _) => {}
        }
    }
    if let Some(column) = table.column("Name") {
        let is_it = |row: &Vec<Cell>| matches!(&row[column], Cell::Text(text) if text.trim() == sought.name.trim());
        match only(&is_it) {
            (Some(row), false) => return Some((row, FoundBy::Name)),
            (Some(_), true) => return None,
            (None, _) => {}
        }
    }
    match table.rows.as_slice() {
        [row] => Some((row, FoundBy::OnlyRow)),
        _ => None,
    }
}

/// With braces or without.
fn guid(text: &str) -> Option<Uuid> {
    text.trim()
        .trim_start_matches('{')
        .trim_end_matches('}')
        .parse()
        .ok()
}
