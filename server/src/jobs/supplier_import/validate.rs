//! Checks one row: everything that can be known before Odoo sees it.

use super::{
    cells::{self, CellFault},
    fields::Field,
    file::{Column, Defect, Format, Kind, Layout, Row},
    filter::{Filter, FilterRules},
    line::Line,
    mapping::{Mapping, address},
    numbers::{self, Reading, Sign},
};
use crate::adapters::odoo::MatchKey;

/// The longest code or name of a unit, in bytes.
const LONGEST_CODE: usize = 256;
/// The longest name of a product, in bytes.
const LONGEST_NAME: usize = 2048;

/// What becomes of a row in the file.
pub(super) enum Checked<'r> {
    /// It can be sent to Odoo.
    Valid(Line<'r>),
    /// A filter leaves it out; a code of [`super::codes::SKIP_REASONS`].
    Skipped(&'static str),
    /// It cannot be applied; at least one fault.
    Faulty(Vec<Fault>),
}

/// One thing that is wrong with a row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Fault {
    /// A code of [`super::codes::ROW_ERRORS`].
    pub(super) code: &'static str,
    /// The column at fault; none if the row as a whole is.
    pub(super) column: Option<usize>,
    pub(super) message: String,
}

/// Checks rows of one list.
pub(super) struct Validator {
    mapping: Mapping,
    columns: Vec<Column>,
    readings: [Reading; Field::COUNT],
    keys: Vec<MatchKey>,
    filter: Filter,
    currency: Option<[u8; 3]>,
    /// Fields that are missing or too many shift the others only in delimited text.
    strict_width: bool,
}

impl Validator {
    pub(super) fn new(
        layout: &Layout,
        mapping: Mapping,
        readings: [Reading; Field::COUNT],
        keys: &[MatchKey],
        filter: &FilterRules,
        currency: Option<&str>,
    ) -> Self {
        Self {
            mapping,
            columns: layout.columns.clone(),
            readings,
            keys: keys.to_vec(),
            filter: Filter::new(filter),
            currency: currency.and_then(|code| code.as_bytes().try_into().ok()),
            strict_width: layout.format == Format::Csv,
        }
    }

    /// How a column is named in messages.
    pub(super) fn column_name(&self, index: usize) -> String {
        address(&self.columns, index)
    }

    /// Checks a row.
    pub(super) fn check<'r>(&self, row: &'r Row) -> Checked<'r> {
        if let Some(fault) = self.as_a_whole(row) {
            return Checked::Faulty(vec![fault]);
        }
        if let Some(reason) = self.filtered_by_words(row) {
            return Checked::Skipped(reason);
        }
        let mut cells = Cells {
            validator: self,
            row,
            faults: Vec::new(),
        };
        let mut line = Line {
            row: row.number(),
            ..Line::default()
        };
        cells.product(&mut line);
        cells.price(&mut line);
        cells.terms(&mut line);
        if !cells.faults.is_empty() {
            return Checked::Faulty(cells.faults);
        }
        match self.filter.drops_values(line.stock, line.price) {
            Some(reason) => Checked::Skipped(reason),
            None => Checked::Valid(line),
        }
    }

    fn as_a_whole(&self, row: &Row) -> Option<Fault> {
        let fault = |code, message: String| {
            Some(Fault {
                code,
                column: None,
                message,
            })
        };
        match row.defect() {
            Some(Defect::Encoding) => {
                return fault(
                    "encoding_invalid",
                    "the row's text is not in the encoding of the rest of the file".to_owned(),
                );
            }
            Some(Defect::TooLong) => {
                return fault(
                    "row_too_long",
                    "a cell of more than 64 KiB, a row of more than 1 MiB or of too many fields"
                        .to_owned(),
                );
            }
            Some(Defect::QuoteUnclosed) => {
                return fault(
                    "quote_unclosed",
                    format!(
                        "a quote is opened in row {} and not closed: close it, or double quotes that belong to the text; reading went on with the next line",
                        row.number()
                    ),
                );
            }
            None => {}
        }
        let width = self.columns.len();
        let extra = (width..row.width()).find(|index| !row.cell(*index).0.is_empty());
        if self.strict_width && extra.is_some() {
            let why = format!(
                "the row has {} fields and the header {width}: perhaps a delimiter is not in quotes",
                row.width()
            );
            return fault("row_too_wide", why);
        }
        if self.strict_width && row.width() <= self.mapping.last_column() {
            let why = format!(
                "the row has {} fields and the header {width}: some are missing",
                row.width()
            );
            return fault("row_too_narrow", why);
        }
        None
    }

    /// Filters on what needs no understanding; such rows need no price.
    fn filtered_by_words(&self, row: &Row) -> Option<&'static str> {
        let cell = |field| {
            self.mapping
                .column(field)
                .map_or("", |index| row.cell(index).0)
        };
        if self.filter.drops_discontinued() && cells::flag(cell(Field::Discontinued)) == Ok(true) {
            return Some("discontinued");
        }
        self.filter
            .drops_brand(cell(Field::Brand), cell(Field::Barcode))
            .then_some("blocked_brand")
    }
}

