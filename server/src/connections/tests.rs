//! The promises of the room, on a real Postgres.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use sqlx::PgPool;

use super::*;
use crate::secrets::token_hash;

/// Connections of a server of its own: nothing is shared with another one but the database.
fn server(pool: &PgPool, key: u8) -> Connections {
    let keyring = Keyring::of_one_key([key; 32]);
    Connections::new(Db::from_pool(pool.clone()), Arc::new(keyring))
}

fn draft(name: &str, database: &str, api_key: &str) -> Draft {
    Draft::new(
        name,
        "https://odoo.example.com/",
        database,
        &api_key.into(),
        0,
    )
    .unwrap()
}

async fn saved(connections: &Connections, name: &str) -> Saved {
    connections
        .save(&Caller::Admin, &draft(name, "shop", "s3cret"))
        .await
        .unwrap()
}

async fn caller_of(connections: &Connections, token: &SecretString) -> Option<Caller> {
    connections
        .authenticate(token.expose_secret())
        .await
        .unwrap()
}

async fn pairing(connections: &Connections) -> Caller {
    let code = connections.create_pairing_code().await.unwrap().code;
    caller_of(connections, &code).await.unwrap()
}

#[sqlx::test(migrations = "./migrations")]
async fn a_saved_connection_is_found_and_its_key_is_stored_sealed(pool: PgPool) {
    let connections = server(&pool, 1);
    let id = saved(&connections, "shop").await.connection.id;
    let endpoint = connections.endpoint(id).await.unwrap();
    assert_eq!(endpoint.url.as_str(), "https://odoo.example.com/");
    assert_eq!(
        (endpoint.database.as_str(), endpoint.api_key.expose_secret()),
        ("shop", "s3cret")
    );
    let stored: Vec<u8> = sqlx::query_scalar("select api_key_sealed from connection")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert!(!stored.windows(6).any(|bytes| bytes == b"s3cret"));
    assert!(matches!(
        server(&pool, 2).endpoint(id).await,
        Err(ConnectionsError::Secrets(_))
    ));
}

