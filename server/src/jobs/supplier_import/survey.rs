//! A first reading of the whole list: how many rows there are, and how each column's numbers are written.

use std::{fs::File, ops::ControlFlow};

use super::{
    fields::Field,
    file::{FileError, Layout, Row, read_rows},
    mapping::{Mapping, address},
    numbers::{self, DecimalStyle, Evidence, Reading},
    remark::Remark,
};

/// What the first reading found.
#[derive(Clone, Debug)]
pub(super) struct Survey {
    /// Rows with content under the header.
    pub rows: u32,
    /// How to read each field's numbers, by `Field as usize`.
    pub readings: [Reading; Field::COUNT],
    /// What is worth knowing about the list as a whole.
    pub warnings: Vec<Remark>,
}

/// Counts of what a column's numbers can be.
#[derive(Clone, Copy, Default)]
struct Tally {
    comma: u32,
    point: u32,
    ambiguous: u32,
}

/// Reads the list once. `stop` is asked now and then whether to give up; then what was read so far is told.
///
/// # Errors
/// [`FileError::HeaderOnly`] when there are no rows, and whatever makes the file unreadable.
pub(super) fn survey(
    file: &File,
    layout: &Layout,
    mapping: &Mapping,
    given: Option<DecimalStyle>,
    stop: &dyn Fn(&Row) -> bool,
) -> Result<Survey, FileError> {
    let columns: Vec<(Field, usize)> = mapping
        .iter()
        .filter(|(field, _)| field.is_number())
        .collect();
    let mut tallies = [Tally::default(); Field::COUNT];
    let mut rows = 0_u32;
    read_rows(file, layout, &mut |row| {
        rows += 1;
        if row.defect().is_none() {
            for &(field, index) in &columns {
                tallies[field as usize].count(row, index);
            }
        }
        if stop(row) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    if rows == 0 {
        return Err(FileError::HeaderOnly {
            header_row: layout.header_row,
        });
    }
    let mut survey = Survey {
        rows,
        readings: [Reading::Unknown; Field::COUNT],
        warnings: layout.warnings.clone(),
    };
    if let Some(style) = given {
        survey.readings = [Reading::Given(style); Field::COUNT];
        return Ok(survey);
    }
    survey.decide(&tallies, &columns, layout);
    Ok(survey)
}

impl Tally {
    fn count(&mut self, row: &Row, index: usize) {
        let (text, kind) = row.cell(index);
        match numbers::evidence(text, kind) {
            Evidence::Of(DecimalStyle::Comma) => self.comma += 1,
            Evidence::Of(DecimalStyle::Point) => self.point += 1,
            Evidence::Ambiguous => self.ambiguous += 1,
            Evidence::None => {}
        }
    }

    fn style(self) -> Option<DecimalStyle> {
        match (self.comma, self.point) {
            (1.., 0) => Some(DecimalStyle::Comma),
            (0, 1..) => Some(DecimalStyle::Point),
            _ => None,
        }
    }
}

impl Survey {
    /// A column goes by its own numbers; one that says nothing by the other columns, if these agree.
    fn decide(
        &mut self,
        tallies: &[Tally; Field::COUNT],
        columns: &[(Field, usize)],
        layout: &Layout,
    ) {
        let others = tallies.iter().fold(Tally::default(), |sum, tally| Tally {
            comma: sum.comma + tally.comma,
            point: sum.point + tally.point,
            ambiguous: 0,
        });
        for &(field, index) in columns {
            let tally = tallies[field as usize];
            let column = address(&layout.columns, index);
            if let Some(style) = tally.style() {
                self.readings[field as usize] = Reading::Found(style);
                continue;
            }
            if tally.comma > 0 && tally.point > 0 {
                self.warnings.push(Remark::new("numbers_mixed", format!(
                    "column '{column}' has decimal commas ({} rows) and decimal points ({} rows); numbers that could be either are errors",
                    tally.comma, tally.point
                )));
                continue;
            }
            let Some(style) = others.style() else {
                if tally.ambiguous > 0 {
                    self.warnings.push(Remark::new("numbers_unclear", format!(
                        "column '{column}' does not show whether 1.234 is a thousand; such numbers are errors until the decimal style is given"
                    )));
                }
                continue;
            };
            self.readings[field as usize] = Reading::Found(style);
            if tally.ambiguous > 0 {
                let (code, mark) = if style == DecimalStyle::Comma {
                    ("numbers_read_with_commas", "commas")
                } else {
                    ("numbers_read_with_points", "points")
                };
                self.warnings.push(Remark::new(
                    code,
                    format!("column '{column}' is read with decimal {mark}, as the other columns are written"),
                ));
            }
        }
    }
}
