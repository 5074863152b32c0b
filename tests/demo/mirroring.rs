//! The second half of the demo: contacts, products and orders as tables, and how changes and deletions follow.

use crate::story::{CONNECTION, SERVICE_USER, step, watched};
use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use sluice_client::v1::MirrorListRecordsRequest;
use sluice_tests::{odoo::Odoo, server::Server};

/// What is mirrored.
const MODELS: [&str; 4] = [
    "res.partner",
    "product.product",
    "purchase.order",
    "product.supplierinfo",
];

/// Mirrors, changes something in Odoo, and checks that the mirror follows.
pub(crate) async fn tell(server: &Server, odoo: &Odoo, supplier: i64) -> Result<()> {
    step("mirroring contacts, products, orders and the new price lines into Postgres");
    // A mirror reads with the rights of the service user, so somebody has to give them.
    odoo.give_group(SERVICE_USER, "purchase.group_purchase_user")
        .await?;
    let orders = vec![json!({ "partner_id": supplier }); 3];
    odoo.call("purchase.order", "create", json!({ "vals_list": orders }))
        .await?;
    for model in MODELS {
        watched(server, &["sync", model]).await?;
    }

    step("changing one contact in Odoo and deleting another");
    let gone = odoo.create_contact("Gone tomorrow").await?;
    watched(server, &["sync", "res.partner"]).await?;
    odoo.rename_supplier(supplier, "Beslaghuis Vermeer en Zonen")
        .await?;
    odoo.call("res.partner", "unlink", json!({ "ids": [gone] }))
        .await?;
    watched(server, &["sync", "res.partner"]).await?;
    watched(server, &["cleanup", "res.partner"]).await?;

    let request = MirrorListRecordsRequest {
        connection: CONNECTION.to_owned(),
        model: "res.partner".to_owned(),
        include_deleted: true,
        ..MirrorListRecordsRequest::default()
    };
    let client = server.client().await?;
    let records = client.mirrored_records(request, usize::MAX).await?;
    let find = |id| records.iter().find(move |record| record.odoo_id == id);
    let renamed = find(supplier).context("the supplier is mirrored")?;
    ensure!(
        format!("{:?}", renamed.values).contains("Vermeer en Zonen"),
        "the mirror did not follow a change"
    );
    ensure!(
        find(gone).is_some_and(|record| record.deleted_at.is_some()),
        "the mirror did not follow a deletion"
    );
    Ok(())
}
