//! The one place where HTTP clients are made: every call has time limits and size limits.

use std::{sync::Arc, time::Duration};

use super::source::{Guard, SourceResolver};

/// How long and how much an outgoing call may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The longest time to open a connection.
    pub connect: Duration,
    /// The longest time for a whole call of Odoo, which ends calls itself after 120 seconds by default.
    pub odoo_call: Duration,
    /// The most bytes of an answer of Odoo.
    pub odoo_answer: usize,
    /// The longest silence while a list is fetched.
    pub source_silence: Duration,
    /// The longest time to fetch a list.
    pub source_fetch: Duration,
    /// The most bytes of a list.
    pub source_bytes: u64,
    /// Hosts in private networks from which lists may come; `*` means all.
    pub private_sources: Arc<[String]>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            odoo_call: Duration::from_mins(1),
            odoo_answer: 32 << 20,
            source_silence: Duration::from_secs(30),
            source_fetch: Duration::from_mins(30),
            source_bytes: 1 << 30,
            private_sources: Arc::new([]),
        }
    }
}

/// Outgoing HTTP: calls of Odoo, of LOGIKAL and of embedders, and fetching of lists. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Http {
    odoo: reqwest::Client,
    logikal: reqwest::Client,
    embedder: reqwest::Client,
    source: reqwest::Client,
    limits: Arc<Limits>,
}

impl Http {
    /// Makes the clients. Fails if the machine's certificates cannot be loaded.
    pub fn open(limits: Limits) -> Result<Self, HttpError> {
        // The first provider stays; it fails only when another part of the program was earlier.
        let _earlier = rustls::crypto::ring::default_provider().install_default();
        // Answers of a redirect would be answers to another request; a proxy would see our keys and hide private addresses.
        let client = || {
            reqwest::Client::builder()
                .user_agent(concat!("sluice/", env!("CARGO_PKG_VERSION")))
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .connect_timeout(limits.connect)
        };
        let odoo = client()
            .timeout(limits.odoo_call)
            // Odoo closes idle connections early; a call must not meet one that is about to close.
            .pool_idle_timeout(Duration::from_secs(4))
            .build()?;
        // Its calls differ so much that each has its own time limit.
        let logikal = client().build()?;
        let embedder = client().build()?;
        let source = client()
            .timeout(limits.source_fetch)
            .read_timeout(limits.source_silence)
            .pool_max_idle_per_host(0)
            .dns_resolver(Arc::new(SourceResolver::new(Guard::new(
                &limits.private_sources,
            ))))
            .build()?;
        Ok(Self {
            odoo,
            logikal,
            embedder,
            source,
            limits: Arc::new(limits),
        })
    }

    /// The client for Odoo: no redirects.
    pub(super) fn odoo(&self) -> &reqwest::Client {
        &self.odoo
    }

    /// The client for LOGIKAL: no redirects, and no time limit but that of each call.
    pub(super) fn logikal(&self) -> &reqwest::Client {
        &self.logikal
    }

    /// The client for embedders: no redirects, and no time limit but that of each call.
    pub(super) fn embedder(&self) -> &reqwest::Client {
        &self.embedder
    }

    /// The client for lists: it connects only to addresses that the guard lets through.
    pub(super) fn source(&self) -> &reqwest::Client {
        &self.source
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }
}

/// The HTTP clients cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be made: {0}")]
pub struct HttpError(#[from] reqwest::Error);
