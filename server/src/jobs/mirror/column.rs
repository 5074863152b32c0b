//! How a field of Odoo becomes a column: its type, and what each value means there.

use std::borrow::Cow;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cell::Cell;
use crate::adapters::odoo::ModelField;

/// What a column can hold, as Postgres calls it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub(super) enum ColumnType {
    Text,
    Bigint,
    Double,
    Numeric,
    Boolean,
    Date,
    Timestamp,
    /// A relation to one record: its id.
    Reference,
    /// A relation to many: their ids.
    References,
    Bytea,
    Jsonb,
}

/// One column of a mirrored model.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Column {
    /// Odoo's name of the field.
    pub(super) field: String,
    /// Its name in the table.
    pub(super) name: String,
    pub(super) kind: ColumnType,
    /// What people call it in Odoo.
    pub(super) label: String,
}

impl ColumnType {
    /// The type that holds a field's values. What is not known goes in as JSON, so that nothing is lost.
    pub(super) fn of(field: &ModelField) -> Self {
        match field.kind.as_str() {
            "char" | "text" | "html" | "selection" | "reference" => Self::Text,
            "integer" | "many2one_reference" => Self::Bigint,
            "float" => Self::Double,
            "monetary" => Self::Numeric,
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            "datetime" => Self::Timestamp,
            "many2one" => Self::Reference,
            "one2many" | "many2many" => Self::References,
            "binary" => Self::Bytea,
            _ => Self::Jsonb,
        }
    }

    /// The type in a statement.
    pub(super) fn sql(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Bigint | Self::Reference => "bigint",
            Self::Double => "double precision",
            Self::Numeric => "numeric",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Timestamp => "timestamp with time zone",
            Self::References => "bigint[]",
            Self::Bytea => "bytea",
            Self::Jsonb => "jsonb",
        }
    }
}

/// What becomes of one value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stored<'a> {
    /// There is none.
    Null,
    /// It fits: its text as Postgres reads it.
    Text(Cow<'a, str>),
    /// It is of another type than the field says; it is kept as it came.
    Odd,
}

impl ColumnType {
    /// The value as this column stores it. Odoo's `false` is a value only where it can be one.
    pub(super) fn store<'a>(self, cell: &'a Cell<'_>) -> Stored<'a> {
        if matches!(cell, Cell::Null) || (*cell == Cell::Bool(false) && self != Self::Boolean) {
            return Stored::Null;
        }
        let text = match (self, cell) {
            (Self::Boolean, Cell::Bool(truth)) => Some(Cow::from(if *truth { "t" } else { "f" })),
            (Self::Text, Cell::Text(text)) => Some(without_null(text)),
            (Self::Date, Cell::Text(text)) => is_date(text).then(|| Cow::from(text.as_ref())),
            (Self::Timestamp, Cell::Text(text)) => {
                is_moment(text).then(|| Cow::from(format!("{text}Z")))
            }
            (Self::Bytea, Cell::Text(text)) => bytes(text).map(Cow::from),
            (
                Self::Bigint | Self::Reference | Self::Double | Self::Numeric,
                Cell::Integer(number),
            ) => Some(Cow::from(number.to_string())),
            (Self::Double | Self::Numeric, Cell::Other(Value::Number(number))) => {
                Some(Cow::from(number.to_string()))
            }
            // With names, a relation comes as a pair of id and name.
            (Self::Reference, Cell::Other(Value::Array(pair))) => pair
                .first()
                .and_then(Value::as_i64)
                .map(|id| Cow::from(id.to_string())),
            (Self::References, Cell::Other(Value::Array(ids))) => references(ids).map(Cow::from),
            (Self::Jsonb, cell) => Some(Cow::from(json(&cell.to_json()))),
            _ => None,
        };
        text.map_or(Stored::Odd, Stored::Text)
    }
}

/// A JSON value as `jsonb` takes it, which has no null character.
pub(super) fn json(value: &Value) -> String {
    let text = value.to_string();
    if text.contains("\\u0000") {
        cleaned(value).to_string()
    } else {
        text
    }
}

fn cleaned(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(without_null(text).into_owned()),
        Value::Array(values) => Value::Array(values.iter().map(cleaned).collect()),
        Value::Object(entries) => Value::Object(
            entries
                .iter()
                .map(|(name, value)| (without_null(name).into_owned(), cleaned(value)))
                .collect(),
        ),
        other => other.clone(),
    }
}

