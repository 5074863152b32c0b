//! What a caller asks for, and what of it can be refused before a job is made.

use rust_decimal::Decimal;

use super::{
    barcode,
    error::ImportError,
    file::FileOptions,
    filter::FilterRules,
    mapping::ColumnMapping,
    numbers::DecimalStyle,
    spec::{ImportSpec, Source},
};
use crate::{
    adapters::odoo::{BatchOptions, MatchKey, SweepPolicy, UnknownPolicy},
    ids::UploadId,
};

/// The largest list that may come within a request.
pub const MAX_CONTENT_BYTES: usize = 4 * 1024 * 1024;

const MOST_FILTER_WORDS: usize = 10_000;
const DEFAULT_SWEEP_PERCENT: i64 = 20;

/// An import as a caller asks for it.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a choice of its own in the contract"
)]
pub struct ImportRequest {
    /// The Odoo contact: its id, its reference or its exact name.
    pub supplier: String,
    /// Where the list is.
    pub source: Option<RequestSource>,
    /// The list's name for people.
    pub file_name: String,
    /// What is said about the file.
    pub file: FileOptions,
    /// How numbers are written in text.
    pub decimal_style: Option<DecimalStyle>,
    /// What columns mean.
    pub mapping: Vec<ColumnMapping>,
    /// Whether to keep the mapping for the supplier's next list.
    pub save_mapping: bool,
    /// The order in which a row's product is looked up; empty means all ways.
    pub match_by: Vec<MatchKey>,
    /// What becomes of rows whose product Odoo does not know; none means error.
    pub unknown: Option<UnknownPolicy>,
    /// Whether an archived product becomes active again when a row names it.
    pub reactivate: bool,
    /// Leaves out rows with less stock: a decimal number, or empty.
    pub min_stock: String,
    /// Leaves out rows with a lower price: a decimal number, or empty.
    pub min_price: String,
    /// Leaves out discontinued rows.
    pub skip_discontinued: bool,
    /// Leaves out rows of these brands.
    pub blocked_brands: Vec<String>,
    /// Lets rows through that a blocked brand would leave out.
    pub allowed_barcodes: Vec<String>,
    /// The ISO code for rows that name none; empty means the company's.
    pub currency: String,
    /// The Odoo company; 0 means all.
    pub company_id: i64,
    /// What becomes of lines that the list no longer names; none keeps them.
    pub sweep: Option<SweepPolicy>,
    /// The largest share of lines that a sweep may touch, in percent; 0 means 20.
    pub sweep_max_percent: i32,
    /// Whether nothing is written to Odoo.
    pub dry_run: bool,
}

/// Where a caller says that the list is.
#[derive(Clone, Debug)]
pub enum RequestSource {
    /// Here.
    Content(Vec<u8>),
    /// Uploaded before.
    List(UploadId),
    /// At an address.
    Url(String),
}

impl ImportRequest {
    /// Makes the job's spec for a supplier that was found and a source that was stored.
    ///
    /// # Errors
    /// [`ImportError::Field`] names the field that cannot be used.
    pub(super) fn spec(
        &self,
        supplier: i64,
        source: Source,
        file_name: String,
    ) -> Result<ImportSpec, ImportError> {
        let match_by = if self.match_by.is_empty() {
            vec![
                MatchKey::Barcode,
                MatchKey::DefaultCode,
                MatchKey::ProductCode,
            ]
        } else {
            self.match_by.clone()
        };
        if (1..match_by.len()).any(|index| match_by[..index].contains(&match_by[index])) {
            return Err(field("import.match", "must name each way once"));
        }
        if !(0..=100).contains(&self.sweep_max_percent) {
            return Err(field(
                "import.sweep_max_percent",
                "must be from 1 to 100, or 0 for 20",
            ));
        }
        if self.company_id < 0 {
            return Err(field("import.company_id", "must not be negative"));
        }
        if self.save_mapping && self.mapping.is_empty() {
            return Err(field("import.save_mapping", "needs a mapping to save"));
        }
        Ok(ImportSpec {
            supplier,
            source,
            file_name,
            file: self.file.clone(),
            decimal_style: self.decimal_style,
            mapping: self.mapping.clone(),
            options: BatchOptions {
                company_id: Some(self.company_id).filter(|id| *id > 0),
                currency: currency(&self.currency)?,
                match_by,
                unknown: self.unknown.unwrap_or(UnknownPolicy::Error),
                reactivate: self.reactivate,
            },
            filter: self.filter()?,
            sweep: self.sweep,
            sweep_max_percent: match self.sweep_max_percent {
                0 => DEFAULT_SWEEP_PERCENT,
                percent => i64::from(percent),
            },
            dry_run: self.dry_run,
        })
    }

