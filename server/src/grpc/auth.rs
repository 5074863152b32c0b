//! Lets a call in only with a known token; health and reflection are open.

use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use futures::future::BoxFuture;
use http::{HeaderMap, Request, Response, header::AUTHORIZATION};
use sluice_proto::v1::Reason;
use tonic::{Code, Status, body::Body};
use tower::{Layer, Service};

use super::errors::refusal;
use crate::connections::Caller;

/// Services that answer anybody: a load balancer has no token, and the contract is no secret.
const OPEN: [&str; 3] = [
    "/grpc.health.v1.Health/",
    "/grpc.reflection.v1.ServerReflection/",
    "/grpc.reflection.v1alpha.ServerReflection/",
];

/// Finds out whom a token belongs to; `None` if nobody.
pub(crate) type Authenticate<C> =
    Arc<dyn Fn(String) -> BoxFuture<'static, Result<Option<C>, Status>> + Send + Sync>;

/// Puts the guard before a service.
#[derive(Clone)]
pub(crate) struct AuthLayer<C> {
    authenticate: Authenticate<C>,
}

impl<C> AuthLayer<C> {
    pub(crate) fn new(authenticate: Authenticate<C>) -> Self {
        Self { authenticate }
    }
}

impl<C> fmt::Debug for AuthLayer<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthLayer")
    }
}

impl<S, C: Clone> Layer<S> for AuthLayer<C> {
    type Service = Auth<S, C>;

    fn layer(&self, inner: S) -> Self::Service {
        Auth {
            inner,
            authenticate: self.authenticate.clone(),
        }
    }
}

/// The guard.
#[derive(Clone)]
pub(crate) struct Auth<S, C> {
    inner: S,
    authenticate: Authenticate<C>,
}

impl<S, C> Service<Request<Body>> for Auth<S, C>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
    C: Clone + Send + Sync + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        // The one that was polled ready takes this call; its clone takes the next.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let authenticate = self.authenticate.clone();
        Box::pin(async move {
            if !OPEN
                .iter()
                .any(|service| request.uri().path().starts_with(service))
            {
                let token = bearer(request.headers());
                match admit(token, &authenticate).await {
                    Ok(caller) => request.extensions_mut().insert(caller),
                    Err(status) => return Ok(status.into_http()),
                };
            }
            inner.call(request).await
        })
    }
}

/// Who makes this call. The guard has put it there for every service that is not open.
pub(crate) fn caller<T>(request: &tonic::Request<T>) -> Result<Caller, Status> {
    let caller = request.extensions().get::<Caller>().cloned();
    caller.ok_or_else(|| {
        refusal(
            Code::Unauthenticated,
            Reason::TokenMissing,
            "the call carries no token",
            &[],
        )
    })
}

/// The token of a call. The scheme is written in any case (RFC 9110).
fn bearer(headers: &HeaderMap) -> Option<String> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty())
        .then(|| token.trim().to_owned())
}

async fn admit<C>(token: Option<String>, authenticate: &Authenticate<C>) -> Result<C, Status> {
    let Some(token) = token else {
        return Err(refusal(
            Code::Unauthenticated,
            Reason::TokenMissing,
            "the call carries no token: send it as `authorization: Bearer <token>`",
            &[],
        ));
    };
    authenticate(token).await?.ok_or_else(|| {
        refusal(
            Code::Unauthenticated,
            Reason::TokenInvalid,
            "the token is unknown, revoked or expired",
            &[],
        )
    })
}
