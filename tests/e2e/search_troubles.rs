//! Whatever is wrong with the embedder or a text: it is told clearly, nothing is lost, and all else is embedded.

use anyhow::{Context as _, Result};
use sluice_client::{
    Code,
    v1::{Embedder, EventType, Reason, SearchConfigureRequest, SearchMode},
};
use sluice_tests::{
    embedder::{DIMENSIONS, Mood},
    mirror::{CONNECTION, MODEL},
    searched::Searched,
    until::until,
};
use std::time::Duration;

#[tokio::test]
async fn one_bad_text_stops_nothing_and_can_be_retried() -> Result<()> {
    let (searched, _) = Searched::with(&[]).await?;
    searched.embedder.is(Mood::Without("poison".to_owned()));
    let names: Vec<String> = (0..30)
        .map(|number| {
            if number == 17 {
                "poison".to_owned()
            } else {
                format!("Pane {number}")
            }
        })
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let ids = searched.create(&names).await?;
    searched.synced().await?;
    let status = searched.status().await?;
    assert_eq!(
        (status.failed, status.waiting, status.searchable),
        (1, 0, 30)
    );
    let client = &searched.mirrored.client;
    let failures = client.embedding_failures(CONNECTION, MODEL, 10).await?;
    assert_eq!(failures.len(), 1);
    assert_eq!((failures[0].odoo_id, failures[0].tries), (ids[17], 3));
    assert!(failures[0].error.contains("not this word"), "{failures:?}");
    assert_eq!(searched.near("pane 16").await?.first(), Some(&ids[16]));
    // By its words it can be found all the same.
    let words = Searched::question("poison", SearchMode::Words);
    assert_eq!(client.search(words).await?.len(), 1);

    searched.embedder.is(Mood::Well);
    let job = client.retry_embedding(CONNECTION, MODEL).await?;
    searched.mirrored.succeeded(&job).await?;
    assert_eq!(searched.near("poison").await?, [ids[17]]);
    assert_eq!(searched.status().await?.failed, 0);
    assert_eq!(searched.equals_mirror().await?, 30);
    Ok(())
}

#[tokio::test]
async fn an_embedder_that_is_away_is_waited_for() -> Result<()> {
    let table = [
        Mood::Status(500),
        Mood::Status(502),
        Mood::Busy(1),
        Mood::Slow(Duration::from_secs(3)),
    ];
    let (searched, _) = Searched::with(&[]).await?;
    let hasty = Embedder {
        timeout: Some(prost_types::Duration {
            seconds: 1,
            nanos: 0,
        }),
        ..searched.embedder.settings()
    };
    searched
        .configure(SearchConfigureRequest {
            connection: CONNECTION.to_owned(),
            embedder: Some(hasty),
            ..SearchConfigureRequest::default()
        })
        .await?;
    for (number, mood) in table.into_iter().enumerate() {
        let shown = format!("{mood:?}");
        searched.embedder.is(mood);
        let ids = searched.create(&[&format!("Frame {number}")]).await?;
        searched.sync().await?;
        let status = until(
            "it is told why",
            async || searched.status().await,
            |status| !status.last_error.is_empty(),
        )
        .await
        .with_context(|| shown.clone())?;
        assert_eq!(status.waiting, 1, "{shown}");
        searched.embedder.is(Mood::Well);
        let status = searched.at_rest().await.with_context(|| shown.clone())?;
        assert_eq!(
            (status.failed, status.last_error.as_str()),
            (0, ""),
            "{shown}"
        );
        assert!(
            searched
                .near(&format!("frame {number}"))
                .await?
                .contains(&ids[0])
        );
    }
    Ok(())
}

#[tokio::test]
async fn an_embedder_that_is_set_wrong_fails_the_job_and_loses_nothing() -> Result<()> {
    let table = [
        (Mood::Status(401), "embedder_refused"),
        (Mood::Status(403), "embedder_refused"),
        (Mood::Status(404), "embedder_answer"),
        (Mood::Dimensions(DIMENSIONS / 2), "embedder_answer"),
        // It takes no text at all, so that nothing is wrong with any.
        (Mood::Status(400), "embedder_answer"),
        (Mood::NoNumber, "embedder_answer"),
        (Mood::Fewer, "embedder_answer"),
    ];
    let (searched, _) = Searched::with(&[]).await?;
    searched.create(&["Glass", "Steel", "Oak"]).await?;
    searched.embedder.is(Mood::Status(401));
    searched.sync().await?;
    until(
        "the first job has ended",
        async || searched.status().await,
        |status| {
            let job = status.last_job.as_ref();
            status.waiting == 3 && job.is_some_and(|job| job.finished_at.is_some())
        },
    )
    .await?;
    for (mood, code) in table {
        let shown = format!("{mood:?}");
        searched.embedder.is(mood);
        let (end, told, _) = searched.embedded(false).await?;
        assert_eq!((end, told.as_str()), (EventType::Failed, code), "{shown}");
        let status = searched.status().await?;
        assert_eq!((status.waiting, status.failed), (3, 0), "{shown}");
        assert!(!status.last_error.is_empty(), "{shown}");
    }
    searched.embedder.is(Mood::OneByOne);
    assert_eq!(searched.embedded(false).await?.0, EventType::Succeeded);
    assert_eq!(searched.equals_mirror().await?, 3);
    Ok(())
}

#[tokio::test]
async fn a_question_to_an_embedder_that_is_away_says_so() -> Result<()> {
    let (searched, _) = Searched::with(&["Glass"]).await?;
    let client = &searched.mirrored.client;
    let table = [
        (
            Mood::Status(500),
            Code::Unavailable,
            Reason::EmbedderUnreachable,
        ),
        (
            Mood::Busy(30),
            Code::Unavailable,
            Reason::EmbedderUnreachable,
        ),
        (
            Mood::Status(401),
            Code::FailedPrecondition,
            Reason::EmbedderRefused,
        ),
        (
            Mood::NoNumber,
            Code::FailedPrecondition,
            Reason::EmbedderAnswer,
        ),
    ];
    for (mood, code, reason) in table {
        let shown = format!("{mood:?}");
        searched.embedder.is(mood);
        let question = Searched::question("glass", SearchMode::Meaning);
        let error = client.search(question).await.err().context("an error")?;
        assert_eq!((error.code, error.reason), (code, Some(reason)), "{shown}");
        let words = Searched::question("glass", SearchMode::Words);
        assert_eq!(
            client.search(words).await?.len(),
            1,
            "words need no embedder"
        );
    }
    Ok(())
}

#[tokio::test]
async fn long_empty_and_odd_texts_are_searched_as_far_as_they_say_something() -> Result<()> {
    let (searched, _) = Searched::with(&[]).await?;
    let long = format!("needle {} haystack", "straw ".repeat(60_000));
    let ids = searched.create(&["🪟🔨", &long]).await?;
    searched.synced().await?;
    let status = searched.status().await?;
    assert_eq!((status.failed, status.searchable), (0, 2));
    assert!(
        status.texts > 100 && status.texts <= 201,
        "{}",
        status.texts
    );
    let hits = searched.find("needle").await?;
    assert_eq!((hits[0].odoo_id, hits[0].part), (ids[1], 0));
    assert!(hits[0].snippet.chars().count() <= 400);
    // All of it is dropped with the record, and its parts with its text.
    searched.rename(ids[1], "short").await?;
    searched.synced().await?;
    assert_eq!(searched.status().await?.texts, 2);
    assert_eq!(searched.equals_mirror().await?, 2);
    Ok(())
}
