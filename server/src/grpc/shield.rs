//! Around every call: counted, timed, safe from panics, and ended in words when the server stops.

use std::{
    any::Any,
    convert::Infallible,
    panic::AssertUnwindSafe,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures::{FutureExt as _, future::BoxFuture};
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::{Code, Status, body::Body};
use tower::{Layer, Service};

use super::errors::{internal, shutting_down};
use crate::telemetry::metrics::{GRPC_CALLS, GRPC_SECONDS};

/// How long calls under way may still take once the server stops.
const LAST_ANSWERS: Duration = Duration::from_millis(1_500);

/// Puts the shield around a service.
#[derive(Clone, Debug)]
pub(crate) struct ShieldLayer {
    stopping: CancellationToken,
}

impl ShieldLayer {
    pub(crate) fn new(stopping: CancellationToken) -> Self {
        Self { stopping }
    }
}

impl<S> Layer<S> for ShieldLayer {
    type Service = Shield<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Shield {
            inner,
            stopping: self.stopping.clone(),
        }
    }
}

/// The shield.
#[derive(Clone, Debug)]
pub(crate) struct Shield<S> {
    inner: S,
    stopping: CancellationToken,
}

impl<S> Service<Request<Body>> for Shield<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let method = request.uri().path().to_owned();
        let started = Instant::now();
        let answer = AssertUnwindSafe(self.inner.call(request)).catch_unwind();
        let stopping = self.stopping.clone();
        Box::pin(async move {
            let response = tokio::select! {
                answer = answer => match answer {
                    Ok(Ok(response)) => response.map(|body| Body::new(Ending::new(body, stopping))),
                    Err(panic) => internal(&format!("panic in {method}: {}", words_of(&*panic))).into_http(),
                },
                () = too_late(&stopping) => shutting_down().into_http(),
            };
            count(method, &response, started);
            Ok(response)
        })
    }
}

async fn too_late(stopping: &CancellationToken) {
    stopping.cancelled().await;
    tokio::time::sleep(LAST_ANSWERS).await;
}

/// Methods that do not exist share one label, so that strangers cannot make the metrics grow.
fn count(method: String, response: &Response<Body>, started: Instant) {
    let code = Status::from_header_map(response.headers()).map_or(Code::Ok, |status| status.code());
    let method = if code == Code::Unimplemented {
        "unknown".to_owned()
    } else {
        method
    };
    metrics::counter!(GRPC_CALLS, "method" => method.clone(), "code" => format!("{code:?}"))
        .increment(1);
    metrics::histogram!(GRPC_SECONDS, "method" => method).record(started.elapsed());
}

fn words_of(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// A reply that ends with `UNAVAILABLE` where it would otherwise keep a stopping server waiting.
struct Ending {
    body: Body,
    stopping: Pin<Box<WaitForCancellationFutureOwned>>,
    is_over: bool,
}

impl Ending {
    fn new(body: Body, stopping: CancellationToken) -> Self {
        Self {
            body,
            stopping: Box::pin(stopping.cancelled_owned()),
            is_over: false,
        }
    }
}

impl http_body::Body for Ending {
    type Data = <Body as http_body::Body>::Data;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        // What is ready goes out first, so that a short reply is never cut off.
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            return Poll::Ready(frame);
        }
        if self.stopping.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.is_over = true;
        let mut trailers = HeaderMap::new();
        Poll::Ready(Some(
            shutting_down()
                .add_header(&mut trailers)
                .map(|()| Frame::trailers(trailers)),
        ))
    }

    fn is_end_stream(&self) -> bool {
        self.is_over || self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;
    use http_body::Body as _;
    use tonic_types::StatusExt as _;
    use tower::{ServiceExt as _, service_fn};

    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_incident_and_not_a_lost_connection() {
        let service = service_fn(|_: Request<Body>| async { panic!("a bug") });
        let request = Request::builder()
            .uri("/sluice.v1.Jobs/Get")
            .body(Body::empty())
            .unwrap();
        let response = ShieldLayer::new(CancellationToken::new())
            .layer(service)
            .oneshot(request)
            .await
            .unwrap();
        let status = Status::from_header_map(response.headers()).unwrap();
        assert_eq!(status.code(), Code::Internal);
        assert!(!status.message().contains("a bug"));
        let info = status.get_details_error_info().unwrap();
        assert_eq!(info.reason, "INTERNAL");
        assert!(status.message().contains(&info.metadata["incident"]));
    }

    #[tokio::test]
    async fn an_endless_reply_ends_in_words_when_the_server_stops() {
        let stopping = CancellationToken::new();
        let mut reply = Ending::new(Body::new(Silent), stopping.clone());
        stopping.cancel();
        let mut frames =
            futures::stream::poll_fn(|context| Pin::new(&mut reply).poll_frame(context));
        let trailers = frames
            .next()
            .await
            .unwrap()
            .unwrap()
            .into_trailers()
            .unwrap();
        let status = Status::from_header_map(&trailers).unwrap();
        assert_eq!(status.code(), Code::Unavailable);
        assert_eq!(
            status.get_details_error_info().unwrap().reason,
            "SHUTTING_DOWN"
        );
        assert!(frames.next().await.is_none());
    }

    /// A reply of which nothing ever comes.
    struct Silent;

    impl http_body::Body for Silent {
        type Data = <Body as http_body::Body>::Data;
        type Error = Status;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
            Poll::Pending
        }
    }
}
