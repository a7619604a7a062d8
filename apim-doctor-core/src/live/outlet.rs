//! The one place that lets HTTP requests out: reads, sign-ins, and nothing else.
//!
//! Every HTTP request of this program passes here, those of the official clients and of credentials too. What is not on
//! the short list below is refused before a connection is made, so no other part can write by mistake. Not here: `az`
//! and `azd`, which send their own sign-in; and what a probe asks of name servers and shows of TCP and TLS.

use azure_core::Bytes;
use azure_core::http::headers::{HeaderName, HeaderValue, Headers};
use azure_core::http::{AsyncRawResponse, HttpClient, Method, Request, Url};
use futures::StreamExt;
use std::time::Duration;

use crate::knowledge::cloud::Cloud;
use crate::knowledge::subservice::Subservice;
use crate::live::{Connection, ConnectionError};

/// The only request with a body except sign-ins: a query that reads.
pub(crate) const RESOURCE_GRAPH: &str = "/providers/Microsoft.ResourceGraph/resources";

/// The one thing that a storage account is ever asked: for the list of its containers, queues or tables, or of its
/// shares, one of them at most. The list requires a credential and contains no item data.
///
/// Source: <https://learn.microsoft.com/rest/api/storageservices/list-containers2> and
/// <https://learn.microsoft.com/rest/api/storageservices/query-tables> (read 2026-11-22).
pub(crate) fn storage_question(service: Subservice) -> &'static str {
    match service {
        Subservice::Table => "/Tables?$top=1",
        _ => "/?comp=list&maxresults=1",
    }
}

/// An answer is cut here: no list of Azure's comes near it.
const LARGEST: usize = 32 * 1024 * 1024;

/// Lets reads and sign-ins of one cloud out.
#[derive(Clone, Debug)]
pub struct Outlet {
    client: reqwest::Client,
    local: reqwest::Client,
    cloud: Cloud,
    patience: Duration,
    identity_endpoint: Option<Url>,
    settings: bool,
    storage_tokens: bool,
    blob_lists: bool,
}

/// Why a request was not let out.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// It could change something.
    #[error("`{method} {path}` was not sent: apim-doctor only reads")]
    Write {
        /// The method.
        method: String,
        /// The path.
        path: String,
    },
    /// A secret's value would come back.
    #[error("`{0}` was not sent: the answer would contain a secret's value")]
    Value(String),
    /// Data of a storage account could come back, or a token go where none was meant to go.
    #[error("`{0}` was not sent: apim-doctor sends only one kind of request to a storage account")]
    Data(String),
    /// The host does not belong to the cloud.
    #[error("`{0}` was not sent: it is not a host of cloud `{1}`")]
    Host(String, String),
    /// A list of this host goes on somewhere else.
    #[error("the next page was not requested: the pages of a list of `{0}` must be on `{0}`")]
    Elsewhere(String),
}

impl Outlet {
    /// An outlet to a cloud. `patience` bounds each request, its answer included.
    ///
    /// # Errors
    /// When the connection's certificates are no PEM, or the system has no usable TLS.
    pub fn new(cloud: Cloud, connection: &Connection, patience: Duration) -> Result<Self, ConnectionError> {
        let (client, local) = (connection.client()?, Connection::local_client()?);
        let identity_endpoint = None;
        let (settings, storage_tokens, blob_lists) = (false, false, false);
        Ok(Self { client, local, cloud, patience, identity_endpoint, settings, storage_tokens, blob_lists })
    }

    /// Lets requests for a token out to the endpoint that App Service gives its apps (`IDENTITY_ENDPOINT`).
    #[must_use]
    pub fn with_identity_endpoint(mut self, endpoint: Option<Url>) -> Self {
        self.identity_endpoint = endpoint;
        self
    }

    /// Lets the list of an app's settings out, which is a POST and answers with secrets: they are dropped as they come.
    #[must_use]
    pub fn with_settings(mut self, settings: bool) -> Self {
        self.settings = settings;
        self
    }

    /// Lets a token out to storage accounts, with the one question that they are asked.
    #[must_use]
    pub fn with_storage_tokens(mut self, tokens: bool) -> Self {
        self.storage_tokens = tokens;
        self
    }

    /// Lets lists of the blobs of a container out, which need a token. They have names and times, and no content.
    #[must_use]
    pub fn with_blob_lists(mut self, lists: bool) -> Self {
        self.blob_lists = lists;
        self
    }

