//! A line of `-o ndjson`, read back: only what a summary and a join need.

use jiff::Timestamp;
use serde::Deserialize;

use crate::base::{ResourceId, Verdict, form};
use crate::finding::Severity;

/// A line that is not a record.
#[derive(Debug, thiserror::Error)]
#[error("line {line} is not a record of `-o ndjson`: {why}")]
#[non_exhaustive]
pub struct LineError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

/// A record.
#[derive(Debug, Deserialize)]
#[serde(tag = "record", rename_all = "lowercase")]
pub(super) enum Line {
    Path(PathLine),
    Finding(FindingLine),
    Suppression(SuppressionLine),
    Gap(GapLine),
    Caller(CallerLine),
    Run(RunLine),
    /// Of a later version.
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PathLine {
    #[serde(with = "form::time")]
    pub as_of: Timestamp,
    pub id: String,
    pub resource: ResourceId,
    pub label: String,
    pub verdict: Verdict,
    pub suppressed: bool,
    pub root_cause: Option<String>,
    pub first_gate: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FindingLine {
    #[serde(with = "form::time")]
    pub as_of: Timestamp,
    pub fingerprint: String,
    pub code: String,
    pub subject: ResourceId,
    pub severity: Severity,
    pub suppressed: bool,
    pub affects: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SuppressionLine {
    #[serde(with = "form::time")]
    pub as_of: Timestamp,
    pub message: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GapLine {
    #[serde(with = "form::time")]
    pub as_of: Timestamp,
    pub what: String,
    pub ask: String,
    pub kind: String,
    pub suppressed: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CallerLine {
    #[serde(with = "form::time")]
    pub as_of: Timestamp,
    pub resource: ResourceId,
    pub verdict: Verdict,
    /// How many of its paths are undecided.
    #[serde(default)]
    pub unknown: usize,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(super) struct RunLine {
    #[serde(with = "form::time")]
    pub as_of: Timestamp,
    pub management_groups: Vec<String>,
    pub subscriptions: Vec<String>,
    pub shard: Option<String>,
    pub complete: bool,
    pub incomplete: Vec<String>,
}

impl Line {
    /// Reads a line; `number` counts from 1.
    pub(super) fn read(text: &str, number: usize) -> Result<Self, LineError> {
        serde_json::from_str(text).map_err(|error| LineError { line: number, why: error.to_string() })
    }

    /// What no two records of a result share; empty: they all stay.
    pub(super) fn key(&self) -> String {
        match self {
            Line::Path(path) => format!("path {}", path.id),
            Line::Finding(finding) => format!("finding {}", finding.fingerprint),
            Line::Suppression(suppression) => format!("suppression {}", suppression.message),
            Line::Gap(gap) => format!("gap {} {}", gap.what, gap.ask),
            Line::Caller(caller) => format!("caller {}", caller.resource.as_str().to_ascii_lowercase()),
            Line::Run(_) | Line::Other => String::new(),
        }
    }

    /// The path, if it is one.
    pub(super) fn path(&self) -> Option<&PathLine> {
        match self {
            Line::Path(path) => Some(path),
            _ => None,
        }
    }

    /// When it was judged.
    pub(super) fn as_of(&self) -> Timestamp {
        match self {
            Line::Path(PathLine { as_of, .. })
            | Line::Finding(FindingLine { as_of, .. })
            | Line::Suppression(SuppressionLine { as_of, .. })
            | Line::Gap(GapLine { as_of, .. })
            | Line::Caller(CallerLine { as_of, .. })
            | Line::Run(RunLine { as_of, .. }) => *as_of,
            Line::Other => Timestamp::MIN,
        }
    }
}
