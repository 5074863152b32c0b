//! Reaching a server: address, TLS, token, time limits, and calls that are worth a second try.

use std::{net::IpAddr, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;
use tonic::{
    Code, Request, Response, Status,
    codegen::http::uri::Authority,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint},
};

use crate::{error::ClientError, retry::Backoff};

/// The port of a server that was not told another.
const DEFAULT_PORT: u16 = 7410;

/// Where a server is and how to talk to it.
#[derive(Debug, Clone)]
pub struct Options {
    server: String,
    token: Option<SecretString>,
    ca_certificate: Option<Vec<u8>>,
    plaintext_anywhere: bool,
    connect_timeout: Duration,
    call_timeout: Duration,
    patience: Duration,
}

impl Options {
    /// Options for the server at `https://host:port`, `http://host:port`, or `host:port`, which means http on this
    /// machine and https elsewhere. A host alone means port 7410.
    pub fn new(server: impl Into<String>) -> Self {
        Self {
            server: server.into(),
            token: None,
            ca_certificate: None,
            plaintext_anywhere: false,
            connect_timeout: Duration::from_secs(5),
            call_timeout: Duration::from_mins(1),
            patience: Duration::from_secs(20),
        }
    }

    /// The token to send with each call.
    #[must_use]
    pub fn token(mut self, token: impl Into<SecretString>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// A PEM certificate to trust beside those of the system.
    #[must_use]
    pub fn ca_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca_certificate = Some(pem.into());
        self
    }

    /// Allows http to other machines, where everybody on the way can read the token.
    #[must_use]
    pub fn plaintext_anywhere(mut self) -> Self {
        self.plaintext_anywhere = true;
        self
    }

    /// How long to wait for a connection; 5 seconds unless told.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long to wait for the answer of one call; 60 seconds unless told. Streams and uploads have no such limit.
    #[must_use]
    pub fn call_timeout(mut self, timeout: Duration) -> Self {
        self.call_timeout = timeout;
        self
    }

    /// How long a call that may be repeated is repeated while the server is away; 20 seconds unless told, 0 means once.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The address with its scheme.
    ///
    /// Fails if it is not an address, or if it would send a token unprotected to another machine.
    pub fn address(&self) -> Result<String, ClientError> {
        let given = self.server.trim();
        let address = if given.contains("://") {
            given.to_owned()
        } else if has_no_port(given) {
            return Self {
                server: format!("{given}:{DEFAULT_PORT}"),
                ..self.clone()
            }
            .address();
        } else if is_loopback(given) {
            format!("http://{given}")
        } else {
            format!("https://{given}")
        };
        let uri: tonic::transport::Uri = address.parse().map_err(|_| {
            ClientError::unusable(
                "server",
                format!("`{given}` is not an address; write https://host:port"),
            )
        })?;
        let Some(authority) = uri.authority() else {
            return Err(ClientError::unusable(
                "server",
                format!("`{given}` names no host"),
            ));
        };
        match uri.scheme_str() {
            Some("https") => Ok(address),
            Some("http") if is_loopback(authority.as_str()) || self.plaintext_anywhere => {
                Ok(address)
            }
            Some("http") => Err(ClientError::unusable(
                "server",
                format!(
                    "{given} is another machine and http does not protect the token; use https"
                ),
            )),
            _ => Err(ClientError::unusable(
                "server",
                "only http and https are understood",
            )),
        }
    }
}

/// Whether it is a host alone. An address that cannot be read has its error elsewhere.
fn has_no_port(authority: &str) -> bool {
    authority
        .parse::<Authority>()
        .is_ok_and(|authority| authority.port().is_none() && !authority.as_str().ends_with(':'))
}