    fn filter(&self) -> Result<FilterRules, ImportError> {
        if self.blocked_brands.len() > MOST_FILTER_WORDS {
            return Err(field(
                "import.filter.blocked_brands",
                "must name at most 10,000 brands",
            ));
        }
        if self.allowed_barcodes.len() > MOST_FILTER_WORDS {
            return Err(field(
                "import.filter.allowed_barcodes",
                "must name at most 10,000 barcodes",
            ));
        }
        if let Some(wrong) = self
            .allowed_barcodes
            .iter()
            .find(|text| barcode::read(text.trim()).is_err())
        {
            let why = format!(
                "must hold barcodes, which {} is not",
                super::cells::shown(wrong)
            );
            return Err(field("import.filter.allowed_barcodes", why));
        }
        Ok(FilterRules {
            min_stock: decimal("import.filter.min_stock", &self.min_stock)?,
            min_price: decimal("import.filter.min_price", &self.min_price)?,
            skip_discontinued: self.skip_discontinued,
            blocked_brands: self.blocked_brands.clone(),
            allowed_barcodes: self.allowed_barcodes.clone(),
        })
    }
}

/// A field of the request that cannot be used; `why` ends the sentence that begins with its name.
pub(super) fn field(field: &'static str, why: impl Into<String>) -> ImportError {
    ImportError::Field {
        field,
        why: why.into(),
    }
}

fn decimal(name: &'static str, text: &str) -> Result<Option<Decimal>, ImportError> {
    match text.trim() {
        "" => Ok(None),
        text => match Decimal::from_str_exact(text) {
            Ok(value) => Ok(Some(value.normalize())),
            Err(_) => Err(field(name, "must be a decimal number such as 12.5")),
        },
    }
}

fn currency(text: &str) -> Result<Option<String>, ImportError> {
    match text.trim() {
        "" => Ok(None),
        code if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            Ok(Some(code.to_ascii_uppercase()))
        }
        _ => Err(field(
            "import.currency",
            "must be a currency's code of three letters such as EUR",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(request: &ImportRequest) -> &'static str {
        let source = Source::Url("https://lists.test/a.csv".to_owned());
        match request.spec(1, source, String::new()) {
            Err(ImportError::Field { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_field_that_cannot_be_used_is_named() {
        let plain = ImportRequest::default();
        let cases = [
            (
                ImportRequest {
                    currency: "euro".to_owned(),
                    ..plain.clone()
                },
                "import.currency",
            ),
            (
                ImportRequest {
                    min_stock: "5,0".to_owned(),
                    ..plain.clone()
                },
                "import.filter.min_stock",
            ),
            (
                ImportRequest {
                    min_price: "NaN".to_owned(),
                    ..plain.clone()
                },
                "import.filter.min_price",
            ),
            (
                ImportRequest {
                    sweep_max_percent: 101,
                    ..plain.clone()
                },
                "import.sweep_max_percent",
            ),
            (
                ImportRequest {
                    company_id: -1,
                    ..plain.clone()
                },
                "import.company_id",
            ),
            (
                ImportRequest {
                    save_mapping: true,
                    ..plain.clone()
                },
                "import.save_mapping",
            ),
            (
                ImportRequest {
                    match_by: vec![MatchKey::Barcode; 2],
                    ..plain.clone()
                },
                "import.match",
            ),
            (
                ImportRequest {
                    allowed_barcodes: vec!["123".to_owned()],
                    ..plain
                },
                "import.filter.allowed_barcodes",
            ),
        ];
        for (request, field) in cases {
            assert_eq!(refused(&request), field);
        }
    }
}
