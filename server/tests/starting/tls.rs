//! TLS by two settings, and a wrong file is named.

use std::fs;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tonic::transport::{Certificate, ClientTlsConfig};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use crate::server::Server;

#[tokio::test]
async fn two_settings_turn_tls_on() {
    let folder = tempfile::tempdir().unwrap();
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (
        folder.path().join("chain.pem"),
        folder.path().join("key.pem"),
    );
    fs::write(&certificate, cert.pem()).unwrap();
    fs::write(&key, signing_key.serialize_pem()).unwrap();
    let (certificate, key) = (certificate.to_str().unwrap(), key.to_str().unwrap());

    let mut server =
        Server::start_with(&["--tls-certificate", certificate, "--tls-key", key]).await;
    assert!(
        server.output().contains("gRPC      https://"),
        "{}",
        server.output()
    );
    let tls = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(cert.pem()))
        .domain_name("localhost");
    let channel = server
        .endpoint()
        .tls_config(tls)
        .unwrap()
        .connect()
        .await
        .unwrap();
    HealthClient::new(channel)
        .check(HealthCheckRequest::default())
        .await
        .unwrap();
    server.terminate().await;
}

#[tokio::test]
async fn a_wrong_tls_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("wrong.pem");
    fs::write(&wrong, "not a certificate").unwrap();
    let wrong = wrong.to_str().unwrap();
    let refusal = Server::refused(
        folder.path(),
        &["--tls-certificate", wrong, "--tls-key", wrong],
    )
    .await;
    assert!(
        refusal.contains("do not work together") && refusal.contains(wrong),
        "{refusal}"
    );
    let refusal = Server::refused(
        folder.path(),
        &["--tls-certificate", wrong, "--tls-key", "/nowhere.pem"],
    )
    .await;
    assert!(refusal.contains("tls_key /nowhere.pem"), "{refusal}");
}
