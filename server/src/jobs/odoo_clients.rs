//! The way from a connection to its Odoo.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    adapters::{
        Http,
        odoo::{Account, Description, Odoo, OdooError, Pace, is_older, version_at},
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
    /// How far the limited connections are, each with the limit that it was made for.
    paces: Arc<Mutex<HashMap<ConnectionId, Limited>>>,
}

/// A limit in calls a second, and how far it is.
type Limited = (u32, Arc<Pace>);

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
        Self {
            connections,
            http,
            paces: Arc::default(),
        }
    }

    /// The Odoo of a connection.
    pub async fn of(&self, id: ConnectionId) -> Result<Arc<Odoo>, ConnectionsError> {
        let endpoint = self.connections.endpoint(id).await?;
        let pace = endpoint
            .calls_per_second
            .and_then(|calls| u32::try_from(calls).ok());
        let odoo = self.open(&endpoint);
        Ok(Arc::new(match pace {
            Some(calls) => odoo.paced(self.pace(id, calls)),
            None => odoo,
        }))
    }

    /// An Odoo by the protocol that it spoke when it was last asked.
    fn open(&self, endpoint: &Endpoint) -> Odoo {
        if let Some(version) = endpoint
            .odoo_version
            .as_deref()
            .filter(|told| is_older(told))
        {
            return self.open_older(endpoint, version);
        }
        let open = if endpoint.known {
            Odoo::known
        } else {
            Odoo::new
        };
        let api_key = endpoint.api_key.clone();
        open(&self.http, &endpoint.url, &endpoint.database, api_key)
    }

    fn open_older(&self, endpoint: &Endpoint, version: &str) -> Odoo {
        let account = Account {
            database: &endpoint.database,
            login: &endpoint.login,
            api_key: endpoint.api_key.clone(),
            known: endpoint.known,
        };
        Odoo::older(&self.http, &endpoint.url, account, version)
    }

    /// All calls of one connection keep to one pace, whichever job makes them.
    fn pace(&self, id: ConnectionId, calls: u32) -> Arc<Pace> {
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        let made = || (calls, Arc::new(Pace::new(calls)));
        let kept = paces.entry(id).or_insert_with(made);
        if kept.0 != calls {
            *kept = made();
        }
        Arc::clone(&kept.1)
    }

    /// Calls an Odoo for the first time: is it there, is it ours, does it let us in?
    pub async fn greet(&self, endpoint: Endpoint) -> Result<Greeting, OdooError> {
        let first = Odoo::new(
            &self.http,
            &endpoint.url,
            &endpoint.database,
            endpoint.api_key.clone(),
        );
        let started = Instant::now();
        let greeted = match first.describe().await {
            // No older one understands the call, and each says so in another way.
            Err(error) if !error.is_away() => match self.older_version(&endpoint).await {
                Some(version) => self.greet_older(&endpoint, &version).await,
                None => Err(error),
            },
            greeted => greeted,
        };
        Ok(Greeting {
            description: greeted?,
            round_trip: started.elapsed(),
        })
    }

    async fn older_version(&self, endpoint: &Endpoint) -> Option<String> {
        let told = version_at(&self.http, &endpoint.url).await.ok();
        told.filter(|version| is_older(version))
    }

    async fn greet_older(
        &self,
        endpoint: &Endpoint,
        version: &str,
    ) -> Result<Description, OdooError> {
        if endpoint.login.is_empty() {
            return Err(OdooError::LoginMissing(version.to_owned()));
        }
        let description = self.open_older(endpoint, version).describe().await?;
        Ok(Description {
            user: endpoint.login.clone(),
            ..description
        })
    }
}