/// The cells of one row, with the faults that were found so far.
struct Cells<'v, 'r> {
    validator: &'v Validator,
    row: &'r Row,
    faults: Vec<Fault>,
}

impl<'r> Cells<'_, 'r> {
    /// Reads a field's cell if it is mapped and not blank.
    fn read<T>(
        &mut self,
        field: Field,
        read: impl FnOnce(&'r str, Kind, Reading) -> Result<T, CellFault>,
    ) -> Option<T> {
        let index = self.validator.mapping.column(field)?;
        let (text, kind) = self.row.cell(index);
        if numbers::is_blank(text) {
            return None;
        }
        let result = if kind == Kind::Error {
            Err((
                "cell_error",
                format!("the cell holds the error {}", cells::shown(text)),
            ))
        } else {
            read(text, kind, self.validator.readings[field as usize])
        };
        match result {
            Ok(value) => Some(value),
            Err((code, message)) => {
                self.faults.push(Fault {
                    code,
                    column: Some(index),
                    message,
                });
                None
            }
        }
    }

    fn text(&mut self, field: Field, longest: usize) -> Option<&'r str> {
        self.read(field, |text, _, _| cells::text(text, longest))
    }

    fn fault(&mut self, code: &'static str, field: Option<Field>, message: String) {
        let column = field.and_then(|field| self.validator.mapping.column(field));
        self.faults.push(Fault {
            code,
            column,
            message,
        });
    }

    fn product(&mut self, line: &mut Line<'r>) {
        line.barcode = self.read(Field::Barcode, |text, _, _| cells::barcode(text));
        line.default_code = self.text(Field::DefaultCode, LONGEST_CODE);
        line.product_code = self.text(Field::ProductCode, LONGEST_CODE);
        line.product_name = self.text(Field::ProductName, LONGEST_NAME);
        let found_by = self
            .validator
            .keys
            .iter()
            .find(|key| line.key_text(**key).is_some());
        match found_by {
            Some(key) => line.found_by = *key as u8,
            None if self.faults.is_empty() => {
                self.fault(
                    "key_missing",
                    None,
                    "the row has no barcode and no code to find its product by".to_owned(),
                );
            }
            None => {}
        }
    }

    fn price(&mut self, line: &mut Line<'r>) {
        let faults_before = self.faults.len();
        let price = self.read(Field::Price, cells::number);
        line.currency = self.read(Field::Currency, |text, _, _| cells::currency(text));
        line.key_currency = line.currency.or(self.validator.currency);
        let Some(price) = price else {
            if self.faults.len() == faults_before {
                self.fault(
                    "price_missing",
                    Some(Field::Price),
                    "the row has no price".to_owned(),
                );
            }
            return;
        };
        if price.value.is_sign_negative() && !price.value.is_zero() {
            self.fault(
                "price_negative",
                Some(Field::Price),
                format!("the price {} is below zero", price.value),
            );
        }
        line.price = price.value;
        let Some(sign) = price.sign else { return };
        match line.key_currency {
            Some(code) if !sign.fits(code) => {
                let code = String::from_utf8_lossy(&code).into_owned();
                self.fault(
                    "currency_conflict",
                    Some(Field::Price),
                    format!("the sign beside the price is not that of {code}"),
                );
            }
            Some(_) => {}
            None => line.currency = Some(sign.code()),
        }
    }

    fn terms(&mut self, line: &mut Line<'r>) {
        line.discount = self.read(Field::Discount, cells::discount);
        line.min_qty = self.read(Field::MinQty, |text, kind, reading| {
            cells::bounded(text, kind, reading, 0, 1_000_000_000)
        });
        line.delay = self.read(Field::Delay, cells::days);
        line.uom = self.text(Field::Uom, LONGEST_CODE);
        line.date_start = self.read(Field::DateStart, |text, _, _| cells::date(text));
        line.date_end = self.read(Field::DateEnd, |text, _, _| cells::date(text));
        line.stock = self.read(Field::Stock, cells::stock);
        line.weight = self.read(Field::Weight, |text, kind, reading| {
            cells::bounded(text, kind, reading, 0, 1_000_000)
        });
        if let (Some(start), Some(end)) = (line.date_start, line.date_end)
            && end < start
        {
            self.fault(
                "dates_reversed",
                Some(Field::DateEnd),
                format!("the last day {end} lies before the first, {start}"),
            );
        }
        if self.validator.filter.drops_discontinued() {
            self.read(Field::Discontinued, |text, _, _| cells::flag(text));
        }
    }
}

impl Sign {
    fn fits(self, code: [u8; 3]) -> bool {
        match self {
            Self::Euro => code == *b"EUR",
            Self::Pound => matches!(&code, b"GBP" | b"EGP" | b"GIP" | b"SHP" | b"FKP"),
            Self::Dollar => code[2] == b'D',
            Self::Code(named) => code == named,
        }
    }

    /// The currency that a sign means where nothing else names one.
    fn code(self) -> [u8; 3] {
        match self {
            Self::Euro => *b"EUR",
            Self::Pound => *b"GBP",
            Self::Dollar => *b"USD",
            Self::Code(named) => named,
        }
    }
}