fn without_null(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::from(text.replace('\0', ""))
    } else {
        Cow::from(text)
    }
}

fn references(ids: &[Value]) -> Option<String> {
    let ids: Option<Vec<String>> = ids
        .iter()
        .map(|id| id.as_i64().map(|id| id.to_string()))
        .collect();
    ids.map(|ids| format!("{{{}}}", ids.join(",")))
}

fn bytes(text: &str) -> Option<String> {
    use std::fmt::Write as _;
    let bytes = BASE64_STANDARD
        .decode(text.replace(['\n', '\r'], ""))
        .ok()?;
    let mut hex = String::with_capacity(2 + bytes.len() * 2);
    hex.push_str("\\x");
    for byte in bytes {
        let _ = write!(hex, "{byte:02x}");
    }
    Some(hex)
}

// Not by `parse_from_str`, which reads its format anew each time: there may be several in each record.
fn is_date(text: &str) -> bool {
    text.parse::<chrono::NaiveDate>().is_ok()
}

fn is_moment(text: &str) -> bool {
    text.split_once(' ')
        .is_some_and(|(date, time)| is_date(date) && time.parse::<chrono::NaiveTime>().is_ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn stored(kind: ColumnType, value: &Value) -> Option<String> {
        let text = value.to_string();
        match kind.store(&serde_json::from_str(&text).unwrap()) {
            Stored::Text(text) => Some(text.into_owned()),
            Stored::Null => None,
            Stored::Odd => Some("odd".to_owned()),
        }
    }

    #[test]
    fn false_is_absence_but_for_a_boolean() {
        for kind in [
            ColumnType::Text,
            ColumnType::Bigint,
            ColumnType::Double,
            ColumnType::Numeric,
            ColumnType::Date,
            ColumnType::Timestamp,
            ColumnType::Reference,
            ColumnType::References,
            ColumnType::Bytea,
            ColumnType::Jsonb,
        ] {
            assert_eq!(stored(kind, &json!(false)), None, "{kind:?}");
            assert_eq!(stored(kind, &Value::Null), None, "{kind:?}");
        }
        assert_eq!(stored(ColumnType::Boolean, &json!(false)).unwrap(), "f");
    }

    #[test]
    fn each_type_has_its_form() {
        let table = [
            (ColumnType::Text, json!("a\u{0}b"), "ab"),
            (ColumnType::Bigint, json!(-7), "-7"),
            (ColumnType::Double, json!(0.1), "0.1"),
            (ColumnType::Numeric, json!(1234.5), "1234.5"),
            (ColumnType::Date, json!("2026-02-28"), "2026-02-28"),
            (
                ColumnType::Timestamp,
                json!("2026-02-28 23:59:59"),
                "2026-02-28 23:59:59Z",
            ),
            (ColumnType::Reference, json!(7), "7"),
            (ColumnType::Reference, json!([7, "Acme"]), "7"),
            (ColumnType::References, json!([3, 1]), "{3,1}"),
            (ColumnType::References, json!([]), "{}"),
            (ColumnType::Bytea, json!("AP8="), "\\x00ff"),
            (ColumnType::Jsonb, json!({"a": "\u{0}"}), "{\"a\":\"\"}"),
        ];
        for (kind, value, text) in table {
            assert_eq!(stored(kind, &value).unwrap(), text, "{kind:?} {value}");
        }
    }

    #[test]
    fn a_value_of_another_type_is_odd_and_never_guessed() {
        let table = [
            (ColumnType::Text, json!(5)),
            (ColumnType::Bigint, json!("5")),
            (ColumnType::Bigint, json!(5.5)),
            (ColumnType::Double, json!("1,5")),
            (ColumnType::Date, json!("2026-02-30")),
            (ColumnType::Timestamp, json!("tomorrow")),
            (ColumnType::Reference, json!("sale.order,5")),
            (ColumnType::References, json!(["x"])),
            (ColumnType::Bytea, json!("§")),
            (ColumnType::Boolean, json!(1)),
        ];
        for (kind, value) in table {
            assert_eq!(stored(kind, &value).unwrap(), "odd", "{kind:?} {value}");
        }
    }
}
