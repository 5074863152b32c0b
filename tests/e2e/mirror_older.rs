//! Odoo 14 to 18: mirrored over JSON-RPC, without our addon, and told from Odoo 19 by what it says of itself.

use crate::fate::refusal;
use anyhow::{Context as _, Result};
use serde_json::json;
use sluice_client::{
    Code,
    v1::{
        ConnectionsSaveRequest, EventType, MirrorState, Reason, SupplierImport,
        supplier_import::Source,
    },
};
use sluice_tests::{
    mirror::{CONNECTION, MODEL, Mirrored},
    older_odoo::OlderOdoo,
};

/// A server that is connected with an Odoo of this version.
async fn mirrored(version: &str) -> Result<(Mirrored, OlderOdoo)> {
    let mirrored = Mirrored::unconnected().await?;
    let older = OlderOdoo::start(&mirrored.odoo, version).await?;
    let (saved, _) = mirrored
        .client
        .save_connection(connection(&mirrored, &older))
        .await?;
    assert_eq!(saved.odoo_version, version);
    assert_eq!(saved.addon_version, "");
    Ok((mirrored, older))
}

fn connection(mirrored: &Mirrored, older: &OlderOdoo) -> ConnectionsSaveRequest {
    ConnectionsSaveRequest {
        url: older.url(),
        login: mirrored.odoo.access.login.clone(),
        ..mirrored.connection()
    }
}

#[tokio::test]
async fn an_odoo_before_19_is_mirrored_over_json_rpc() -> Result<()> {
    let (mirrored, older) = mirrored("16.0").await?;
    mirrored.configure(mirrored.categories(30), &[]).await?;
    let ids = mirrored.create(100).await?;
    mirrored
        .write(&ids[3..5], json!({ "parent_id": ids[0] }))
        .await?;
    let before = older.logins();
    let first = mirrored.sync(mirrored.changes()).await?;
    assert_eq!((first.created, first.errors), (100, 0));
    assert_eq!(older.logins(), before + 1, "one for all pages");
    mirrored.equals_odoo().await?;

    mirrored.write(&ids[10..20], json!({ "color": 77 })).await?;
    mirrored.unlink(&ids[90..95]).await?;
    let second = mirrored.sync(mirrored.changes()).await?;
    assert_eq!(second.updated, 10);
    let cleaned = mirrored.cleanup(mirrored.deleted()).await?;
    assert_eq!(
        cleaned.r#type(),
        EventType::Succeeded,
        "{}",
        cleaned.message
    );
    assert_eq!(mirrored.equals_odoo().await?, 95);
    assert_eq!(mirrored.status(MODEL).await?.state(), MirrorState::Done);

    let tested = mirrored.client.test_connection(CONNECTION).await?;
    assert_eq!(tested.odoo_version, "16.0");
    assert_eq!(tested.user, mirrored.odoo.access.login);
    let (by_place, named) = older.calls_of("search_read").remove(0);
    assert!(
        by_place[0].is_array(),
        "the domain goes by its place: {by_place}"
    );
    assert!(named["load"].is_null() && named.get("load").is_some());
    Ok(())
}

#[tokio::test]
async fn odoo_14_is_not_asked_for_what_it_does_not_know() -> Result<()> {
    let (mirrored, older) = mirrored("14.0").await?;
    mirrored.configure(mirrored.categories(30), &[]).await?;
    let ids = mirrored.create(40).await?;
    mirrored
        .write(&ids[3..9], json!({ "parent_id": ids[0] }))
        .await?;
    mirrored.sync(mirrored.changes()).await?;
    // Relations come with names then, and are stored as bare ids all the same.
    assert_eq!(mirrored.equals_odoo().await?, 40);
    for (_, named) in older.calls_of("search_read") {
        assert!(named.get("load").is_none(), "{named}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_with_an_older_odoo_is_said_in_its_words() -> Result<()> {
    let mirrored = Mirrored::unconnected().await?;
    let older = OlderOdoo::start(&mirrored.odoo, "17.0").await?;
    let good = connection(&mirrored, &older);
    let table = [
        (
            Reason::FieldInvalid,
            ConnectionsSaveRequest {
                login: String::new(),
                ..good.clone()
            },
        ),
        (
            Reason::OdooKeyRefused,
            ConnectionsSaveRequest {
                api_key: "wrong".to_owned(),
                ..good.clone()
            },
        ),
        (
            Reason::OdooDatabaseNotFound,
            ConnectionsSaveRequest {
                database: "nowhere".to_owned(),
                ..good.clone()
            },
        ),
    ];
    for (reason, request) in table {
        let (_, refused) = refusal(mirrored.client.save_connection(request).await);
        assert_eq!(refused, Some(reason));
    }

    mirrored.client.save_connection(good).await?;
    let mut unknown = mirrored.changes();
    unknown.model = "no.such.model".to_owned();
    let refused = refusal(mirrored.client.sync_model(unknown).await);
    assert_eq!(refused, (Code::NotFound, Some(Reason::ModelNotFound)));

    let import = SupplierImport {
        connection: CONNECTION.to_owned(),
        supplier: "1".to_owned(),
        source: Some(Source::Content(b"ean,price\n1,2\n".to_vec())),
        ..SupplierImport::default()
    };
    let refused = mirrored.client.enqueue(import).await;
    let refused = refused.err().context("it must be refused")?;
    assert_eq!(refused.reason, Some(Reason::AddonMissing), "{refused}");
    assert!(refused.to_string().contains("Odoo 17.0"), "{refused}");
    Ok(())
}
