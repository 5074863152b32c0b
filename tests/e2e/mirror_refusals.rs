//! What a mirror refuses, and how clearly.

use crate::fate::refusal;
use anyhow::{Context as _, Result};
use sluice_client::{
    Code,
    v1::{
        FieldChoice, ForceSyncSyncModelRequest, MirrorConfigureRequest, MirrorListRecordsRequest,
        MirroredModel, Reason,
    },
};
use sluice_tests::mirror::{CONNECTION, MODEL, Mirrored};

#[tokio::test]
async fn a_second_run_of_a_model_is_told_about_the_first() -> Result<()> {
    let mirrored = Mirrored::unconfigured().await?;
    mirrored.configure(mirrored.categories(5), &[]).await?;
    mirrored.create(500).await?;
    let first = mirrored.client.sync_model(mirrored.changes()).await?;
    let error = mirrored.client.sync_model(mirrored.changes()).await;
    let error = error.err().context("it must be refused")?;
    assert_eq!(
        (error.code, error.reason),
        (Code::AlreadyExists, Some(Reason::LaneBusy))
    );
    assert_eq!(error.metadata["job_id"], first.id);
    for key in ["started", "percent", "rows_done", "rows_total"] {
        assert!(!error.metadata[key].is_empty(), "{key}");
    }
    let cleanup = mirrored.client.cleanup_deleted(mirrored.deleted()).await;
    // Before the first page there is no table to clean up.
    assert!(matches!(
        refusal(cleanup),
        (Code::AlreadyExists | Code::FailedPrecondition, _)
    ));
    mirrored.succeeded(&first).await?;
    mirrored.sync(mirrored.changes()).await?;
    Ok(())
}

#[tokio::test]
async fn what_odoo_does_not_have_is_refused_at_once() -> Result<()> {
    let mirrored = Mirrored::unconfigured().await?;
    let sync = async |model: &str| {
        let request = ForceSyncSyncModelRequest {
            model: model.to_owned(),
            ..mirrored.changes()
        };
        refusal(mirrored.client.sync_model(request).await)
    };
    let field = (Code::InvalidArgument, Some(Reason::FieldInvalid));
    assert_eq!(
        sync("no.such.model").await,
        (Code::NotFound, Some(Reason::ModelNotFound))
    );
    assert_eq!(sync("").await, field);
    assert_eq!(sync("../../web/session").await, field);

    let configure = async |model: MirroredModel| {
        let request = MirrorConfigureRequest {
            connection: CONNECTION.to_owned(),
            models: vec![model],
            ..MirrorConfigureRequest::default()
        };
        refusal(mirrored.client.configure_mirror(request).await)
    };
    let plain = || mirrored.categories(0);
    let named = |name: &str| MirroredModel {
        field_choice: FieldChoice::Named.into(),
        field_names: vec![name.to_owned()],
        ..plain()
    };
    let domain = |domain: &str| MirroredModel {
        domain: domain.to_owned(),
        ..plain()
    };
    let sizes = |page_size| MirroredModel {
        page_size,
        ..plain()
    };
    assert_eq!(configure(named("no_such_field")).await, field);
    assert_eq!(
        configure(domain("[[\"name\", \"~~\", \"x\"]]")).await,
        field
    );
    assert_eq!(configure(domain("[[\"nope\", \"=\", \"x\"]]")).await, field);
    assert_eq!(configure(domain("name = x")).await, field);
    assert_eq!(configure(sizes(1_000_000)).await, field);
    assert_eq!(configure(sizes(-1)).await, field);

    let listing = MirrorListRecordsRequest {
        connection: CONNECTION.to_owned(),
        model: MODEL.to_owned(),
        ..MirrorListRecordsRequest::default()
    };
    let not_yet = (Code::FailedPrecondition, Some(Reason::ModelNotMirrored));
    assert_eq!(
        refusal(mirrored.client.mirrored_records(listing, 1).await),
        not_yet
    );
    assert_eq!(
        refusal(mirrored.client.cleanup_deleted(mirrored.deleted()).await),
        not_yet
    );
    assert_eq!(
        refusal(mirrored.client.retry_parked(CONNECTION, MODEL).await),
        not_yet
    );
    Ok(())
}

