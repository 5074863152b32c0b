//! Fetches lists from URLs that strangers may have written: bounded, and never from inside our own network.

use std::{error::Error, fmt, net::IpAddr, sync::Arc};

use futures::{Stream, StreamExt, stream};
use reqwest::{
    Response,
    dns::{Addrs, Name, Resolve, Resolving},
    header::LOCATION,
};
use url::{Host, Url};

use super::{Http, address::is_public};

/// A list may move this often on its way.
const REDIRECT_LIMIT: usize = 5;

/// Why a list cannot be fetched. No message holds a password or a query of the URL.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The URL may not be fetched, whoever asks: its scheme, its credentials, its address.
    #[error("{0}")]
    Refused(String),
    /// The list is larger than the server accepts.
    #[error("the list is larger than {limit} bytes")]
    TooLarge {
        /// The most bytes of a list.
        limit: u64,
    },
    /// The other side has no such list, or does not give it away. Asking again is no use.
    #[error("the list's server answers {status}")]
    Missing {
        /// The HTTP status.
        status: u16,
    },
    /// The other side does not answer, or broke off. Ask again later.
    #[error("the list's server does not answer: {0}")]
    Away(String),
}

/// A list on its way: its pieces, in order.
pub struct Source {
    response: Response,
    limit: u64,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

impl Source {
    /// How many bytes the other side announced; it may say nothing, or be wrong.
    pub fn announced_bytes(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// The list's bytes. Ends with [`SourceError::TooLarge`] where they exceed the limit, whatever was announced.
    pub fn pieces(self) -> impl Stream<Item = Result<Vec<u8>, SourceError>> + Send {
        let limit = self.limit;
        let arriving = (Box::pin(self.response.bytes_stream()), 0_u64);
        stream::try_unfold(arriving, move |(mut bytes, seen)| async move {
            let Some(piece) = bytes.next().await else {
                return Ok(None);
            };
            let piece = piece.map_err(|why| unreachable_source(&why))?;
            let seen = seen + piece.len() as u64;
            if seen > limit {
                return Err(SourceError::TooLarge { limit });
            }
            Ok(Some((piece.to_vec(), (bytes, seen))))
        })
    }
}

impl Http {
    /// Says whether a URL may be fetched, as far as that shows without asking for its address.
    pub fn check_source(&self, url: &str) -> Result<Url, SourceError> {
        let url = Url::parse(url)
            .map_err(|why| SourceError::Refused(format!("this is no URL: {why}")))?;
        self.source_guard().check(&url)?;
        Ok(url)
    }

    /// Opens a list. Follows at most five redirects and checks each as it checks the first URL.
    pub async fn fetch_source(&self, url: &str) -> Result<Source, SourceError> {
        let mut url = self.check_source(url)?;
        let limit = self.limits().source_bytes;
        for _hop in 0..=REDIRECT_LIMIT {
            let response = self
                .source()
                .get(url.clone())
                .send()
                .await
                .map_err(|why| unreachable_source(&why))?;
            let status = response.status();
            if status.is_redirection() {
                url = self.next_hop(&url, &response)?;
            } else if status.is_server_error() || matches!(status.as_u16(), 408 | 429) {
                return Err(SourceError::Away(format!("status {status}")));
            } else if !status.is_success() {
                return Err(SourceError::Missing {
                    status: status.as_u16(),
                });
            } else if response.content_length().is_some_and(|bytes| bytes > limit) {
                return Err(SourceError::TooLarge { limit });
            } else {
                return Ok(Source { response, limit });
            }
        }
        Err(SourceError::Refused(format!(
            "the URL redirects more than {REDIRECT_LIMIT} times"
        )))
    }

    fn next_hop(&self, url: &Url, response: &Response) -> Result<Url, SourceError> {
        let next = response
            .headers()
            .get(LOCATION)
            .and_then(|location| location.to_str().ok())
            .and_then(|location| url.join(location).ok())
            .ok_or_else(|| SourceError::Refused("the URL redirects to nowhere".to_owned()))?;
        self.source_guard()
            .check(&next)
            .map_err(|why| SourceError::Refused(format!("the URL redirects: {why}")))?;
        Ok(next)
    }

    fn source_guard(&self) -> Guard {
        Guard::new(&self.limits().private_sources)
    }
}

/// Decides which URLs and addresses may be fetched.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    private_hosts: Arc<[String]>,
}

impl Guard {
    /// Hosts that may lie in a private network; `*` means all.
    pub(super) fn new(private_hosts: &Arc<[String]>) -> Self {
        Self {
            private_hosts: Arc::clone(private_hosts),
        }
    }

    fn check(&self, url: &Url) -> Result<(), SourceError> {
        if !matches!(url.scheme(), "http" | "https") {
            let why = format!("lists come over http or https, not {:?}", url.scheme());
            return Err(SourceError::Refused(why));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(SourceError::Refused(
                "the URL holds a user or a password: leave them out".to_owned(),
            ));
        }
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::from(address),
            Some(Host::Ipv6(address)) => IpAddr::from(address),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(SourceError::Refused("the URL names no host".to_owned())),
        };
        if self.admits(&literal.to_string(), literal) {
            Ok(())
        } else {
            Err(SourceError::Refused(PrivateAddress.to_string()))
        }
    }

    fn admits(&self, host: &str, address: IpAddr) -> bool {
        let is_allowed = |allowed: &String| allowed == "*" || allowed.eq_ignore_ascii_case(host);
        is_public(address) || self.private_hosts.iter().any(is_allowed)
    }
}

/// The host lies inside a private network.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error(
    "the host is in a private network, and this server fetches no lists from there; its setting `private_sources` can allow the host"
)]
struct PrivateAddress;

/// Resolves names for the fetching client. What is checked here is what is connected to, so a name that changes its address gains nothing.
#[derive(Debug)]
pub(super) struct SourceResolver {
    guard: Guard,
}

impl SourceResolver {
    pub(super) fn new(guard: Guard) -> Self {
        Self { guard }
    }
}

impl Resolve for SourceResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.guard.clone();
        Box::pin(async move {
            let resolved: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            // One private address among public ones is as suspicious as a private one alone.
            if !resolved
                .iter()
                .all(|address| guard.admits(name.as_str(), address.ip()))
            {
                return Err(PrivateAddress.into());
            }
            Ok(Box::new(resolved.into_iter()) as Addrs)
        })
    }
}

fn unreachable_source(why: &reqwest::Error) -> SourceError {
    let mut cause: &dyn Error = why;
    loop {
        if let Some(private) = cause.downcast_ref::<PrivateAddress>() {
            return SourceError::Refused(private.to_string());
        }
        match cause.source() {
            Some(inner) => cause = inner,
            None => break,
        }
    }
    if why.is_timeout() {
        return SourceError::Away("no answer in time".to_owned());
    }
    SourceError::Away(cause.to_string())
}
