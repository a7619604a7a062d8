//! One access path in `report/v1`: where it is declared, who calls what, and what each gate said.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::form;
use crate::base::{ResourceId, Verdict};
use crate::finding::{CodeName, Evidence, Gate};
use crate::report::backup_vault::VaultSetting;
use crate::report::fix::CombinedFix;

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
    /// Whether the verdict does not count, because all that keeps the path from passing is suppressed or was known.
    #[serde(default, skip_serializing_if = "form::is_false")]
    pub suppressed: bool,
    /// The code of the first failing gate's finding; `null` where nothing failed.
    pub root_cause: Option<CodeName>,
    /// What the user sees first; `null` where an earlier gate is unknown.
    pub first_symptom: Option<String>,
    /// The eight gates, in order. Neighbouring paths share equal results.
    pub gates: Vec<Arc<GateReport>>,
    /// What a deployment or another change does to the path: `new`, `breaks`, `repairs`, `still-broken` or `unchanged`;
    /// of two states also `becomes-unknown` (it passed or failed, and is unknown now) and `becomes-known` (it was
    /// not known whether it passes, and it does).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Cow<'static, str>>,
    /// The smallest set of changes that turned the verdict, where two recordings were compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caused_by: Vec<Cause>,
    /// Fixes that open the path together, where it fails.
    pub combined_fix: Option<CombinedFix>,
    /// What the script says that sends the request; absent: no script does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<Script>,
    /// What guards the backups that the path makes, and what a restore brings; it changes no verdict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub posture: Vec<VaultSetting>,
}

/// A change of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Cause {
    /// The resource, or what was asked for.
    pub resource: ResourceId,
    /// A JSON pointer into its body; empty: the resource as a whole, or the answer to a request.
    pub pointer: String,
}

impl Cause {
    /// A change of this place.
    pub(crate) fn new(resource: ResourceId, pointer: String) -> Self {
        Self { resource, pointer }
    }
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