    /// Whether a request may go out.
    fn permit(&self, method: Method, url: &Url, is_authorized: bool) -> Result<(), Refused> {
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        let with_port = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.clone(),
        };
        let is_get = method == Method::Get;
        let foreign = || Err(Refused::Host(with_port.clone(), self.cloud.name.clone()));
        let allowed = if has_user(url) && self.cloud.account_of(&host).is_none() {
            // It would be sent as a credential, and is easily taken for the host.
            return foreign();
        } else if self.is_identity_endpoint(url) {
            // A token must never go there: it only hands them out.
            is_get && !is_authorized
        } else if url.scheme() != "https" {
            return foreign();
        } else if with_port == self.cloud.resource_manager {
            let is_query = url.path().eq_ignore_ascii_case(RESOURCE_GRAPH);
            is_get || (method == Method::Post && (is_query || (self.settings && is_settings(url))))
        } else if with_port == self.cloud.authority {
            method == Method::Post && url.path().ends_with("/oauth2/v2.0/token") && !is_authorized
        } else if with_port == self.cloud.graph {
            is_get
        } else if url.port().is_none() && self.cloud.vault_of(&host).is_some() {
            if is_get && is_value(url) {
                return Err(Refused::Value(format!("{host}{}", url.path())));
            }
            is_get
        } else if url.port().is_none()
            && let Some((account, service)) = self.cloud.account_of(&host)
        {
            // Where a private zone's name leads, no certificate holds for it.
            let is_host = self.cloud.host_of(service, account) == host;
            let is_list = self.blob_lists && is_host && service == Subservice::Blob && is_blob_list(url);
            if is_get && !is_list && (!is_question(url, service) || !is_host || (is_authorized && !self.storage_tokens))
            {
                return Err(Refused::Data(format!("{host}{}", url.path())));
            }
            is_get
        } else {
            return foreign();
        };
        match allowed {
            true => Ok(()),
            false => Err(Refused::Write { method: method.to_string(), path: format!("{host}{}", url.path()) }),
        }
    }

    /// Where Azure's own machines hand out tokens: on this machine, without TLS.
    /// Source: <https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token>
    /// and <https://learn.microsoft.com/azure/app-service/overview-managed-identity> (read 2026-11-22).
    fn is_identity_endpoint(&self, url: &Url) -> bool {
        let metadata = url.host_str() == Some("169.254.169.254") && url.path() == "/metadata/identity/oauth2/token";
        let given = self.identity_endpoint.as_ref();
        metadata || given.is_some_and(|given| given.origin() == url.origin() && given.path() == url.path())
    }
}

/// Whether a URL has a name or a password before its host.
pub(crate) fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// `…/Microsoft.Web/sites/{app}[/slots/{slot}]/config/appsettings/list`, and no other list.
fn is_settings(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    let app =
        path.strip_suffix("/config/appsettings/list").and_then(|app| app.split_once("/providers/microsoft.web/sites/"));
    let names: Option<Vec<&str>> = app.map(|(_, names)| names.split('/').collect());
    matches!(names.as_deref(), Some([_] | [_, "slots", _]))
}

/// `/secrets/{name}` and `/secrets/{name}/{version}` answer with the value; lists and metadata do not.
fn is_value(url: &Url) -> bool {
    let segments: Vec<&str> = url.path().split('/').filter(|s| !s.is_empty()).collect();
    match segments.as_slice() {
        ["secrets", _] => true,
        ["secrets", _, last] => *last != "versions",
        ["secrets"] | ["certificates", ..] => false,
        _ => true,
    }
}

/// Word for word: whatever else stands there could be a container's name or a signature.
fn is_question(url: &Url, service: Subservice) -> bool {
    let asked = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    asked == storage_question(service) && !has_user(url)
}

