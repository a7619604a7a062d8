//! `report/v1` and `answer/v1`: what other programs rely on. Fields may be added, none renamed.

mod fleet;
mod path;
mod record;
mod suppression;

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use crate::base::form;
use crate::base::{ResourceId, Verdict};
use crate::finding::{CodeName, Severity, Source};
use crate::model::{Gap, SignedIn};

pub use self::fleet::{CallerCount, Fleet, FleetCause, FleetError, FleetExample, FleetGap};
pub use self::path::{Cause, GateReport, Path, Place, Principal, Script, Step, Target};
pub use self::record::{CallerRecord, FindingRecord, GapRecord, PathRecord, Record, RunRecord, SuppressionRecord};
pub use self::suppression::{Suppressed, SuppressedBy, Suppression, SuppressionState};
pub use crate::explain::v1::Confirmation;
pub use crate::finding::Evidence;
pub use crate::report::backup_vault::{
    BackupVault, VaultItem, VaultOperator, VaultPolicy, VaultRight, VaultSetting, VaultStanding,
};
pub use crate::report::coverage::{Coverage, NotEvaluated, NotUsed};
pub use crate::report::fix::{CombinedFix, Fix};
pub use crate::report::permitted::Permitted;

/// What a diagnosis says.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Report {
    /// `report/v1`.
    #[serde(deserialize_with = "report_format")]
    pub apim_doctor: Cow<'static, str>,
    /// Which build said it.
    pub tool: Tool,
    /// The time it was judged from.
    #[serde(with = "form::time")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub as_of: Timestamp,
    /// The identity that recorded the data, if the recording contains it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_in: Option<SignedIn>,
    /// All paths together.
    pub verdict: Verdict,
    /// The answer in short.
    pub headline: Headline,
    /// Every access path that was found.
    pub paths: Vec<Path>,
    /// Paths of one resource that have the same result at every gate; groups that fail come first.
    pub groups: Vec<Group>,
    /// What was found, most severe first.
    pub findings: Vec<Finding>,
    /// What could not be seen.
    pub gaps: Vec<GapEntry>,
    /// The Recovery Services vaults: what guards their backups, and what their policies promise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backup_vaults: Vec<BackupVault>,
    /// What the collecting machine saw of the targets' host names while it stood elsewhere than the paths start:
    /// information that counts for no path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub collector_saw: Vec<String>,
    /// The suppressions that apply to this run, with what became of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suppressions: Vec<Suppression>,
    /// How much of the input was used.
    #[serde(default)]
    pub coverage: Coverage,
    /// How many of what.
    pub summary: Summary,
}

/// The answer in short: what a person has to read first.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Headline {
    /// The answer in a word.
    pub outcome: Outcome,
    /// The answer in a sentence.
    pub says: String,
    /// The fingerprint of the leading finding; `null` if nothing was found.
    pub finding: Option<String>,
    /// The message of the leading finding; without a finding, the first thing that was not collected.
    pub why: Option<String>,
    /// The title of the leading finding's best fix.
    pub fix: Option<String>,
    /// Without a finding: how to collect what is missing first, which is the fact that most paths depend on.
    pub ask: Option<String>,
    /// The command in `ask`; `null` if nothing can be collected.
    pub run: Option<String>,
}

/// The answer in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every path works.
    Pass,
    /// Something is broken.
    Fail,
    /// Not everything could be judged.
    Unknown,
    /// No path was found.
    NothingExamined,
}

/// Paths of one resource that have the same result at every gate.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Group {
    /// Their verdict.
    pub verdict: Verdict,
    /// The code of the first failing gate's finding.
    pub root_cause: Option<CodeName>,
    /// Their ids, in the order of the report.
    pub paths: Vec<String>,
}

/// Which build wrote a report.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Tool {
    /// `apim-doctor`.
    pub name: Cow<'static, str>,
    /// Its version.
    pub version: Cow<'static, str>,
}

impl Default for Tool {
    fn default() -> Self {
        Self { name: "apim-doctor".into(), version: env!("CARGO_PKG_VERSION").into() }
    }
}

/// Something to repair or to know.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Finding {
    /// `gate.bad-state`.
    pub code: CodeName,
    /// The part of the code before the dot.
    pub gate: Cow<'static, str>,
    /// How bad it is.
    pub severity: Severity,
    /// `fail`: certain; `unknown`: suspected; `pass`: works, with something to know.
    pub verdict: Verdict,
    /// The thing to repair.
    pub subject: ResourceId,
    /// The bad state in one line.
    pub title: Cow<'static, str>,
    /// What is wrong here, in one line.
    pub message: String,
    /// What the bad state means in general, as the page of the code says it.
    pub meaning: Option<String>,
    /// Stable over runs, for baselines: texts, lines, file names and times do not change it.
    pub fingerprint: String,
    /// Why it does not count; absent: it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<Suppressed>,
    /// The paths it affects.
    pub affects: Vec<String>,
    /// The facts.
    pub evidence: Vec<Evidence>,
    /// Ways to repair it, the smallest first.
    pub fixes: Vec<Fix>,
    /// The index of the fix to try first: a verified one that changes least, otherwise the first.
    #[serde(rename = "bestFix")]
    pub best_fix: Option<usize>,
    /// How to confirm it by hand.
    pub confirm: Vec<Confirmation>,
    /// What the rule rests on.
    pub sources: Vec<Source>,
}

