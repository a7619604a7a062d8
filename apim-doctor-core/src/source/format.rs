//! The shape of `snapshot/v1`, as a live run writes it and as files are read, and its JSON Schema.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::form::time::option as time;
use crate::knowledge::cloud::CloudName;
pub use crate::model::{DnsAnswer, DnsRecord, Observation, Probe, SignedIn, Vantage};
pub use crate::source::keep::VERSION as KEPT;

/// A recording of what was asked of Azure and what it answered.
///
/// `Text` and `Body` are what requests and bodies are held as: a reader leaves them where they stand in the file.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", schemars(title = "snapshot/v1", rename = "Snapshot"))]
#[non_exhaustive]
pub struct Snapshot<Text = String, Body = Value> {
    /// `snapshot/v1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = "snapshot/v1")))]
    pub apim_doctor: String,
    /// The version of the list by which it was kept; absent: nothing was dropped but secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<u32>,
    /// When it was taken (RFC 3339).
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("format" = "date-time")))]
    #[serde(serialize_with = "time::serialize", skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<Timestamp>,
    /// `AzurePublic`, `AzureUSGovernment`, `AzureChina`, or the endpoints of a custom cloud.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloud: Option<CloudName>,
    /// The tenant that was signed in to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// Who recorded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_in: Option<SignedIn>,
    /// The place from which the collecting machine called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vantage: Option<Vantage>,
    /// What was asked, and what came.
    pub exchanges: Vec<Exchange<Text, Body>>,
    /// What DNS servers answered to the collecting machine.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dns: Vec<DnsAnswer>,
    /// Connections that the collecting machine tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probes: Vec<Probe>,
    /// Observed error texts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observations: Vec<Observation>,
    /// Ids of paths that failed until fixes were applied to this recording in memory (`--write-fixed`): what it says of
    /// their last access is older than the fixes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repaired: Vec<String>,
}

impl Snapshot {
    /// A recording of these exchanges.
    ///
    /// ```
    /// use apim_doctor_core::recording::{Exchange, Snapshot};
    /// use apim_doctor_core::{Estate, Input};
    /// let request = "GET /subscriptions/s/providers/Microsoft.KeyVault/vaults?api-version=2026-02-01";
    /// let exchange = Exchange::new(request, 200).with_body(serde_json::json!({ "value": [] }));
    /// let bytes = serde_json::to_vec(&Snapshot::new([exchange]))?;
    /// let (_, problems) = Estate::read(vec![Input::new("mine.json", bytes)]);
    /// assert!(problems.is_empty());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn new(exchanges: impl IntoIterator<Item = Exchange>) -> Self {
        Self {
            apim_doctor: "snapshot/v1".to_owned(),
            kept: None,
            taken_at: None,
            cloud: None,
            tenant_id: None,
            signed_in: None,
            vantage: None,
            exchanges: exchanges.into_iter().collect(),
            dns: Vec::new(),
            probes: Vec::new(),
            observations: Vec::new(),
            repaired: Vec::new(),
        }
    }
}

/// The error code, with status 0, of a read that a run left out because there was too much to read.
pub const NOT_ASKED: &str = "NotAsked";

/// One request and its answer.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Exchange"))]
#[non_exhaustive]
pub struct Exchange<Text = String, Body = Value> {
    /// Method and path, or URL.
    pub request: Text,
    /// The HTTP status; 0 where no answer came.
    pub status: u16,
    /// What was sent, redacted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send: Option<Body>,
    /// What came, redacted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

impl Exchange {
    /// A request (`GET` and a path or URL) and the status of its answer; 0: no answer came.
    pub fn new(request: impl Into<String>, status: u16) -> Self {
        Self { request: request.into(), status, send: None, body: None }
    }

    /// The same exchange with the body of the answer. Redacting it is left to the caller.
    #[must_use]
    pub fn with_body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }
}