/// Whether `host:port` is this machine. Names other than `localhost` are not looked up: what they mean can change.
fn is_loopback(authority: &str) -> bool {
    let Ok(authority) = authority.parse::<Authority>() else {
        return false;
    };
    let host = authority.host().trim_matches(['[', ']']);
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// A connection to a server. Cloning is cheap; all clones share the connection, which comes back by itself.
#[derive(Debug, Clone)]
pub struct Client {
    wire: Wire,
    call_timeout: Duration,
    patience: Duration,
}

/// What the generated clients talk through.
pub(crate) type Wire = InterceptedService<Channel, Bearer>;

impl Client {
    /// Connects.
    ///
    /// Fails with `InvalidArgument` for options that cannot be used and `Unavailable` if nobody answers.
    pub async fn connect(options: Options) -> Result<Self, ClientError> {
        let address = options.address()?;
        let mut endpoint = Endpoint::from_shared(address.clone())
            .map_err(|_| ClientError::unusable("server", "is not an address"))?
            .user_agent(concat!("sluice-client/", env!("CARGO_PKG_VERSION")))
            .map_err(ClientError::from)?
            .connect_timeout(options.connect_timeout)
            .tcp_keepalive(Some(Duration::from_secs(30)))
            // Finds out in half a minute that a line is dead, though neither side says so.
            .http2_keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(10));
        if address.starts_with("https://") {
            let mut tls = ClientTlsConfig::new().with_native_roots();
            if let Some(pem) = &options.ca_certificate {
                tls = tls.ca_certificate(Certificate::from_pem(pem));
            }
            endpoint = endpoint.tls_config(tls).map_err(|error| {
                ClientError::unusable("ca_certificate", ClientError::from(error).message)
            })?;
        }
        let bearer = Bearer::new(options.token.as_ref())?;
        let channel = endpoint.connect().await.map_err(|error| {
            let cause = ClientError::from(error).message;
            ClientError::local(
                Code::Unavailable,
                format!("no server answers at {address}: {cause}"),
            )
        })?;
        Ok(Self {
            wire: InterceptedService::new(channel, bearer),
            call_timeout: options.call_timeout,
            patience: options.patience,
        })
    }

    pub(crate) fn wire(&self) -> Wire {
        self.wire.clone()
    }

    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// A request with the time limit of a call.
    pub(crate) fn timed<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.set_timeout(self.call_timeout);
        request
    }

    /// Makes a call that does no harm when it is made twice, again and again while the server is away.
    pub(crate) async fn patiently<Q, R, F>(
        &self,
        message: Q,
        call: impl Fn(Wire, Request<Q>) -> F,
    ) -> Result<R, ClientError>
    where
        Q: Clone,
        F: Future<Output = Result<Response<R>, Status>>,
    {
        let deadline = Instant::now() + self.patience;
        let mut backoff = Backoff::new();
        loop {
            let error = match call(self.wire(), self.timed(message.clone())).await {
                Ok(response) => return Ok(response.into_inner()),
                Err(status) => ClientError::from(status),
            };
            let delay = backoff.next_delay();
            if !error.is_transient() || Instant::now() + delay > deadline {
                return Err(error);
            }
            tokio::time::sleep(delay).await;
        }
    }
}

/// Sends the token with each call.
#[derive(Debug, Clone)]
pub(crate) struct Bearer(Option<MetadataValue<Ascii>>);

impl Bearer {
    fn new(token: Option<&SecretString>) -> Result<Self, ClientError> {
        let Some(token) = token else {
            return Ok(Self(None));
        };
        let mut value: MetadataValue<Ascii> = format!("Bearer {}", token.expose_secret().trim())
            .parse()
            .map_err(|_| ClientError::unusable("token", "has characters that no token has"))?;
        value.set_sensitive(true);
        Ok(Self(Some(value)))
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(value) = &self.0 {
            request
                .metadata_mut()
                .insert("authorization", value.clone());
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_scheme_is_protected_beyond_this_machine() {
        let address = |server: &str| Options::new(server).address().unwrap();
        assert_eq!(address("127.0.0.1:7410"), "http://127.0.0.1:7410");
        assert_eq!(address("[::1]:7410"), "http://[::1]:7410");
        assert_eq!(address("localhost:7410"), "http://localhost:7410");
        assert_eq!(address("sluice.example"), "https://sluice.example:7410");
        assert_eq!(address("[::1]"), "http://[::1]:7410");
        assert_eq!(
            address("sluice.example:7410"),
            "https://sluice.example:7410"
        );
    }

    #[test]
    fn plaintext_to_another_machine_wants_a_word() {
        let remote = Options::new("http://10.0.0.9:7410");
        assert!(remote.address().unwrap_err().message.contains("https"));
        assert!(remote.plaintext_anywhere().address().is_ok());
        let disguised = Options::new("http://127.0.0.1@sluice.example:7410");
        assert!(disguised.address().is_err());
        assert!(Options::new("ftp://127.0.0.1").address().is_err());
        assert!(Options::new("not an address").address().is_err());
    }

    #[test]
    fn a_token_is_in_no_print() {
        let options = Options::new("localhost").token("slc_secret");
        let bearer = Bearer::new(options.token.as_ref()).unwrap();
        assert!(!format!("{options:?} {bearer:?}").contains("slc_secret"));
        assert!(Bearer::new(Some(&SecretString::from("two\nlines"))).is_err());
    }
}
