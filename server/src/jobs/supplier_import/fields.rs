//! What a column of a list can mean.

use serde::{Deserialize, Serialize};

/// What a column of a list means.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The product's EAN, GTIN or UPC.
    Barcode,
    /// The product's internal reference, often the manufacturer's code.
    DefaultCode,
    /// The supplier's own article number.
    ProductCode,
    /// The supplier's name of the product.
    ProductName,
    /// The purchase price without tax, for one unit.
    Price,
    /// The discount in percent.
    Discount,
    /// The quantity from which the price holds.
    MinQty,
    /// The delivery time in days.
    Delay,
    /// The ISO code of the price's currency.
    Currency,
    /// The name of the unit of measure.
    Uom,
    /// The first day on which the price holds.
    DateStart,
    /// The last day on which the price holds.
    DateEnd,
    /// What the supplier has in stock.
    Stock,
    /// The product's brand.
    Brand,
    /// Marks products that the supplier no longer makes.
    Discontinued,
    /// The product's weight in kilograms.
    Weight,
}

impl Field {
    /// How many fields there are.
    pub const COUNT: usize = 16;

    /// The field's name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Barcode => "barcode",
            Self::DefaultCode => "default_code",
            Self::ProductCode => "product_code",
            Self::ProductName => "product_name",
            Self::Price => "price",
            Self::Discount => "discount",
            Self::MinQty => "min_qty",
            Self::Delay => "delay",
            Self::Currency => "currency",
            Self::Uom => "uom",
            Self::DateStart => "date_start",
            Self::DateEnd => "date_end",
            Self::Stock => "stock",
            Self::Brand => "brand",
            Self::Discontinued => "discontinued",
            Self::Weight => "weight",
        }
    }

    /// Whether its values are numbers in text, whose style has to be decided.
    pub fn is_number(self) -> bool {
        matches!(
            self,
            Self::Price | Self::Discount | Self::MinQty | Self::Delay | Self::Stock | Self::Weight
        )
    }
}
