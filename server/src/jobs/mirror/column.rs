//! How a field of Odoo becomes a column: its type, and what each value means there.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{binary, cell::Cell};
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

impl ColumnType {
    /// Appends a value as this column stores it. Odoo's `false` is a value only where it can be one. Returns whether the value is of
    /// the type that its field says; one that is not leaves the column empty.
    #[must_use]
    pub(super) fn put(self, cell: &Cell<'_>, row: &mut Vec<u8>) -> bool {
        if matches!(cell, Cell::Null) || (*cell == Cell::Bool(false) && self != Self::Boolean) {
            binary::put_null(row);
            return true;
        }
        let stored = self.try_put(cell, row);
        if stored.is_none() {
            binary::put_null(row);
        }
        stored.is_some()
    }

    fn try_put(self, cell: &Cell<'_>, row: &mut Vec<u8>) -> Option<()> {
        match (self, cell) {
            (Self::Boolean, Cell::Bool(truth)) => binary::put(&[u8::from(*truth)], row),
            (Self::Text, Cell::Text(text)) => binary::put(without_null(text).as_bytes(), row),
            (Self::Date, Cell::Text(text)) => binary::put(&binary::date(text)?, row),
            (Self::Timestamp, Cell::Text(text)) => binary::put(&binary::moment(text)?, row),
            (Self::Bytea, Cell::Text(text)) => binary::put(&binary::bytes(text)?, row),
            (Self::Bigint | Self::Reference, Cell::Integer(number)) => {
                binary::put(&number.to_be_bytes(), row);
            }
            (Self::Double | Self::Numeric, cell) => {
                let Value::Number(number) = cell.to_json() else {
                    return None;
                };
                if self == Self::Double {
                    binary::put(&number.as_f64()?.to_be_bytes(), row);
                } else {
                    binary::put(&binary::numeric(&number.to_string())?, row);
                }
            }
            // With names, a relation comes as a pair of id and name.
            (Self::Reference, Cell::Other(Value::Array(pair))) => {
                let id = pair.first().and_then(Value::as_i64)?;
                binary::put(&id.to_be_bytes(), row);
            }
            (Self::References, Cell::Other(Value::Array(ids))) => {
                let ids: Option<Vec<i64>> = ids.iter().map(Value::as_i64).collect();
                binary::put_list(&ids?, row);
            }
            (Self::Jsonb, cell) => binary::put_json(&json(&cell.to_json()), row),
            _ => return None,
        }
        Some(())
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

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, strategy::ValueTree as _};
    use serde_json::json;
    use sqlx::{AssertSqlSafe, PgPool, Postgres, pool::PoolConnection};

    use super::{super::tables, *};

    fn put(kind: ColumnType, value: &Value) -> (bool, Vec<u8>) {
        let text = value.to_string();
        let mut row = Vec::new();
        let fits = kind.put(&serde_json::from_str(&text).unwrap(), &mut row);
        (fits, row)
    }

    fn nothing() -> Vec<u8> {
        let mut row = Vec::new();
        binary::put_null(&mut row);
        row
    }

