//! A client that sends plain HTTPS requests to a server.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;

use super::{Azure, CLIENT_ID, CLIENT_SECRET};

pub(crate) const RM: &str = "https://management.azure.com";
pub(crate) const VAULTS: &str = "https://vault.azure.net";
pub(crate) const GRAPH: &str = "https://graph.microsoft.com";

/// A client of one server, with its own runtime.
pub(crate) struct Client {
    pub(crate) runtime: tokio::runtime::Runtime,
    pub(crate) client: reqwest::Client,
    pub(crate) tenant: String,
}

/// Resolves every name to the server's address.
struct Everywhere(SocketAddr);

impl reqwest::dns::Resolve for Everywhere {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let addresses: reqwest::dns::Addrs = Box::new(std::iter::once(self.0));
        Box::pin(std::future::ready(Ok(addresses)))
    }
}

impl Client {
    pub(crate) fn of(azure: &Azure) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let cloud: toml::Table = std::fs::read_to_string(azure.cloud_file()).unwrap().parse().unwrap();
        let ca = std::fs::read(azure.folder().join(cloud["ca_file"].as_str().unwrap())).unwrap();
        let mut client = reqwest::Client::builder()
            .tls_certs_only([reqwest::Certificate::from_pem(&ca).unwrap()])
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(5))
            .no_proxy();
        let address = cloud["connect_to"][RM.trim_start_matches("https://")].as_str().unwrap().parse().unwrap();
        client = client.dns_resolver(Everywhere(address));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { runtime, client: client.build().unwrap(), tenant: azure.tenant().to_owned() }
    }

    pub(crate) fn send(&self, request: reqwest::RequestBuilder) -> reqwest::Result<(u16, String)> {
        self.runtime.block_on(async {
            let response = request.send().await?;
            Ok((response.status().as_u16(), response.text().await?))
        })
    }

    pub(crate) fn json(&self, request: reqwest::RequestBuilder) -> (u16, Value) {
        let (status, text) = self.send(request).unwrap();
        (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status}: {text}")))
    }

    pub(crate) fn sign_in(&self, form: &str) -> (u16, Value) {
        let url = format!("https://login.microsoftonline.com/{}/oauth2/v2.0/token", self.tenant);
        self.json(self.client.post(url).body(format!("grant_type=client_credentials&client_id={CLIENT_ID}&{form}")))
    }

    pub(crate) fn token(&self, audience: &str) -> String {
        let scope = format!("{audience}/.default").replace('/', "%2F").replace(':', "%3A");
        let (status, body) = self.sign_in(&format!("client_secret={CLIENT_SECRET}&scope={scope}"));
        assert_eq!(status, 200, "{body}");
        body["access_token"].as_str().unwrap().to_owned()
    }

    /// Sends a `GET` with a token. A path without a host goes to Resource Manager.
    pub(crate) fn get(&self, url: &str) -> (u16, Value) {
        let audience = if url.contains(".vault.") {
            VAULTS
        } else if url.contains("graph.") {
            GRAPH
        } else {
            RM
        };
        let url = if url.starts_with('/') { format!("{RM}{url}") } else { url.to_owned() };
        let url = if url.contains("api-version") || audience != RM {
            url
        } else {
            format!("{url}{}api-version=2024-01-01", if url.contains('?') { "&" } else { "?" })
        };
        self.json(self.client.get(url).bearer_auth(self.token(audience)))
    }
}
