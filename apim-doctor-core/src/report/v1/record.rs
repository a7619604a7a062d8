//! One line of `-o ndjson`: a flat record for stores of logs, one for each path, each finding and each suppression that is
//! wrong.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use crate::base::{ResourceId, Shard, Verdict, form};
use crate::finding::{CodeName, Gate, Severity};
use crate::report::v1::{Finding, Path, Report, Suppression, SuppressionState};

/// A path, a finding or a suppression that is wrong, as a flat record.
///
/// ```
/// use apim_doctor_core::{Estate, Input, Options, diagnose};
/// let (estate, _) = Estate::read(vec![Input::new("empty.json", *b"[]")]);
/// assert_eq!(diagnose(&estate, &Options::default()).records().count(), 0);
/// ```
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "record", rename_all = "lowercase")]
#[non_exhaustive]
pub enum Record<'r> {
    /// An access path.
    Path(PathRecord<'r>),
    /// A finding.
    Finding(FindingRecord<'r>),
    /// A suppression that has ended, or that applies to no finding.
    Suppression(SuppressionRecord<'r>),
    /// What could not be seen and may hide whole paths. With `--all` only.
    Gap(GapRecord<'r>),
    /// A caller that was examined. With `--all` only.
    Caller(CallerRecord<'r>),
    /// The end of a run. With `--all` only, as the last line.
    Run(RunRecord<'r>),
}

/// An access path, as a flat record.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PathRecord<'r> {
    /// The time it was judged from.
    #[serde(with = "form::time")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub as_of: Timestamp,
    /// The version of apim-doctor.
    pub tool_version: &'r str,
    /// The path's id.
    pub id: &'r str,
    /// Which feature.
    pub consumer: &'r str,
    /// The caller's id.
    pub resource: &'r ResourceId,
    /// What its owner calls it.
    pub label: &'r str,
    /// All gates together.
    pub verdict: Verdict,
    /// Whether the verdict does not count.
    pub suppressed: bool,
    /// The code of the first failing gate's finding.
    pub root_cause: Option<&'r CodeName>,
    /// The first gate that does not pass.
    pub first_gate: Option<Gate>,
    /// The kind of identity.
    pub identity: Option<&'r str>,
    /// `key-vault` or `storage`.
    pub target_kind: &'r str,
    /// The target's host name.
    pub target_host: Option<&'r str>,
    /// The target's id, where it was found.
    pub target: Option<&'r ResourceId>,
    /// Where requests leave from.
    pub origin: &'r str,
    /// What a deployment does to the path.
    pub change: Option<&'r str>,
    /// The file in which it is declared.
    pub file: Option<&'r str>,
    /// The line in it, counted from 1.
    pub line: Option<usize>,
}

/// A finding, as a flat record.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FindingRecord<'r> {
    /// The time it was judged from.
    #[serde(with = "form::time")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub as_of: Timestamp,
    /// The version of apim-doctor.
    pub tool_version: &'r str,
    /// What identifies it.
    pub fingerprint: &'r str,
    /// Its code.
    pub code: &'r CodeName,
    /// The part of the code before the dot.
    pub gate: &'r str,
    /// How bad it is.
    pub severity: Severity,
    /// `fail`: certain; `unknown`: suspected; `pass`: works, with something to know.
    pub verdict: Verdict,
    /// Whether it does not count.
    pub suppressed: bool,
    /// The thing to repair.
    pub subject: &'r ResourceId,
    /// What is wrong.
    pub message: &'r str,
    /// What the fix to try first does.
    pub fix: Option<&'r str>,
    /// The ids of the paths that it affects.
    pub affects: &'r [String],
    /// The file in which the subject stands.
    pub file: Option<&'r str>,
    /// The line in it, counted from 1.
    pub line: Option<usize>,
}

/// A suppression that has ended, or that applies to no finding, as a flat record.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SuppressionRecord<'r> {
    /// The time it was judged from.
    #[serde(with = "form::time")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub as_of: Timestamp,
    /// The version of apim-doctor.
    pub tool_version: &'r str,
    /// The code, or the glob over codes.
    pub code: &'r str,
    /// How bad that is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// Whether it applies to nothing, and not that it has ended.
    #[serde(skip)]
    pub(crate) is_unmatched: bool,
    /// The file in which it is written.
    pub file: Option<&'r str>,
    /// The line in it, counted from 1.
    pub line: Option<usize>,
}

/// What could not be seen and may hide whole paths, as a flat record.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GapRecord<'r> {
    /// The time it was judged from.
    #[serde(with = "form::time")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub as_of: Timestamp,
    /// The version of apim-doctor.
    pub tool_version: &'r str,
    /// What.
    pub what: &'r str,
    /// What closes it.
    pub ask: &'r str,
    /// Why it is not known: `not-collected`, `refused`, `undocumented`, …
    pub kind: &'r str,
    /// Whether it does not count.
    pub suppressed: bool,
}

/// A caller, as a flat record.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CallerRecord<'r> {
    /// The time it was judged from.
    #[serde(with = "form::time")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub as_of: Timestamp,
    /// The version of apim-doctor.
    pub tool_version: &'r str,
    /// Its id.
    pub resource: &'r ResourceId,
    /// Its paths together: `unknown` also if the caller could not be read, `not-applicable` if it has no path.
    pub verdict: Verdict,
    /// How many of its paths work.
    pub pass: usize,
    /// How many do not.
    pub fail: usize,
    /// How many are undecided.
    pub unknown: usize,
}