/// `/{container}?restype=container&comp=list`, and nothing else.
fn is_blob_list(url: &Url) -> bool {
    let container = url.path().strip_prefix('/').unwrap_or_default();
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '$';
    let is_container = !container.is_empty() && container.chars().all(is_name);
    is_container && url.query() == Some("restype=container&comp=list") && !has_user(url)
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> azure_core::Error {
    azure_core::Error::new(azure_core::error::ErrorKind::Io, error)
}

/// An answer that goes on and on.
#[derive(Debug, thiserror::Error)]
#[error("the answer is larger than {} MiB", LARGEST / 1024 / 1024)]
struct TooLarge;

/// No whole answer in time.
#[derive(Debug, thiserror::Error)]
#[error("no complete answer within {0} s")]
struct TooSlow(u64);

impl Outlet {
    /// Whether another try would fail in the same way: what was refused, what is too large, a certificate that is not
    /// trusted.
    pub(crate) fn is_final(error: &azure_core::Error) -> bool {
        let mut causes = std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |e| e.source());
        causes.any(|cause| {
            cause.is::<Refused>() || cause.is::<TooLarge>() || cause.to_string().contains("invalid peer certificate")
        })
    }

    async fn send(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let method = match request.method() {
            Method::Post => reqwest::Method::POST,
            _ => reqwest::Method::GET,
        };
        let client = if self.is_identity_endpoint(request.url()) { &self.local } else { &self.client };
        let mut outgoing = client.request(method, request.url().clone());
        for (name, value) in request.headers().iter() {
            outgoing = outgoing.header(name.as_str(), value.as_str());
        }
        if let azure_core::http::Body::Bytes(bytes) = request.body() {
            outgoing = outgoing.body(bytes.clone());
        }
        let answer = outgoing.send().await.map_err(failed)?;
        let status = answer.status().as_u16().into();
        let mut headers = Headers::new();
        for (name, value) in answer.headers() {
            if let Ok(value) = value.to_str() {
                headers.insert(HeaderName::from(name.as_str().to_owned()), HeaderValue::from(value.to_owned()));
            }
        }
        let (mut body, mut stream) = (Vec::new(), answer.bytes_stream());
        while let Some(piece) = stream.next().await {
            body.extend_from_slice(&piece.map_err(failed)?);
            if body.len() > LARGEST {
                return Err(failed(TooLarge));
            }
        }
        Ok(AsyncRawResponse::from_bytes(status, headers, Bytes::from(body)))
    }
}

