//! 75,000 contacts in an Odoo, made behind its back in seconds.

use super::vocabulary::{
    CITIES, FIRST_NAMES, FORMS, GOODS, LAST_NAMES, REMARKS, STREETS, TRADES, WAYS, choice,
};
use anyhow::Result;
use serde_json::json;
use sluice_tests::odoo::{Odoo, Site};
use std::{fs, path::Path};

/// How many are made; Odoo has a few of its own.
pub(crate) const CONTACTS: i64 = 75_000;

pub(crate) const FEW_FIELDS: [&str; 6] =
    ["name", "email", "phone", "city", "country_id", "write_date"];

pub(crate) const MANY_FIELDS: [&str; 45] = [
    "name",
    "complete_name",
    "display_name",
    "create_date",
    "write_date",
    "create_uid",
    "write_uid",
    "active",
    "type",
    "is_company",
    "company_type",
    "parent_id",
    "parent_name",
    "commercial_partner_id",
    "email",
    "phone",
    "website",
    "street",
    "street2",
    "city",
    "state_id",
    "zip",
    "country_id",
    "country_code",
    "function",
    "vat",
    "company_registry",
    "industry_id",
    "credit_limit",
    "company_id",
    "user_id",
    "lang",
    "tz",
    "bank_ids",
    "category_id",
    "ref",
    "comment",
    "child_ids",
    "barcode",
    "color",
    "employee",
    "partner_share",
    "partner_latitude",
    "customer_rank",
    "supplier_rank",
];

/// Makes the contacts in a database that nobody serves yet: companies with their people, in several countries, some archived.
pub(crate) async fn make(site: &Site, database: &str) -> Result<()> {
    let columns = "insert into res_partner (create_uid, write_uid, create_date, write_date, name, complete_name, \
                   lang, tz, type, active, is_company, employee, partner_share, color, email, phone, street, street2, \
                   zip, city, website, ref, comment, country_id, company_registry, autopost_bills)";
    let (first, last) = (choice(1, FIRST_NAMES), choice(2, LAST_NAMES));
    let (trade, form) = (choice(3, TRADES), choice(4, FORMS));
    let (street, way, city) = (choice(5, STREETS), choice(6, WAYS), choice(7, CITIES));
    let (remark, goods) = (choice(8, REMARKS), choice(9, GOODS));
    let made = format!(
        "select n, {first} as first_name, {last} as last_name, {trade} || ' ' || {form} as firm, \
         {street} || ' ' || {way} || ' ' || n % 250 as street, {city} as city, replace({remark}, '%', {goods}) as remark \
         from generate_series(1, {CONTACTS}) n"
    );
    let named = format!(
        "select *, case when n % 5 = 0 then last_name || ' ' || firm else first_name || ' ' || last_name end as name, \
         lower(first_name || '.' || last_name) || n || '@example.com' as email from ({made}) made"
    );
    let rows = format!(
        "select 1, 1, now() at time zone 'UTC' - interval '1 day', now() at time zone 'UTC' - interval '1 day', \
         name, name, 'en_US', 'Europe/Amsterdam', 'contact', n % 50 <> 0, n % 5 = 0, false, true, \
         n % 12, email, '+31 20 ' || 1000000 + n, street, \
         case when n % 3 = 0 then 'Floor ' || n % 9 end, 1000 + n % 9000 || ' AB', city, \
         'https://www.example.com/' || n, 'C' || n, case when n % 4 = 0 then '<p>' || remark || '</p>' end, \
         (select id from res_country order by id offset n % 50 limit 1), case when n % 5 = 0 then 'R' || n end, 'ask' \
         from ({named}) named"
    );
    site.sql(database, &format!("{columns} {rows}")).await?;
    let families = "update res_partner set commercial_partner_id = case when n.id % 5 = 1 then n.id - 1 else n.id end, \
                    parent_id = case when n.id % 5 = 1 then n.id - 1 end from res_partner n \
                    where n.id = res_partner.id and n.commercial_partner_id is null";
    site.sql(database, families).await?;
    site.sql(database, "analyze res_partner").await?;
    Ok(())
}

/// Changes a hundred contacts in one call.
pub(crate) async fn change_hundred(odoo: &Odoo, round: usize) -> Result<()> {
    let wanted = json!({
        "domain": [["ref", "=like", "C%"]],
        "limit": 100,
        "offset": round * 500,
        "order": "id",
    });
    let ids = odoo.call("res.partner", "search", wanted).await?;
    let changed = json!({ "ids": ids, "vals": { "function": format!("Round {round}") } });
    odoo.call("res.partner", "write", changed).await.map(drop)
}

/// Makes a folder one of addons in Odoo's eyes, with nothing in it that is installed.
pub(crate) fn give_empty_addon(folder: &Path) -> Result<()> {
    let addon = folder.join("nothing");
    fs::create_dir(&addon)?;
    fs::write(addon.join("__init__.py"), "")?;
    fs::write(addon.join("__manifest__.py"), "{'name': 'Nothing'}")?;
    Ok(())
}
