//! The mapping file: what the columns of a list mean.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;
use sluice_client::v1::{ColumnMapping, ListField};

use super::failure::Failure;

/// The word for a column that is left out.
const IGNORED: &str = "ignore";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    columns: BTreeMap<String, String>,
}

/// Reads a file such as
///
/// ```toml
/// [columns]
/// "Artikelnummer" = "product_code"
/// "#4" = "price"
/// ```
pub(crate) fn read(path: &Path) -> Result<Vec<ColumnMapping>, Failure> {
    let remedy = format!(
        "It wants a table [columns] with lines such as \"Artikelnummer\" = \"product_code\". The fields are: {}.",
        words().join(", ")
    );
    let refused =
        |why: String| Failure::usage(format!("mapping file {}: {why}", path.display()), &remedy);
    let text = fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
    let file: File = toml::from_str(&text).map_err(|error| refused(error.to_string()))?;
    if file.columns.is_empty() {
        return Err(refused("[columns] is empty".to_owned()));
    }
    file.columns
        .into_iter()
        .map(|(column, word)| match field(&word) {
            Some(field) => Ok(ColumnMapping {
                column,
                field: field.into(),
            }),
            None => Err(refused(format!(
                "column \"{column}\": there is no field \"{word}\""
            ))),
        })
        .collect()
}

/// The word for a field, such as `default_code`; `ignore` for none.
pub(crate) fn word(field: ListField) -> String {
    match field {
        ListField::Unspecified => IGNORED.to_owned(),
        field => field
            .as_str_name()
            .trim_start_matches("LIST_FIELD_")
            .to_lowercase(),
    }
}

fn field(word: &str) -> Option<ListField> {
    let word = word.trim().to_lowercase();
    if word == IGNORED {
        return Some(ListField::Unspecified);
    }
    ListField::from_str_name(&format!("LIST_FIELD_{}", word.to_uppercase()))
        .filter(|field| *field != ListField::Unspecified)
}

fn words() -> Vec<String> {
    let fields = (1..).map_while(|number| ListField::try_from(number).ok());
    fields.chain([ListField::Unspecified]).map(word).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn mapping(text: &str) -> Result<Vec<ColumnMapping>, Failure> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        read(file.path())
    }

    #[test]
    fn columns_are_named_by_header_or_position() {
        let columns =
            mapping("[columns]\n\"Artikelnummer\" = \"default_code\"\n\"#4\" = \"Price\"\n")
                .unwrap();
        let read: Vec<_> = columns
            .iter()
            .map(|column| (column.column.as_str(), column.field()))
            .collect();
        assert_eq!(
            read,
            [
                ("#4", ListField::Price),
                ("Artikelnummer", ListField::DefaultCode)
            ]
        );
    }

    #[test]
    fn a_column_can_be_left_out() {
        let columns = mapping("[columns]\nNotes = \"ignore\"").unwrap();
        assert_eq!(columns[0].field(), ListField::Unspecified);
    }

    #[test]
    fn an_unknown_field_is_named_with_its_column_and_the_known_ones() {
        let text = mapping("[columns]\nArt = \"sku\"").unwrap_err().to_string();
        assert!(
            text.contains("Art") && text.contains("sku") && text.contains("barcode"),
            "{text}"
        );
    }

    #[test]
    fn other_tables_and_empty_files_are_refused() {
        assert!(mapping("[colums]\nArt = \"price\"").is_err());
        assert!(mapping("").is_err());
        assert!(mapping("[columns]\n").is_err());
    }

    #[test]
    fn every_field_has_a_word_and_back() {
        assert_eq!(words().len(), 17);
        for word_of_field in words() {
            assert_eq!(field(&word_of_field).map(word), Some(word_of_field));
        }
    }
}
