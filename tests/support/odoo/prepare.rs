//! What must be in Odoo before a list can be imported: a supplier, and the products that the list names.

use super::Odoo;
use crate::price_list::{PriceList, Product};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};

/// Products are made in batches of this size: a call stays below Odoo's time limits.
const BATCH: usize = 500;

impl Odoo {
    /// Makes a contact that sells, and returns its id.
    pub async fn create_supplier(&self, name: &str, reference: &str) -> Result<i64> {
        let partner =
            json!({"name": name, "ref": reference, "is_company": true, "supplier_rank": 1});
        let ids = self
            .call("res.partner", "create", json!({"vals_list": [partner]}))
            .await?;
        ids[0].as_i64().context("Odoo made no supplier")
    }

    /// Makes a contact that has nothing to do with purchases, and returns its id.
    pub async fn create_contact(&self, name: &str) -> Result<i64> {
        let partner = json!({"name": name});
        let ids = self
            .call("res.partner", "create", json!({"vals_list": [partner]}))
            .await?;
        ids[0].as_i64().context("Odoo made no contact")
    }

    /// The id of a group, such as `purchase.group_purchase_user`.
    pub async fn group(&self, group: &str) -> Result<i64> {
        let (module, name) = group
            .split_once('.')
            .context("a group is named with its module")?;
        let find = json!({
            "domain": [["module", "=", module], ["name", "=", name], ["model", "=", "res.groups"]],
            "fields": ["res_id"],
        });
        let found = self.call("ir.model.data", "search_read", find).await?;
        found[0]["res_id"].as_i64().context("no such group")
    }

    /// Gives a user a group.
    pub async fn give_group(&self, login: &str, group: &str) -> Result<()> {
        let group_id = self.group(group).await?;
        let find = json!({ "domain": [["login", "=", login]] });
        let users = self.call("res.users", "search", find).await?;
        let arguments = json!({ "ids": users, "vals": { "group_ids": [[4, group_id]] } });
        self.call("res.users", "write", arguments).await.map(drop)
    }

    /// Gives a contact another name.
    pub async fn rename_supplier(&self, supplier: i64, name: &str) -> Result<()> {
        let arguments = json!({"ids": [supplier], "vals": {"name": name}});
        self.call("res.partner", "write", arguments).await.map(drop)
    }

    /// Makes the products that the list expects in Odoo; `told` hears how many are made.
    pub async fn create_products(
        &self,
        list: &PriceList,
        mut told: impl FnMut(usize),
    ) -> Result<()> {
        let products = list.products_in_odoo();
        let mut made = 0;
        for batch in products.chunks(BATCH) {
            let values: Vec<Value> = batch.iter().map(values_of).collect();
            let context = json!({
                "tracking_disable": true,
                "mail_create_nolog": true,
                "mail_create_nosubscribe": true,
            });
            self.call(
                "product.product",
                "create",
                json!({"vals_list": values, "context": context}),
            )
            .await?;
            made += batch.len();
            told(made);
        }
        Ok(())
    }
}

fn values_of(product: &Product) -> Value {
    json!({
        "name": product.name_english,
        "default_code": product.code,
        "barcode": product.barcode.as_deref().map_or(Value::Bool(false), Value::from),
        "active": !product.archived,
    })
}
