//! The lines of one elevation: glass, profiles and articles by the insertions that they are built into, labour and prices directly.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::{
    Line, LineKind, Measure, PartsListError, Remarks,
    elevation::Found,
    file::{Cell, File, Table},
    number::{self, Read},
};

/// A row, by the names of its columns.
pub(super) struct Columns<'a> {
    table: &'a Table,
    row: &'a [Cell],
    remarks: &'a mut Remarks,
}

impl<'a> Columns<'a> {
    pub(super) fn of(table: &'a Table, row: &'a [Cell], remarks: &'a mut Remarks) -> Self {
        Self {
            table,
            row,
            remarks,
        }
    }

    fn cell(&self, column: &str) -> &'a Cell {
        self.table
            .column(column)
            .map_or(&Cell::Null, |at| &self.row[at])
    }

    /// A number; one that cannot be read is absent, and told.
    pub(super) fn number(&mut self, column: &str) -> Option<Decimal> {
        let cell = self.cell(column);
        match number::number(cell) {
            Read::Number(number) => Some(number),
            Read::Absent => None,
            Read::Unreadable => {
                let shown: String = format!("{cell:?}").chars().take(60).collect();
                let message = format!(
                    "a number in the column {column} of {} cannot be read: {shown}",
                    self.table.name
                );
                self.remarks.add("number_unreadable", message);
                None
            }
        }
    }

    pub(super) fn text(&self, column: &str) -> String {
        match self.cell(column) {
            Cell::Text(text) => text.trim().chars().take(4_000).collect(),
            Cell::Integer(integer) => integer.to_string(),
            Cell::Real(real) => real.to_string(),
            Cell::Null => String::new(),
        }
    }

    /// The first of these columns that says something.
    fn first_text(&self, columns: &[&str]) -> String {
        columns
            .iter()
            .map(|column| self.text(column))
            .find(|text| !text.is_empty())
            .unwrap_or_default()
    }

    pub(super) fn integer(&self, column: &str) -> Option<i64> {
        key(self.cell(column))
    }

    /// A figure in its base unit; where the file has it only in the user's unit, that.
    fn measure(&mut self, column: &str, base: &str) -> Option<Measure> {
        if let Some(value) = self.number(column) {
            return Some(Measure {
                value,
                unit: base.to_owned(),
            });
        }
        let unit = self.text(&format!("{column}_Unit"));
        // A figure of which nobody says what it counts is none.
        let value = (!unit.is_empty()).then(|| self.number(&format!("{column}_Output")))??;
        Some(Measure { value, unit })
    }
}

/// Keys are whole numbers, sometimes as texts.
fn key(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Integer(integer) => Some(*integer),
        Cell::Text(text) => text.trim().parse().ok(),
        Cell::Real(_) | Cell::Null => None,
    }
}

/// A kind of lines: where it stands, and by which column its rows belong to the elevation.
struct Source {
    kind: LineKind,
    table: &'static str,
    columns: &'static [&'static str],
    belongs: Belongs,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Belongs {
    ByInsertion,
    ByElevation,
}

const GLASS: Source = Source {
    kind: LineKind::Glass,
    table: "Glass",
    columns: &[
        "InsertionId",
        "InsertionNo",
        "Name",
        "NameShort",
        "Description",
        "Configuration",
        "ArtNo",
        "AreaOffer",
        "Amount",
        "Width",
        "Width_Output",
        "Width_Unit",
        "Height",
        "Height_Output",
        "Height_Unit",
        "Weight",
        "Weight_Output",
        "Weight_Unit",
        "Price",
        "PriceGross",
    ],
    belongs: Belongs::ByInsertion,
};
const PROFILES: Source = Source {
    kind: LineKind::Profile,
    table: "Profiles",
    columns: &[
        "InsertionId",
        "ArticleCode",
        "ArticleCode_Number",
        "ArticleCode_Supplier",
        "Name",
        "Description",
        "Amount",
        "Length",
        "Length_Output",
        "Length_Unit",
        "OuterColorInfoInternal",
        "Weight",
        "Weight_Output",
        "Weight_Unit",
        "Price",
        "PriceGross",
    ],
    belongs: Belongs::ByInsertion,
};
const ARTICLES: Source = Source {
    kind: LineKind::Article,
    table: "Articles",
    columns: &[
        "InsertionId",
        "ArticleCode",
        "ArticleCode_Number",
        "ArticleCode_Supplier",
        "Description",
        "Amount",
        "Units",
        "Units_Unit",
        "Length",
        "Length_Output",
        "Length_Unit",
        "Color",
        "ColorInfoInternal",
        "Price",
        "PriceGross",
    ],
    belongs: Belongs::ByInsertion,
};
const LABOUR: Source = Source {
    kind: LineKind::Labour,
    table: "LabourTimes",
    columns: &[
        "ElevationId",
        "TotalMinutes",
        "WhatName",
        "Name",
        "TimeType",
    ],
    belongs: Belongs::ByElevation,
};
const PRICES: Source = Source {
    kind: LineKind::Price,
    table: "ReportOfferTexts",
    columns: &["ElevationId", "TotalPrice", "Description"],
    belongs: Belongs::ByElevation,
};

