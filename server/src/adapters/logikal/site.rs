//! One LOGIKAL: its sessions, of which only so many may be open, and what was learnt about it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use secrecy::SecretString;
use tokio::{
    sync::{Mutex, OwnedSemaphorePermit, Semaphore, oneshot},
    time::{Instant, sleep_until},
};
use tokio_util::task::TaskTracker;
use tracing::warn;
use url::Url;

use super::{LogikalError, calls::Calls, place::InDirectory, session::Session};
use crate::adapters::Http;

/// How sessions are opened.
#[derive(Clone, Copy, Debug)]
pub struct SessionLimits {
    /// How many may be open at once.
    pub most: usize,
    /// The least time between two logins.
    pub login_spacing: Duration,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            most: 4,
            login_spacing: Duration::from_millis(250),
        }
    }
}

/// The sessions of one user with one LOGIKAL. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Logikal {
    site: Arc<Site>,
}

/// What the sessions of one LOGIKAL share.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) calls: Calls,
    pub(super) sibling_phases: Siblings,
    pub(super) sibling_elevations: Siblings,
    permits: Arc<Semaphore>,
    login_spacing: Duration,
    next_login: Mutex<Instant>,
    /// Logins and logouts.
    calls_under_way: TaskTracker,
}

impl Logikal {
    /// A LOGIKAL at the address of its service, such as `https://cad.example/MbioeService.svc/api/v3`. Nothing is called yet.
    pub fn new(
        http: &Http,
        url: &Url,
        user: &str,
        password: SecretString,
        limits: SessionLimits,
    ) -> Self {
        Self {
            site: Arc::new(Site {
                calls: Calls::new(http, url, user, password),
                sibling_phases: Siblings::default(),
                sibling_elevations: Siblings::default(),
                permits: Arc::new(Semaphore::new(limits.most.max(1))),
                login_spacing: limits.login_spacing,
                next_login: Mutex::new(Instant::now()),
                calls_under_way: TaskTracker::new(),
            }),
        }
    }

    /// The same, with what was learnt of it earlier.
    #[must_use]
    pub fn remembering(self, phases: Option<bool>, elevations: Option<bool>) -> Self {
        self.site.sibling_phases.remember(phases);
        self.site.sibling_elevations.remember(elevations);
        self
    }

    /// Logs in, once there is room for another session. The session stands in the user's first directory.
    pub async fn log_in(&self) -> Result<Session<InDirectory>, LogikalError> {
        let site = &self.site;
        let permit = Arc::clone(&site.permits)
            .acquire_owned()
            .await
            .map_err(|_closed| LogikalError::Away("the server stops".to_owned()))?;
        let mut next = site.next_login.lock().await;
        sleep_until(*next).await;
        *next = Instant::now() + site.login_spacing;
        drop(next);
        // Whoever drops this future while the login is on its way must not leave a session behind: the login goes on, and a
        // session that nobody takes is dropped, and so logged out, before `close` may return.
        let (sender, opened) = oneshot::channel();
        let opening = Arc::clone(site);
        site.calls_under_way.spawn(async move {
            let login = opening.calls.login().await;
            let _untaken = sender.send(login.map(|token| Session::new(opening, token, permit)));
        });
        opened
            .await
            .unwrap_or_else(|_gone| Err(LogikalError::Away("the login broke off".to_owned())))
    }

    /// Whether a session may go from one phase to the next, as far as known.
    pub fn allows_sibling_phases(&self) -> bool {
        self.site.sibling_phases.may_be_tried()
    }

    /// Whether a session may go from one elevation to the next, as far as known.
    pub fn allows_sibling_elevations(&self) -> bool {
        self.site.sibling_elevations.may_be_tried()
    }

    /// What was learnt of neighbouring phases and of neighbouring elevations; `None` where nothing was.
    pub fn learnt(&self) -> (Option<bool>, Option<bool>) {
        (
            self.site.sibling_phases.known(),
            self.site.sibling_elevations.known(),
        )
    }

    /// Lets no further session in and waits until those that were dropped are logged out.
    pub async fn close(&self) {
        self.site.permits.close();
        self.site.calls_under_way.close();
        self.site.calls_under_way.wait().await;
    }
}

impl Site {
    pub(super) fn log_out(
        self: &Arc<Self>,
        token: SecretString,
        permit: Option<OwnedSemaphorePermit>,
    ) {
        let site = Arc::clone(self);
        self.calls_under_way.spawn(async move {
            match site.calls.logout(&token).await {
                // Without its session there is nothing to end.
                Ok(()) | Err(LogikalError::SessionLost) => {}
                Err(error) => warn!(%error, "a session of LOGIKAL could not be ended"),
            }
            drop(permit);
        });
    }
}

/// Whether this LOGIKAL lets a session go to a neighbour; by its documentation not, but some do.
#[derive(Debug, Default)]
pub(super) struct Siblings(AtomicU8);

const REFUSED: u8 = 1;
const ALLOWED: u8 = 2;

impl Siblings {
    pub(super) fn allowed(&self) {
        self.0.store(ALLOWED, Ordering::Relaxed);
    }

    /// One refusal where it went well before is something else's fault.
    pub(super) fn refused(&self) {
        let _known = self
            .0
            .compare_exchange(0, REFUSED, Ordering::Relaxed, Ordering::Relaxed);
    }

    fn remember(&self, allowed: Option<bool>) {
        match allowed {
            Some(true) => self.allowed(),
            Some(false) => self.refused(),
            None => {}
        }
    }

    fn known(&self) -> Option<bool> {
        match self.0.load(Ordering::Relaxed) {
            REFUSED => Some(false),
            ALLOWED => Some(true),
            _ => None,
        }
    }

    fn may_be_tried(&self) -> bool {
        self.0.load(Ordering::Relaxed) != REFUSED
    }
}
