//! Pages of records as rows on their way into Postgres: read from Odoo's JSON straight into the text form of COPY.

use std::{borrow::Cow, collections::HashMap, fmt, sync::Arc};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Map;
use sha2::{Digest as _, Sha256};

use super::{
    cell::Cell,
    column::{Column, Stored, json},
};

/// No value, as COPY takes it.
const NULL: &[u8] = b"\\N";

/// Rows by rising ids: each one the id, a value for each column, what fits none, and a hash of it all.
#[derive(Clone, Debug, Default)]
pub(super) struct Page {
    /// What the rows have, in this order.
    pub(super) columns: Arc<[Column]>,
    pub(super) ids: Vec<i64>,
    /// The text form of COPY.
    copy: Vec<u8>,
    /// Where each row ends in it.
    ends: Vec<usize>,
}

impl Page {
    /// Reads a list of records. An error says in words what is wrong with it, such as a record that has no id above the one
    /// before it.
    pub(super) fn read(answer: &[u8], columns: Arc<[Column]>) -> Result<Self, String> {
        let mut reading = Reading {
            expected: 0,
            places: columns
                .iter()
                .enumerate()
                .map(|(place, column)| (column.field.clone(), place))
                .collect(),
            shape: shape(&columns),
            cells: vec![Cell::Null; columns.len()],
            page: Self {
                columns,
                ..Self::default()
            },
        };
        let mut json = serde_json::Deserializer::from_slice(answer);
        json.deserialize_seq(Records(&mut reading))
            .and_then(|()| json.end())
            .map_err(|why| why.to_string())?;
        Ok(reading.page)
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The rows as COPY takes them.
    pub(super) fn copy(&self) -> &[u8] {
        &self.copy
    }

    /// Adds rows of the same columns with higher ids.
    pub(super) fn append(&mut self, other: Self) {
        if self.is_empty() {
            *self = other;
            return;
        }
        let before = self.copy.len();
        self.copy.extend_from_slice(&other.copy);
        self.ends.extend(other.ends.iter().map(|end| before + end));
        self.ids.extend_from_slice(&other.ids);
    }

    /// Takes the second half of the rows away.
    pub(super) fn split(&mut self) -> Self {
        let kept = self.rows() / 2;
        let cut = if kept == 0 { 0 } else { self.ends[kept - 1] };
        let ends = self.ends.split_off(kept);
        Self {
            columns: Arc::clone(&self.columns),
            ids: self.ids.split_off(kept),
            copy: self.copy.split_off(cut),
            ends: ends.into_iter().map(|end| end - cut).collect(),
        }
    }
}

/// What it takes to read records.
struct Reading<'de> {
    /// The place of the field that comes next if the fields come in the order of the columns, as they were asked for.
    expected: usize,
    /// The place of each field among the columns.
    places: HashMap<String, usize>,
    shape: [u8; 32],
    /// The values of one record; made once.
    cells: Vec<Cell<'de>>,
    page: Page,
}

struct Records<'a, 'de>(&'a mut Reading<'de>);

impl<'de> Visitor<'de> for Records<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(OneRecord(self.0))?.is_some() {}
        Ok(())
    }
}

struct OneRecord<'a, 'de>(&'a mut Reading<'de>);

impl<'de> DeserializeSeed<'de> for OneRecord<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OneRecord<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut record: A) -> Result<(), A::Error> {
        let reading = self.0;
        reading.cells.fill(Cell::Null);
        reading.expected = 0;
        let mut id = None;
        while let Some(Name(name)) = record.next_key()? {
            match reading.place(&name) {
                Some(place) => {
                    reading.expected = place + 1;
                    let cell = record.next_value()?;
                    if name == "id" {
                        id = integer(&cell);
                    }
                    reading.cells[place] = cell;
                }
                None if name == "id" => id = integer(&record.next_value()?),
                None => {
                    record.next_value::<IgnoredAny>()?;
                }
            }
        }
        let id = id.ok_or_else(|| Error::custom("a record has no id"))?;
        if let Some(last) = reading.page.ids.last().filter(|last| id <= **last) {
            return Err(Error::custom(format!(
                "the records are not in the order of their ids: {id} came after {last}"
            )));
        }
        reading.push(id);
        Ok(())
    }
}

fn integer(cell: &Cell<'_>) -> Option<i64> {
    match cell {
        Cell::Integer(number) => Some(*number),
        _ => None,
    }
}

impl Reading<'_> {
    fn place(&self, name: &str) -> Option<usize> {
        let expected = self.page.columns.get(self.expected);
        if expected.is_some_and(|column| column.field == name) {
            return Some(self.expected);
        }
        self.places.get(name).copied()
    }

    fn push(&mut self, id: i64) {
        let mut odd = Map::new();
        let copy = &mut self.page.copy;
        let begin = copy.len();
        copy.extend_from_slice(id.to_string().as_bytes());
        for (column, cell) in self.page.columns.iter().zip(&self.cells) {
            copy.push(b'\t');
            match column.kind.store(cell) {
                Stored::Text(text) => escape(&text, copy),
                Stored::Null => copy.extend_from_slice(NULL),
                Stored::Odd => {
                    odd.insert(column.field.clone(), cell.to_json());
                    copy.extend_from_slice(NULL);
                }
            }
        }
        copy.push(b'\t');
        if odd.is_empty() {
            copy.extend_from_slice(NULL);
        } else {
            escape(&json(&odd.into()), copy);
        }
        // Escaped as it is, the line is one for each content.
        let mut digest = Sha256::new();
        digest.update(self.shape);
        digest.update(&copy[begin..]);
        copy.push(b'\t');
        hex(&digest.finalize()[..16], copy);
        copy.push(b'\n');
        self.page.ends.push(copy.len());
        self.page.ids.push(id);
    }
}