/// Every line of the elevation that was found.
pub(super) fn of(
    file: &File,
    found: &Found,
    remarks: &mut Remarks,
) -> Result<Vec<Line>, PartsListError> {
    let insertions = insertions(file, found)?;
    let mut lines = Vec::new();
    for source in [&GLASS, &PROFILES, &ARTICLES, &LABOUR, &PRICES] {
        let Some(table) = file.read(source.table, source.columns)? else {
            continue;
        };
        let mut strays = 0_usize;
        for row in &table.rows {
            let place = place(source, &table, row, found, &insertions);
            let insertion = match place {
                Place::Here(insertion) => insertion,
                Place::Elsewhere => continue,
                Place::Unknown => {
                    strays += 1;
                    continue;
                }
            };
            lines.push(line(
                source.kind,
                insertion,
                Columns::of(&table, row, remarks),
            ));
        }
        if strays > 0 {
            let message = format!(
                "{strays} rows of {} belong to no elevation that the file names",
                source.table
            );
            remarks.add("rows_stray", message);
        }
    }
    Ok(lines)
}

/// The number of each insertion of the file, and whether it is one of the elevation; `None` where the file does not say.
type Insertions = Option<HashMap<i64, (bool, Option<i64>)>>;

fn insertions(file: &File, found: &Found) -> Result<Insertions, PartsListError> {
    let wanted = ["InsertionID", "ElevationId", "InsertionNo"];
    let Some(table) = file.read("Insertions", &wanted)? else {
        return Ok(None);
    };
    let (Some(id), Some(elevation)) = (table.column("InsertionID"), table.column("ElevationId"))
    else {
        return Ok(None);
    };
    let number = table.column("InsertionNo");
    let entries = table.rows.iter().filter_map(|row| {
        let is_here = found.key.is_some() && key(&row[elevation]) == found.key;
        Some((
            key(&row[id])?,
            (is_here, number.and_then(|at| key(&row[at]))),
        ))
    });
    Ok(Some(entries.collect()))
}

enum Place {
    /// In this elevation, in the insertion of that number.
    Here(Option<i64>),
    Elsewhere,
    Unknown,
}

fn place(
    source: &Source,
    table: &Table,
    row: &[Cell],
    found: &Found,
    insertions: &Insertions,
) -> Place {
    let column = match source.belongs {
        Belongs::ByInsertion => table.column("InsertionId"),
        Belongs::ByElevation => table.column("ElevationId"),
    };
    let belongs_to = column.and_then(|at| key(&row[at]));
    let said = match (source.belongs, belongs_to, insertions) {
        (Belongs::ByElevation, Some(elevation), _) => Some(match found.key {
            Some(key) if key == elevation => Place::Here(None),
            Some(_) => Place::Elsewhere,
            None => Place::Unknown,
        }),
        (Belongs::ByInsertion, Some(insertion), Some(known)) => match known.get(&insertion) {
            Some((true, number)) => Some(Place::Here(*number)),
            Some((false, _)) => Some(Place::Elsewhere),
            None => None,
        },
        _ => None,
    };
    // In a file of one elevation everything is its.
    said.unwrap_or(if found.of == 1 {
        Place::Here(None)
    } else {
        Place::Unknown
    })
}

fn line(kind: LineKind, insertion: Option<i64>, mut row: Columns<'_>) -> Line {
    let pieces = |value| Measure {
        value,
        unit: "PCE".to_owned(),
    };
    let mut line = Line {
        kind,
        table: row.table.name.clone(),
        insertion: insertion.or_else(|| row.integer("InsertionNo")),
        code: row.first_text(&["ArticleCode", "ArticleCode_Number", "ArtNo", "TimeType"]),
        supplier: row.text("ArticleCode_Supplier"),
        name: row.first_text(&["Name", "WhatName", "NameShort"]),
        description: row.first_text(&["Description", "Configuration", "WhatName"]),
        color: row.first_text(&["OuterColorInfoInternal", "ColorInfoInternal", "Color"]),
        amount: row.number("Amount").map(pieces),
        width: row.measure("Width", "m"),
        height: row.measure("Height", "m"),
        length: row.measure("Length", "m"),
        weight: row.measure("Weight", "kg"),
        minutes: row.number("TotalMinutes"),
        price: row.number("Price"),
        price_gross: row.number("PriceGross"),
    };
    match kind {
        LineKind::Article => {
            // An article is counted in its own unit where it has one.
            let unit = row.text("Units_Unit");
            let units = (!unit.is_empty()).then(|| row.number("Units")).flatten();
            if let Some(value) = units {
                line.amount = Some(Measure { value, unit });
            }
        }
        LineKind::Price => line.price = row.number("TotalPrice"),
        LineKind::Glass | LineKind::Profile | LineKind::Labour => {}
    }
    line
}
