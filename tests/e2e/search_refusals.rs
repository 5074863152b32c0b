//! What Search refuses, by the code, the reason and the field that it names; and whom.

use anyhow::Result;
use sluice_client::{
    ClientError, Code,
    v1::{
        Embedder, Reason, RecordFilter, SearchConfigureRequest, SearchEmbedRequest, SearchMode,
        SearchPreviewRequest, SearchQueryRequest, SearchSimilarRequest, SearchableModel,
    },
};
use sluice_tests::{
    embedder::StubEmbedder,
    mirror::{CONNECTION, MODEL, Mirrored},
    odoo::Odoo,
    postgres::Database,
    searched::Searched,
    world::save_connection,
};
use sqlx::Executor as _;

fn refusal<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> (Code, Option<Reason>) {
    let error = answer.expect_err("it must be refused");
    (error.code, error.reason)
}

fn field<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> String {
    let error = answer.expect_err("it must be refused");
    assert_eq!(error.code, Code::InvalidArgument, "{error}");
    error.violations[0].field.clone()
}

/// Questions that cannot be asked, each behind the field that is wrong with it.
fn wrong_questions() -> Vec<(&'static str, SearchQueryRequest)> {
    let good = || Searched::question("glass", SearchMode::Words);
    let filter = |column: &str, value: &str| RecordFilter {
        column: column.to_owned(),
        operator: 0,
        value: value.to_owned(),
    };
    let model = || vec![MODEL.to_owned()];
    vec![
        (
            "text",
            SearchQueryRequest {
                text: String::new(),
                ..good()
            },
        ),
        (
            "text",
            SearchQueryRequest {
                text: "  \n".to_owned(),
                ..good()
            },
        ),
        (
            "text",
            SearchQueryRequest {
                text: "x".repeat(100_000),
                ..good()
            },
        ),
        (
            "limit",
            SearchQueryRequest {
                limit: -1,
                ..good()
            },
        ),
        (
            "limit",
            SearchQueryRequest {
                limit: 201,
                ..good()
            },
        ),
        (
            "min_similarity",
            SearchQueryRequest {
                min_similarity: 1.1,
                ..good()
            },
        ),
        (
            "min_similarity",
            SearchQueryRequest {
                min_similarity: f64::NAN,
                ..good()
            },
        ),
        (
            "filters[0].column",
            SearchQueryRequest {
                models: model(),
                filters: vec![filter("nope", "")],
                ..good()
            },
        ),
        (
            "filters",
            SearchQueryRequest {
                models: model(),
                filters: vec![filter("color", "red")],
                ..good()
            },
        ),
    ]
}

#[tokio::test]
async fn a_question_that_cannot_be_asked_names_its_field() -> Result<()> {
    let (searched, _) = Searched::with(&["Glass"]).await?;
    let client = &searched.mirrored.client;
    let good = || Searched::question("glass", SearchMode::Words);
    for (at, question) in wrong_questions() {
        assert_eq!(field(client.search(question).await), at);
    }
    let strange = SearchQueryRequest {
        models: vec!["res.partner".to_owned()],
        ..good()
    };
    let not_searchable = (Code::FailedPrecondition, Some(Reason::ModelNotSearchable));
    assert_eq!(refusal(client.search(strange).await), not_searchable);
    Ok(())
}

#[tokio::test]
async fn an_odd_text_is_a_text_and_a_strange_record_is_none() -> Result<()> {
    let (searched, ids) = Searched::with(&["Glass"]).await?;
    let client = &searched.mirrored.client;
    let odd = [
        "'; drop table search_text; --",
        "a & b | !c <-> (d",
        "\\",
        "🪟",
        "%_",
    ];
    for text in odd {
        for mode in [SearchMode::Words, SearchMode::Both, SearchMode::Meaning] {
            client.search(Searched::question(text, mode)).await?;
        }
    }
    let like = |odoo_id| SearchSimilarRequest {
        connection: CONNECTION.to_owned(),
        model: MODEL.to_owned(),
        odoo_id,
        ..SearchSimilarRequest::default()
    };
    assert_eq!(field(client.similar(like(0)).await), "odoo_id");
    let missing = (Code::NotFound, Some(Reason::RecordNotSearchable));
    assert_eq!(
        refusal(client.similar(like(ids[0] + 99_999)).await),
        missing
    );
    Ok(())
}

