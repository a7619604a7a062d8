//! `fleet/v1`: the causes of many callers' failures, counted.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::base::{ResourceId, form};
use crate::report::v1::{FindingCount, PathCount, Tool};

/// What a run over many callers found, by cause.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Fleet {
    /// `fleet/v1`.
    pub apim_doctor: Cow<'static, str>,
    /// Which build said it.
    pub tool: Tool,
    /// When the newest part of it was read.
    #[serde(with = "form::time::option", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub as_of: Option<Timestamp>,
    /// Whether every caller was examined.
    pub complete: bool,
    /// Why there may be more callers or other results.
    pub incomplete: Vec<String>,
    /// The callers by verdict.
    pub callers: CallerCount,
    /// The subscriptions that they are in.
    pub subscriptions: usize,
    /// Access paths by verdict. Those that do not count are among them.
    pub paths: PathCount,
    /// Access paths that do not count, because they are known or accepted.
    pub suppressed: usize,
    /// Findings by severity, without those that do not count.
    pub findings: FindingCount,
    /// Why paths fail: the causes of most paths first.
    pub causes: Vec<FleetCause>,
    /// Errors that are the cause of no failing path: those of most findings first.
    pub errors: Vec<FleetError>,
    /// Where paths are undecided: the gates of most paths first.
    pub undecided: Vec<FleetCause>,
    /// What could not be seen and may hide whole paths: what hides most callers' first.
    pub gaps: Vec<FleetGap>,
}

/// Callers by verdict.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CallerCount {
    /// Every access path works.
    pub pass: usize,
    /// A path does not work.
    pub fail: usize,
    /// No path is known to fail, and one is undecided, or the caller could not be read.
    pub unknown: usize,
    /// It uses no vault and no storage account.
    pub none: usize,
}

impl CallerCount {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> usize {
        self.pass + self.fail + self.unknown + self.none
    }
}

/// What keeps paths from working.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FleetCause {
    /// The code of the first failing gate's finding; of an undecided path, its first gate that does not pass.
    pub code: String,
    /// What that means.
    pub title: String,
    /// How many paths.
    pub paths: usize,
    /// How many callers have such a path.
    pub callers: usize,
    /// One of the paths.
    pub example: FleetExample,
}

/// An error that makes no path fail.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FleetError {
    /// The code.
    pub code: String,
    /// What that means.
    pub title: String,
    /// How many findings.
    pub findings: usize,
    /// The thing to repair, for one of them.
    pub example: ResourceId,
}

/// One of several paths.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FleetExample {
    /// The path's id.
    pub path: String,
    /// The caller's id, which `diagnose` explains.
    pub resource: ResourceId,
    /// What its owner calls the path.
    pub label: String,
}

/// What could not be seen.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FleetGap {
    /// What, for one of them.
    pub what: String,
    /// What closes it.
    pub ask: String,
    /// Why it is not known: `not-collected`, `refused`, `undocumented`, …
    pub kind: String,
    /// How many.
    pub count: usize,
}
