//! Observations of the collecting machine and its user. A recording is written and read with these types.

use serde::{Deserialize, Serialize};

use crate::base::ResourceId;

/// Who signed in for a live run, as far as the token says.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SignedIn {
    /// The kind of credential that gave the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// The tenant that issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// The object id of the user or service principal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_id: Option<String>,
}

/// The place from which the collecting machine called.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Vantage {
    /// The subnet's id.
    pub subnet: ResourceId,
}

impl Vantage {
    /// A machine in this subnet.
    pub fn new(subnet: ResourceId) -> Self {
        Self { subnet }
    }
}

/// What a DNS server answered to the collecting machine.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct DnsAnswer {
    /// The question's name.
    pub name: String,
    /// The question's type: `A`, `AAAA`, …
    pub r#type: String,
    /// The server, with its port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// `NOERROR`, `NXDOMAIN`, `SERVFAIL`, `TIMEOUT`, …
    pub rcode: String,
    /// The chain of aliases and addresses.
    pub answers: Vec<DnsRecord>,
    /// The zone that denied the name or the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// What no code of the protocol says: `alias loop`, `too many aliases`, `truncated over UDP, whole over TCP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The subnet of the machine that asked, if the recording says it.
    #[serde(skip)]
    pub vantage: Option<ResourceId>,
}

/// One record of a DNS answer.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct DnsRecord {
    /// The owner.
    pub name: String,
    /// `A`, `CNAME`, …
    pub r#type: String,
    /// Seconds it may be kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// The address or the alias.
    pub data: String,
}

/// A connection that the collecting machine tried.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
pub struct Probe {
    /// The host name.
    pub host: String,
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// `connected`, `refused`, `timeout`, `unreachable`, or what came instead.
    pub outcome: String,
    /// What the certificates are: `trusted`, or what is wrong with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<String>,
    /// The tenant that the vault names to a caller without a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// The subnet of the machine that tried it, if the recording says it.
    #[serde(skip)]
    pub vantage: Option<ResourceId>,
}

impl Probe {
    /// Whether the machine reached the host, and it was the host that answered.
    pub(crate) fn is_good(&self) -> bool {
        let trusted = self.tls.as_deref().is_none_or(|tls| tls.eq_ignore_ascii_case("trusted"));
        self.outcome.eq_ignore_ascii_case("connected") && trusted
    }

    /// Where the connection went.
    pub(crate) fn place(&self) -> String {
        let address = self.address.as_deref().map(|address| format!(" at {address}")).unwrap_or_default();
        let port = self.port.map(|port| format!(", port {port}")).unwrap_or_default();
        format!("`{}`{address}{port}", self.host)
    }

    /// What came of it.
    pub(crate) fn result(&self) -> String {
        let tls = self.tls.as_deref().map(|tls| format!(", TLS {tls}")).unwrap_or_default();
        format!("{}{tls}", self.outcome)
    }
}

/// An observed error text, with its place and time.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct Observation {
    /// The text.
    pub error: String,
    /// Which resource it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<ResourceId>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Azure keeps it as a status; no user pasted it.
    #[serde(skip)]
    pub is_status: bool,
}