#[async_trait::async_trait]
impl HttpClient for Outlet {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let is_authorized =
            request.headers().iter().any(|(name, _)| name.as_str().eq_ignore_ascii_case("authorization"));
        self.permit(request.method(), request.url(), is_authorized)
            .map_err(|refused| azure_core::Error::new(azure_core::error::ErrorKind::Other, refused))?;
        match tokio::time::timeout(self.patience, self.send(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(failed(TooSlow(self.patience.as_secs()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permit(method: Method, url: &str, is_authorized: bool) -> Result<(), Refused> {
        let outlet = Outlet::new(Cloud::public(), &Connection::default(), Duration::from_secs(1)).unwrap();
        let endpoint = Url::parse("http://127.0.0.1:41000/msi/token").ok();
        outlet.with_identity_endpoint(endpoint).permit(method, &Url::parse(url).unwrap(), is_authorized)
    }

    #[test]
    fn reads_and_sign_ins_go_out() {
        let arm = "https://management.azure.com/subscriptions/s?api-version=1";
        let graph = "https://management.azure.com/providers/Microsoft.ResourceGraph/resources?api-version=1";
        assert_eq!(permit(Method::Get, arm, true), Ok(()));
        assert_eq!(permit(Method::Post, graph, true), Ok(()));
        assert_eq!(permit(Method::Post, "https://login.microsoftonline.com/t/oauth2/v2.0/token", false), Ok(()));
        assert_eq!(permit(Method::Get, "http://127.0.0.1:41000/msi/token?resource=x", false), Ok(()));
        let metadata = "http://169.254.169.254/metadata/identity/oauth2/token?resource=x";
        assert_eq!(permit(Method::Get, metadata, false), Ok(()));
        assert_eq!(permit(Method::Get, "https://kv.vault.azure.net/secrets?api-version=7.6", true), Ok(()));
        assert_eq!(permit(Method::Get, "https://kv.vault.azure.net/secrets/x/versions?a=1", true), Ok(()));
    }

    #[test]
    fn writes_values_and_foreign_hosts_do_not() {
        let arm = "https://management.azure.com/subscriptions/s?api-version=1";
        for method in [Method::Put, Method::Post, Method::Delete, Method::Patch, Method::Head] {
            assert!(matches!(permit(method, arm, true), Err(Refused::Write { .. })), "{method}");
        }
        let keys = "https://management.azure.com/subscriptions/s/x/listKeys?api-version=1";
        assert!(permit(Method::Post, keys, true).is_err());
        let app = "https://management.azure.com/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/a";
        let list = |app: &str, kind: &str| Url::parse(&format!("{app}/config/{kind}/list?api-version=1")).unwrap();
        assert!(permit(Method::Post, list(app, "appsettings").as_str(), true).is_err());
        let outlet = Outlet::new(Cloud::public(), &Connection::default(), Duration::from_secs(1)).unwrap();
        let outlet = outlet.with_settings(true);
        let permit_list = |app: &str, kind: &str| outlet.permit(Method::Post, &list(app, kind), true).is_ok();
        assert!(permit_list(app, "appsettings") && permit_list(&format!("{app}/slots/b"), "appsettings"));
        assert!(
            !permit_list(app, "publishingcredentials") && !permit_list(&format!("{app}/functions/f"), "appsettings")
        );
        for value in ["secrets/x", "secrets/x/", "/secrets//x", "secrets/x/0123", "keys/k"] {
            let url = format!("https://kv.vault.azure.net/{value}?api-version=7.6");
            assert!(matches!(permit(Method::Get, &url, true), Err(Refused::Value(_))), "{value}");
        }
        for url in [
            "https://evil.example/x",
            "https://management.azure.com.evil.example/x",
            "https://management.azure.com:8443/x",
            "http://management.azure.com/x",
            "https://vault.azure.net/secrets",
            "https://user@management.azure.com/x",
            "https://user:password@kv.vault.azure.net/secrets",
            "https://kv.vault.azure.net@evil.example/secrets",
            "https://kv.vault.azure.net.evil.example/secrets",
            "https://kv.vault.azure.net:8443/secrets",
        ] {
            assert!(matches!(permit(Method::Get, url, true), Err(Refused::Host(..))), "{url}");
        }
        assert!(permit(Method::Get, "http://169.254.169.254/metadata/identity/oauth2/token", true).is_err());
    }

    #[test]
    fn a_storage_account_is_asked_one_question_and_gets_a_token_only_where_that_was_asked_for() {
        let question = "/?comp=list&maxresults=1";
        let blob = |rest: &str| format!("https://st1.blob.core.windows.net{rest}");
        let data = |url: &str| matches!(permit(Method::Get, url, false), Err(Refused::Data(_)));
        for service in ["blob", "queue", "file"] {
            let url = format!("https://st1.{service}.core.windows.net{question}");
            assert_eq!(permit(Method::Get, &url, false), Ok(()), "{service}");
            assert!(matches!(permit(Method::Get, &url, true), Err(Refused::Data(_))), "no token: {service}");
        }
        let tables = "https://st1.table.core.windows.net/Tables?$top=1";
        assert_eq!(permit(Method::Get, tables, false), Ok(()));
        for rest in [
            "/",
            "/?comp=list",
            "/?comp=list&maxresults=5000",
            "/?comp=list&maxresults=1&include=metadata",
            "/?comp=list&maxresults=1&sv=2024-11-04&sig=x",
            "/container?restype=container&comp=list",
            "/container?comp=list&maxresults=1",
            "/container/blob",
            "/Tables?$top=1",
            "/queue/messages",
        ] {
            assert!(data(&blob(rest)), "{rest}");
        }
        assert!(data("https://st1.table.core.windows.net/people()?$top=1"));
        assert!(data("https://user:pass@st1.blob.core.windows.net/?comp=list&maxresults=1"));
        assert!(data("https://st1.privatelink.blob.core.windows.net/?comp=list&maxresults=1"));
        for method in [Method::Put, Method::Post, Method::Delete, Method::Patch, Method::Head] {
            assert!(matches!(permit(method, &blob(question), false), Err(Refused::Write { .. })), "{method}");
        }
        for foreign in
            ["https://st1.dfs.core.windows.net", "http://st1.blob.core.windows.net", "https://blob.core.windows.net"]
        {
            let url = format!("{foreign}{question}");
            assert!(matches!(permit(Method::Get, &url, false), Err(Refused::Host(..))), "{url}");
        }
        assert!(matches!(permit(Method::Get, &blob(":8443/?comp=list&maxresults=1"), false), Err(Refused::Host(..))));
        let outlet = Outlet::new(Cloud::public(), &Connection::default(), Duration::from_secs(1)).unwrap();
        let lists = outlet.clone().with_blob_lists(true);
        let listed = |rest: &str| lists.permit(Method::Get, &Url::parse(&blob(rest)).unwrap(), true);
        assert_eq!(listed("/backups?restype=container&comp=list"), Ok(()));
        for rest in [
            "/backups/a.apimbackup",
            "/backups?restype=container&comp=list&include=metadata",
            "/backups?restype=container&comp=metadata",
            "/backups/x?restype=container&comp=list",
            "/?restype=container&comp=list",
        ] {
            assert!(matches!(listed(rest), Err(Refused::Data(_))), "{rest}");
        }
        let outlet = outlet.with_storage_tokens(true);
        let with_token = |rest: &str| outlet.permit(Method::Get, &Url::parse(&blob(rest)).unwrap(), true);
        assert_eq!(with_token(question), Ok(()));
        assert!(matches!(with_token("/container/blob"), Err(Refused::Data(_))));
        assert!(matches!(
            outlet.permit(Method::Put, &Url::parse(&blob(question)).unwrap(), true),
            Err(Refused::Write { .. })
        ));
    }
}
