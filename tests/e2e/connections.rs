//! Connections that cannot work are refused before they are stored, each with its reason.

use anyhow::Result;
use secrecy::ExposeSecret as _;
use sluice_client::{
    Code,
    v1::{ConnectionsSaveRequest, Reason},
};
use sluice_tests::world::{CONNECTION, World};
use tokio::net::TcpListener;

/// An address at which nobody listens.
async fn nobody() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    Ok(format!("http://{}", listener.local_addr()?))
}

#[tokio::test]
async fn a_connection_that_cannot_work_is_not_saved() -> Result<()> {
    let world = World::new().await?;
    let good = ConnectionsSaveRequest {
        name: "new".to_owned(),
        url: world.odoo.access.url.clone(),
        database: world.odoo.access.database.clone(),
        api_key: world.odoo.access.api_key.clone(),
        ..ConnectionsSaveRequest::default()
    };
    let field = (Code::InvalidArgument, Reason::FieldInvalid);
    let table = [
        (
            field,
            ConnectionsSaveRequest {
                name: "No Name".to_owned(),
                ..good.clone()
            },
        ),
        (
            field,
            ConnectionsSaveRequest {
                url: "ftp://odoo".to_owned(),
                ..good.clone()
            },
        ),
        (
            field,
            ConnectionsSaveRequest {
                url: "http://me:pass@odoo".to_owned(),
                ..good.clone()
            },
        ),
        (
            field,
            ConnectionsSaveRequest {
                database: String::new(),
                ..good.clone()
            },
        ),
        (
            field,
            ConnectionsSaveRequest {
                api_key: String::new(),
                ..good.clone()
            },
        ),
        (
            field,
            ConnectionsSaveRequest {
                max_running: 101,
                ..good.clone()
            },
        ),
        (
            (Code::Unavailable, Reason::OdooUnreachable),
            ConnectionsSaveRequest {
                url: nobody().await?,
                ..good.clone()
            },
        ),
        (
            (Code::FailedPrecondition, Reason::OdooKeyRefused),
            ConnectionsSaveRequest {
                api_key: "0123456789abcdef".to_owned(),
                ..good.clone()
            },
        ),
        (
            (Code::FailedPrecondition, Reason::OdooDatabaseNotFound),
            ConnectionsSaveRequest {
                database: "absent".to_owned(),
                ..good.clone()
            },
        ),
    ];
    for ((code, reason), request) in table {
        let error = world
            .client
            .save_connection(request)
            .await
            .expect_err("it must be refused");
        assert_eq!((error.code, error.reason), (code, Some(reason)), "{error}");
        assert!(!error.message.contains(&good.api_key), "{error}");
    }
    let absent = world
        .client
        .connection("new")
        .await
        .expect_err("nothing was saved");
    assert_eq!(absent.reason, Some(Reason::ConnectionNotFound));
    Ok(())
}

#[tokio::test]
async fn a_wrong_key_does_not_replace_a_good_one() -> Result<()> {
    let world = World::new().await?;
    let refused = world
        .client
        .rotate_key(CONNECTION, &"0123456789abcdef".into())
        .await;
    assert_eq!(
        refused.expect_err("Odoo refuses it").reason,
        Some(Reason::OdooKeyRefused)
    );
    let tested = world.client.test_connection(CONNECTION).await?;
    assert!(
        tested
            .modules
            .contains(&"sluice_supplier_import".to_owned()),
        "{tested:?}"
    );
    assert!(
        world
            .client
            .connection(CONNECTION)
            .await?
            .tested_at
            .is_some()
    );
    Ok(())
}

#[tokio::test]
async fn a_rotated_token_lets_nobody_in() -> Result<()> {
    let world = World::new().await?;
    let old = world.server.client_with(&world.connection_token).await?;
    old.connection(CONNECTION).await?;
    let new = world.client.rotate_token(CONNECTION).await?;
    let refused = old
        .connection(CONNECTION)
        .await
        .expect_err("it was revoked");
    assert_eq!(refused.reason, Some(Reason::TokenInvalid));
    let new = world.server.client_with(new.expose_secret()).await?;
    assert_eq!(new.connection(CONNECTION).await?.name, CONNECTION);
    Ok(())
}
