//! How this machine reaches a cloud: its name servers, its certificates, and where to connect instead.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::live::error_text::error_text;

/// How this machine reaches a cloud; by default as every program does.
///
/// ```
/// use apim_doctor_core::live::Connection;
/// let connection = Connection::default().with_dns_server("10.0.0.4:53".parse()?);
/// assert!(connection.ca.is_none());
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Connection {
    /// Where to connect for a host name, or for `*.` and what follows. TLS still checks the name.
    pub connect_to: BTreeMap<String, SocketAddr>,
    /// Certificates (PEM) that are trusted in addition to the system's.
    pub ca: Option<Vec<u8>>,
    /// The name server to ask; absent: the system's resolver.
    pub dns_server: Option<SocketAddr>,
}

/// Why no connection can be made at all. Each variant holds the cause, as text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionError {
    /// The extra certificates are not PEM.
    #[error("the certificates of the custom cloud cannot be read: {0}: expected PEM")]
    Certificates(String),
    /// The TLS or HTTP layer refused its settings.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// The name server cannot be used.
    #[error("the name server cannot be used: {0}")]
    NameServer(String),
}

const CONNECT: Duration = Duration::from_secs(10);

impl Connection {
    /// Connects to this address for a host name, or for `*.` and what follows.
    #[must_use]
    pub fn with_connect_to(mut self, host: impl Into<String>, address: SocketAddr) -> Self {
        self.connect_to.insert(host.into().to_ascii_lowercase(), address);
        self
    }

    /// Trusts these certificates (PEM) in addition to the system's.
    #[must_use]
    pub fn with_ca(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca = Some(pem.into());
        self
    }

    /// Asks this name server.
    #[must_use]
    pub fn with_dns_server(mut self, server: SocketAddr) -> Self {
        self.dns_server = Some(server);
        self
    }

    /// An HTTP client for this machine's own identity endpoint: its header and its tokens are for no proxy.
    ///
    /// # Errors
    /// As [`Connection::client`].
    pub(crate) fn local_client() -> Result<reqwest::Client, ConnectionError> {
        builder().no_proxy().build().map_err(|error| ConnectionError::Tls(error_text(&error)))
    }

    /// An HTTP client that follows no redirects.
    ///
    /// # Errors
    /// When the extra certificates are no PEM, or the system has no usable TLS.
    pub(crate) fn client(&self) -> Result<reqwest::Client, ConnectionError> {
        let mut builder = builder();
        if let Some(pem) = &self.ca {
            let certificates = reqwest::Certificate::from_pem_bundle(pem)
                .map_err(|error| ConnectionError::Certificates(error_text(&error)))?;
            builder = builder.tls_certs_merge(certificates);
        }
        if !self.connect_to.is_empty() || self.dns_server.is_some() {
            let names = Names { connect_to: self.connect_to.clone(), resolver: self.resolver()? };
            builder = builder.no_proxy().dns_resolver(Arc::new(names));
        }
        builder.build().map_err(|error| ConnectionError::Tls(error_text(&error)))
    }

    /// Where to connect for a host name, where that is said.
    pub(crate) fn address_of(&self, host: &str) -> Option<SocketAddr> {
        address_of(&self.connect_to, host)
    }

    /// A resolver that asks the given server.
    fn resolver(&self) -> Result<Option<TokioResolver>, ConnectionError> {
        let Some(server) = self.dns_server else { return Ok(None) };
        let (mut udp, mut tcp) = (ConnectionConfig::udp(), ConnectionConfig::tcp());
        udp.port = server.port();
        tcp.port = server.port();
        let server = NameServerConfig::new(server.ip(), true, vec![udp, tcp]);
        let config = ResolverConfig::from_parts(None, vec![], vec![server]);
        let built = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()).build();
        built.map(Some).map_err(|error| ConnectionError::NameServer(error.to_string()))
    }
}

/// What every client of a live run has in common: it follows no redirects.
fn builder() -> reqwest::ClientBuilder {
    // The first provider stays; a program that embeds this may have chosen another.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let none = reqwest::redirect::Policy::none();
    reqwest::Client::builder().redirect(none).connect_timeout(CONNECT).tcp_nodelay(true)
}

fn address_of(connect_to: &BTreeMap<String, SocketAddr>, host: &str) -> Option<SocketAddr> {
    let host = host.to_ascii_lowercase();
    let wildcard = || host.split_once('.').and_then(|(_, rest)| connect_to.get(&format!("*.{rest}")));
    connect_to.get(&host).or_else(wildcard).copied()
}

/// Names as the connection says, then as the name server or the system does.
struct Names {
    connect_to: BTreeMap<String, SocketAddr>,
    resolver: Option<TokioResolver>,
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let said = address_of(&self.connect_to, &host);
        let resolver = self.resolver.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = match (said, resolver) {
                (Some(address), _) => vec![address],
                (None, Some(resolver)) => {
                    let answer = resolver.lookup_ip(format!("{host}.")).await?;
                    answer.iter().map(|ip| SocketAddr::new(ip, 0)).collect()
                }
                (None, None) => tokio::net::lookup_host((host.as_str(), 0)).await?.collect(),
            };
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_stands_for_one_label() {
        let here = "127.0.0.1:8443".parse().unwrap();
        let connection =
            Connection { connect_to: [("*.vault.azure.net".to_owned(), here)].into(), ..Connection::default() };
        assert_eq!(connection.address_of("KV1.vault.azure.net"), Some(here));
        assert_eq!(connection.address_of("a.b.vault.azure.net"), None);
        assert_eq!(connection.address_of("vault.azure.net"), None);
    }
}
