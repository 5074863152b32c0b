//! The lines of the README, run as they stand there.

use anyhow::{Context as _, Result, ensure};
use sluice_tests::{checkout::root, command::shell, world::World};
use std::fs;

/// The lines of the README's shell block.
fn lines() -> Result<Vec<String>> {
    let readme = fs::read_to_string(root().join("README.md"))?;
    let block = readme
        .split("```sh\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .context("README.md has a block of shell")?;
    let lines: Vec<String> = block.lines().map(str::to_owned).collect();
    ensure!(
        lines.len() == 5,
        "README.md promises five lines, not {}",
        lines.len()
    );
    Ok(lines)
}

#[tokio::test]
async fn the_five_lines_of_the_readme_work_as_written() -> Result<()> {
    let world = World::new().await?;
    let list = world.list(60).await?;
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("list.csv"), list.csv())?;
    world.odoo.rename_supplier(world.supplier, "ACME").await?;

    // Each line's answer stands behind a line with its number, since later lines use what earlier ones found.
    let numbered = (0..)
        .zip(lines()?)
        .map(|(number, line)| format!("echo '== {number}'\n{line}\n"));
    let script = format!(
        "cd {}\n{}",
        folder.path().display(),
        numbered.collect::<String>()
    );
    let variables = [
        ("SLUICE_SERVER", world.server.address.as_str()),
        ("SLUICE_TOKEN", world.server.admin_token.as_str()),
    ];
    let outcome = shell(&script, &variables).await?;
    assert_eq!(outcome.code, 0, "{outcome:?}");

    let answers: Vec<&str> = outcome.stdout.split("== ").skip(1).collect();
    for service in [
        "sluice.v1.ImportQueue",
        "sluice.v1.Progress",
        "grpc.health.v1.Health",
    ] {
        assert!(answers[0].contains(service), "{}", answers[0]);
    }
    assert!(
        answers[1].contains("supplier is the Odoo contact"),
        "comments are served: {}",
        answers[1]
    );
    assert!(
        answers[3].contains("EVENT_TYPE_SUCCEEDED"),
        "{}",
        answers[3]
    );
    let errors = answers[4].matches("\"code\"").count();
    assert_eq!(errors, list.expected_errors().len(), "{}", answers[4]);
    world.odoo.holds_exactly(world.supplier, &list).await?;
    Ok(())
}

#[tokio::test]
async fn an_error_names_the_field_and_a_reason() -> Result<()> {
    let world = World::new().await?;
    let line = "grpcurl -plaintext -H \"authorization: Bearer $SLUICE_TOKEN\" \
         -d '{\"import\": {\"connection\": \"shop\", \"content\": \"eA==\"}}' $SLUICE_SERVER sluice.v1.ImportQueue/Enqueue";
    let variables = [
        ("SLUICE_SERVER", world.server.address.as_str()),
        ("SLUICE_TOKEN", world.server.admin_token.as_str()),
    ];
    let outcome = shell(line, &variables).await?;
    assert_eq!(outcome.code, 64 + 3, "INVALID_ARGUMENT: {outcome:?}");
    assert!(outcome.stderr.contains("supplier"), "{outcome:?}");
    Ok(())
}