#[sqlx::test(migrations = "./migrations")]
async fn saving_again_keeps_what_is_left_out(pool: PgPool) {
    let connections = server(&pool, 1);
    let first = saved(&connections, "shop").await;
    connections
        .tested(first.connection.id, "19.0", "19.0.1.0.0")
        .await
        .unwrap();
    let again = connections
        .save(&Caller::Admin, &draft("shop", "shop", ""))
        .await
        .unwrap();
    assert!(again.token.is_none() && again.connection.tested_at.is_some());
    assert_eq!(
        (again.connection.id, again.connection.max_running),
        (first.connection.id, 2)
    );
    let moved = connections
        .save(&Caller::Admin, &draft("shop", "other", ""))
        .await
        .unwrap();
    assert!(moved.connection.tested_at.is_none() && moved.connection.odoo_version.is_none());
    let endpoint = connections.endpoint(first.connection.id).await.unwrap();
    assert_eq!(
        (endpoint.api_key.expose_secret(), endpoint.known),
        ("s3cret", false)
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn a_new_connection_needs_a_key(pool: PgPool) {
    let error = server(&pool, 1)
        .save(&Caller::Admin, &draft("shop", "shop", ""))
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            ConnectionsError::Invalid {
                field: "api_key",
                ..
            }
        ),
        "{error}"
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn a_token_sees_its_own_connection_only(pool: PgPool) {
    let connections = server(&pool, 1);
    let shop = saved(&connections, "shop").await;
    saved(&connections, "other").await;
    let caller = caller_of(&connections, &shop.token.unwrap()).await.unwrap();
    assert_eq!(connections.visible(&caller, "").await.unwrap().name, "shop");
    assert_eq!(
        connections.visible(&caller, "shop").await.unwrap().name,
        "shop"
    );
    for name in ["other", "absent"] {
        let error = connections.visible(&caller, name).await.unwrap_err();
        assert!(matches!(error, ConnectionsError::NotAllowed(_)), "{error}");
    }
    let error = connections
        .save(&caller, &draft("shop", "shop", "key"))
        .await
        .unwrap_err();
    assert!(matches!(error, ConnectionsError::NotAllowed(_)), "{error}");
    assert!(matches!(
        connections.visible(&Caller::Admin, "absent").await,
        Err(ConnectionsError::NotFound(_))
    ));
    assert!(matches!(
        connections.visible(&Caller::Admin, "").await,
        Err(ConnectionsError::Invalid { .. })
    ));
}

#[sqlx::test(migrations = "./migrations")]
async fn a_rotated_token_is_revoked(pool: PgPool) {
    let connections = server(&pool, 1);
    let shop = saved(&connections, "shop").await;
    let old = shop.token.unwrap();
    assert!(caller_of(&connections, &old).await.is_some());
    let new = connections.rotate_token(shop.connection.id).await.unwrap();
    assert_eq!(caller_of(&connections, &old).await, None);
    assert!(caller_of(&connections, &new).await.is_some());
    assert_eq!(caller_of(&server(&pool, 1), &old).await, None);
}

#[sqlx::test(migrations = "./migrations")]
async fn the_admin_token_is_made_once(pool: PgPool) {
    let (one, other) = (server(&pool, 1), server(&pool, 1));
    let kept = |_token: &SecretString| Ok::<_, ConnectionsError>(());
    let made = tokio::join!(one.ensure_admin_token(kept), other.ensure_admin_token(kept));
    let tokens: Vec<_> = [made.0.unwrap(), made.1.unwrap()]
        .into_iter()
        .flatten()
        .collect();
    assert_eq!(tokens.len(), 1);
    assert_eq!(caller_of(&one, &tokens[0]).await, Some(Caller::Admin));
    assert_eq!(caller_of(&one, &"slu_admin_guess".into()).await, None);
    assert!(one.ensure_admin_token(kept).await.unwrap().is_none());
}

#[sqlx::test(migrations = "./migrations")]
async fn an_admin_token_that_could_not_be_kept_was_never_made(pool: PgPool) {
    let connections = server(&pool, 1);
    let lost = |_token: &SecretString| Err(ConnectionsError::NotFound("disk".to_owned()));
    assert!(connections.ensure_admin_token(lost).await.is_err());
    let kept = |_token: &SecretString| Ok::<_, ConnectionsError>(());
    assert!(
        connections
            .ensure_admin_token(kept)
            .await
            .unwrap()
            .is_some()
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn a_pairing_code_saves_one_connection_once(pool: PgPool) {
    let connections = server(&pool, 1);
    let caller = pairing(&connections).await;
    let (one, two) = (draft("one", "one", "key"), draft("two", "two", "key"));
    let results = tokio::join!(
        connections.save(&caller, &one),
        connections.save(&caller, &two)
    );
    let (ok, refused): (Vec<_>, Vec<_>) =
        [results.0, results.1].into_iter().partition(Result::is_ok);
    assert_eq!((ok.len(), refused.len()), (1, 1));
    assert!(matches!(refused[0], Err(ConnectionsError::PairingCodeUsed)));
    // The loser's connection went with its transaction.
    assert_eq!(connections.list("", 10).await.unwrap().len(), 1);
}

#[sqlx::test(migrations = "./migrations")]
async fn an_expired_pairing_code_lets_nobody_in(pool: PgPool) {
    let connections = server(&pool, 1);
    let code = connections.create_pairing_code().await.unwrap().code;
    let caller = caller_of(&connections, &code).await.unwrap();
    let hash = token_hash(code.expose_secret());
    sqlx::query("update access_token set expires_at = now() - interval '1 second' where hash = $1")
        .bind(hash.as_slice())
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(caller_of(&connections, &code).await, None);
    let error = connections
        .save(&caller, &draft("shop", "shop", "key"))
        .await
        .unwrap_err();
    assert!(
        matches!(error, ConnectionsError::PairingCodeUsed),
        "{error}"
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn pairing_again_replaces_the_token_and_never_takes_another_name(pool: PgPool) {
    let connections = server(&pool, 1);
    let old = saved(&connections, "shop").await.token.unwrap();
    let caller = pairing(&connections).await;
    let error = connections
        .save(&caller, &draft("shop", "elsewhere", "key"))
        .await
        .unwrap_err();
    assert!(
        matches!(error, ConnectionsError::Invalid { field: "name", .. }),
        "{error}"
    );
    let error = connections
        .endpoint_of(&caller, &draft("shop", "shop", ""))
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            ConnectionsError::Invalid {
                field: "api_key",
                ..
            }
        ),
        "{error}"
    );
    let again = connections
        .save(&caller, &draft("shop", "shop", "key"))
        .await
        .unwrap();
    assert!(
        caller_of(&connections, &again.token.unwrap())
            .await
            .is_some()
    );
    assert_eq!(caller_of(&connections, &old).await, None);
}

#[sqlx::test(migrations = "./migrations")]
async fn a_key_can_be_replaced_even_if_the_old_one_no_longer_opens(pool: PgPool) {
    let id = saved(&server(&pool, 1), "shop").await.connection.id;
    let connections = server(&pool, 2);
    let key = SecretString::from("new");
    assert_eq!(
        connections
            .endpoint_with_key(id, &key)
            .await
            .unwrap()
            .api_key
            .expose_secret(),
        "new"
    );
    connections.replace_key(id, &key).await.unwrap();
    assert_eq!(
        connections
            .endpoint(id)
            .await
            .unwrap()
            .api_key
            .expose_secret(),
        "new"
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn a_deleted_connection_takes_its_tokens_along(pool: PgPool) {
    let connections = server(&pool, 1);
    let shop = saved(&connections, "shop").await;
    let token = shop.token.unwrap();
    assert!(caller_of(&connections, &token).await.is_some());
    connections.delete(&shop.connection).await.unwrap();
    assert_eq!(caller_of(&connections, &token).await, None);
    assert!(matches!(
        connections.name_of(shop.connection.id).await,
        Err(ConnectionsError::NotFound(_))
    ));
}

#[sqlx::test(migrations = "./migrations")]
async fn pages_go_by_name(pool: PgPool) {
    let connections = server(&pool, 1);
    for name in ["c", "a", "b"] {
        saved(&connections, name).await;
    }
    let names = |page: Vec<Connection>| {
        page.into_iter()
            .map(|connection| connection.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(names(connections.list("", 2).await.unwrap()), ["a", "b"]);
    assert_eq!(names(connections.list("b", 2).await.unwrap()), ["c"]);
    assert_eq!(connections.names().await.unwrap().len(), 3);
}
