//! `sluice` as a user runs it: what it prints, what it leaves, how it ends.

use anyhow::{Context as _, Result};
use serde_json::Value;
use sluice_tests::{
    checkout::program,
    command::{Outcome, outcome},
    price_list::PriceList,
    world::{CONNECTION, World},
};
use std::{fs, path::Path};
use tokio::process::Command;

/// Runs `sluice` against the world's server.
async fn sluice(world: &World, arguments: &[&str]) -> Result<Outcome> {
    let mut command = Command::new(program("sluice")?);
    command
        .args(arguments)
        .env("SLUICE_SERVER", &world.server.address)
        .env("SLUICE_TOKEN", &world.server.admin_token);
    outcome(command).await
}

/// A list and its mapping as files in a folder.
fn files(folder: &Path, list: &PriceList) -> Result<(String, String)> {
    let (text, mapping) = (folder.join("list.csv"), folder.join("mapping.toml"));
    fs::write(&text, list.csv())?;
    fs::write(&mapping, PriceList::mapping_file())?;
    Ok((text.display().to_string(), mapping.display().to_string()))
}

async fn import(world: &World, list: &PriceList, more: &[&str]) -> Result<Outcome> {
    let folder = tempfile::tempdir()?;
    let (text, mapping) = files(folder.path(), list)?;
    let supplier = world.supplier.to_string();
    let mut arguments = vec![
        "import",
        &text,
        "--connection",
        CONNECTION,
        "--supplier",
        &supplier,
    ];
    arguments.extend(["--mapping", &mapping, "--watch"]);
    arguments.extend(more);
    sluice(world, &arguments).await
}

#[tokio::test]
async fn the_exit_code_tells_how_an_import_ended() -> Result<()> {
    let world = World::new().await?;
    let list = world.list(120).await?;

    let with_errors = import(&world, &list, &[]).await?;
    assert_eq!(with_errors.code, 3, "done with row errors: {with_errors:?}");
    let clean = import(&world, &list.without_bad_rows(), &[]).await?;
    assert_eq!(clean.code, 0, "all good: {clean:?}");
    let wrong = sluice(&world, &["import"]).await?;
    assert_eq!(wrong.code, 2, "wrong usage: {wrong:?}");
    let unknown = sluice(&world, &["watch", "00000000-0000-0000-0000-000000000000"]).await?;
    assert_eq!(unknown.code, 1, "failed: {unknown:?}");
    Ok(())
}

#[tokio::test]
async fn json_is_one_value_a_line_and_ends_with_the_end() -> Result<()> {
    let world = World::new().await?;
    let list = world.clean_list(80).await?;
    let told = import(&world, &list, &["--json"]).await?;
    assert_eq!(told.code, 0, "{told:?}");
    let lines: Vec<Value> = told
        .stdout
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()
        .with_context(|| told.stdout.clone())?;
    let end = lines.last().context("it says something")?.to_string();
    assert!(end.to_lowercase().contains("succeeded"), "{end}");
    Ok(())
}

#[tokio::test]
async fn rows_that_failed_can_be_listed_and_saved() -> Result<()> {
    let world = World::new().await?;
    let list = world.list(600).await?;
    let job = world.imported(world.import(&list)).await?;

    let listed = sluice(&world, &["errors", &job.id, "--json"]).await?;
    assert_eq!(
        listed.stdout.lines().count(),
        list.expected_errors().len(),
        "{listed:?}"
    );
    let folder = tempfile::tempdir()?;
    let target = folder.path().join("mend.csv").display().to_string();
    let saved = sluice(&world, &["fix-file", &job.id, "-o", &target]).await?;
    assert_eq!(saved.code, 0, "{saved:?}");
    assert!(fs::read_to_string(&target)?.contains("op aanvraag"));
    Ok(())
}

#[tokio::test]
async fn connections_and_jobs_are_kept_from_a_terminal() -> Result<()> {
    let world = World::new().await?;
    let folder = tempfile::tempdir()?;
    let key = folder.path().join("key").display().to_string();
    fs::write(&key, &world.odoo.access.api_key)?;
    let access = &world.odoo.access;
    let second = [
        "--url",
        &access.url,
        "--database",
        &access.database,
        "--api-key-file",
        &key,
    ];

    let saved = sluice(
        &world,
        &[&["connection", "save", "second"], &second[..]].concat(),
    )
    .await?;
    assert_eq!(saved.code, 0, "{saved:?}");
    let tested = sluice(&world, &["connection", "test", "second"]).await?;
    assert_eq!(tested.code, 0, "{tested:?}");
    let listed = sluice(&world, &["connection", "list"]).await?;
    assert!(
        listed.stdout.contains("second") && listed.stdout.contains(CONNECTION),
        "{listed:?}"
    );
    let deleted = sluice(&world, &["connection", "delete", "second"]).await?;
    assert_eq!(deleted.code, 0, "{deleted:?}");

    let list = world.clean_list(10).await?;
    let job = world.imported(world.import(&list)).await?;
    let jobs = sluice(&world, &["jobs", "list"]).await?;
    assert!(jobs.stdout.contains(&job.id[..8]), "{jobs:?}");
    let shown = sluice(&world, &["jobs", "get", &job.id]).await?;
    assert!(shown.stdout.contains("succeeded"), "{shown:?}");
    Ok(())
}

#[tokio::test]
async fn the_doctor_says_what_is_wrong() -> Result<()> {
    let world = World::new().await?;
    let well = sluice(&world, &["doctor"]).await?;
    assert_eq!(well.code, 0, "{well:?}");

    let mut nobody = Command::new(program("sluice")?);
    nobody
        .arg("doctor")
        .env("SLUICE_SERVER", "127.0.0.1:1")
        .env("SLUICE_TOKEN", "x");
    let ill = outcome(nobody).await?;
    assert_eq!(ill.code, 1, "{ill:?}");
    Ok(())
}
