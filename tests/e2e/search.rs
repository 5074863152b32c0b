//! Records are found by what they mean and by their words.

use anyhow::{Context as _, Result};
use sluice_client::v1::{
    FilterOperator, RecordFilter, SearchHit, SearchMode, SearchPreviewRequest, SearchQueryRequest,
    SearchSimilarRequest, SearchableModel,
};
use sluice_tests::{
    mirror::{CONNECTION, MODEL},
    searched::Searched,
};

const NAMES: [&str; 4] = [
    "Glass supplier in Ghent",
    "Steel supplier in Antwerp",
    "Carpenter for oak windows",
    "Accountant",
];

#[tokio::test]
async fn a_record_is_found_by_meaning_by_words_and_by_both() -> Result<()> {
    let (searched, ids) = Searched::with(&NAMES).await?;
    let client = &searched.mirrored.client;
    for mode in [SearchMode::Meaning, SearchMode::Words, SearchMode::Both] {
        let hits = client
            .search(Searched::question("supplier ghent", mode))
            .await?;
        let first = hits.first().with_context(|| format!("{mode:?}"))?;
        assert_eq!(first.odoo_id, ids[0], "{mode:?}: {hits:?}");
        assert_eq!(first.display_name, searched.name(NAMES[0]));
        assert_eq!(first.model, MODEL);
        assert!(first.snippet.contains("Glass supplier in Ghent"));
        assert!(
            first.url.ends_with(&format!("/odoo/{MODEL}/{}", ids[0])),
            "{}",
            first.url
        );
        assert_eq!(first.by_words, mode != SearchMode::Meaning);
        assert_eq!(first.similarity > 0.0, mode != SearchMode::Words);
    }
    let begun = client
        .search(Searched::question("carp wind", SearchMode::Words))
        .await?;
    assert_eq!(begun.len(), 1, "a word may be begun: {begun:?}");
    let scores: Vec<f64> = searched
        .find("supplier of steel")
        .await?
        .iter()
        .map(|hit| hit.score)
        .collect();
    assert!(scores.is_sorted_by(|one, other| one >= other), "{scores:?}");
    Ok(())
}

#[tokio::test]
async fn a_search_is_narrowed_by_limit_nearness_and_columns() -> Result<()> {
    let (searched, ids) = Searched::with(&NAMES).await?;
    let client = &searched.mirrored.client;
    let question = |limit, min_similarity, filters| SearchQueryRequest {
        models: vec![MODEL.to_owned()],
        limit,
        min_similarity,
        filters,
        ..Searched::question("supplier", SearchMode::Meaning)
    };
    assert_eq!(client.search(question(2, 0.0, Vec::new())).await?.len(), 2);
    let near = client.search(question(0, 0.3, Vec::new())).await?;
    let mut near: Vec<i64> = near.iter().map(|hit| hit.odoo_id).collect();
    near.sort_unstable();
    assert_eq!(near, ids[..2]);
    let steel = RecordFilter {
        column: "name".to_owned(),
        operator: FilterOperator::Contains.into(),
        value: "steel".to_owned(),
    };
    for mode in [SearchMode::Meaning, SearchMode::Words, SearchMode::Both] {
        let narrowed = SearchQueryRequest {
            mode: mode.into(),
            ..question(0, 0.0, vec![steel.clone()])
        };
        let hits = client.search(narrowed).await?;
        assert_eq!(hits.len(), 1, "{mode:?}: {hits:?}");
        assert_eq!(hits[0].odoo_id, ids[1]);
    }
    Ok(())
}

#[tokio::test]
async fn many_who_ask_at_once_are_all_answered() -> Result<()> {
    let (searched, ids) = Searched::with(&NAMES).await?;
    let client = &searched.mirrored.client;
    let steel = RecordFilter {
        column: "name".to_owned(),
        operator: FilterOperator::Contains.into(),
        value: "steel".to_owned(),
    };
    // More of each kind than a server has connections to Postgres.
    let askers = (0..20).map(async |number| {
        // New to the server, so that each asks the embedder, too.
        let text = format!("supplier of steel {number}");
        let narrowed = SearchQueryRequest {
            models: vec![MODEL.to_owned()],
            filters: vec![steel.clone()],
            ..Searched::question(&text, SearchMode::Meaning)
        };
        let alike = SearchSimilarRequest {
            connection: CONNECTION.to_owned(),
            model: MODEL.to_owned(),
            odoo_id: ids[0],
            ..SearchSimilarRequest::default()
        };
        let found = tokio::try_join!(
            client.search(Searched::question(&text, SearchMode::Both)),
            client.search(narrowed),
            client.similar(alike)
        );
        anyhow::Ok(found?)
    });
    for (both, narrowed, alike) in futures::future::try_join_all(askers).await? {
        let first = |hits: &[_]| hits.first().map(|hit: &SearchHit| hit.odoo_id);
        assert_eq!(first(&both), Some(ids[1]));
        assert_eq!(first(&narrowed), Some(ids[1]));
        assert_eq!(first(&alike), Some(ids[1]));
    }
    Ok(())
}

#[tokio::test]
async fn records_like_one_are_found_without_the_embedder() -> Result<()> {
    let (searched, ids) = Searched::with(&NAMES).await?;
    let calls = searched.embedder.calls();
    let hits = searched
        .mirrored
        .client
        .similar(SearchSimilarRequest {
            connection: CONNECTION.to_owned(),
            model: MODEL.to_owned(),
            odoo_id: ids[0],
            ..SearchSimilarRequest::default()
        })
        .await?;
    let found: Vec<i64> = hits.iter().map(|hit| hit.odoo_id).collect();
    assert_eq!(found.len(), 3, "all but itself: {hits:?}");
    assert_eq!(found[0], ids[1]);
    assert_eq!(searched.embedder.calls(), calls);
    Ok(())
}

#[tokio::test]
async fn a_preview_shows_what_would_be_embedded_and_how_much() -> Result<()> {
    let (searched, ids) = Searched::with(&NAMES).await?;
    let calls = searched.embedder.calls();
    let preview = searched
        .mirrored
        .client
        .preview_search(SearchPreviewRequest {
            connection: CONNECTION.to_owned(),
            model: Some(SearchableModel {
                model: MODEL.to_owned(),
                field_names: vec!["name".to_owned()],
            }),
            limit: 1,
        })
        .await?;
    assert_eq!(preview.field_names, ["name"]);
    assert_eq!((preview.records, preview.estimated_texts), (4, 4));
    assert!(preview.estimated_tokens > 4);
    assert_eq!(preview.texts.len(), 1);
    assert_eq!(preview.texts[0].odoo_id, ids[0]);
    assert!(
        preview.texts[0].text.ends_with(&searched.name(NAMES[0])),
        "{preview:?}"
    );
    assert_eq!(searched.embedder.calls(), calls);
    Ok(())
}

#[tokio::test]
async fn the_fields_that_suit_a_model_are_named_once_it_is_searchable() -> Result<()> {
    let (searched, _) = Searched::with(&NAMES[..1]).await?;
    let preview = searched
        .mirrored
        .client
        .preview_search(SearchPreviewRequest {
            connection: CONNECTION.to_owned(),
            model: Some(SearchableModel {
                model: MODEL.to_owned(),
                field_names: Vec::new(),
            }),
            limit: 1,
        })
        .await?;
    assert!(preview.field_names.contains(&"name".to_owned()));
    let status = searched.status().await?;
    let configured = status.configuration.context("it is configured")?;
    assert_eq!(configured.field_names, preview.field_names);
    Ok(())
}
