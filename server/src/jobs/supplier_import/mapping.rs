//! Which column means what: suggested from the header, given by a person, or saved for the supplier.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{
    aliases::{self, Meaning},
    fields::Field,
    file::Column,
};

/// What somebody said about one column.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ColumnMapping {
    /// The header's text, or the position as `#1`.
    pub column: String,
    /// What it means; none leaves it out.
    pub field: Option<Field>,
}

/// Which column each field is in.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Mapping {
    columns: [Option<usize>; Field::COUNT],
}

/// Why a mapping cannot be used with a list.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum MappingError {
    /// A column that was named is not in the list.
    #[error("the list has no column '{0}'")]
    NoSuchColumn(String),
    /// Several columns have this name.
    #[error(
        "several columns are called '{name}': name the one you mean by its position, such as '#{position}'"
    )]
    Duplicate {
        /// Their name.
        name: String,
        /// The position of the first.
        position: usize,
    },
    /// Two columns are said to be the same.
    #[error("the columns '{0}' and '{1}' are both mapped to {field}", field = .2.name())]
    Twice(String, String, Field),
    /// Something that no import can do without is not there.
    #[error("{0}")]
    Incomplete(String),
}

impl Mapping {
    /// The column of a field.
    pub(super) fn column(&self, field: Field) -> Option<usize> {
        self.columns[field as usize]
    }

    /// The field of a column.
    pub(super) fn field(&self, column: usize) -> Option<Field> {
        self.iter()
            .find(|(_, index)| *index == column)
            .map(|(field, _)| field)
    }

    /// Fields with their columns.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Field, usize)> {
        ALL.into_iter()
            .filter_map(|field| self.column(field).map(|index| (field, index)))
    }

    /// The last column that is used.
    pub(super) fn last_column(&self) -> usize {
        self.columns.iter().flatten().copied().max().unwrap_or(0)
    }

    /// Takes each column for what its name surely means. Of several columns for a price or a key none is taken: which
    /// one it is has to be said. Of several others the first one is.
    pub(super) fn suggested(columns: &[Column]) -> Self {
        let mut mapping = Self::default();
        for field in ALL {
            let mut alike = alike(columns, field);
            let first = alike.next();
            if !MUST_BE_CLEAR.contains(&field) || alike.next().is_none() {
                mapping.columns[field as usize] = first;
            }
        }
        mapping
    }

    /// Finds the columns that somebody named.
    ///
    /// # Errors
    /// [`MappingError`] when a column is missing, named twice or stands for what another one does.
    pub(super) fn given(columns: &[Column], given: &[ColumnMapping]) -> Result<Self, MappingError> {
        let mut mapping = Self::default();
        for one in given {
            let Some(field) = one.field else { continue };
            let index = find(columns, &one.column)?;
            if let Some(other) = mapping.columns[field as usize].replace(index)
                && other != index
            {
                return Err(MappingError::Twice(
                    address(columns, other),
                    address(columns, index),
                    field,
                ));
            }
        }
        Ok(mapping)
    }

    /// Makes sure that there is a price and a key among `keys`.
    ///
    /// # Errors
    /// [`MappingError::Incomplete`] names what is missing and the columns there are.
    pub(super) fn complete(&self, keys: &[Field], columns: &[Column]) -> Result<(), MappingError> {
        let names = || {
            (0..columns.len())
                .map(|index| address(columns, index))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let unclear = keys.iter().chain([&Field::Price]).find(|field| {
            self.column(**field).is_none() && alike(columns, **field).nth(1).is_some()
        });
        let has_key = keys.iter().any(|key| self.column(*key).is_some());
        if let Some(field) = unclear
            && (*field == Field::Price || !has_key)
        {
            return Err(MappingError::Incomplete(which_one(columns, *field)));
        }
        if self.column(Field::Price).is_none() {
            let asked = columns
                .iter()
                .find_map(|column| match aliases::meaning(&column.header) {
                    Meaning::Ask(ask) => Some(format!(" ('{}': {})", column.header, ask.question)),
                    _ => None,
                });
            return Err(MappingError::Incomplete(format!(
                "no column is mapped to the price{}; the list has: {}",
                asked.unwrap_or_default(),
                names()
            )));
        }
        if !has_key {
            let keys = keys
                .iter()
                .map(|key| key.name())
                .collect::<Vec<_>>()
                .join(", ");
            return Err(MappingError::Incomplete(format!(
                "no column is mapped to what products are found by ({keys}); the list has: {}",
                names()
            )));
        }
        Ok(())
    }
}

const ALL: [Field; Field::COUNT] = [
    Field::Barcode,
    Field::DefaultCode,
    Field::ProductCode,
    Field::ProductName,
    Field::Price,
    Field::Discount,
    Field::MinQty,
    Field::Delay,
    Field::Currency,
    Field::Uom,
    Field::DateStart,
    Field::DateEnd,
    Field::Stock,
    Field::Brand,
    Field::Discontinued,
    Field::Weight,
];

/// What an import must not be wrong about.
const MUST_BE_CLEAR: [Field; 4] = [
    Field::Price,
    Field::Barcode,
    Field::DefaultCode,
    Field::ProductCode,
];

/// The columns whose names surely mean this field.
pub(super) fn alike(columns: &[Column], field: Field) -> impl Iterator<Item = usize> {
    let means = move |column: &Column| aliases::meaning(&column.header) == Meaning::Sure(field);
    let found = columns.iter().enumerate();
    found.filter_map(move |(index, column)| means(column).then_some(index))
}

