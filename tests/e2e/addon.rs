//! An Odoo that lacks our addon, or has one that keeps another contract: said in words, and nothing is written.

use crate::fate::{Fate, fate};
use anyhow::{Context as _, Result};
use sluice_client::{Code, v1::Reason};
use sluice_tests::{checkout::root, odoo::Site, server::Server, world::World};
use std::{fs, path::Path, process::Command};

/// The database of these stories; they need an Odoo of their own.
const DATABASE: &str = "addon";

#[tokio::test]
async fn an_odoo_with_another_addon_or_none_refuses_in_words_and_recovers() -> Result<()> {
    let site = Site::new().await?;
    site.create_database(DATABASE).await?;
    let odoo = site.start(DATABASE, 0).await?;
    let world = World::on(Server::start(&[]).await?, odoo).await?;
    let list = world.clean_list(20).await?;

    let older = tempfile::tempdir()?;
    copy_with_contract(older.path(), 0)?;
    site.stop(DATABASE).await?;
    site.start_again_with(&world.odoo, older.path()).await?;
    let tested = world.client.test_connection("shop").await;
    let error = tested.expect_err("the addon is older");
    assert_eq!(
        (error.code, error.reason),
        (Code::FailedPrecondition, Some(Reason::AddonVersion)),
        "{error}"
    );
    assert!(error.message.contains("update the older one"), "{error}");
    let old = fate(&world, world.import(&list)).await?;
    assert_eq!(old, Fate::Failed("addon_version".to_owned()));

    site.stop(DATABASE).await?;
    site.sql(
        DATABASE,
        "update ir_module_module set state = 'uninstalled' where name like 'sluice%'",
    )
    .await?;
    site.start_again(&world.odoo).await?;
    let refused = fate(&world, world.import(&list)).await?;
    assert_eq!(
        refused,
        Fate::Refused(Code::FailedPrecondition, Some(Reason::AddonMissing))
    );

    site.stop(DATABASE).await?;
    site.sql(
        DATABASE,
        "update ir_module_module set state = 'installed' where name like 'sluice%'",
    )
    .await?;
    site.start_again(&world.odoo).await?;
    assert_eq!(
        fate(&world, world.import(&list)).await?,
        Fate::Done(Vec::new())
    );
    world.odoo.holds_exactly(world.supplier, &list).await?;
    Ok(())
}

/// Our addons, but for the number of the contract that they keep.
fn copy_with_contract(folder: &Path, contract: u32) -> Result<()> {
    let copied = Command::new("cp")
        .arg("-rT")
        .arg(root().join("odoo_addon"))
        .arg(folder)
        .status()?;
    anyhow::ensure!(copied.success(), "the addons cannot be copied");
    // Odoo runs as another user.
    let opened = Command::new("chmod")
        .args(["-R", "a+rX"])
        .arg(folder)
        .status()?;
    anyhow::ensure!(opened.success(), "the addons cannot be opened to Odoo");
    let api = folder.join("sluice/models/sluice_api.py");
    let text = fs::read_to_string(&api)?;
    let line = text
        .lines()
        .find(|line| line.starts_with("CONTRACT = "))
        .context("the addon names its contract")?;
    let changed = text.replace(line, &format!("CONTRACT = {contract}"));
    Ok(fs::write(&api, changed)?)
}
