//! Lets a call in only with a known token; health and reflection are open.

use std::task::{Context, Poll};

use futures::future::BoxFuture;
use http::{HeaderMap, Response, header::AUTHORIZATION};
use sluice_proto::v1::Reason;
use tonic::{Code, Request, Status, body::Body};
use tower::{Layer, Service};

use super::errors::{internal, refusal};
use crate::connections::{Caller, Connections};

/// Services that answer anybody: a load balancer has no token, and the contract is no secret.
const OPEN: [&str; 3] = [
    "/grpc.health.v1.Health/",
    "/grpc.reflection.v1.ServerReflection/",
    "/grpc.reflection.v1alpha.ServerReflection/",
];

/// Who calls; the guard has found out.
pub(crate) fn caller<T>(request: &Request<T>) -> Result<Caller, Status> {
    request
        .extensions()
        .get::<Caller>()
        .cloned()
        .ok_or_else(|| internal(&"a method was called past the guard"))
}

/// Lets only an administrator pass.
pub(crate) fn admin<T>(request: &Request<T>) -> Result<(), Status> {
    match caller(request)? {
        Caller::Admin => Ok(()),
        _ => Err(refusal(
            Code::PermissionDenied,
            Reason::NotAllowed,
            "this wants an administrator's token",
            &[],
        )),
    }
}

/// Puts the guard before a service.
#[derive(Clone, Debug)]
pub(crate) struct AuthLayer {
    connections: Connections,
}

impl AuthLayer {
    pub(crate) fn new(connections: Connections) -> Self {
        Self { connections }
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = Auth<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Auth {
            inner,
            connections: self.connections.clone(),
        }
    }
}

/// The guard.
#[derive(Clone, Debug)]
pub(crate) struct Auth<S> {
    inner: S,
    connections: Connections,
}

impl<S> Service<http::Request<Body>> for Auth<S>
where
    S: Service<http::Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        // The one that was polled ready takes this call; its clone takes the next.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let connections = self.connections.clone();
        Box::pin(async move {
            if !OPEN
                .iter()
                .any(|service| request.uri().path().starts_with(service))
            {
                let token = bearer(request.headers());
                match admit(token, &connections).await {
                    Ok(caller) => request.extensions_mut().insert(caller),
                    Err(status) => return Ok(status.into_http()),
                };
            }
            inner.call(request).await
        })
    }
}

/// The token of a call. The scheme is written in any case (RFC 9110).
fn bearer(headers: &HeaderMap) -> Option<String> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty())
        .then(|| token.trim().to_owned())
}

async fn admit(token: Option<String>, connections: &Connections) -> Result<Caller, Status> {
    let Some(token) = token else {
        return Err(refusal(
            Code::Unauthenticated,
            Reason::TokenMissing,
            "the call carries no token: send it as `authorization: Bearer <token>`",
            &[],
        ));
    };
    let caller = connections.authenticate(&token).await?;
    caller.ok_or_else(|| {
        refusal(
            Code::Unauthenticated,
            Reason::TokenInvalid,
            "the token is unknown, revoked or expired",
            &[],
        )
    })
}