    /// A connection with a temporary table of these columns, into which the rows were copied.
    async fn copied(pool: &PgPool, columns: &str, rows: &[u8]) -> PoolConnection<Postgres> {
        let mut connection = pool.acquire().await.unwrap();
        let made = format!("set time zone 'UTC'; create temporary table made ({columns})");
        sqlx::raw_sql(AssertSqlSafe(made))
            .execute(&mut *connection)
            .await
            .unwrap();
        tables::copy(&mut connection, "made", rows).await.unwrap();
        connection
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
            assert_eq!(put(kind, &json!(false)), (true, nothing()), "{kind:?}");
            assert_eq!(put(kind, &Value::Null), (true, nothing()), "{kind:?}");
        }
        assert_eq!(put(ColumnType::Boolean, &json!(false)).1, [0, 0, 0, 1, 0]);
    }

    #[sqlx::test(migrations = false)]
    async fn postgres_reads_each_type_as_it_was_meant(pool: PgPool) {
        let table = [
            (ColumnType::Text, json!("a\u{0}b\t\n\\"), "ab\t\n\\"),
            (ColumnType::Text, json!("é€😀"), "é€😀"),
            (ColumnType::Bigint, json!(-7), "-7"),
            (ColumnType::Bigint, json!(i64::MAX), "9223372036854775807"),
            (ColumnType::Double, json!(0.1), "0.1"),
            (ColumnType::Double, json!(-3), "-3"),
            (ColumnType::Double, json!(1e300), "1e+300"),
            (ColumnType::Numeric, json!(1234.5), "1234.5"),
            (ColumnType::Boolean, json!(true), "true"),
            (ColumnType::Date, json!("2026-02-28"), "2026-02-28"),
            (ColumnType::Date, json!("1899-12-31"), "1899-12-31"),
            (
                ColumnType::Timestamp,
                json!("2026-02-28 23:59:59"),
                "2026-02-28 23:59:59+00",
            ),
            (
                ColumnType::Timestamp,
                json!("1969-07-20 20:17:40.25"),
                "1969-07-20 20:17:40.25+00",
            ),
            (ColumnType::Reference, json!(7), "7"),
            (ColumnType::Reference, json!([7, "Acme"]), "7"),
            (ColumnType::References, json!([3, 1]), "{3,1}"),
            (ColumnType::References, json!([]), "{}"),
            (ColumnType::Bytea, json!("AP\n8="), "\\x00ff"),
            (ColumnType::Jsonb, json!({"a": "\u{0}"}), "{\"a\": \"\"}"),
            (ColumnType::Jsonb, json!(5), "5"),
        ];
        for (kind, value, text) in table {
            let mut rows = Vec::new();
            binary::begin_row(1, &mut rows);
            rows.extend(put(kind, &value).1);
            let mut connection = copied(&pool, &format!("value {}", kind.sql()), &rows).await;
            let read: String = sqlx::query_scalar("select value::text from made")
                .fetch_one(&mut *connection)
                .await
                .unwrap();
            assert_eq!(read, text, "{kind:?} {value}");
            sqlx::query("drop table made")
                .execute(&mut *connection)
                .await
                .unwrap();
        }
    }

    #[sqlx::test(migrations = false)]
    async fn postgres_reads_decimal_numbers_as_they_are_written(pool: PgPool) {
        let mut written: Vec<String> = [
            "0",
            "0.0",
            "-0.0",
            "1",
            "10",
            "9999",
            "10000",
            "100000000",
            "1234567.89",
            "0.5",
            "0.05",
            "0.0001",
            "0.00001",
            "12345.000067",
            "-99999999.99",
            "1e20",
            "1.5e-7",
            "5e-324",
            "1.7976931348623157e308",
            "-9223372036854775808",
        ]
        .map(str::to_owned)
        .into();
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let numbers = (any::<i64>(), 0..30_u32).prop_map(|(digits, point)| {
            let digits = format!("{digits:031}");
            let (whole, fraction) = digits.split_at(digits.len() - usize::try_from(point).unwrap());
            format!("{whole}.{fraction}")
        });
        for _ in 0..500 {
            written.push(numbers.new_tree(&mut runner).unwrap().current());
        }
        let mut rows = Vec::new();
        for text in &written {
            binary::begin_row(2, &mut rows);
            binary::put(&binary::numeric(text).unwrap(), &mut rows);
            binary::put(text.as_bytes(), &mut rows);
        }
        let mut connection = copied(&pool, "number numeric, text text", &rows).await;
        // Postgres' own reading of the text says how many digits are shown, too.
        let others =
            "select text, number::text from made where number::text <> text::numeric::text";
        let others: Vec<(String, String)> = sqlx::query_as(others)
            .fetch_all(&mut *connection)
            .await
            .unwrap();
        assert_eq!(others, []);
        for wrong in [
            "",
            "-",
            ".",
            "1,5",
            "x",
            "1e",
            "NaN",
            "1e99999999999",
            "--1",
        ] {
            assert_eq!(binary::numeric(wrong), None, "{wrong}");
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
            (ColumnType::Date, json!("0000-01-01")),
            (ColumnType::Timestamp, json!("tomorrow")),
            (ColumnType::Timestamp, json!("-0001-01-01 00:00:00")),
            (ColumnType::Reference, json!("sale.order,5")),
            (ColumnType::References, json!(["x"])),
            (ColumnType::Bytea, json!("§")),
            (ColumnType::Boolean, json!(1)),
        ];
        for (kind, value) in table {
            assert_eq!(put(kind, &value), (false, nothing()), "{kind:?} {value}");
        }
    }
}
