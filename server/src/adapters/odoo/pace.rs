//! An Odoo that is asked at a pace.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::{FutureExt, future::BoxFuture};

use super::{Answer, Call, OdooError, Transport};
use crate::adapters::pace::Pace;

/// A protocol that keeps to a pace.
pub(super) struct Paced {
    pub(super) transport: Box<dyn Transport>,
    pub(super) pace: Arc<Pace>,
}

impl Transport for Paced {
    fn call<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Answer, OdooError>> {
        async {
            self.pace.turn().await;
            self.transport.call(call).await
        }
        .boxed()
    }

    fn version(&self) -> BoxFuture<'_, Result<String, OdooError>> {
        self.transport.version()
    }

    fn clock(&self) -> BoxFuture<'_, Result<DateTime<Utc>, OdooError>> {
        async {
            self.pace.turn().await;
            self.transport.clock().await
        }
        .boxed()
    }
}
