//! A baseline: the findings that were known at some time.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use crate::base::{Map, ResourceId, Verdict, fnv1a, form};
use crate::finding::{CodeName, Severity};
use crate::report::v1::{Finding, Path, Report, Suppressed, SuppressedBy};

/// The findings of a report, and its undecided paths, in the format `baseline/v1`. A finding is known only for the paths
/// that it affected then, and only as long as it does not become worse; a change of texts, lines or file names makes none
/// of them new.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Baseline {
    /// `baseline/v1`.
    #[serde(deserialize_with = "baseline_format")]
    pub apim_doctor: Cow<'static, str>,
    /// The time from which the report was judged.
    #[serde(with = "form::time")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub as_of: Timestamp,
    /// The findings, in the order of their fingerprints.
    #[serde(deserialize_with = "in_order")]
    pub findings: Vec<Known>,
    /// Paths that could not be decided, by what identifies them, with what was not known of each.
    #[serde(default)]
    pub undecided: BTreeMap<String, BTreeSet<String>>,
    /// What was not collected and may hide whole paths.
    #[serde(default)]
    pub gaps: BTreeSet<String>,
    /// What the baseline is.
    #[serde(skip, default = "from_file")]
    pub by: SuppressedBy,
}

/// A finding that is known.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Known {
    /// What identifies it.
    pub fingerprint: String,
    /// Its code, for people who read the file.
    pub code: CodeName,
    /// Its subject, for people who read the file.
    pub subject: String,
    /// How bad it was.
    pub severity: Severity,
    /// `fail`: it was certain; `unknown`: it was suspected.
    pub verdict: Verdict,
    /// The paths that it affects, by what identifies them.
    #[serde(default)]
    pub paths: BTreeSet<String>,
}

/// What identifies each path of a report: its name, and a number for its caller and its target in full. Only paths that
/// agree in all of that are numbered, so that the other paths of a report have no influence.
pub(super) fn keys(paths: &[Path]) -> Vec<String> {
    let mut seen: Map<String, usize> = Map::default();
    let key = |path: &Path| {
        let target = path.target.resource.as_ref().map(ResourceId::as_str).or(path.target.host.as_deref());
        let whole = format!("{}\n{}", path.resource, target.unwrap_or_default());
        let name = format!("{}/{}/{}", path.consumer, path.resource.name(), path.label).to_ascii_lowercase();
        let key = format!("{name} {:08x}", fnv1a(&whole) & 0xffff_ffff);
        let count = seen.entry(key.clone()).or_default();
        *count += 1;
        if *count == 1 { key } else { format!("{key}#{count}") }
    };
    paths.iter().map(key).collect()
}

/// What keeps a path from being decided: its unknown gates, with what is not known there.
fn open(path: &Path) -> BTreeSet<String> {
    let gates = path.gates.iter().filter(|gate| gate.verdict == Verdict::Unknown);
    let gaps = gates.map(|gate| format!("{}: {}", gate.gate.name(), gate.gaps.join("; ")));
    gaps.collect()
}

impl Baseline {
    /// The findings and undecided paths of a report. What the report suppresses for other reasons is not part of it.
    pub fn of(report: &Report) -> Self {
        let is_known = |finding: &&Finding| {
            finding.suppressed.as_ref().is_none_or(|suppressed| suppressed.by == SuppressedBy::Baseline)
        };
        let keys = keys(&report.paths);
        let of_ids = report.paths.iter().map(|path| path.id.as_str()).zip(&keys);
        let paths: Map<&str, &String> = of_ids.collect();
        let known = |finding: &Finding| {
            let one = |id: &String| paths.get(id.as_str()).map_or_else(|| id.clone(), |key| (*key).clone());
            Known {
                fingerprint: finding.fingerprint.clone(),
                code: finding.code.clone(),
                subject: finding.subject.to_string(),
                severity: finding.severity,
                verdict: finding.verdict,
                paths: finding.affects.iter().map(one).collect(),
            }
        };
        let mut findings: Vec<Known> = report.findings.iter().filter(is_known).map(known).collect();
        findings.sort_by(|one, other| one.fingerprint.cmp(&other.fingerprint));
        let undecided = report.paths.iter().zip(&keys).filter(|(path, _)| path.verdict == Verdict::Unknown);
        let gaps = report.gaps.iter().filter(|gap| !gap.affects.iter().any(|id| paths.contains_key(id.as_str())));
        Self {
            apim_doctor: "baseline/v1".into(),
            as_of: report.as_of,
            findings,
            undecided: undecided.map(|(path, key)| (key.clone(), open(path))).collect(),
            gaps: gaps.map(|gap| gap.what.clone()).collect(),
            by: SuppressedBy::Baseline,
        }
    }

    /// The same as the state of the files before a change.
    #[must_use]
    pub fn before_change(mut self) -> Self {
        self.by = SuppressedBy::DiffBase;
        self
    }

    /// How many of its findings a report no longer has.
    pub fn repaired(&self, report: &Report) -> usize {
        let found: BTreeSet<&str> = report.findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
        self.findings.iter().filter(|known| !found.contains(known.fingerprint.as_str())).count()
    }

    pub(super) fn find(&self, finding: &Finding) -> Option<&Known> {
        let at = self.findings.partition_point(|known| known.fingerprint < finding.fingerprint);
        self.findings.get(at).filter(|known| known.fingerprint == finding.fingerprint)
    }

    /// Whether a finding was known for a path, which its key names. A path that was undecided then and fails now is worse.
    pub(super) fn knows(&self, known: &Known, key: &str, verdict: Verdict) -> bool {
        let is_proved = verdict == Verdict::Fail && self.undecided.contains_key(key);
        known.paths.contains(key) && !is_proved
    }

    /// Whether a path was undecided, and is for no other reason than then.
    pub(super) fn knows_undecided(&self, key: &str, path: &Path) -> bool {
        let known = self.undecided.get(key);
        known.is_some_and(|known| open(path).is_subset(known))
    }

    pub(super) fn suppressed(&self) -> Suppressed {
        Suppressed::new(self.by)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// The text is not a document of the format `baseline/v1`.
    pub fn read(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }
}

impl Known {
    /// Whether a finding that was known for some paths is worse than it was.
    pub(super) fn is_worse(&self, verdict: Verdict, severity: Severity) -> bool {
        let is_proved = verdict == Verdict::Fail && self.verdict != Verdict::Fail;
        is_proved || severity > self.severity
    }
}

fn baseline_format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'static, str>, D::Error> {
    form::named(deserializer, "baseline/v1")
}

/// A file that somebody edited may have another order.
fn in_order<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Known>, D::Error> {
    let mut findings = Vec::<Known>::deserialize(deserializer)?;
    findings.sort_by(|one, other| one.fingerprint.cmp(&other.fingerprint));
    Ok(findings)
}

fn from_file() -> SuppressedBy {
    SuppressedBy::Baseline
}