/// Something that could not be seen.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct GapEntry {
    /// What.
    pub what: String,
    /// What closes it: a command, or why nothing can be collected.
    pub ask: String,
    /// The command in `ask`; `null` if nothing can be collected.
    pub run: Option<String>,
    /// Why it is not known: `not-collected`, `refused`, `undocumented`, …
    pub kind: Cow<'static, str>,
    /// The HTTP status of the refusal, where it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub status: Option<u16>,
    /// The paths it keeps from being judged; empty: it may hide whole paths.
    pub affects: Vec<String>,
    /// Whether it does not count, because it was known.
    #[serde(default, skip_serializing_if = "form::is_false")]
    pub suppressed: bool,
    /// What has to be read to close it.
    #[serde(skip)]
    pub(crate) about: Option<ResourceId>,
    /// Whether it was left out on purpose, as policies of many instances are.
    #[serde(skip)]
    pub(crate) is_left_out: bool,
}

/// How many of what.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Summary {
    /// Paths by verdict.
    pub paths: PathCount,
    /// Findings by severity.
    pub findings: FindingCount,
    /// All of it in one line: `2 of 7 paths fail, 1 unknown · 1 cause · 1 verified fix repairs both`.
    pub says: String,
}

/// Paths by verdict.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PathCount {
    /// Proved to work.
    pub pass: usize,
    /// Proved not to.
    pub fail: usize,
    /// Not proved.
    pub unknown: usize,
}

/// Findings by severity.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FindingCount {
    /// Broken.
    pub error: usize,
    /// May break, or not proved.
    pub warning: usize,
    /// Worth knowing.
    pub info: usize,
    /// Suppressed, which the others do not include.
    #[serde(default, skip_serializing_if = "form::is_zero")]
    pub suppressed: usize,
}

/// What `can` says.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Answer {
    /// `answer/v1`.
    #[serde(deserialize_with = "answer_format")]
    pub apim_doctor: Cow<'static, str>,
    /// May the principal do it?
    pub answer: Permitted,
    /// `<role> at <scope>`, where a role allows it.
    pub by: Option<String>,
    /// The role assignment behind the answer: the one that allows it, or the one that may not be effective yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Grant>,
    /// The deny assignment that applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denied_by: Option<Denial>,
    /// How it got there.
    pub trace: Vec<Step>,
    /// What could not be seen.
    pub gaps: Vec<AnswerGap>,
}

/// A role assignment, from the principal to the role.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Grant {
    /// The role assignment.
    pub assignment: ResourceId,
    /// The role's name.
    pub role: String,
    /// Where the role is assigned.
    pub scope: ResourceId,
    /// The scope in words, e.g. `resource group rg-shop`.
    pub place: String,
    /// The object id that the assignment names: the principal's, or that of a group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<String>,
    /// Whether the assignment names a group of the principal.
    #[serde(default)]
    pub through_group: bool,
    /// The assignment's condition. A grant that allows something has a condition that is met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// When the assignment was made or last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_on: Option<String>,
    /// Why the assignment may not be effective yet: how old it is, and how long it can take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<String>,
}

/// A deny assignment that applies.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Denial {
    /// The deny assignment.
    pub id: ResourceId,
    /// Its name.
    pub name: String,
    /// Its scope in words.
    pub place: String,
}

/// Something that keeps an answer open.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct AnswerGap {
    /// What is not known.
    pub what: String,
    /// What closes it: a command, or why nothing can be collected.
    pub ask: String,
    /// The command in `ask`; `null` if nothing can be collected.
    pub run: Option<String>,
    /// Why it is not known: `not-collected`, `refused`, `undocumented`, …
    pub kind: Cow<'static, str>,
    /// The HTTP status of the refusal, where it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub status: Option<u16>,
}

impl AnswerGap {
    pub(crate) fn of(gap: &Gap) -> Self {
        let (kind, closing) = (gap.kind(), gap.closing());
        let (ask, run) = (closing.to_string(), closing.run.map(|line| line.to_string()));
        Self { what: gap.what(), ask, run, kind: kind.name().into(), status: kind.status() }
    }
}

fn report_format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'static, str>, D::Error> {
    form::named(deserializer, "report/v1")
}

fn answer_format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'static, str>, D::Error> {
    form::named(deserializer, "answer/v1")
}