/// Asks which of several columns is meant.
pub(super) fn which_one(columns: &[Column], field: Field) -> String {
    let names: Vec<String> = alike(columns, field)
        .map(|index| format!("'{}' (#{})", columns[index].header, index + 1))
        .collect();
    format!(
        "several columns could be the {}: {}; map the one that is meant",
        field.name(),
        names.join(", ")
    )
}

/// Whether a cell is a name that columns have.
pub(super) fn is_known_name(header: &str) -> bool {
    aliases::meaning(header) != Meaning::Unknown
}

/// How a column is named: its header if that is unique, else its position.
pub(super) fn address(columns: &[Column], index: usize) -> String {
    match columns.get(index) {
        Some(column) if !column.header.is_empty() && occurrences(columns, &column.header) == 1 => {
            column.header.clone()
        }
        _ => format!("#{}", index + 1),
    }
}

fn occurrences(columns: &[Column], header: &str) -> usize {
    columns
        .iter()
        .filter(|column| column.header == header)
        .count()
}

fn find(columns: &[Column], name: &str) -> Result<usize, MappingError> {
    let name = name.trim();
    let missing = || MappingError::NoSuchColumn(name.to_owned());
    let exact = |wanted: &str| columns.iter().position(|column| column.header == wanted);
    if let Some(index) = exact(name).filter(|_| !name.is_empty()) {
        if occurrences(columns, name) > 1 {
            return Err(MappingError::Duplicate {
                name: name.to_owned(),
                position: index + 1,
            });
        }
        return Ok(index);
    }
    if let Some(position) = name.strip_prefix('#') {
        let position: usize = position.parse().map_err(|_| missing())?;
        return position
            .checked_sub(1)
            .filter(|index| *index < columns.len())
            .ok_or_else(missing);
    }
    let mut alike = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| column.header.eq_ignore_ascii_case(name));
    match (alike.next(), alike.next()) {
        (Some((index, _)), None) if !name.is_empty() => Ok(index),
        _ => Err(missing()),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{question::question, remark::Remark},
        *,
    };

    fn columns(names: &[&str]) -> Vec<Column> {
        names
            .iter()
            .map(|name| Column {
                header: (*name).to_owned(),
            })
            .collect()
    }

    fn said(column: &str, field: Field) -> ColumnMapping {
        ColumnMapping {
            column: column.to_owned(),
            field: Some(field),
        }
    }

    #[test]
    fn a_plain_price_is_asked_and_never_guessed() {
        let columns = columns(&["EAN", "Prijs", "Voorraad"]);
        let mapping = Mapping::suggested(&columns);
        assert_eq!(mapping.column(Field::Barcode), Some(0));
        assert_eq!(mapping.column(Field::Price), None);
        assert!(
            question(&columns, &mapping, 1)
                .unwrap()
                .message
                .contains("without tax")
        );
        let error = mapping
            .complete(&[Field::Barcode], &columns)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("price") && error.contains("'Prijs'"),
            "{error}"
        );
    }

    #[test]
    fn duplicated_headers_are_addressed_by_position() {
        let columns = columns(&["ean", "price", "price"]);
        let duplicate = MappingError::Duplicate {
            name: "price".to_owned(),
            position: 2,
        };
        assert_eq!(
            Mapping::given(&columns, &[said("price", Field::Price)]),
            Err(duplicate)
        );
        assert_eq!(
            Mapping::given(&columns, &[said("#3", Field::Price)])
                .unwrap()
                .column(Field::Price),
            Some(2)
        );
        assert_eq!(address(&columns, 1), "#2");
        let suggested = Mapping::suggested(&columns);
        assert_eq!(suggested.column(Field::Price), None);
        let asked = "several columns could be the price: 'price' (#2), 'price' (#3); map the one that is meant";
        assert_eq!(
            question(&columns, &suggested, 2),
            Some(Remark::new("columns_alike", asked))
        );
        let error = suggested.complete(&[Field::Barcode], &columns);
        assert_eq!(error, Err(MappingError::Incomplete(asked.to_owned())));
    }

    #[test]
    fn of_columns_that_mean_the_same_only_harmless_ones_are_guessed() {
        let columns = columns(&["ean", "sku", "artikelnummer", "unitprice", "merk", "brand"]);
        let keys = [Field::Barcode, Field::DefaultCode];
        let suggested = Mapping::suggested(&columns);
        assert_eq!(suggested.column(Field::DefaultCode), None);
        assert_eq!(suggested.column(Field::Brand), Some(4));
        let asked = question(&columns, &suggested, 5).unwrap();
        assert_eq!(asked.code, "column_taken", "{}", asked.message);
        // Products are found by their barcodes then; without those it has to be said.
        assert_eq!(suggested.complete(&keys, &columns), Ok(()));
        let error = suggested.complete(&keys[1..], &columns).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("'sku' (#2), 'artikelnummer' (#3)"),
            "{error}"
        );
    }

    #[test]
    fn a_mapping_that_does_not_fit_is_refused_with_the_column() {
        let columns = columns(&["ean", "prijs"]);
        assert_eq!(
            Mapping::given(&columns, &[said("cost", Field::Price)]),
            Err(MappingError::NoSuchColumn("cost".to_owned()))
        );
        assert_eq!(
            Mapping::given(&columns, &[said("#9", Field::Price)]),
            Err(MappingError::NoSuchColumn("#9".to_owned()))
        );
        let twice = Mapping::given(
            &columns,
            &[said("ean", Field::Price), said("Prijs", Field::Price)],
        );
        assert!(matches!(twice, Err(MappingError::Twice(..))));
        let no_key = Mapping::given(&columns, &[said("prijs", Field::Price)]).unwrap();
        assert!(
            no_key
                .complete(&[Field::Barcode, Field::DefaultCode], &columns)
                .is_err()
        );
    }
}
