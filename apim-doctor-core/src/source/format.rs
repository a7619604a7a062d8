//! The shape of `snapshot/v1`, for its JSON Schema.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::knowledge::cloud::CloudName;

/// A recording of what was asked of Azure and what it answered.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "snapshot/v1")]
pub struct SnapshotFormat {
    /// `snapshot/v1`.
    #[schemars(extend("const" = "snapshot/v1"))]
    pub apim_doctor: String,
    /// When it was taken (RFC 3339).
    #[schemars(extend("format" = "date-time"))]
    pub taken_at: Option<String>,
    /// `AzurePublic`, `AzureUSGovernment`, `AzureChina`, or the endpoints of a custom cloud.
    pub cloud: Option<CloudName>,
    /// The tenant of whoever recorded it.
    pub tenant_id: Option<String>,
    /// Where the collecting machine stood.
    pub vantage: Option<VantageFormat>,
    /// What was asked, and what came.
    pub exchanges: Vec<ExchangeFormat>,
    /// What DNS servers answered to the collecting machine.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dns: Vec<DnsFormat>,
    /// Connections that the collecting machine tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probes: Vec<ProbeFormat>,
    /// Error texts that somebody saw.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observations: Vec<ObservationFormat>,
}

/// Where the collecting machine stood.
#[derive(Serialize, JsonSchema)]
pub struct VantageFormat {
    /// The subnet's id.
    pub subnet: String,
}

/// One request and its answer.
#[derive(Serialize, JsonSchema)]
pub struct ExchangeFormat {
    /// Method and path, or URL.
    pub request: String,
    /// The HTTP status; 0 where no answer came.
    pub status: u16,
    /// What was sent, redacted.
    pub send: Option<Value>,
    /// What came, redacted.
    pub body: Option<Value>,
}

/// What a DNS server answered.
#[derive(Serialize, JsonSchema)]
pub struct DnsFormat {
    /// The question's name.
    pub name: String,
    /// The question's type.
    pub r#type: String,
    /// The server, with its port.
    pub server: Option<String>,
    /// `NOERROR`, `NXDOMAIN`, …
    pub rcode: String,
    /// The chain of aliases and addresses.
    #[serde(default)]
    pub answers: Vec<DnsRecordFormat>,
}

/// One record of a DNS answer.
#[derive(Serialize, JsonSchema)]
pub struct DnsRecordFormat {
    /// The owner.
    pub name: String,
    /// `A`, `CNAME`, …
    pub r#type: String,
    /// Seconds it may be kept.
    pub ttl: Option<u32>,
    /// The address or the alias.
    pub data: String,
}

/// A connection that was tried.
#[derive(Serialize, JsonSchema)]
pub struct ProbeFormat {
    /// The host name.
    pub host: String,
    /// The address.
    pub address: Option<String>,
    /// The port.
    pub port: Option<u16>,
    /// `connected`, …
    pub outcome: String,
}

/// An error text that somebody saw.
#[derive(Serialize, JsonSchema)]
pub struct ObservationFormat {
    /// The text.
    pub error: String,
    /// Which resource it was about.
    pub resource: Option<String>,
    /// When.
    pub at: Option<String>,
}
