//! Records of Odoo as rows on their way into Postgres.

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::column::{Column, Stored, json};

/// A record as Odoo answers it.
pub(super) type Record = Map<String, Value>;

/// Rows in the text form of COPY: the id, a value for each column, what fits none, and a hash of it all.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) rows: usize,
    pub(super) ids: Vec<i64>,
    /// The highest id; that before the page if there are no rows.
    pub(super) last_id: i64,
    pub(super) copy: Vec<u8>,
}

impl Page {
    /// Makes rows of records. An error names the record that has no id above the one before it.
    pub(super) fn of(records: &[Record], columns: &[Column], after: i64) -> Result<Self, String> {
        let mut page = Self {
            last_id: after,
            ..Self::default()
        };
        let shape = shape(columns);
        for record in records {
            let id = record.get("id").and_then(Value::as_i64);
            let id = id.ok_or_else(|| "a record has no id".to_owned())?;
            if id <= page.last_id {
                return Err(format!(
                    "the records are not in the order of their ids: {id} came after {}",
                    page.last_id
                ));
            }
            page.push(id, record, columns, shape);
        }
        Ok(page)
    }

    fn push(&mut self, id: i64, record: &Record, columns: &[Column], shape: [u8; 32]) {
        let mut digest = Sha256::new();
        digest.update(shape);
        let mut odd = Map::new();
        self.copy.extend_from_slice(id.to_string().as_bytes());
        for column in columns {
            self.copy.push(b'\t');
            let value = record.get(&column.field).unwrap_or(&Value::Null);
            match column.kind.store(value) {
                Stored::Text(text) => {
                    digest.update(text.len().to_be_bytes());
                    digest.update(&text);
                    escape(&text, &mut self.copy);
                }
                Stored::Null => self.null(&mut digest),
                Stored::Odd => {
                    odd.insert(column.field.clone(), value.clone());
                    self.null(&mut digest);
                }
            }
        }
        self.copy.push(b'\t');
        if odd.is_empty() {
            self.null(&mut digest);
        } else {
            let raw = json(&Value::Object(odd));
            digest.update(&raw);
            escape(&raw, &mut self.copy);
        }
        self.copy.push(b'\t');
        self.copy
            .extend_from_slice(hex(&digest.finalize()[..16]).as_bytes());
        self.copy.push(b'\n');
        self.rows += 1;
        self.ids.push(id);
        self.last_id = id;
    }

    fn null(&mut self, digest: &mut Sha256) {
        digest.update([0xff; 8]);
        self.copy.extend_from_slice(b"\\N");
    }
}

/// What the columns are: the same values in other columns are another content.
fn shape(columns: &[Column]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for column in columns {
        digest.update(column.name.len().to_be_bytes());
        digest.update(&column.name);
        digest.update(column.kind.sql());
    }
    digest.finalize().into()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Writes a text so that COPY reads it back as it is.
fn escape(text: &str, into: &mut Vec<u8>) {
    for byte in text.bytes() {
        match byte {
            b'\\' => into.extend_from_slice(b"\\\\"),
            b'\n' => into.extend_from_slice(b"\\n"),
            b'\r' => into.extend_from_slice(b"\\r"),
            b'\t' => into.extend_from_slice(b"\\t"),
            byte => into.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::jobs::mirror::column::ColumnType;

    fn columns() -> Vec<Column> {
        [("name", ColumnType::Text), ("age", ColumnType::Bigint)]
            .map(|(name, kind)| Column {
                field: name.to_owned(),
                name: name.to_owned(),
                kind,
                label: String::new(),
            })
            .to_vec()
    }

    fn record(value: Value) -> Record {
        match value {
            Value::Object(record) => record,
            other => panic!("{other}"),
        }
    }

    fn cells(record: Value) -> Vec<String> {
        let page = Page::of(&[self::record(record)], &columns(), 0).unwrap();
        let line = String::from_utf8(page.copy).unwrap();
        line.trim_end_matches('\n')
            .split('\t')
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn a_row_is_one_line_whatever_is_in_it() {
        let cells = cells(json!({"id": 3, "name": "a\tb\nc\\d\r", "age": false}));
        assert_eq!(&cells[..4], ["3", "a\\tb\\nc\\\\d\\r", "\\N", "\\N"]);
    }

    #[test]
    fn a_value_of_the_wrong_type_is_kept_as_it_came() {
        let cells = cells(json!({"id": 3, "name": "a", "age": "old"}));
        assert_eq!(&cells[..4], ["3", "a", "\\N", "{\"age\":\"old\"}"]);
    }

    #[test]
    fn a_hash_changes_with_values_and_with_columns() {
        let hash = |record| cells(record).pop().unwrap();
        let one = hash(json!({"id": 3, "name": "a", "age": 1}));
        assert_eq!(one.len(), 32);
        assert_eq!(
            one,
            hash(json!({"id": 3, "name": "a", "age": 1, "more": 5}))
        );
        assert_ne!(one, hash(json!({"id": 3, "name": "a", "age": 2})));
        assert_ne!(one, hash(json!({"id": 3, "name": "a", "age": "x"})));
        let mut fewer = columns();
        fewer.pop();
        let page = Page::of(&[record(json!({"id": 3, "name": "a"}))], &fewer, 0).unwrap();
        assert!(!String::from_utf8(page.copy).unwrap().contains(&one));
    }

    #[test]
    fn records_out_of_order_or_twice_are_refused() {
        let records = |ids: &[i64]| -> Vec<Record> {
            ids.iter().map(|id| record(json!({"id": id}))).collect()
        };
        assert!(Page::of(&records(&[1, 2, 5]), &columns(), 0).is_ok());
        for wrong in [&[2, 1][..], &[2, 2], &[0]] {
            assert!(Page::of(&records(wrong), &columns(), 0).is_err());
        }
        assert!(Page::of(&records(&[4]), &columns(), 4).is_err());
        assert!(Page::of(&[Record::new()], &columns(), 0).is_err());
    }
}
