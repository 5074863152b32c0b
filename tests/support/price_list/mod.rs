//! A realistic price list, the same each time, that knows what must become of each of its rows.

mod defect;
mod product;
mod report;
mod text;

pub use defect::Defect;
pub use product::Product;

use std::collections::{BTreeMap, HashSet};

/// The rows of the list that Sluice was built for.
pub const REALISTIC_ROWS: usize = 13_445;

/// One of how many rows is bad.
const ONE_BAD_ROW_IN: usize = 50;

/// One row of a list.
#[derive(Clone, Copy, Debug)]
pub struct ListRow {
    /// Which product it names.
    pub product: usize,
    /// The quantity from which the price holds.
    pub min_qty: u32,
    /// The price in hundredths.
    pub cents: u64,
    /// What is wrong with the row, if anything.
    pub defect: Option<Defect>,
}

/// A supplier's list. Lists of different series share no product.
#[derive(Clone)]
pub struct PriceList {
    series: u16,
    rows: Vec<ListRow>,
    products: usize,
}

/// How many rows must come to which outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub created: i64,
    pub updated: i64,
    pub unchanged: i64,
    pub errors: i64,
}

/// A fixed mixing of numbers: the same on each machine, in each version.
pub fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl PriceList {
    /// A list of that many rows, of which every fiftieth is bad, each kind of defect in turn.
    pub fn new(series: u16, rows: usize) -> Self {
        Self::build(series, rows, rows / ONE_BAD_ROW_IN)
    }

    /// A list without a bad row.
    pub fn clean(series: u16, rows: usize) -> Self {
        Self::build(series, rows, 0)
    }

    fn build(series: u16, rows: usize, bad: usize) -> Self {
        assert!(series < 1000, "a series has three digits in a barcode");
        let mut list = Self {
            series,
            rows: Vec::with_capacity(rows),
            products: 0,
        };
        let mut defects = 0;
        while list.rows.len() < rows {
            let at = list.rows.len();
            // Bad rows are spread evenly, and the last product's tiers are cut where the list ends.
            if defects < bad && at * bad >= (defects + 1) * rows - rows / 2 && at > 0 {
                list.add_bad_row(Defect::ALL[defects % Defect::ALL.len()]);
                defects += 1;
            } else {
                list.add_product(rows);
            }
        }
        list
    }

    fn add_product(&mut self, rows: usize) {
        let product = self.next_product();
        let price = 50 + mix(product as u64 ^ 0xabcd) % 250_000;
        for (tier, min_qty) in product::tiers(product).iter().enumerate() {
            if self.rows.len() < rows {
                self.rows.push(ListRow {
                    product,
                    min_qty: *min_qty,
                    cents: price * (20 - tier as u64) / 20,
                    defect: None,
                });
            }
        }
    }

    fn add_bad_row(&mut self, defect: Defect) {
        let good = self
            .rows
            .iter()
            .rev()
            .find(|row| row.defect.is_none())
            .copied();
        let (product, min_qty) = match (defect, good) {
            (Defect::DuplicateLine, Some(good)) => (good.product, good.min_qty),
            _ => (self.next_product(), 1),
        };
        self.rows.push(ListRow {
            product,
            min_qty,
            cents: 4_200 + product as u64,
            defect: Some(defect),
        });
    }

    fn next_product(&mut self) -> usize {
        self.products += 1;
        self.products - 1
    }

    /// The same list with another price in `percent` of its good rows, spread evenly.
    #[must_use]
    pub fn with_prices_changed(&self, percent: usize) -> Self {
        let mut changed = self.clone();
        for (index, row) in changed
            .rows
            .iter_mut()
            .filter(|row| row.defect.is_none())
            .enumerate()
        {
            if (index * percent) % 100 < percent {
                row.cents += 7;
            }
        }
        changed
    }

    /// The same list without its bad rows.
    #[must_use]
    pub fn without_bad_rows(&self) -> Self {
        let mut clean = self.clone();
        clean.rows.retain(|row| row.defect.is_none());
        clean
    }

    /// The same list without its good rows, and without copies of them.
    #[must_use]
    pub fn only_bad_rows(&self) -> Self {
        let mut bad = self.clone();
        bad.rows
            .retain(|row| !matches!(row.defect, None | Some(Defect::DuplicateLine)));
        bad
    }

    /// The same list, cut after so many rows.
    #[must_use]
    pub fn first_rows(&self, rows: usize) -> Self {
        let mut cut = self.clone();
        cut.rows.truncate(rows);
        cut
    }

    /// The rows in order; the first is row 2 of the file.
    pub fn rows(&self) -> &[ListRow] {
        &self.rows
    }

    /// The number in the file of the row at an index.
    pub fn row_number(index: usize) -> i64 {
        i64::try_from(index).unwrap_or(i64::MAX - 2) + 2
    }

    /// One of the list's products.
    pub fn product(&self, index: usize) -> Product {
        Product::of(self.series, index)
    }

    /// The products that Odoo must know before the import, twins included.
    pub fn products_in_odoo(&self) -> Vec<Product> {
        let mut absent = HashSet::new();
        let mut twins = Vec::new();
        for row in &self.rows {
            match row.defect {
                Some(Defect::UnknownProduct) => {
                    absent.insert(row.product);
                }
                Some(Defect::AmbiguousCode) => twins.push(self.product(row.product).twin()),
                _ => {}
            }
        }
        (0..self.products)
            .filter(|index| !absent.contains(index))
            .map(|index| self.product(index))
            .chain(twins)
            .collect()
    }

    /// What must be in Odoo after the import: the price in hundredths by product and minimum quantity.
    pub fn expected_lines(&self) -> BTreeMap<(usize, u32), u64> {
        self.rows
            .iter()
            .filter(|row| row.defect.is_none())
            .map(|row| ((row.product, row.min_qty), row.cents))
            .collect()
    }

    /// The rows that must be reported, by their number in the file.
    pub fn expected_errors(&self) -> BTreeMap<i64, Defect> {
        self.rows
            .iter()
            .enumerate()
            .filter_map(|(index, row)| Some((Self::row_number(index), row.defect?)))
            .collect()
    }

    /// What an import of this list must count after `before` was imported; `None` means the first import.
    pub fn tally_after(&self, before: Option<&Self>) -> Tally {
        let known = before.map(Self::expected_lines).unwrap_or_default();
        let mut tally = Tally::default();
        for row in &self.rows {
            match (row.defect, known.get(&(row.product, row.min_qty))) {
                (Some(_), _) => tally.errors += 1,
                (None, None) => tally.created += 1,
                (None, Some(cents)) if *cents == row.cents => tally.unchanged += 1,
                (None, Some(_)) => tally.updated += 1,
            }
        }
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_the_same_each_time() {
        assert_eq!(PriceList::new(1, 500).csv(), PriceList::new(1, 500).csv());
        assert_ne!(PriceList::new(1, 500).csv(), PriceList::new(2, 500).csv());
    }

    #[test]
    fn the_realistic_list_holds_two_percent_bad_rows_of_every_kind() {
        let list = PriceList::new(1, REALISTIC_ROWS);
        let errors = list.expected_errors();
        assert_eq!(list.rows().len(), REALISTIC_ROWS);
        assert_eq!(errors.len(), REALISTIC_ROWS / 50);
        for defect in Defect::ALL {
            assert!(errors.values().any(|found| found == defect), "{defect:?}");
        }
    }

    #[test]
    fn good_rows_name_each_line_once() {
        let list = PriceList::new(1, REALISTIC_ROWS);
        let good = list
            .rows()
            .iter()
            .filter(|row| row.defect.is_none())
            .count();
        assert_eq!(list.expected_lines().len(), good);
    }

    #[test]
    fn a_change_of_five_percent_changes_five_percent() {
        let list = PriceList::clean(1, 2_000);
        let tally = list.with_prices_changed(5).tally_after(Some(&list));
        assert_eq!((tally.updated, tally.unchanged), (100, 1_900));
    }
}
