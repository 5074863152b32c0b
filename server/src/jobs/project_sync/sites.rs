//! One pool of sessions per LOGIKAL and user, whichever connections and jobs use it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use secrecy::ExposeSecret;
use tokio::time::timeout;
use tracing::warn;
use url::Url;

use super::ProjectError;
use crate::{
    adapters::{
        Http,
        logikal::{Logikal, LogikalError, SessionLimits},
    },
    connections::{Connections, LogikalSite},
    ids::ConnectionId,
};

/// How long a stop waits for the last logouts.
const LAST_LOGOUTS: Duration = Duration::from_secs(3);

/// The way to each connection's LOGIKAL. Clones share the sessions.
#[derive(Clone, Debug)]
pub struct LogikalSites {
    connections: Connections,
    http: Http,
    pools: Arc<Mutex<HashMap<(Url, String), Pool>>>,
}

#[derive(Debug)]
struct Pool {
    settings: LogikalSite,
    logikal: Logikal,
}

/// A connection's LOGIKAL, ready to be logged into.
pub(super) struct Site {
    pub(super) settings: LogikalSite,
    pub(super) logikal: Logikal,
}

impl LogikalSites {
    /// The LOGIKALs of all `connections`.
    pub fn new(connections: Connections, http: Http) -> Self {
        Self {
            connections,
            http,
            pools: Arc::default(),
        }
    }

    /// The LOGIKAL of a connection.
    pub(super) async fn of(&self, connection: ConnectionId) -> Result<Site, ProjectError> {
        let settings = self.connections.logikal(connection).await?;
        let settings = settings.ok_or(ProjectError::NotSet)?;
        let logikal = self.pool(&settings);
        Ok(Site { settings, logikal })
    }

    fn pool(&self, settings: &LogikalSite) -> Logikal {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (settings.url.clone(), settings.user.clone());
        let is_same = |pool: &Pool| {
            pool.settings.sessions == settings.sessions
                && pool.settings.password.expose_secret() == settings.password.expose_secret()
        };
        if let Some(pool) = pools.get(&key).filter(|pool| is_same(pool)) {
            return pool.logikal.clone();
        }
        let most = usize::try_from(settings.sessions).unwrap_or(1);
        let logikal = self
            .open(settings, most)
            .remembering(settings.sibling_phases, settings.sibling_elevations);
        let pool = Pool {
            settings: settings.clone(),
            logikal: logikal.clone(),
        };
        pools.insert(key, pool);
        logikal
    }

    fn open(&self, settings: &LogikalSite, most: usize) -> Logikal {
        let limits = SessionLimits {
            most,
            ..SessionLimits::default()
        };
        let password = settings.password.clone();
        Logikal::new(&self.http, &settings.url, &settings.user, password, limits)
    }

    /// Logs in once and out again: is it there, and does it let us in?
    pub async fn try_out(&self, settings: &LogikalSite) -> Result<(), LogikalError> {
        let logikal = self.open(settings, 1);
        let session = logikal.log_in().await;
        let outcome = session.map(drop);
        logikal.close().await;
        outcome
    }

    /// Keeps what was learnt of a LOGIKAL for servers to come.
    pub(super) async fn remember(
        &self,
        connection: ConnectionId,
        site: &Site,
    ) -> Result<(), ProjectError> {
        let (phases, elevations) = site.logikal.learnt();
        let url = &site.settings.url;
        self.connections
            .remember_siblings(connection, url, phases, elevations)
            .await?;
        Ok(())
    }

    /// Waits until the sessions that were given up are logged out, for a moment at most; none is opened any more.
    pub async fn close(&self) {
        let all: Vec<Logikal> = {
            let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
            pools.drain().map(|(_, pool)| pool.logikal).collect()
        };
        let closing = futures::future::join_all(all.iter().map(Logikal::close));
        if timeout(LAST_LOGOUTS, closing).await.is_err() {
            warn!("some sessions of LOGIKAL could not be ended in time");
        }
    }
}