#[tokio::test]
async fn an_abstract_model_fails_in_clear_words() -> Result<()> {
    let mirrored = Mirrored::unconfigured().await?;
    let request = ForceSyncSyncModelRequest {
        model: "mail.thread".to_owned(),
        ..mirrored.changes()
    };
    let job = mirrored.client.sync_model(request).await?;
    let end = mirrored.ended(&job).await?;
    assert_eq!(end.code, "no_fields", "{end:?}");
    assert!(end.message.contains("abstract"), "{end:?}");
    assert!(mirrored.status("mail.thread").await?.cursor.is_none());
    Ok(())
}

#[tokio::test]
async fn a_request_may_say_only_one_thing() -> Result<()> {
    let mirrored = Mirrored::unconfigured().await?;
    let twice = ForceSyncSyncModelRequest {
        full: true,
        ids: vec![1],
        ..mirrored.changes()
    };
    let field = (Code::InvalidArgument, Some(Reason::FieldInvalid));
    assert_eq!(refusal(mirrored.client.sync_model(twice).await), field);
    let zero = ForceSyncSyncModelRequest {
        ids: vec![0],
        ..mirrored.changes()
    };
    assert_eq!(refusal(mirrored.client.sync_model(zero).await), field);
    Ok(())
}

#[tokio::test]
async fn a_connections_token_reaches_no_other_mirror() -> Result<()> {
    let mirrored = Mirrored::new().await?;
    let other = sluice_client::v1::ConnectionsSaveRequest {
        name: "other".to_owned(),
        url: mirrored.odoo.access.url.clone(),
        database: mirrored.odoo.access.database.clone(),
        api_key: mirrored.odoo.access.api_key.clone(),
        ..sluice_client::v1::ConnectionsSaveRequest::default()
    };
    let (_, token) = mirrored.client.save_connection(other).await?;
    let token = token.context("a token")?;
    let token = secrecy::ExposeSecret::expose_secret(&token);
    let stranger = mirrored.server.client_with(token).await?;
    let denied = (Code::PermissionDenied, Some(Reason::NotAllowed));
    assert_eq!(refusal(stranger.mirror_status(CONNECTION).await), denied);
    assert_eq!(
        refusal(stranger.sync_model(mirrored.changes()).await),
        denied
    );
    assert_eq!(
        refusal(stranger.cleanup_deleted(mirrored.deleted()).await),
        denied
    );
    assert_eq!(
        refusal(stranger.retry_parked(CONNECTION, MODEL).await),
        denied
    );
    let configure = MirrorConfigureRequest {
        connection: CONNECTION.to_owned(),
        ..MirrorConfigureRequest::default()
    };
    assert_eq!(refusal(stranger.configure_mirror(configure).await), denied);
    let listing = MirrorListRecordsRequest {
        connection: CONNECTION.to_owned(),
        model: MODEL.to_owned(),
        ..MirrorListRecordsRequest::default()
    };
    assert_eq!(refusal(stranger.mirrored_records(listing, 1).await), denied);
    assert!(stranger.mirror_status("").await?.models.is_empty());
    Ok(())
}

#[tokio::test]
async fn an_overview_waits_for_the_first_full_sync() -> Result<()> {
    let mirrored = Mirrored::unconfigured().await?;
    let not_ready = (Code::FailedPrecondition, Some(Reason::SyncNotReady));
    let overview = async || mirrored.client.mirror_overview(CONNECTION).await;
    assert_eq!(refusal(overview().await), not_ready);
    for model in ["account.move", "res.partner"] {
        let sync = |limit| ForceSyncSyncModelRequest {
            model: model.to_owned(),
            limit,
            ..mirrored.changes()
        };
        mirrored.sync(sync(1)).await?;
        assert_eq!(refusal(overview().await), not_ready);
        mirrored.sync(sync(0)).await?;
    }
    let found = overview().await?;
    let names: Vec<&str> = found
        .sections
        .iter()
        .map(|section| section.name.as_str())
        .collect();
    assert_eq!(names, ["contacts", "invoices"]);
    assert!(found.as_of.is_some() && found.sections[0].count > 0);
    Ok(())
}
