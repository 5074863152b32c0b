//! A list on its way into Odoo, as a whole.

use anyhow::{Context as _, Result};
use sluice_client::v1::{Counters, Job, SupplierImport, SweepPolicy, UnknownProduct};
use sluice_tests::{
    odoo::LineInOdoo,
    price_list::{PriceList, Tally},
    world::World,
};

fn counters(job: &Job) -> Result<Counters> {
    job.counters.context("a job has counters")
}

/// What a job counted, in the words of a list.
fn tally(job: &Job) -> Result<Tally> {
    let counters = counters(job)?;
    Ok(Tally {
        created: counters.created,
        updated: counters.updated,
        unchanged: counters.unchanged,
        errors: counters.errors,
    })
}

#[tokio::test]
async fn every_good_row_is_in_odoo_once_and_every_bad_one_is_reported() -> Result<()> {
    let world = World::new().await?;
    let list = world.list(1_300).await?;
    let job = world.imported(world.import(&list)).await?;

    assert_eq!(tally(&job)?, list.tally_after(None));
    let counted = counters(&job)?;
    assert_eq!((counted.rows_total, counted.rows_done), (1_300, 1_300));
    world.odoo.holds_exactly(world.supplier, &list).await?;
    world.reports_exactly(&job.id, &list).await
}

#[tokio::test]
async fn a_list_that_comes_again_changes_only_what_changed() -> Result<()> {
    let world = World::new().await?;
    let first = world.clean_list(600).await?;
    world.imported(world.import(&first)).await?;
    let before = world.odoo.lines_of(world.supplier).await?;

    let again = world.imported(world.import(&first)).await?;
    assert_eq!(tally(&again)?, first.tally_after(Some(&first)));

    let changed = first.with_prices_changed(5);
    let third = world.imported(world.import(&changed)).await?;
    assert_eq!(tally(&third)?, changed.tally_after(Some(&first)));
    world.odoo.holds_exactly(world.supplier, &changed).await?;

    let ids = |lines: &[LineInOdoo]| lines.iter().map(|line| line.id).collect::<Vec<_>>();
    let after = world.odoo.lines_of(world.supplier).await?;
    assert_eq!(ids(&before), ids(&after), "lines are changed, not replaced");
    Ok(())
}

#[tokio::test]
async fn the_supplier_is_marked_only_when_the_whole_list_came_through() -> Result<()> {
    let world = World::new().await?;
    let list = world.list(200).await?;
    world.imported(world.import(&list)).await?;
    assert_eq!(
        world.odoo.sync_date_of_supplier(world.supplier).await?,
        None
    );

    world
        .imported(world.import(&list.without_bad_rows()))
        .await?;
    let marked = world.odoo.sync_date_of_supplier(world.supplier).await?;
    assert!(marked.is_some());
    Ok(())
}

#[tokio::test]
async fn unknown_products_are_made_or_left_out_as_asked() -> Result<()> {
    let world = World::new().await?;
    // Nobody made the products of this list in Odoo.
    let list = world.unknown_list(40);
    let import = |unknown: UnknownProduct| SupplierImport {
        unknown_product: unknown.into(),
        ..world.import(&list)
    };

    let refused = world.imported(import(UnknownProduct::Unspecified)).await?;
    assert_eq!(counters(&refused)?.errors, 40);
    let skipped = world.imported(import(UnknownProduct::Skip)).await?;
    assert_eq!(counters(&skipped)?.skipped, 40);
    assert!(world.odoo.lines_of(world.supplier).await?.is_empty());

    let created = world.imported(import(UnknownProduct::Create)).await?;
    assert_eq!(counters(&created)?.created, 40);
    world.odoo.holds_exactly(world.supplier, &list).await?;
    Ok(())
}

#[tokio::test]
async fn a_dry_run_checks_everything_and_writes_nothing() -> Result<()> {
    let world = World::new().await?;
    let list = world.list(300).await?;
    let job = world
        .imported(SupplierImport {
            dry_run: true,
            ..world.import(&list)
        })
        .await?;
    assert_eq!(counters(&job)?.rows_done, 300);
    assert!(counters(&job)?.errors > 0);
    assert!(world.odoo.lines_of(world.supplier).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_sweep_removes_what_the_list_no_longer_names_but_never_too_much() -> Result<()> {
    let world = World::new().await?;
    let list = world.clean_list(200).await?;
    world.imported(world.import(&list)).await?;
    let sweep = |list: &PriceList| SupplierImport {
        sweep: SweepPolicy::Delete.into(),
        ..world.import(list)
    };

    world.imported(sweep(&list.first_rows(100))).await?;
    let kept = world.odoo.lines_of(world.supplier).await?.len();
    assert_eq!(kept, 200, "half the lines are too many to remove unasked");

    let most = list.first_rows(180);
    world.imported(sweep(&most)).await?;
    world.odoo.holds_exactly(world.supplier, &most).await?;
    Ok(())
}
