//! `report/v1` and `answer/v1`: what other programs rely on. Fields may be added, none renamed.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use crate::base::form;
use crate::base::{ResourceId, Verdict};
use crate::finding::{CodeName, Gate, Severity, Source};
use crate::model::{Gap, SignedIn};

pub use crate::explain::v1::Confirmation;
pub use crate::finding::Evidence;
pub use crate::report::fix::{CombinedFix, Fix};

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
    /// What the collecting machine saw of the targets' host names while it stood elsewhere than the paths start:
    /// information that counts for no path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub collector_saw: Vec<String>,
    /// How much of the input was used.
    #[serde(default)]
    pub coverage: Coverage,
    /// How many of what.
    pub summary: Summary,
}

/// How much of the input was used.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Coverage {
    /// How many files were read.
    pub files: usize,
    /// How many resources have a type that is evaluated.
    pub resources: usize,
    /// Of those, how many were understood in every evaluated property.
    pub understood: usize,
    /// How many resources have another type.
    pub of_other_types: usize,
    /// What was recognized and is not used.
    pub not_used: Vec<NotUsed>,
    /// All of it in one line.
    pub says: String,
}

impl Coverage {
    pub(super) fn of(coverage: &crate::model::Coverage) -> Self {
        let not_used = coverage.aside.iter().filter(|aside| !aside.help.is_empty());
        Self {
            files: coverage.files,
            resources: coverage.modelled,
            understood: coverage.read,
            of_other_types: coverage.other,
            not_used: not_used
                .map(|aside| NotUsed {
                    file: aside.file.clone(),
                    line: aside.line,
                    what: aside.what.clone(),
                    help: aside.help.clone(),
                })
                .collect(),
            says: coverage.to_string(),
        }
    }
}

/// A piece of a file that was recognized and is not used.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct NotUsed {
    /// The file.
    pub file: String,
    /// The line where the piece starts, counted from 1.
    pub line: usize,
    /// A noun phrase: `app settings without the name of their app`.
    pub what: String,
    /// What to do to have it used.
    pub help: String,
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

/// One access path.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Path {
    /// Stable as long as its declaration is.
    pub id: String,
    /// Which feature.
    pub consumer: Cow<'static, str>,
    /// What people call one of its kind.
    pub consumer_noun: Cow<'static, str>,
    /// The caller's id.
    pub resource: ResourceId,
    /// What its owner calls it.
    pub label: String,
    /// Where it is declared.
    pub declared_at: Place,
    /// The identity it uses; `null` where that is not known.
    pub principal: Option<Principal>,
    /// The data actions it needs.
    pub operations: Vec<Cow<'static, str>>,
    /// What it wants to reach.
    pub target: Target,
    /// Where requests leave from: `platform`, `public`, `undetermined`, or a subnet's id.
    pub origin: Cow<'static, str>,
    /// The region it happens in, where the instance has several.
    pub location: Option<String>,
    /// When it happens.
    pub moment: Cow<'static, str>,
    /// All gates together.
    pub verdict: Verdict,
    /// The code of the first failing gate's finding; `null` where nothing failed.
    pub root_cause: Option<CodeName>,
    /// What the user sees first; `null` where an earlier gate is unknown.
    pub first_symptom: Option<String>,
    /// The eight gates, in order. Neighbouring paths share equal results.
    pub gates: Vec<Arc<GateReport>>,
    /// What a deployment does to the path, where it was laid over what exists: `new`, `breaks`, `repairs`,
    /// `still-broken` or `unchanged`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Cow<'static, str>>,
    /// Fixes that open the path together, where it fails.
    pub combined_fix: Option<CombinedFix>,
    /// What the script says that sends the request; absent: no script does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<Script>,
}

/// A request for a backup that a script sends. What is not literal in the script is `null`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Script {
    /// The file.
    pub file: Arc<str>,
    /// The line at which the command starts, counted from 1.
    pub line: usize,
    /// The column at which it starts, counted in bytes from 1.
    pub column: usize,
    /// `backup` or `restore`.
    pub operation: Cow<'static, str>,
    /// The access type as it counts: `AccessKey` where none is sent, or where an old api-version knows no other.
    pub access_type: Option<String>,
    /// The storage account.
    pub account: Option<String>,
    /// The container.
    pub container: Option<String>,
    /// The blob.
    pub blob: Option<String>,
    /// The client id of a user-assigned identity.
    pub client_id: Option<String>,
    /// The name of the instance.
    pub instance: Option<String>,
}

/// Where something stands.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Place {
    /// The input file.
    pub file: Option<Arc<str>>,
    /// The line at which the resource starts in it; in a script and in the files of a deployment, the line itself.
    pub line: Option<usize>,
    /// The column, counted from 1: in bytes in a script, in characters in the files of a deployment. Nothing else has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// The resource.
    pub resource: Option<ResourceId>,
    /// A JSON pointer into the resource's body.
    pub pointer: Cow<'static, str>,
}

/// An identity.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Principal {
    /// `system-assigned` or `user-assigned`.
    pub kind: Cow<'static, str>,
    /// Its object id.
    pub principal_id: Option<String>,
    /// Its client id.
    pub client_id: Option<String>,
    /// The identity resource, or the instance.
    pub resource: ResourceId,
}

/// A target.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Target {
    /// `key-vault`.
    pub kind: Cow<'static, str>,
    /// Its host name.
    pub host: Option<String>,
    /// The vault, where it was found.
    pub resource: Option<ResourceId>,
    /// The object in it.
    pub object: Option<String>,
}

/// What one gate said.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct GateReport {
    /// Which gate.
    pub gate: Gate,
    /// Its verdict.
    pub verdict: Verdict,
    /// Judged on what was meant, because an earlier gate was not passed: the result once the failures before it are
    /// fixed.
    pub assumed: bool,
    /// What decided it, in one line.
    pub says: String,
    /// Codes found here.
    pub findings: Vec<CodeName>,
    /// What could not be seen here.
    pub gaps: Vec<String>,
    /// How it got there.
    pub steps: Vec<Step>,
}

/// One question of the decision tree.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Step {
    /// What was asked.
    pub question: Cow<'static, str>,
    /// The answer.
    pub verdict: Verdict,
    /// Why.
    pub evidence: Vec<Evidence>,
    /// Always empty.
    #[serde(deserialize_with = "form::empty")]
    pub under: [(); 0],
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
    /// Stable over runs, for baselines.
    pub fingerprint: String,
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

/// The three answers to "may it?".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Permitted {
    /// Yes.
    Allowed,
    /// No.
    Denied,
    /// Not seen.
    Unknown,
}

fn report_format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'static, str>, D::Error> {
    form::named(deserializer, "report/v1")
}

fn answer_format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'static, str>, D::Error> {
    form::named(deserializer, "answer/v1")
}