/// The end of a run over many callers, as a flat record.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RunRecord<'r> {
    /// When it ended.
    #[serde(with = "form::time")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub as_of: Timestamp,
    /// The version of apim-doctor.
    pub tool_version: &'r str,
    /// The management groups that were searched.
    pub management_groups: &'r [String],
    /// The subscriptions that were searched. Empty, as the management groups: all that the credential may read.
    pub subscriptions: &'r [String],
    /// Which part of the callers was examined: `K/N`. `null`: all.
    pub shard: Option<String>,
    /// How many callers were examined.
    pub callers: usize,
    /// Whether those were all.
    pub complete: bool,
    /// Why not.
    pub incomplete: &'r [String],
}

impl<'r> RunRecord<'r> {
    /// The end of a run that examined so many callers of a scope.
    #[must_use]
    pub fn new(
        as_of: Timestamp,
        (management_groups, subscriptions): (&'r [String], &'r [String]),
        callers: usize,
    ) -> Self {
        let tool_version = env!("CARGO_PKG_VERSION");
        let (shard, complete, incomplete) = (None, true, [].as_slice());
        Self { as_of, tool_version, management_groups, subscriptions, shard, callers, complete, incomplete }
    }

    /// Of a part.
    #[must_use]
    pub fn with_shard(mut self, shard: Option<Shard>) -> Self {
        self.shard = shard.map(|shard| shard.to_string());
        self
    }

    /// Why there may be more callers, or other results.
    #[must_use]
    pub fn with_incomplete(mut self, why: &'r [String]) -> Self {
        (self.complete, self.incomplete) = (why.is_empty(), why);
        self
    }
}

impl Report {
    /// The paths, the findings and what is wrong with suppressions as flat records, in this order.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        let paths = self.paths.iter().map(|path| Record::Path(self.path_record(path)));
        let findings = self.findings.iter().map(|finding| Record::Finding(self.finding_record(finding)));
        let suppressions = self.suppressions.iter().filter_map(|one| Some(Record::Suppression(self.wrong(one)?)));
        paths.chain(findings).chain(suppressions)
    }

    fn wrong<'r>(&'r self, suppression: &'r Suppression) -> Option<SuppressionRecord<'r>> {
        Some(SuppressionRecord {
            as_of: self.as_of,
            tool_version: &self.tool.version,
            code: &suppression.code,
            severity: Severity::Warning,
            message: suppression.warning()?,
            is_unmatched: suppression.state == SuppressionState::Unmatched,
            file: suppression.file.as_deref(),
            line: suppression.line,
        })
    }

    fn path_record<'r>(&'r self, path: &'r Path) -> PathRecord<'r> {
        let passes = |verdict| matches!(verdict, Verdict::Pass | Verdict::NotApplicable);
        PathRecord {
            as_of: self.as_of,
            tool_version: &self.tool.version,
            id: &path.id,
            consumer: &path.consumer,
            resource: &path.resource,
            label: &path.label,
            verdict: path.verdict,
            suppressed: path.suppressed,
            root_cause: path.root_cause.as_ref(),
            first_gate: path.gates.iter().find(|gate| !passes(gate.verdict)).map(|gate| gate.gate),
            identity: path.principal.as_ref().map(|principal| principal.kind.as_ref()),
            target_kind: &path.target.kind,
            target_host: path.target.host.as_deref(),
            target: path.target.resource.as_ref(),
            origin: &path.origin,
            change: path.change.as_deref(),
            file: path.declared_at.file.as_deref(),
            line: path.declared_at.line,
        }
    }

    fn finding_record<'r>(&'r self, finding: &'r Finding) -> FindingRecord<'r> {
        let (file, line) = finding.place().map_or((None, None), |(file, line, _)| (Some(&**file), Some(line)));
        FindingRecord {
            as_of: self.as_of,
            tool_version: &self.tool.version,
            fingerprint: &finding.fingerprint,
            code: &finding.code,
            gate: &finding.gate,
            severity: finding.severity,
            verdict: finding.verdict,
            suppressed: finding.suppressed.is_some(),
            subject: &finding.subject,
            message: &finding.message,
            fix: finding.best_fix.and_then(|best| finding.fixes.get(best)).map(|fix| fix.title.as_str()),
            affects: &finding.affects,
            file,
            line,
        }
    }
}

impl Finding {
    /// Where its subject stands in the input files: the file, the line and the column, counted from 1. If the subject
    /// stands in none, where the first fact does.
    pub fn place(&self) -> Option<(&Arc<str>, usize, Option<usize>)> {
        let of_subject = self.evidence.iter().filter(|evidence| evidence.resource.as_ref() == Some(&self.subject));
        let mut places = of_subject.chain(&self.evidence);
        places.find_map(|evidence| Some((evidence.file.as_ref()?, evidence.line?, evidence.column)))
    }
}