#[tokio::test]
async fn settings_that_cannot_be_used_change_nothing() -> Result<()> {
    let (searched, _) = Searched::with(&["Glass"]).await?;
    let client = &searched.mirrored.client;
    let of_model = |model: &str, names: &[&str]| SearchConfigureRequest {
        connection: CONNECTION.to_owned(),
        models: vec![SearchableModel {
            model: model.to_owned(),
            field_names: names.iter().map(|name| (*name).to_owned()).collect(),
        }],
        ..SearchConfigureRequest::default()
    };
    let wrong = of_model(MODEL, &["nope"]);
    assert_eq!(
        field(client.configure_search(wrong).await),
        "models[0].field_names"
    );
    let wrong = of_model("../x", &[]);
    assert_eq!(
        field(client.configure_search(wrong).await),
        "models[0].model"
    );
    let unmirrored = (Code::FailedPrecondition, Some(Reason::ModelNotMirrored));
    let wrong = of_model("res.country", &[]);
    assert_eq!(refusal(client.configure_search(wrong).await), unmirrored);
    let of_embedder = |embedder: Embedder| SearchConfigureRequest {
        connection: CONNECTION.to_owned(),
        embedder: Some(embedder),
        ..SearchConfigureRequest::default()
    };
    let good = || searched.embedder.settings();
    let wrong = of_embedder(Embedder {
        dimensions: 4_001,
        ..good()
    });
    assert_eq!(
        field(client.configure_search(wrong).await),
        "embedder.dimensions"
    );
    let other = of_embedder(Embedder {
        dimensions: 8,
        ..good()
    });
    let answer = (Code::FailedPrecondition, Some(Reason::EmbedderAnswer));
    assert_eq!(refusal(client.configure_search(other).await), answer);
    searched.embedder.wants_key("k3y");
    let keyless = (Code::FailedPrecondition, Some(Reason::EmbedderRefused));
    assert_eq!(
        refusal(client.configure_search(of_embedder(good())).await),
        keyless
    );
    let keyed = Embedder {
        api_key: "k3y".to_owned(),
        ..good()
    };
    let saved = client.configure_search(of_embedder(keyed)).await?;
    let embedder = saved.embedder.expect("an embedder");
    assert!(embedder.has_api_key && embedder.api_key.is_empty());
    // A key that is known is used without being named again, and is in no log.
    client.configure_search(of_embedder(good())).await?;
    assert!(!searched.mirrored.server.log().contains("k3y"));
    let before = client.search_status(CONNECTION).await?;
    assert_eq!((before.models.len(), before.generations.len()), (1, 1));
    Ok(())
}

#[tokio::test]
async fn before_anything_is_set_up_it_says_what_to_do_first() -> Result<()> {
    let mirrored = Mirrored::new().await?;
    let client = &mirrored.client;
    let question = Searched::question("glass", SearchMode::Meaning);
    let not_set = (Code::FailedPrecondition, Some(Reason::EmbedderNotSet));
    assert_eq!(refusal(client.search(question).await), not_set);
    let status = client.search_status(CONNECTION).await?;
    assert!(status.embedder.is_none() && status.models.is_empty());
    let model = SearchableModel {
        model: MODEL.to_owned(),
        field_names: Vec::new(),
    };
    let request = SearchConfigureRequest {
        connection: CONNECTION.to_owned(),
        models: vec![model.clone()],
        ..SearchConfigureRequest::default()
    };
    assert_eq!(refusal(client.configure_search(request).await), not_set);
    let unread = (Code::FailedPrecondition, Some(Reason::ModelNotMirrored));
    let preview = SearchPreviewRequest {
        connection: CONNECTION.to_owned(),
        model: Some(model),
        limit: 0,
    };
    assert_eq!(refusal(client.preview_search(preview).await), unread);
    Ok(())
}

