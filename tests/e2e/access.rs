//! Who may see and do what.

use anyhow::Result;
use secrecy::SecretString;
use sluice_client::{
    Client, ClientError, Code,
    v1::{ConnectionsSaveRequest, EventType, JobsListRequest, Reason},
};
use sluice_tests::world::{CONNECTION, World, events_until, save_connection};

fn refusal<T>(answer: Result<T, ClientError>) -> (Code, Option<Reason>) {
    let error = answer.err().expect("it must be refused");
    (error.code, error.reason)
}

#[tokio::test]
async fn a_connections_token_sees_its_own_jobs_and_no_others() -> Result<()> {
    let world = World::new().await?;
    let list = world.clean_list(10).await?;
    let job = world.imported(world.import(&list)).await?;
    let stranger_token = save_connection(&world.client, "other-shop", &world.odoo).await?;
    let owner = world.server.client_with(&world.connection_token).await?;
    let stranger = world.server.client_with(&stranger_token).await?;

    assert_eq!(owner.job(&job.id).await?.id, job.id);
    assert_eq!(owner.jobs(JobsListRequest::default(), 10).await?.len(), 1);
    assert!(
        stranger
            .jobs(JobsListRequest::default(), 10)
            .await?
            .is_empty()
    );
    let hidden = (Code::NotFound, Some(Reason::JobNotFound));
    assert_eq!(refusal(stranger.job(&job.id).await), hidden);
    assert_eq!(refusal(stranger.pause(&job.id).await), hidden);
    assert_eq!(refusal(stranger.resume(&job.id).await), hidden);
    assert_eq!(refusal(stranger.cancel(&job.id).await), hidden);
    assert_eq!(refusal(stranger.retry(&job.id).await), hidden);
    assert_eq!(refusal(stranger.row_errors(&job.id, "", 10).await), hidden);
    assert_eq!(refusal(stranger.snapshot(&job.id).await), hidden);
    let watched = events_until(&stranger, &job.id, |_| false).await;
    assert!(watched.is_err(), "a stranger watched {watched:?}");
    let not_allowed = refusal(stranger.enqueue(world.import(&list)).await);
    assert_eq!(not_allowed.1, Some(Reason::NotAllowed));
    Ok(())
}

#[tokio::test]
async fn a_connections_token_may_not_keep_connections() -> Result<()> {
    let world = World::new().await?;
    let owner = world.server.client_with(&world.connection_token).await?;
    let not_allowed = (Code::PermissionDenied, Some(Reason::NotAllowed));
    assert_eq!(refusal(owner.connections().await), not_allowed);
    assert_eq!(
        refusal(owner.delete_connection(CONNECTION).await),
        not_allowed
    );
    assert_eq!(refusal(owner.create_pairing_code().await), not_allowed);
    assert_eq!(owner.connection(CONNECTION).await?.name, CONNECTION);
    assert!(
        owner
            .test_connection(CONNECTION)
            .await?
            .missing_rights
            .is_empty()
    );
    Ok(())
}

#[tokio::test]
async fn a_connections_token_renews_its_own_key_and_no_others() -> Result<()> {
    let world = World::new().await?;
    let stranger_token = save_connection(&world.client, "other-shop", &world.odoo).await?;
    let owner = world.server.client_with(&world.connection_token).await?;
    let stranger = world.server.client_with(&stranger_token).await?;
    let key = SecretString::from(world.odoo.access.api_key.clone());

    owner.rotate_key("", &key).await?;
    owner.rotate_key(CONNECTION, &key).await?;
    assert!(owner.test_connection(CONNECTION).await.is_ok());
    let not_allowed = (Code::PermissionDenied, Some(Reason::NotAllowed));
    let refused = refusal(stranger.rotate_key(CONNECTION, &key).await);
    assert_eq!(refused, not_allowed);
    let wrong = SecretString::from("0123456789abcdef");
    let refused = refusal(owner.rotate_key("", &wrong).await);
    assert_eq!(refused.1, Some(Reason::OdooKeyRefused));
    assert!(owner.test_connection(CONNECTION).await.is_ok());
    Ok(())
}

#[tokio::test]
async fn without_a_good_token_nothing_is_answered() -> Result<()> {
    let world = World::new().await?;
    let wrong = world.server.client_with("slu_admin_wrong").await?;
    let refused = refusal(wrong.jobs(JobsListRequest::default(), 1).await);
    assert_eq!(refused, (Code::Unauthenticated, Some(Reason::TokenInvalid)));
    let address = format!("http://{}", world.server.address);
    let nobody = Client::connect(sluice_client::Options::new(address)).await?;
    let refused = refusal(nobody.jobs(JobsListRequest::default(), 1).await);
    assert_eq!(refused, (Code::Unauthenticated, Some(Reason::TokenMissing)));
    Ok(())
}

#[tokio::test]
async fn a_pairing_code_saves_one_connection_once() -> Result<()> {
    let world = World::new().await?;
    let code = world.client.create_pairing_code().await?.code;
    let pairing = world.server.client_with(&code).await?;
    save_connection(&pairing, "paired", &world.odoo).await?;
    assert_eq!(world.client.connection("paired").await?.name, "paired");
    let again = pairing.save_connection(ConnectionsSaveRequest {
        name: "again".to_owned(),
        url: world.odoo.access.url.clone(),
        database: world.odoo.access.database.clone(),
        api_key: world.odoo.access.api_key.clone(),
        ..ConnectionsSaveRequest::default()
    });
    assert_eq!(refusal(again.await).0, Code::Unauthenticated);
    Ok(())
}

#[tokio::test]
async fn secrets_are_in_no_log_line() -> Result<()> {
    let world = World::with_settings(&[("SLUICE_LOG", "debug")]).await?;
    let list = world.list(60).await?;
    let job = world.imported(world.import(&list)).await?;
    let story = events_until(&world.client, &job.id, |_| false).await?;
    assert!(
        story
            .iter()
            .any(|event| event.r#type() == EventType::Succeeded)
    );
    let log = world.server.log();
    for secret in [
        &world.odoo.access.api_key,
        &world.connection_token,
        &world.server.admin_token,
    ] {
        // The first start prints the administrator's token, once.
        let allowed = usize::from(*secret == world.server.admin_token);
        assert!(
            log.matches(secret.as_str()).count() <= allowed,
            "a secret is in the log"
        );
    }
    Ok(())
}
