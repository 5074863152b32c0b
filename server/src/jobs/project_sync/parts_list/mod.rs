//! Reads a parts list: the database file in which LOGIKAL says what an elevation is made of.
//!
//! Promises:
//! - the file is hostile: it is looked at in memory, read only, without its views and triggers, and within limits of time, rows and size;
//! - columns are read by what the file says it has; what it lacks is absent, what nobody knows is reported;
//! - a figure carries its unit: lengths of glass and profiles are in metres, of elevations in millimetres, and never mixed;
//! - a number that cannot be read is absent and reported, never 0;
//! - a line belongs to an elevation by the insertions between them, or it is left out and reported.

mod elevation;
mod error;
mod file;
mod known;
mod lines;
mod number;

use rust_decimal::Decimal;
use serde::Serialize;
use uuid::Uuid;

pub use elevation::FoundBy;
pub use error::PartsListError;

/// The elevation whose parts are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Sought<'a> {
    /// LOGIKAL's key of it.
    pub id: Uuid,
    /// Its name.
    pub name: &'a str,
}

/// What a parts list says of one elevation.
#[derive(Clone, Debug, PartialEq)]
pub struct PartsList {
    /// How many elevations the file holds.
    pub elevations: usize,
    /// How this one was told from the others.
    pub found_by: FoundBy,
    /// The elevation itself.
    pub element: Element,
    /// What it is made of, kind by kind, in the file's order.
    pub lines: Vec<Line>,
    /// What was strange about the file; at most [`MOST_REMARKS`].
    pub remarks: Vec<Remark>,
}

/// So many remarks are kept of one file.
pub const MOST_REMARKS: usize = 100;

/// An elevation as its parts list describes it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Element {
    /// Millimetres.
    pub width_mm: Option<Decimal>,
    /// Millimetres.
    pub height_mm: Option<Decimal>,
    /// Kilograms.
    pub weight_kg: Option<Decimal>,
    /// Square metres.
    pub area_m2: Option<Decimal>,
    /// Metres.
    pub perimeter_m: Option<Decimal>,
    /// The code of the profile system.
    pub system_code: String,
    /// The name of the profile system.
    pub system_name: String,
}

/// What a line is about.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// A pane or a panel.
    Glass,
    /// A piece of a profile.
    Profile,
    /// Anything else that is built in.
    Article,
    /// Time of work.
    Labour,
    /// A price that LOGIKAL offers.
    Price,
}

/// A figure and what it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// How much.
    pub value: Decimal,
    /// Of what: `m`, `mm`, `kg`, or what the file says.
    pub unit: String,
}

/// One line of a parts list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is about.
    pub kind: LineKind,
    /// The table that it is from.
    pub table: String,
    /// The field of the elevation that it is built into.
    pub insertion: Option<i64>,
    /// The article's code.
    pub code: String,
    /// The supplier, as the file spells it.
    pub supplier: String,
    /// What it is called.
    pub name: String,
    /// What is said of it.
    pub description: String,
    /// Its colour.
    pub color: String,
    /// How many, in pieces or in the article's unit.
    pub amount: Option<Measure>,
    /// Of glass.
    pub width: Option<Measure>,
    /// Of glass.
    pub height: Option<Measure>,
    /// Of a profile or an article.
    pub length: Option<Measure>,
    /// Of one.
    pub weight: Option<Measure>,
    /// Minutes of work.
    pub minutes: Option<Decimal>,
    /// Net, of all of it, in the currency of the project.
    pub price: Option<Decimal>,
    /// Before discounts.
    pub price_gross: Option<Decimal>,
}

/// Something about a file that somebody may want to know.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Remark {
    /// A stable `lower_snake` word.
    pub code: &'static str,
    /// A sentence for people.
    pub message: String,
}

/// Remarks in the making.
#[derive(Debug, Default)]
struct Remarks(Vec<Remark>);

impl Remarks {
    fn add(&mut self, code: &'static str, message: String) {
        if self.0.len() < MOST_REMARKS {
            self.0.push(Remark { code, message });
        }
    }
}

/// Reads what `file` says of the elevation that is sought. It blocks, for some seconds at most: never call it on a thread that
/// serves others.
pub fn read(file: &[u8], sought: Sought<'_>) -> Result<PartsList, PartsListError> {
    let mut remarks = Remarks::default();
    let file = file::open(file)?;
    known::report(&file, &mut remarks);
    let found = elevation::find(&file, sought, &mut remarks)?;
    let lines = lines::of(&file, &found, &mut remarks)?;
    Ok(PartsList {
        elevations: found.of,
        found_by: found.by,
        element: found.element,
        lines,
        remarks: remarks.0,
    })
}
