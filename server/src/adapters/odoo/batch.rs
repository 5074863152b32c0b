//! What the server sends to the addon's import methods.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize, Serializer, ser::Error};

use crate::ids::JobId;

/// A range of a list's rows, to be applied in one transaction of Odoo.
#[derive(Debug, Serialize)]
pub struct Batch<'a> {
    pub job: JobId,
    /// The fence: Odoo refuses an attempt lower than the highest it has seen.
    pub attempt: i32,
    /// The first file row that this batch covers; rows that were left out earlier count as covered.
    pub first_row: i64,
    /// The last file row that this batch covers.
    pub last_row: i64,
    /// The id of the supplier's `res.partner`.
    pub supplier: i64,
    pub options: &'a BatchOptions,
    pub rows: &'a [BatchRow],
}

/// How the rows of a job are matched and written; the same for all its batches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatchOptions {
    /// The company of the price lines; `None` shares them among all companies.
    pub company_id: Option<i64>,
    /// ISO code for rows without one; `None` means the company's currency.
    pub currency: Option<String>,
    /// The ways to find a row's product, in order.
    #[serde(rename = "match")]
    pub match_by: Vec<MatchKey>,
    pub unknown: UnknownPolicy,
    /// Makes an archived product that a row matches active again.
    pub reactivate: bool,
}

/// One way to find a row's product.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchKey {
    Barcode,
    DefaultCode,
    ProductCode,
}

/// What becomes of a row whose product Odoo does not know.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownPolicy {
    Error,
    Create,
    Skip,
}

/// One row of a list. What is `None` is not in the list, and is left alone on a known line.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct BatchRow {
    /// The row's number in the file, from 1.
    pub row: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub barcode: Option<String>,
    /// The product's internal reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_code: Option<String>,
    /// The supplier's own code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_code: Option<String>,
    /// The supplier's own name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_name: Option<String>,
    /// The name of a product that has to be created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number")]
    pub price: Option<Decimal>,
    /// In percent.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number")]
    pub discount: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number")]
    pub min_qty: Option<Decimal>,
    /// Delivery time in days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<i32>,
    /// ISO code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Name of the unit of measure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uom: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_start: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_end: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number")]
    pub stock: Option<Decimal>,
    /// In kilograms.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number")]
    pub weight: Option<Decimal>,
}

/// Which of a supplier's lines to end or delete: those that the job did not touch.
#[derive(Clone, Debug, Serialize)]
pub struct Sweep {
    pub job: JobId,
    pub attempt: i32,
    pub supplier: i64,
    pub options: BatchOptions,
    pub policy: SweepPolicy,
    /// The most lines of one call.
    pub limit: i64,
    /// Counts, and changes nothing.
    pub dry_run: bool,
}

/// What a sweep does with a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SweepPolicy {
    /// The line ends on the day before the run.
    EndDate,
    Delete,
}

/// Writes a decimal as the JSON number of the same digits, so that Odoo reads the float nearest to what the list says.
#[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
fn number<S: Serializer>(value: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
    let Some(decimal) = value else {
        return serializer.serialize_none();
    };
    let float: f64 = decimal.to_string().parse().map_err(S::Error::custom)?;
    serializer.serialize_f64(float)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_carries_only_what_the_list_names() {
        let row = BatchRow {
            row: 7,
            barcode: Some("8712345678906".to_owned()),
            price: Some("1234.10".parse().unwrap()),
            date_start: NaiveDate::from_ymd_opt(2026, 1, 31),
            ..BatchRow::default()
        };
        let expected = json!({"row": 7, "barcode": "8712345678906", "price": 1234.1, "date_start": "2026-01-31"});
        assert_eq!(serde_json::to_value(&row).unwrap(), expected);
    }

    #[test]
    fn options_go_by_the_names_of_the_contract() {
        let options = BatchOptions {
            company_id: None,
            currency: Some("EUR".to_owned()),
            match_by: vec![
                MatchKey::Barcode,
                MatchKey::DefaultCode,
                MatchKey::ProductCode,
            ],
            unknown: UnknownPolicy::Create,
            reactivate: false,
        };
        let expected = json!({
            "company_id": null, "currency": "EUR", "match": ["barcode", "default_code", "product_code"],
            "unknown": "create", "reactivate": false,
        });
        assert_eq!(serde_json::to_value(&options).unwrap(), expected);
    }
}
