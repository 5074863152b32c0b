//! What is unclear about a column, so that a person has to say it.

use super::{
    aliases::{self, Meaning},
    fields::Field,
    file::Column,
    mapping::{Mapping, address, alike, which_one},
    remark::Remark,
};

/// What is unclear about a column; none if nothing is.
pub(super) fn question(columns: &[Column], mapping: &Mapping, index: usize) -> Option<Remark> {
    let column = columns.get(index)?;
    if mapping.field(index).is_some() {
        return None;
    }
    match aliases::meaning(&column.header) {
        Meaning::Ask(ask) if mapping.column(Field::Price).is_none() => {
            Some(Remark::new(ask.code, ask.question))
        }
        Meaning::Sure(field) => {
            let Some(other) = mapping.column(field) else {
                return alike(columns, field)
                    .nth(1)
                    .map(|_| Remark::new("columns_alike", which_one(columns, field)));
            };
            Some(Remark::new(
                "column_taken",
                format!(
                    "'{}' is taken for the {} already; is this the right one?",
                    address(columns, other),
                    field.name().replace('_', " ")
                ),
            ))
        }
        _ => None,
    }
}
