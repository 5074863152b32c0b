//! Pages of records as rows on their way into Postgres: read from Odoo's JSON straight into the binary form of COPY.

use std::{borrow::Cow, collections::HashMap, fmt, sync::Arc};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Map;
use sha2::{Digest as _, Sha256};

use super::{
    binary,
    cell::Cell,
    column::{Column, json},
};

/// Rows by rising ids: each one the id, a value for each column, what fits none, and a hash of it all.
#[derive(Clone, Debug, Default)]
pub(super) struct Page {
    /// What the rows have, in this order.
    pub(super) columns: Arc<[Column]>,
    pub(super) ids: Vec<i64>,
    /// The binary form of COPY, without what comes before and behind.
    copy: Vec<u8>,
    /// Where each row ends in it.
    ends: Vec<usize>,
}

impl Page {
    /// Reads a list of records, of which each is a map, or a list of its id and a value for each column. An error says in words what
    /// is wrong with it, such as a record that has no id above the one before it.
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

    /// The rows as COPY takes them, between a header and a trailer.
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
        deserializer.deserialize_any(self)
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
        reading.push(id)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut record: A) -> Result<(), A::Error> {
        let reading = self.0;
        let id = record.next_element::<Cell<'de>>()?;
        for cell in &mut reading.cells {
            let value = record.next_element()?;
            *cell = value.ok_or_else(|| Error::custom("a record lacks values"))?;
        }
        if record.next_element::<IgnoredAny>()?.is_some() {
            return Err(Error::custom(
                "a record has more values than were asked for",
            ));
        }
        reading.push(id.as_ref().and_then(integer))
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

    fn push<E: Error>(&mut self, id: Option<i64>) -> Result<(), E> {
        let id = id.ok_or_else(|| Error::custom("a record has no id"))?;
        if let Some(last) = self.page.ids.last().filter(|last| id <= **last) {
            return Err(Error::custom(format!(
                "the records are not in the order of their ids: {id} came after {last}"
            )));
        }
        let mut odd = Map::new();
        let rows = &mut self.page.copy;
        let begin = rows.len();
        binary::begin_row(self.page.columns.len() + 3, rows);
        binary::put(&id.to_be_bytes(), rows);
        for (column, cell) in self.page.columns.iter().zip(&self.cells) {
            if !column.kind.put(cell, rows) {
                odd.insert(column.field.clone(), cell.to_json());
            }
        }
        if odd.is_empty() {
            binary::put_null(rows);
        } else {
            binary::put_json(&json(&odd.into()), rows);
        }
        // Each value has its length before it, so that no two contents are the same bytes.
        let mut digest = Sha256::new();
        digest.update(self.shape);
        digest.update(&rows[begin..]);
        binary::put(&digest.finalize()[..16], rows);
        self.page.ends.push(rows.len());
        self.page.ids.push(id);
        Ok(())
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

    /// The values of the rows, as they go to Postgres.
    fn rows(page: &Page) -> Vec<Vec<Option<Vec<u8>>>> {
        let mut left = page.copy();
        let mut take = |count: usize| {
            let (taken, rest) = left.split_at(count);
            left = rest;
            taken.to_vec()
        };
        let number = |bytes: &[u8]| {
            bytes
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte))
        };
        let none = number(&[255; 4]);
        let row = |_: &i64| {
            let count = number(&take(2));
            let mut value = || {
                Some(number(&take(4)))
                    .filter(|length| *length != none)
                    .map(&mut take)
            };
            (0..count).map(|_| value()).collect()
        };
        page.ids.iter().map(row).collect()
    }

    fn cells(record: &Value) -> Vec<Option<Vec<u8>>> {
        rows(&read(&json!([record])).unwrap()).remove(0)
    }

    fn of_ids(ids: &[i64]) -> Value {
        ids.iter().map(|id| json!({"id": id})).collect()
    }

    #[test]
    fn a_row_is_the_id_the_columns_what_fits_none_and_a_hash() {
        let cells = cells(&json!({"id": 3, "name": "a\tb\nc\\d\r", "age": false}));
        let id = Some(3_i64.to_be_bytes().to_vec());
        assert_eq!(cells[..4], [id, Some(b"a\tb\nc\\d\r".to_vec()), None, None]);
        assert_eq!(cells.len(), 5);
    }

    #[test]
    fn a_value_of_the_wrong_type_is_kept_as_it_came() {
        let cells = cells(&json!({"id": 3, "name": "a", "age": "old"}));
        assert_eq!(
            cells[1..4],
            [
                Some(b"a".to_vec()),
                None,
                Some(b"\x01{\"age\":\"old\"}".to_vec())
            ]
        );
    }

    #[test]
    fn a_hash_changes_with_values_and_with_columns() {
        let hash = |record| cells(&record).pop().unwrap();
        let one = hash(json!({"id": 3, "name": "a", "age": 1}));
        assert_eq!(one.as_ref().unwrap().len(), 16);
        assert_eq!(
            one,
            hash(json!({"age": 1, "more": {"x": [5]}, "name": "a", "id": 3}))
        );
        assert_ne!(one, hash(json!({"id": 3, "name": "a", "age": 2})));
        assert_ne!(one, hash(json!({"id": 3, "name": "a", "age": "x"})));
        let hash_of = |columns| {
            let page = Page::read(br#"[{"id": 3, "name": "a"}]"#, columns).unwrap();
            rows(&page).remove(0).pop().unwrap()
        };
        let another = Column {
            name: "title".to_owned(),
            ..columns()[0].clone()
        };
        assert_ne!(hash_of(columns()[..1].into()), hash_of([another].into()));
    }

    #[test]
    fn what_one_record_lacks_is_not_taken_from_another() {
        let page = read(&json!([{"id": 1, "name": "a", "age": 5}, {"id": 2}])).unwrap();
        let second = rows(&page).remove(1);
        assert_eq!(
            second[..4],
            [Some(2_i64.to_be_bytes().to_vec()), None, None, None]
        );
    }

    #[test]
    fn a_record_that_is_a_list_makes_the_same_row() {
        let maps = json!([{"id": 1, "name": "a", "age": "old"}, {"id": 2, "age": 5}]);
        let lists = json!([[1, "a", "old"], [2, false, 5]]);
        let [maps, lists] = [maps, lists].map(|records| read(&records).unwrap());
        assert_eq!(maps.copy(), lists.copy());
        let odd = [json!([1, "a"]), json!([1, "a", 5, 6]), json!(["1", "a", 5])];
        for wrong in odd.map(|record| json!([record])) {
            assert!(read(&wrong).is_err(), "{wrong}");
        }
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
        assert_eq!(rows(&second)[0][0], Some(5_i64.to_be_bytes().to_vec()));
        let mut single = second.clone();
        let rest = single.split();
        assert_eq!((single.rows(), rest.rows()), (1, 2));
        first.append(second);
        assert_eq!(first.copy(), whole.copy());
        assert_eq!(first.ends, whole.ends);
    }
}
