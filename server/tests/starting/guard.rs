//! No method without a token, but for health and reflection.

use prost::Message as _;
use sluice_proto::v1::{
    DiagnosticsCheckRequest, FILE_DESCRIPTOR_SET, diagnostics_client::DiagnosticsClient,
};
use tonic::{
    Code, Request, Status, client::Grpc, codegen::http::uri::PathAndQuery, metadata::MetadataValue,
    transport::Channel,
};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_types::StatusExt as _;

use crate::server::Server;

/// Every method of the contract, as a path.
fn methods() -> Vec<String> {
    let set = prost_types::FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
    let methods: Vec<String> = set
        .file
        .iter()
        .filter(|file| file.package() == "sluice.v1")
        .flat_map(|file| &file.service)
        .flat_map(|service| {
            service
                .method
                .iter()
                .map(|method| format!("/sluice.v1.{}/{}", service.name(), method.name()))
        })
        .collect();
    assert!(methods.len() > 20, "{methods:?}");
    methods
}

/// Calls a method with an empty message, which on the wire is the same for unary and streaming ones.
async fn call(channel: Channel, method: &str, authorization: Option<&str>) -> Result<(), Status> {
    let mut request = Request::new(());
    if let Some(authorization) = authorization {
        request.metadata_mut().insert(
            "authorization",
            MetadataValue::try_from(authorization).unwrap(),
        );
    }
    let mut grpc = Grpc::new(channel);
    grpc.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<(), ()>::default();
    grpc.unary(request, PathAndQuery::try_from(method).unwrap(), codec)
        .await
        .map(|_| ())
}

#[tokio::test]
async fn every_method_of_the_contract_wants_a_known_token() {
    let mut server = Server::start().await;
    let channel = server.channel().await;
    let cases = [
        (None, "TOKEN_MISSING"),
        (Some("Bearer "), "TOKEN_MISSING"),
        (Some("Basic YTpi"), "TOKEN_MISSING"),
        (Some("Bearer slu_admin_guessed"), "TOKEN_INVALID"),
    ];
    for method in methods() {
        for (authorization, reason) in cases {
            let status = call(channel.clone(), &method, authorization)
                .await
                .unwrap_err();
            assert_eq!(status.code(), Code::Unauthenticated, "{method}: {status}");
            let info = status.get_details_error_info().unwrap();
            assert_eq!(
                (info.reason.as_str(), info.domain.as_str()),
                (reason, "sluice"),
                "{method}"
            );
        }
    }
    drop(channel);
    server.terminate().await;
}

#[tokio::test]
async fn health_is_open_and_an_administrator_gets_findings() {
    let mut server = Server::start().await;
    let channel = server.channel().await;
    let mut services: Vec<String> = methods()
        .iter()
        .map(|method| method[1..].split('/').next().unwrap().to_owned())
        .collect();
    services.dedup();
    for service in services {
        let answer = HealthClient::new(channel.clone())
            .check(HealthCheckRequest {
                service: service.clone(),
            })
            .await;
        let status = answer
            .unwrap_or_else(|error| panic!("{service}: {error}"))
            .into_inner()
            .status();
        assert_eq!(status.as_str_name(), "SERVING", "{service}");
    }

    let mut request = Request::new(DiagnosticsCheckRequest {});
    let bearer = format!("bearer {}", server.token());
    request
        .metadata_mut()
        .insert("authorization", bearer.parse().unwrap());
    let answer = DiagnosticsClient::new(channel.clone())
        .check(request)
        .await
        .unwrap()
        .into_inner();
    let names: Vec<&str> = answer
        .findings
        .iter()
        .map(|finding| finding.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "postgres",
            "durability",
            "sessions",
            "clock",
            "transactions",
            "queue",
            "liveness",
            "disk",
            "transport",
            "search",
        ]
    );
    assert!(
        answer.findings[0]
            .message
            .starts_with("the server's own postgres"),
        "{:?}",
        answer.findings[0]
    );
    drop(channel);
    server.terminate().await;
}
