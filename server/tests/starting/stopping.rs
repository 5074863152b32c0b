//! A stop ends what waits, in words, and quickly.

use tonic::Code;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_types::StatusExt as _;

use crate::server::Server;

#[tokio::test]
async fn an_open_stream_hears_of_the_stop_and_ends() {
    let mut server = Server::start().await;
    let request = HealthCheckRequest {
        service: "sluice.v1.Jobs".to_owned(),
    };
    let mut stream = HealthClient::new(server.channel().await)
        .watch(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        stream
            .message()
            .await
            .unwrap()
            .unwrap()
            .status()
            .as_str_name(),
        "SERVING"
    );
    server.signal_to_stop();
    assert_eq!(
        stream
            .message()
            .await
            .unwrap()
            .unwrap()
            .status()
            .as_str_name(),
        "NOT_SERVING"
    );
    let status = stream.message().await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(
        status.get_details_error_info().unwrap().reason,
        "SHUTTING_DOWN"
    );
    assert!(server.ended().await.success());
}