#[tokio::test]
async fn a_connection_finds_nothing_of_anothers() -> Result<()> {
    let (searched, ids) = Searched::with(&["Glass"]).await?;
    let admin = &searched.mirrored.client;
    let token = save_connection(admin, "other-shop", &searched.mirrored.odoo).await?;
    let stranger = searched.mirrored.server.client_with(&token).await?;
    let not_allowed = (Code::PermissionDenied, Some(Reason::NotAllowed));
    for mode in [SearchMode::Words, SearchMode::Meaning, SearchMode::Both] {
        let theirs = Searched::question("glass", mode);
        assert_eq!(refusal(stranger.search(theirs).await), not_allowed);
    }
    let own = SearchQueryRequest {
        connection: String::new(),
        ..Searched::question("glass", SearchMode::Words)
    };
    assert!(stranger.search(own).await?.is_empty());
    assert_eq!(
        refusal(stranger.search_status(CONNECTION).await),
        not_allowed
    );
    assert!(stranger.search_status("").await?.models.is_empty());
    let like = SearchSimilarRequest {
        connection: CONNECTION.to_owned(),
        model: MODEL.to_owned(),
        odoo_id: ids[0],
        ..SearchSimilarRequest::default()
    };
    assert_eq!(refusal(stranger.similar(like.clone()).await), not_allowed);
    let own = SearchSimilarRequest {
        connection: String::new(),
        ..like
    };
    let not_searchable = (Code::FailedPrecondition, Some(Reason::ModelNotSearchable));
    assert_eq!(refusal(stranger.similar(own).await), not_searchable);
    let embed = SearchEmbedRequest {
        connection: CONNECTION.to_owned(),
        model: MODEL.to_owned(),
        ..SearchEmbedRequest::default()
    };
    assert_eq!(refusal(stranger.embed(embed).await), not_allowed);
    let preview = SearchPreviewRequest {
        connection: CONNECTION.to_owned(),
        ..SearchPreviewRequest::default()
    };
    assert_eq!(refusal(stranger.preview_search(preview).await), not_allowed);
    let theirs = searched.wanted();
    assert_eq!(
        refusal(stranger.configure_search(theirs).await),
        not_allowed
    );
    assert_eq!(
        refusal(stranger.retry_embedding(CONNECTION, MODEL).await),
        not_allowed
    );
    assert_eq!(
        refusal(stranger.embedding_failures(CONNECTION, "", 5).await),
        not_allowed
    );
    Ok(())
}

#[tokio::test]
async fn a_postgres_that_gives_no_pgvector_says_how_to_get_it_and_does_all_else() -> Result<()> {
    let database = Database::new().await?;
    // Whoever keeps this Postgres lets nobody bring extensions.
    database
        .connect()
        .await?
        .execute(
            "create function refuse() returns event_trigger language plpgsql \
             as $$ begin raise exception 'no extensions here'; end $$; \
             create event trigger refuse on ddl_command_start when tag in ('CREATE EXTENSION') \
             execute function refuse()",
        )
        .await?;
    let mirrored = Mirrored::between(Odoo::shared()?, database).await?;
    let client = &mirrored.client;
    client.save_connection(mirrored.connection()).await?;
    mirrored.configure(mirrored.categories(1000), &[]).await?;
    mirrored.create(3).await?;
    assert_eq!(mirrored.sync(mirrored.changes()).await?.created, 3);
    let searched = Searched {
        embedder: StubEmbedder::start().await?,
        mirrored,
    };
    let client = &searched.mirrored.client;
    let refused = client.configure_search(searched.wanted()).await;
    let error = refused.expect_err("it must be refused");
    let missing = (
        Code::FailedPrecondition,
        Some(Reason::VectorExtensionMissing),
    );
    assert_eq!((error.code, error.reason), missing);
    assert!(error.message.contains("create extension vector"), "{error}");
    let status = client.search_status(CONNECTION).await?;
    assert!(status.models.is_empty() && status.extension_version.is_empty());
    searched.mirrored.create(2).await?;
    searched.sync().await?;
    assert_eq!(searched.mirrored.equals_odoo().await?, 5);
    Ok(())
}
