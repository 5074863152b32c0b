//! The way from a connection to its Odoo.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    adapters::{
        Http,
        odoo::{Description, Odoo, OdooError},
    },
    connections::{Connections, ConnectionsError, Endpoint},
    ids::ConnectionId,
};

/// Makes clients of the connections' Odoos. Clones share one HTTP client.
///
/// A client costs one row by its key, so none is kept: a changed address or key counts from the next call on, on every server.
#[derive(Clone, Debug)]
pub struct OdooClients {
    connections: Connections,
    http: Http,
}

/// What Odoo answered to a first call.
#[derive(Debug)]
pub struct Greeting {
    pub description: Description,
    /// How long the call took.
    pub round_trip: Duration,
}

impl OdooClients {
    /// Clients of all `connections`.
    pub fn new(connections: Connections, http: Http) -> Self {
        Self { connections, http }
    }

    /// The Odoo of a connection.
    pub async fn of(&self, id: ConnectionId) -> Result<Arc<Odoo>, ConnectionsError> {
        let endpoint = self.connections.endpoint(id).await?;
        let open = if endpoint.known {
            Odoo::known
        } else {
            Odoo::new
        };
        Ok(Arc::new(open(
            &self.http,
            &endpoint.url,
            &endpoint.database,
            endpoint.api_key,
        )))
    }

    /// Calls an Odoo for the first time: is it there, is it ours, does it let us in?
    pub async fn greet(&self, endpoint: Endpoint) -> Result<Greeting, OdooError> {
        let odoo = Odoo::new(
            &self.http,
            &endpoint.url,
            &endpoint.database,
            endpoint.api_key,
        );
        let started = Instant::now();
        let description = odoo.describe().await?;
        Ok(Greeting {
            description,
            round_trip: started.elapsed(),
        })
    }
}
