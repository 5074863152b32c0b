//! Everything that can be wrong with a row of a list, and the code that the row must be reported with.

/// What is wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    PriceUnreadable,
    PriceMissing,
    PriceNegative,
    BarcodeCheckDigit,
    BarcodeScientific,
    KeyMissing,
    QuantityUnreadable,
    DuplicateLine,
    UnknownProduct,
    AmbiguousCode,
    UnknownCurrency,
    FieldTooMany,
}

impl Defect {
    /// All of them, in the order in which a list uses them.
    pub const ALL: &'static [Self] = &[
        Self::PriceUnreadable,
        Self::PriceMissing,
        Self::PriceNegative,
        Self::BarcodeCheckDigit,
        Self::BarcodeScientific,
        Self::KeyMissing,
        Self::QuantityUnreadable,
        Self::DuplicateLine,
        Self::UnknownProduct,
        Self::AmbiguousCode,
        Self::UnknownCurrency,
        Self::FieldTooMany,
    ];

    /// The code of the row error.
    pub fn code(self) -> &'static str {
        match self {
            Self::PriceUnreadable | Self::QuantityUnreadable => "number_unreadable",
            Self::PriceMissing => "price_missing",
            Self::PriceNegative => "price_negative",
            Self::BarcodeCheckDigit => "barcode_check_digit",
            Self::BarcodeScientific => "barcode_scientific",
            Self::KeyMissing => "key_missing",
            Self::DuplicateLine => "duplicate_line",
            Self::UnknownProduct => "product_not_found",
            Self::AmbiguousCode => "product_ambiguous",
            Self::UnknownCurrency => "unknown_currency",
            Self::FieldTooMany => "row_too_wide",
        }
    }
}
