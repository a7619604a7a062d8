//! What `what-if` and `diff` say: `report/v1` of the state after a change, and what the change does.

use serde::Serialize;
use serde_json::Value;

use crate::base::{ResourceId, Verdict};
use crate::finding::{Safety, Source};
use crate::report::v1::{Cause, Report};

/// What `what-if` says: the report of the state after the change, in which each path says what becomes of it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WhatIf {
    /// The state after the change.
    #[serde(flatten)]
    pub report: Report,
    /// What is changed, in order.
    pub changes: Vec<Change>,
    /// How many paths do what.
    pub effects: Effects,
    /// What to do before the change, in this order. With all of it, none of the paths that it lists breaks.
    pub preparations: Vec<Preparation>,
    /// Paths that break and for which no preparation is known.
    pub unprepared: Vec<Unprepared>,
    /// Paths that no longer exist after the change.
    pub gone: Vec<GonePath>,
    /// Rules that are about no recorded resource.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub unused: Vec<String>,
    /// The recording after the preparations and the change, which anyone can diagnose again; absent if a recording and a
    /// list of resources were given, which do not go into one file. It is not a part of the format.
    #[serde(skip)]
    pub changed: Option<Value>,
}

/// A change that is tried.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Change {
    /// The resource.
    pub resource: ResourceId,
    /// A JSON pointer to what changes in its body; empty: the resource is deleted.
    pub pointer: String,
    /// The recorded value; `null`: there is none.
    pub before: Option<Value>,
    /// The new value; `null`: it was removed.
    pub after: Option<Value>,
    /// The rule that asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub rule: Option<String>,
    /// The page that describes the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub source: Option<Source>,
}

/// How many paths do what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Effects {
    /// They do not fail before, and fail after.
    pub breaks: usize,
    /// They fail before, and pass after.
    pub repairs: usize,
    /// They fail before and after.
    pub still_broken: usize,
    /// It was known what they do, and after the change it is not.
    pub becomes_unknown: usize,
    /// It was not known whether they pass, and after the change they do.
    pub becomes_known: usize,
    /// They are what they were.
    pub unchanged: usize,
    /// They did not exist before.
    pub new: usize,
    /// They no longer exist.
    pub gone: usize,
}

/// Something to do before a change.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Preparation {
    /// What.
    pub title: String,
    /// Azure CLI, in order.
    pub az: Vec<String>,
    /// How much else it may change.
    pub safety: Safety,
    /// With all preparations and then the change applied in memory, the paths passed, and no other path got worse; and
    /// none gets worse by the preparations alone.
    pub verified: bool,
    /// The paths that need it.
    pub paths: Vec<String>,
}

/// A path that breaks and has no preparation.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Unprepared {
    /// Its id.
    pub path: String,
    /// Why.
    pub why: String,
}

/// A path that no longer exists.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GonePath {
    /// The id that it had.
    pub id: String,
    /// What it came to.
    pub verdict: Verdict,
}

/// What `diff` says: the report of the state after, in which each path says what became of it and which change did it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Diff {
    /// The state after.
    #[serde(flatten)]
    pub report: Report,
    /// How many paths do what.
    pub effects: Effects,
    /// The paths whose verdict is another one.
    pub transitions: Vec<Transition>,
    /// What was changed; absent if reports were compared, which do not contain the configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub changes: Option<Vec<Difference>>,
    /// Whether the changes that no transition needs were tried together, and changed no verdict.
    pub rest_does_not_matter: bool,
    /// Paths that no longer exist.
    pub gone: Vec<GonePath>,
}

/// A path whose verdict is another one.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Transition {
    /// Its id.
    pub path: String,
    /// What it came to before; `null`: it did not exist.
    pub before: Option<Verdict>,
    /// What it comes to; `null`: it no longer exists.
    pub after: Option<Verdict>,
    /// The smallest set of changes that was found to turn the verdict; empty if none was found.
    pub caused_by: Vec<Cause>,
    /// Other sets that turn it, too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub also: Vec<Vec<Cause>>,
    /// Why no cause is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub unexplained: Option<String>,
}

/// Something that is different.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Difference {
    /// Where.
    #[serde(flatten)]
    pub place: Cause,
    /// The kind of difference: `property`, `created`, `deleted`, `answer` or `observed`.
    pub kind: String,
    /// The value before, of a property.
    pub before: Option<Value>,
    /// The value after, of a property.
    pub after: Option<Value>,
    /// Whether the verdict of some path turns on it.
    pub matters: bool,
}
