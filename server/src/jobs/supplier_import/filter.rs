//! Leaves rows out before Odoo sees them.

use std::{borrow::Cow, collections::HashSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::barcode;

/// Which rows are left out.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct FilterRules {
    /// Rows with less stock; a row that names no stock has none.
    pub min_stock: Option<Decimal>,
    /// Rows with a lower price.
    pub min_price: Option<Decimal>,
    /// Rows whose discontinued column says yes.
    pub skip_discontinued: bool,
    /// Rows of these brands, whatever their case.
    pub blocked_brands: Vec<String>,
    /// Barcodes that pass although their brand is blocked.
    pub allowed_barcodes: Vec<String>,
}

/// The rules, ready to be asked.
pub(super) struct Filter {
    min_stock: Option<Decimal>,
    min_price: Option<Decimal>,
    skip_discontinued: bool,
    blocked_brands: HashSet<String>,
    allowed_barcodes: HashSet<String>,
}

impl Filter {
    pub(super) fn new(rules: &FilterRules) -> Self {
        Self {
            min_stock: rules.min_stock,
            min_price: rules.min_price,
            skip_discontinued: rules.skip_discontinued,
            blocked_brands: rules
                .blocked_brands
                .iter()
                .map(|brand| brand.trim().to_lowercase())
                .collect(),
            allowed_barcodes: rules
                .allowed_barcodes
                .iter()
                .map(|text| {
                    barcode::read(text.trim())
                        .map_or_else(|_| text.trim().to_owned(), Cow::into_owned)
                })
                .collect(),
        }
    }

    /// Whether a discontinued row is left out.
    pub(super) fn drops_discontinued(&self) -> bool {
        self.skip_discontinued
    }

    /// Whether a row of this brand is left out, unless its barcode is allowed.
    pub(super) fn drops_brand(&self, brand: &str, barcode_text: &str) -> bool {
        if self.blocked_brands.is_empty() || !self.blocked_brands.contains(&brand.to_lowercase()) {
            return false;
        }
        match barcode::read(barcode_text) {
            Ok(code) => !self.allowed_barcodes.contains(&*code),
            Err(_) => !self.allowed_barcodes.contains(barcode_text),
        }
    }

    /// Why a row with these values is left out.
    pub(super) fn drops_values(
        &self,
        stock: Option<Decimal>,
        price: Decimal,
    ) -> Option<&'static str> {
        if self
            .min_stock
            .is_some_and(|least| stock.unwrap_or_default() < least)
        {
            return Some("below_min_stock");
        }
        self.min_price
            .is_some_and(|least| price < least)
            .then_some("below_min_price")
    }
}
