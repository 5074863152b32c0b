//! The check that the other stories and the demo rest on.

use anyhow::Result;
use serde_json::json;
use sluice_tests::world::World;

#[tokio::test]
async fn a_wrong_a_doubled_and_a_missing_line_are_noticed() -> Result<()> {
    let world = World::new().await?;
    let list = world.clean_list(20).await?;
    world.imported(world.import(&list)).await?;
    let (odoo, supplier) = (&world.odoo, world.supplier);
    odoo.holds_exactly(supplier, &list).await?;
    let line = odoo.lines_of(supplier).await?.remove(7);

    let price = |cents: f64| json!({"ids": [line.id], "vals": {"price": cents / 100.0}});
    odoo.call("product.supplierinfo", "write", price(1.0))
        .await?;
    assert!(
        odoo.holds_exactly(supplier, &list).await.is_err(),
        "a wrong price"
    );
    let right = f64::from(u32::try_from(line.cents)?);
    odoo.call("product.supplierinfo", "write", price(right))
        .await?;
    odoo.holds_exactly(supplier, &list).await?;

    odoo.call("product.supplierinfo", "copy", json!({"ids": [line.id]}))
        .await?;
    assert!(
        odoo.holds_exactly(supplier, &list).await.is_err(),
        "a doubled line"
    );

    let both: Vec<i64> = odoo
        .lines_of(supplier)
        .await?
        .iter()
        .filter(|found| found.code == line.code)
        .map(|found| found.id)
        .collect();
    assert_eq!(both.len(), 2);
    odoo.call("product.supplierinfo", "unlink", json!({"ids": both}))
        .await?;
    assert!(
        odoo.holds_exactly(supplier, &list).await.is_err(),
        "a missing line"
    );
    Ok(())
}
