//! Two rows for one price line: the first one wins, and each later one is told which that was.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

/// The first row of each price line, by 128 bits of the line's hash: 20 bytes a row, whatever the row's length.
pub(super) struct Lines {
    seen: HashMap<[u32; 4], u32>,
}

/// What makes a price line one of its own, within a supplier and company.
pub(super) struct LineKey<'a> {
    /// Which way the product is found: a barcode and a code of the same digits are two products.
    pub(super) found_by: u8,
    pub(super) product: &'a str,
    pub(super) min_qty: Decimal,
    pub(super) uom: &'a str,
    pub(super) currency: &'a str,
    pub(super) date_start: Option<NaiveDate>,
}

impl Lines {
    /// Makes room for that many rows at once: growing would need the memory twice.
    pub(super) fn for_rows(rows: u32) -> Self {
        Self {
            seen: HashMap::with_capacity(rows as usize),
        }
    }

    /// The row that named this line earlier; none if this one is the first, which is then remembered.
    pub(super) fn earlier(&mut self, key: &LineKey<'_>, row: u32) -> Option<u32> {
        match self.seen.entry(key.hash()) {
            std::collections::hash_map::Entry::Occupied(first) => Some(*first.get()),
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(row);
                None
            }
        }
    }
}

impl LineKey<'_> {
    fn hash(&self) -> [u32; 4] {
        // Lengths of two bytes, so that a usual key fits into one block of the hash; no part is longer.
        let mut hasher = Sha256::new();
        hasher.update([self.found_by]);
        for part in [self.product, self.uom, self.currency] {
            let length = u16::try_from(part.len()).unwrap_or(u16::MAX);
            hasher.update(length.to_le_bytes());
            hasher.update(part);
        }
        hasher.update(self.min_qty.normalize().serialize());
        hasher.update(
            self.date_start
                .map_or(i32::MIN, |date| date.num_days_from_ce())
                .to_le_bytes(),
        );
        let digest = hasher.finalize();
        std::array::from_fn(|index| {
            u32::from_le_bytes([
                digest[index * 4],
                digest[index * 4 + 1],
                digest[index * 4 + 2],
                digest[index * 4 + 3],
            ])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key<'a>(product: &'a str, uom: &'a str, min_qty: &str, day: Option<u32>) -> LineKey<'a> {
        LineKey {
            found_by: 0,
            product,
            min_qty: min_qty.parse().unwrap(),
            uom,
            currency: "",
            date_start: day.and_then(|day| NaiveDate::from_ymd_opt(2026, 1, day)),
        }
    }

    #[test]
    fn the_first_row_of_a_line_wins_and_is_named() {
        let mut lines = Lines::for_rows(10);
        assert_eq!(lines.earlier(&key("4006381333931", "", "1", None), 2), None);
        assert_eq!(
            lines.earlier(&key("4006381333931", "", "10", None), 3),
            None
        );
        assert_eq!(
            lines.earlier(&key("4006381333931", "", "1", Some(1)), 4),
            None
        );
        assert_eq!(
            lines.earlier(&key("4006381333931", "", "1.0", None), 5),
            Some(2)
        );
        assert_eq!(
            lines.earlier(&key("4006381333931", "", "1", None), 6),
            Some(2)
        );
        // Parts do not run into each other.
        assert_eq!(lines.earlier(&key("ab", "c", "1", None), 7), None);
        assert_eq!(lines.earlier(&key("a", "bc", "1", None), 8), None);
    }
}
