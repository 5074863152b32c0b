//! What is in Odoo after an import, compared with what the list says must be there.

use super::Odoo;
use crate::price_list::PriceList;
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

const PAGE: usize = 2_000;

/// One price line of a supplier as it stands in Odoo.
#[derive(Clone, Debug, PartialEq)]
pub struct LineInOdoo {
    pub id: i64,
    /// The internal reference of its product.
    pub code: String,
    pub min_qty: u32,
    /// The price in hundredths.
    pub cents: u64,
    pub currency: String,
    /// When an import last confirmed it; empty if none did.
    pub last_sync_date: String,
}

impl Odoo {
    /// All price lines of a supplier.
    pub async fn lines_of(&self, supplier: i64) -> Result<Vec<LineInOdoo>> {
        let lines = self
            .read_all(
                "product.supplierinfo",
                json!([["partner_id", "=", supplier]]),
                &[
                    "product_tmpl_id",
                    "min_qty",
                    "price",
                    "currency_id",
                    "last_sync_date",
                ],
            )
            .await?;
        let mut templates: Vec<i64> = lines
            .iter()
            .map(|line| id_of(&line["product_tmpl_id"]))
            .collect();
        templates.sort_unstable();
        templates.dedup();
        let mut codes = HashMap::new();
        for batch in templates.chunks(PAGE) {
            let products = self
                .read_all(
                    "product.product",
                    json!([["product_tmpl_id", "in", batch]]),
                    &["default_code", "product_tmpl_id"],
                )
                .await?;
            for product in products {
                codes.insert(
                    id_of(&product["product_tmpl_id"]),
                    text_of(&product["default_code"]),
                );
            }
        }
        let currencies: HashMap<i64, String> = self
            .read_all("res.currency", json!([]), &["name"])
            .await?
            .iter()
            .map(|currency| (id_of(&currency["id"]), text_of(&currency["name"])))
            .collect();
        Ok(lines
            .iter()
            .map(|line| LineInOdoo {
                id: id_of(&line["id"]),
                code: codes
                    .get(&id_of(&line["product_tmpl_id"]))
                    .cloned()
                    .unwrap_or_default(),
                min_qty: u32::try_from(whole(&line["min_qty"], 1.0)).unwrap_or(u32::MAX),
                cents: whole(&line["price"], 100.0),
                currency: currencies
                    .get(&id_of(&line["currency_id"]))
                    .cloned()
                    .unwrap_or_default(),
                last_sync_date: text_of(&line["last_sync_date"]),
            })
            .collect())
    }

    /// The supplier's own names of its products, as its price lines have them.
    pub async fn supplier_names_of(&self, supplier: i64) -> Result<Vec<String>> {
        let domain = json!([["partner_id", "=", supplier]]);
        let lines = self
            .read_all("product.supplierinfo", domain, &["product_name"])
            .await?;
        Ok(lines
            .iter()
            .map(|line| text_of(&line["product_name"]))
            .collect())
    }

    /// When the supplier's whole list last came through without an error; `None` if never.
    pub async fn sync_date_of_supplier(&self, supplier: i64) -> Result<Option<String>> {
        let domain = json!([["id", "=", supplier]]);
        let partners = self
            .read_all("res.partner", domain, &["last_sync_date"])
            .await?;
        let date = partners
            .first()
            .map(|partner| text_of(&partner["last_sync_date"]));
        Ok(date.filter(|date| !date.is_empty()))
    }

    /// Fails unless Odoo holds each good row of the list exactly once, with its price, and nothing else of this supplier.
    pub async fn holds_exactly(&self, supplier: i64, list: &PriceList) -> Result<usize> {
        let lines = self.lines_of(supplier).await?;
        let mut found: BTreeMap<(String, u32), Vec<u64>> = BTreeMap::new();
        for line in &lines {
            ensure!(
                line.currency == "EUR",
                "a line has another currency: {line:?}"
            );
            ensure!(
                !line.last_sync_date.is_empty(),
                "a line has no sync date: {line:?}"
            );
            found
                .entry((line.code.clone(), line.min_qty))
                .or_default()
                .push(line.cents);
        }
        let expected: BTreeMap<(String, u32), Vec<u64>> = list
            .expected_lines()
            .into_iter()
            .map(|((product, min_qty), cents)| ((list.product(product).code, min_qty), vec![cents]))
            .collect();
        let missing = expected.keys().find(|key| !found.contains_key(*key));
        ensure!(missing.is_none(), "Odoo lacks the line of {missing:?}");
        let odd = found
            .iter()
            .find(|(key, cents)| expected.get(*key) != Some(*cents));
        ensure!(
            odd.is_none(),
            "Odoo holds {odd:?}, but the list says {:?}",
            odd.and_then(|(key, _)| expected.get(key))
        );
        Ok(lines.len())
    }

    /// Reads all fitting records by id, page by page, archived ones too.
    pub async fn read_all(
        &self,
        model: &str,
        domain: Value,
        fields: &[&str],
    ) -> Result<Vec<Value>> {
        let mut records: Vec<Value> = Vec::new();
        loop {
            let after = records.last().map_or(0, |record| id_of(&record["id"]));
            let mut page_domain = domain.as_array().cloned().unwrap_or_default();
            page_domain.push(json!(["id", ">", after]));
            let page = self
                .call(
                    model,
                    "search_read",
                    json!({
                        "domain": page_domain, "fields": fields, "limit": PAGE, "order": "id", "load": null,
                        "context": {"active_test": false},
                    }),
                )
                .await?;
            let page = page.as_array().cloned().unwrap_or_default();
            let is_last = page.len() < PAGE;
            records.extend(page);
            if is_last {
                return Ok(records);
            }
        }
    }
}

fn id_of(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

/// Odoo writes an empty text as `false`.
fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "prices and quantities of our lists are small and positive"
)]
fn whole(value: &Value, factor: f64) -> u64 {
    (value.as_f64().unwrap_or(f64::NAN) * factor).round() as u64
}
