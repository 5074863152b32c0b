//! What callers get, on a real Postgres. The stories with a real Odoo are told end to end.

use std::sync::Arc;

use sluice_proto::v1::Reason;
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::Code;
use tonic_types::StatusExt;

use super::*;
use crate::{
    adapters::{Http, Limits},
    db::Db,
    progress::Progress,
    queue::{NewJob, QueueSettings},
    secrets::Keyring,
};

fn service(pool: &PgPool) -> ConnectionsService {
    let db = Db::from_pool(pool.clone());
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let connections = Connections::new(db.clone(), Arc::new(Keyring::of_one_key([1; 32])));
    let progress = Progress::start(db.clone(), &tasks, stop.clone());
    let queue = Queue::start(db, progress, QueueSettings::default(), &tasks, stop);
    let odoo = OdooClients::new(connections.clone(), Http::open(Limits::default()).unwrap());
    ConnectionsService::new(connections, odoo, queue)
}

fn by<T>(caller: &Caller, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(caller.clone());
    request
}

fn save(name: &str, url: &str, skip_test: bool) -> ConnectionsSaveRequest {
    ConnectionsSaveRequest {
        name: name.to_owned(),
        url: url.to_owned(),
        database: "shop".to_owned(),
        api_key: "s3cret".to_owned(),
        max_running: 0,
        skip_test,
    }
}

/// Saves without calling Odoo; returns whom the new token lets in.
async fn saved(service: &ConnectionsService, name: &str) -> Caller {
    let request = by(&Caller::Admin, save(name, "https://odoo.example.com", true));
    let token = service.save(request).await.unwrap().into_inner().token;
    service
        .connections
        .authenticate(&token)
        .await
        .unwrap()
        .unwrap()
}

fn get(name: &str) -> ConnectionsGetRequest {
    ConnectionsGetRequest {
        name: name.to_owned(),
    }
}

fn delete(name: &str) -> ConnectionsDeleteRequest {
    ConnectionsDeleteRequest {
        name: name.to_owned(),
    }
}

#[track_caller]
fn assert_refused<T>(result: Result<Response<T>, Status>, code: Code, reason: Reason) {
    let Err(status) = result else {
        panic!("it was not refused")
    };
    let details = status.get_error_details();
    let told = details
        .error_info()
        .map(|info| info.reason.clone())
        .unwrap_or_default();
    assert_eq!(
        (status.code(), told.as_str()),
        (code, reason.word()),
        "{status}"
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn an_odoo_that_is_not_there_keeps_its_connection_from_being_saved(pool: PgPool) {
    let service = service(&pool);
    let free = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let request = by(
        &Caller::Admin,
        save("shop", &format!("http://{free}"), false),
    );
    assert_refused(
        service.save(request).await,
        Code::Unavailable,
        Reason::OdooUnreachable,
    );
    assert_refused(
        service.get(by(&Caller::Admin, get("shop"))).await,
        Code::NotFound,
        Reason::ConnectionNotFound,
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn a_connections_token_gets_its_own_and_administers_nothing(pool: PgPool) {
    let service = service(&pool);
    let shop = saved(&service, "shop").await;
    saved(&service, "other").await;
    let own = service
        .get(by(&shop, get("")))
        .await
        .unwrap()
        .into_inner()
        .connection
        .unwrap();
    assert_eq!(
        (own.name.as_str(), own.max_running, own.tested_at),
        ("shop", 2, None)
    );
    let (code, reason) = (Code::PermissionDenied, Reason::NotAllowed);
    assert_refused(service.get(by(&shop, get("other"))).await, code, reason);
    assert_refused(
        service.delete(by(&shop, delete("shop"))).await,
        code,
        reason,
    );
    assert_refused(
        service
            .list(by(&shop, ConnectionsListRequest::default()))
            .await,
        code,
        reason,
    );
    let request = by(&shop, save("shop", "https://elsewhere.example.com", true));
    assert_refused(service.save(request).await, code, reason);
    let request = by(&shop, ConnectionsCreatePairingCodeRequest {});
    assert_refused(service.create_pairing_code(request).await, code, reason);
    let request = ConnectionsRotateTokenRequest {
        name: "shop".to_owned(),
    };
    assert_refused(service.rotate_token(by(&shop, request)).await, code, reason);
    let request = ConnectionsRotateKeyRequest {
        name: "shop".to_owned(),
        api_key: "k".to_owned(),
    };
    assert_refused(service.rotate_key(by(&shop, request)).await, code, reason);
}

#[sqlx::test(migrations = "./migrations")]
async fn a_pairing_code_does_nothing_but_save(pool: PgPool) {
    let service = service(&pool);
    let request = by(&Caller::Admin, ConnectionsCreatePairingCodeRequest {});
    let code = service
        .create_pairing_code(request)
        .await
        .unwrap()
        .into_inner()
        .code;
    let pairing = service
        .connections
        .authenticate(&code)
        .await
        .unwrap()
        .unwrap();
    assert_refused(
        service.get(by(&pairing, get("shop"))).await,
        Code::PermissionDenied,
        Reason::NotAllowed,
    );
    let request = save("shop", "https://odoo.example.com", true);
    assert!(
        !service
            .save(by(&pairing, request.clone()))
            .await
            .unwrap()
            .into_inner()
            .token
            .is_empty()
    );
    assert_refused(
        service.save(by(&pairing, request)).await,
        Code::Unauthenticated,
        Reason::TokenInvalid,
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn a_connection_with_a_waiting_job_is_not_deleted(pool: PgPool) {
    let service = service(&pool);
    saved(&service, "shop").await;
    let connection = service
        .connections
        .visible(&Caller::Admin, "shop")
        .await
        .unwrap()
        .id;
    let job = NewJob {
        connection,
        kind: "test",
        title: "a test".to_owned(),
        spec: serde_json::json!({}),
        lane: None,
        priority: 0,
        run_at: None,
        request_id: None,
    };
    let job = service.queue.enqueue(job).await.unwrap().job.id;
    let refused = service.delete(by(&Caller::Admin, delete("shop"))).await;
    assert_refused(refused, Code::FailedPrecondition, Reason::ConnectionBusy);
    service.queue.cancel(job).await.unwrap();
    service
        .delete(by(&Caller::Admin, delete("shop")))
        .await
        .unwrap();
}

#[sqlx::test(migrations = "./migrations")]
async fn connections_are_listed_in_pages(pool: PgPool) {
    let service = service(&pool);
    for name in ["a", "b", "c"] {
        saved(&service, name).await;
    }
    let mut names = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ConnectionsListRequest {
            page_size: 2,
            page_token,
        };
        let page = service
            .list(by(&Caller::Admin, request))
            .await
            .unwrap()
            .into_inner();
        names.extend(
            page.connections
                .into_iter()
                .map(|connection| connection.name),
        );
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(names, ["a", "b", "c"]);
    let request = ConnectionsListRequest {
        page_size: 2,
        page_token: "made up".to_owned(),
    };
    let refused = service.list(by(&Caller::Admin, request)).await;
    assert_refused(refused, Code::InvalidArgument, Reason::PageTokenInvalid);
}
