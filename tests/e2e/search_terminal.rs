//! Search from a terminal: what is set up, what is shown, and how it ends.

use anyhow::Result;
use serde_json::Value;
use sluice_tests::{
    checkout::program,
    command::{Outcome, outcome},
    mirror::{CONNECTION, MODEL},
    searched::Searched,
};
use tokio::process::Command;

async fn sluice(searched: &Searched, arguments: &[&str]) -> Result<Outcome> {
    let server = &searched.mirrored.server;
    let mut command = Command::new(program("sluice")?);
    command
        .args(arguments)
        .args(["--connection", CONNECTION])
        .env("SLUICE_SERVER", &server.address)
        .env("SLUICE_TOKEN", &server.admin_token);
    outcome(command).await
}

#[tokio::test]
async fn a_terminal_finds_what_it_made_searchable() -> Result<()> {
    let (searched, ids) = Searched::with(&["Glass supplier in Ghent", "Accountant"]).await?;
    let removed = sluice(&searched, &["searchable", "remove", MODEL]).await?;
    assert_eq!(removed.code, 0, "{removed:?}");
    let refused = sluice(&searched, &["similar", MODEL, "1"]).await?;
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("searchable add"), "{refused:?}");

    let preview = sluice(&searched, &["searchable", "preview", MODEL, "--json"]).await?;
    let preview: Value = serde_json::from_str(&preview.stdout)?;
    assert_eq!(preview["records"], 2);
    let settings = searched.embedder.settings();
    let dimensions = settings.dimensions.to_string();
    let mut embedder = vec!["searchable", "embedder", "--url", &settings.url];
    embedder.extend(["--name", "stub", "--dimensions", &dimensions]);
    assert_eq!(sluice(&searched, &embedder).await?.code, 0);
    let added = sluice(&searched, &["searchable", "add", MODEL]).await?;
    assert_eq!(added.code, 0, "{added:?}");
    searched.at_rest().await?;

    let found = sluice(&searched, &["search", "supplier ghent", "--json"]).await?;
    let first: Value = serde_json::from_str(found.stdout.lines().next().unwrap_or_default())?;
    assert_eq!((found.code, &first["odoo_id"]), (0, &Value::from(ids[0])));
    let shown = sluice(
        &searched,
        &["search", "ghent", "--mode", "words", "--plain"],
    )
    .await?;
    assert!(
        shown.stdout.contains("Glass supplier in Ghent"),
        "{shown:?}"
    );
    let id = ids[1].to_string();
    let alike = sluice(&searched, &["similar", MODEL, &id, "--plain"]).await?;
    assert!(alike.stdout.contains("Glass supplier"), "{alike:?}");
    let wrong = sluice(&searched, &["search", "x", "--min-similarity", "7"]).await?;
    assert!(
        wrong.code != 0 && wrong.stderr.contains("--min-similarity"),
        "{wrong:?}"
    );
    let status = sluice(&searched, &["searchable", "status", "--plain"]).await?;
    assert!(
        status.stdout.contains(MODEL) && status.stdout.contains("answers"),
        "{status:?}"
    );
    let again = sluice(
        &searched,
        &["searchable", "embed", MODEL, "--watch", "--json"],
    )
    .await?;
    assert_eq!(again.code, 0, "{again:?}");
    let failed = sluice(&searched, &["searchable", "failed", "--json"]).await?;
    assert_eq!((failed.code, failed.stdout.as_str()), (0, ""));
    Ok(())
}
