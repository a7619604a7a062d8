//! The shape of `snapshot/v1`: what a live run writes, and its JSON Schema.

use serde::Serialize;
use serde_json::Value;

use crate::knowledge::cloud::CloudName;
pub use crate::model::SignedIn;

/// A recording of what was asked of Azure and what it answered.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", schemars(title = "snapshot/v1"))]
pub struct Snapshot {
    /// `snapshot/v1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = "snapshot/v1")))]
    pub apim_doctor: String,
    /// The version of the list by which it was kept; absent: nothing was dropped but secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<u32>,
    /// When it was taken (RFC 3339).
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<String>,
    /// `AzurePublic`, `AzureUSGovernment`, `AzureChina`, or the endpoints of a custom cloud.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloud: Option<CloudName>,
    /// The tenant of whoever recorded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// Who recorded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_in: Option<SignedIn>,
    /// Where the collecting machine stood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vantage: Option<Vantage>,
    /// What was asked, and what came.
    pub exchanges: Vec<Exchange>,
    /// What DNS servers answered to the collecting machine.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dns: Vec<DnsAnswer>,
    /// Connections that the collecting machine tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probes: Vec<Probe>,
    /// Error texts that somebody saw.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observations: Vec<Observation>,
    /// Ids of paths that failed until fixes were applied to this recording in memory (`--write-fixed`): what it says of
    /// their last access is older than the fixes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repaired: Vec<String>,
}

/// Where the collecting machine stood.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Vantage {
    /// The subnet's id.
    pub subnet: String,
}

/// The error code, with status 0, of a read that a run left out because there was too much to read.
pub const NOT_ASKED: &str = "NotAsked";

/// One request and its answer.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Exchange {
    /// Method and path, or URL.
    pub request: String,
    /// The HTTP status; 0 where no answer came.
    pub status: u16,
    /// What was sent, redacted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send: Option<Value>,
    /// What came, redacted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

/// What a DNS server answered.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DnsAnswer {
    /// The question's name.
    pub name: String,
    /// The question's type.
    pub r#type: String,
    /// The server, with its port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// `NOERROR`, `NXDOMAIN`, …
    pub rcode: String,
    /// The chain of aliases and addresses.
    #[serde(default)]
    pub answers: Vec<DnsRecord>,
    /// The zone that said that there is no such name, or no such record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// What no code of the protocol says: `alias loop`, `too many aliases`, `truncated over UDP, whole over TCP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One record of a DNS answer.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

/// A connection that was tried.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    #[serde(rename = "tenantId", skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
}

/// An error text that somebody saw.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Observation {
    /// The text.
    pub error: String,
    /// Which resource it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}
