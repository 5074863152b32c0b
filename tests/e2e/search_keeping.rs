//! The index follows the mirror: what changed is embedded, what did not is not, and what is gone is never found.

use anyhow::{Context as _, Result};
use serde_json::json;
use sluice_client::v1::{Embedder, EventType, SearchConfigureRequest};
use sluice_tests::{
    embedder::Mood,
    mirror::{CONNECTION, MODEL},
    searched::Searched,
    until::until,
};

#[tokio::test]
async fn only_texts_that_changed_are_embedded() -> Result<()> {
    let (searched, ids) = Searched::with(&["Glass", "Steel", "Oak"]).await?;
    let texts = searched.embedder.texts();
    searched.synced().await?;
    assert_eq!(searched.embedder.texts(), texts, "nothing had changed");
    searched.mirrored.write(&ids, json!({ "color": 7 })).await?;
    searched.synced().await?;
    assert_eq!(searched.embedder.texts(), texts, "no text had changed");
    let (end, _, job) = searched.embedded(true).await?;
    assert_eq!(end, EventType::Succeeded);
    assert_eq!(job.counters.context("counters")?.unchanged, 3);
    assert_eq!(
        searched.embedder.texts(),
        texts,
        "all texts came out as before"
    );

    searched.rename(ids[1], "Aluminium profiles").await?;
    searched.synced().await?;
    assert_eq!(searched.embedder.texts(), texts + 1);
    assert_eq!(searched.near("aluminium profiles").await?, [ids[1]]);
    assert_eq!(searched.equals_mirror().await?, 3);
    Ok(())
}

#[tokio::test]
async fn what_was_archived_or_deleted_is_gone_before_anybody_embeds() -> Result<()> {
    let (searched, ids) = Searched::with(&["Glass", "Steel", "Oak"]).await?;
    // Nothing could be embedded now, and nothing has to be.
    searched.embedder.is(Mood::Status(500));
    searched
        .mirrored
        .write(&ids[..1], json!({ "active": false }))
        .await?;
    searched.sync().await?;
    searched.mirrored.unlink(&ids[1..2]).await?;
    let mut deleted = searched.mirrored.deleted();
    deleted.confirm = true;
    searched.mirrored.cleanup(deleted).await?;
    searched.embedder.is(Mood::Well);
    let found: Vec<i64> = searched
        .find("Glass Steel Oak")
        .await?
        .iter()
        .map(|hit| hit.odoo_id)
        .collect();
    assert_eq!(found, [ids[2]]);
    assert_eq!(searched.equals_mirror().await?, 1);

    searched
        .mirrored
        .write(&ids[..1], json!({ "active": true }))
        .await?;
    searched.synced().await?;
    assert_eq!(searched.near("glass").await?, [ids[0]]);
    Ok(())
}

#[tokio::test]
async fn a_server_that_was_killed_goes_on_with_what_waits() -> Result<()> {
    let (mut searched, _) = Searched::with(&[]).await?;
    searched.embedder.is(Mood::Status(503));
    let names: Vec<String> = (0..40).map(|number| format!("Window {number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    searched.create(&names).await?;
    searched.sync().await?;
    assert_eq!(searched.status().await?.waiting, 40);
    searched.mirrored.server.kill().await?;
    searched.embedder.is(Mood::Well);
    searched.mirrored.server.begin().await?;
    let status = searched.at_rest().await?;
    assert_eq!((status.searchable, status.texts), (40, 40));
    assert_eq!(searched.equals_mirror().await?, 40);
    Ok(())
}

#[tokio::test]
async fn another_embedding_model_answers_once_it_is_whole() -> Result<()> {
    let (searched, ids) = Searched::with(&["Glass", "Steel", "Oak"]).await?;
    let client = &searched.mirrored.client;
    let first = client.search_status(CONNECTION).await?.generations;
    assert!(first.len() == 1 && first[0].is_serving);
    searched.embedder.is(Mood::Status(503));
    let other = Embedder {
        model: "another".to_owned(),
        text_prefix: "passage: ".to_owned(),
        ..searched.embedder.settings()
    };
    let request = SearchConfigureRequest {
        connection: CONNECTION.to_owned(),
        embedder: Some(other),
        skip_test: true,
        ..SearchConfigureRequest::default()
    };
    assert_eq!(searched.configure(request).await?.jobs.len(), 1);
    let both = client.search_status(CONNECTION).await?.generations;
    let serving: Vec<bool> = both
        .iter()
        .map(|generation| generation.is_serving)
        .collect();
    assert_eq!(serving, [false, true]);
    searched.embedder.is(Mood::Well);
    // As soon as one answers for it, whether the old one or the new: never none, and never both.
    until(
        "the new one answers",
        async || {
            assert_eq!(searched.near("steel").await?, [ids[1]]);
            Ok(client.search_status(CONNECTION).await?.generations)
        },
        |generations| generations.len() == 1 && generations[0].embedding_model == "another",
    )
    .await?;
    searched.at_rest().await?;
    assert_eq!(searched.equals_mirror().await?, 3);
    Ok(())
}

#[tokio::test]
async fn a_field_that_is_dropped_later_is_in_no_text_any_more() -> Result<()> {
    let (searched, ids) = Searched::with(&["Glass", "Steel"]).await?;
    searched
        .mirrored
        .write(&ids[1..], json!({ "parent_id": ids[0] }))
        .await?;
    searched.synced().await?;
    let shown = |text: String| text.lines().count();
    let snippet = searched.find("steel").await?[0].snippet.clone();
    assert!(snippet.contains("Glass") && shown(snippet) > 1);
    let mut names_only = searched.mirrored.categories(1000);
    names_only.field_choice = sluice_client::v1::FieldChoice::Named.into();
    names_only.field_names = ["name", "active", "write_date"].map(str::to_owned).to_vec();
    searched.mirrored.configure(names_only, &[]).await?;
    searched.synced().await?;
    let snippet = searched.find("steel").await?[0].snippet.clone();
    assert!(!snippet.contains("Glass"), "{snippet}");
    Ok(())
}

#[tokio::test]
async fn a_model_that_is_searchable_no_longer_leaves_nothing_behind() -> Result<()> {
    let (searched, _) = Searched::with(&["Glass", "Steel"]).await?;
    searched.mirrored.client.search_status(CONNECTION).await?;
    let removed = SearchConfigureRequest {
        connection: CONNECTION.to_owned(),
        removed_models: vec![MODEL.to_owned()],
        ..SearchConfigureRequest::default()
    };
    assert!(searched.configure(removed).await?.models.is_empty());
    let left = "select (select count(*) from search_text) + (select count(*) from search_outbox) \
                + (select count(*) from pg_tables where schemaname = 'sluice_search')";
    assert_eq!(searched.mirrored.number(left).await?, 0);
    searched.sync().await?;
    // The same where the model is not even mirrored any more.
    searched.configure(searched.wanted()).await?;
    searched.at_rest().await?;
    let categories = searched.mirrored.categories(1000);
    let request = sluice_client::v1::MirrorConfigureRequest {
        connection: CONNECTION.to_owned(),
        models: Vec::new(),
        removed_models: vec![categories.model],
    };
    searched.mirrored.client.configure_mirror(request).await?;
    assert_eq!(searched.mirrored.number(left).await?, 0);
    assert!(searched.find("glass").await?.is_empty());
    Ok(())
}