/// A field's name, without a copy where that can be.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

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

fn hex(bytes: &[u8], into: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        into.push(DIGITS[usize::from(byte >> 4)]);
        into.push(DIGITS[usize::from(byte & 15)]);
    }
}

/// Writes a text so that COPY reads it back as it is.
fn escape(text: &str, into: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    let mut plain = 0;
    for (place, byte) in bytes.iter().enumerate() {
        let escaped = match byte {
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            _ => continue,
        };
        into.extend_from_slice(&bytes[plain..place]);
        into.extend_from_slice(escaped);
        plain = place + 1;
    }
    into.extend_from_slice(&bytes[plain..]);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::jobs::mirror::column::ColumnType;

    fn columns() -> Arc<[Column]> {
        [("name", ColumnType::Text), ("age", ColumnType::Bigint)]
            .map(|(name, kind)| Column {
                field: name.to_owned(),
                name: name.to_owned(),
                kind,
                label: String::new(),
            })
            .into()
    }

    fn read(records: &Value) -> Result<Page, String> {
        Page::read(records.to_string().as_bytes(), columns())
    }

    fn cells(record: &Value) -> Vec<String> {
        let page = read(&json!([record])).unwrap();
        let line = String::from_utf8(page.copy().to_vec()).unwrap();
        line.trim_end_matches('\n')
            .split('\t')
            .map(str::to_owned)
            .collect()
    }

    fn of_ids(ids: &[i64]) -> Value {
        ids.iter().map(|id| json!({"id": id})).collect()
    }

    #[test]
    fn a_row_is_one_line_whatever_is_in_it() {
        let cells = cells(&json!({"id": 3, "name": "a\tb\nc\\d\r", "age": false}));
        assert_eq!(&cells[..4], ["3", "a\\tb\\nc\\\\d\\r", "\\N", "\\N"]);
    }

    #[test]
    fn a_value_of_the_wrong_type_is_kept_as_it_came() {
        let cells = cells(&json!({"id": 3, "name": "a", "age": "old"}));
        assert_eq!(&cells[..4], ["3", "a", "\\N", "{\"age\":\"old\"}"]);
    }

    #[test]
    fn a_hash_changes_with_values_and_with_columns() {
        let hash = |record| cells(&record).pop().unwrap();
        let one = hash(json!({"id": 3, "name": "a", "age": 1}));
        assert_eq!(one.len(), 32);
        assert_eq!(
            one,
            hash(json!({"age": 1, "more": {"x": [5]}, "name": "a", "id": 3}))
        );
        assert_ne!(one, hash(json!({"id": 3, "name": "a", "age": 2})));
        assert_ne!(one, hash(json!({"id": 3, "name": "a", "age": "x"})));
        let fewer = columns()[..1].into();
        let page = Page::read(br#"[{"id": 3, "name": "a"}]"#, fewer).unwrap();
        assert!(
            !String::from_utf8(page.copy().to_vec())
                .unwrap()
                .contains(&one)
        );
    }

    #[test]
    fn what_one_record_lacks_is_not_taken_from_another() {
        let page = read(&json!([{"id": 1, "name": "a", "age": 5}, {"id": 2}])).unwrap();
        let text = String::from_utf8(page.copy().to_vec()).unwrap();
        let second = text.lines().nth(1).unwrap();
        assert!(second.starts_with("2\t\\N\t\\N\t\\N\t"), "{second}");
    }

    #[test]
    fn records_out_of_order_or_twice_are_refused() {
        assert_eq!(read(&of_ids(&[1, 2, 5])).unwrap().ids, [1, 2, 5]);
        for wrong in [&[2, 1][..], &[2, 2]] {
            assert!(read(&of_ids(wrong)).is_err());
        }
        for wrong in [
            json!([{}]),
            json!([{"id": "1"}]),
            json!({"id": 1}),
            json!([1]),
        ] {
            assert!(read(&wrong).is_err(), "{wrong}");
        }
        assert!(Page::read(br#"[{"id": 1, "name": "th"#, columns()).is_err());
    }

    #[test]
    fn halves_make_the_whole_again() {
        let whole = read(&of_ids(&[1, 2, 5, 7, 8])).unwrap();
        let mut first = whole.clone();
        let second = first.split();
        assert_eq!(
            (&first.ids[..], &second.ids[..]),
            (&[1, 2][..], &[5, 7, 8][..])
        );
        assert!(second.copy().starts_with(b"5\t"));
        let mut single = second.clone();
        let rest = single.split();
        assert_eq!((single.rows(), rest.rows()), (1, 2));
        first.append(second);
        assert_eq!(first.copy(), whole.copy());
        assert_eq!(first.ends, whole.ends);
    }
}
