//! A row that can be sent to Odoo.

use std::borrow::Cow;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::deduplicate::LineKey;
use crate::adapters::odoo::{BatchRow, MatchKey};

/// A row that passed all checks.
#[derive(Debug, Default)]
pub(super) struct Line<'r> {
    pub(super) row: u32,
    pub(super) found_by: u8,
    pub(super) barcode: Option<Cow<'r, str>>,
    pub(super) default_code: Option<&'r str>,
    pub(super) product_code: Option<&'r str>,
    pub(super) product_name: Option<&'r str>,
    pub(super) price: Decimal,
    pub(super) discount: Option<Decimal>,
    pub(super) min_qty: Option<Decimal>,
    pub(super) delay: Option<i32>,
    pub(super) currency: Option<[u8; 3]>,
    /// The currency that counts for the line's identity: named, or the import's own; a mere sign makes no other line.
    pub(super) key_currency: Option<[u8; 3]>,
    pub(super) uom: Option<&'r str>,
    pub(super) date_start: Option<NaiveDate>,
    pub(super) date_end: Option<NaiveDate>,
    pub(super) stock: Option<Decimal>,
    pub(super) weight: Option<Decimal>,
}

impl Line<'_> {
    /// What makes the row's price line one of its own.
    pub(super) fn key(&self) -> LineKey<'_> {
        LineKey {
            found_by: self.found_by,
            product: self.product(),
            min_qty: self.min_qty.unwrap_or_default(),
            uom: self.uom.unwrap_or_default(),
            currency: self
                .key_currency
                .as_ref()
                .map_or("", |code| std::str::from_utf8(code).unwrap_or_default()),
            date_start: self.date_start,
        }
    }

    /// The text by which the product is looked up first.
    pub(super) fn product(&self) -> &str {
        [
            MatchKey::Barcode,
            MatchKey::DefaultCode,
            MatchKey::ProductCode,
        ]
        .into_iter()
        .find(|key| *key as u8 == self.found_by)
        .and_then(|key| self.key_text(key))
        .unwrap_or_default()
    }

    /// Every text by which the product may be found.
    pub(super) fn products(&self) -> impl Iterator<Item = &str> {
        [
            self.barcode.as_deref(),
            self.default_code,
            self.product_code,
        ]
        .into_iter()
        .flatten()
    }

    pub(super) fn key_text(&self, key: MatchKey) -> Option<&str> {
        match key {
            MatchKey::Barcode => self.barcode.as_deref(),
            MatchKey::DefaultCode => self.default_code,
            MatchKey::ProductCode => self.product_code,
        }
    }

    /// The row as Odoo gets it.
    pub(super) fn to_batch_row(&self) -> BatchRow {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        BatchRow {
            row: i64::from(self.row),
            barcode: owned(self.barcode.as_deref()),
            default_code: owned(self.default_code),
            product_code: owned(self.product_code),
            product_name: owned(self.product_name),
            name: owned(self.product_name),
            price: Some(self.price),
            discount: self.discount,
            min_qty: self.min_qty,
            delay: self.delay,
            currency: self
                .currency
                .map(|code| String::from_utf8_lossy(&code).into_owned()),
            uom: owned(self.uom),
            date_start: self.date_start,
            date_end: self.date_end,
            stock: self.stock,
            weight: self.weight,
        }
    }
}
