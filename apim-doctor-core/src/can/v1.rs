//! `who/v1` and `what/v1`: what other programs rely on. Fields may be added, none renamed.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize};

use crate::base::{ResourceId, form};
use crate::report::v1::{AnswerGap, Denial, Grant, Permitted};

/// Every principal that has permission for an action at a scope.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Who {
    /// `who/v1`.
    #[serde(deserialize_with = "who_format")]
    pub apim_doctor: Cow<'static, str>,
    /// The action.
    pub action: String,
    /// The scope.
    pub scope: ResourceId,
    /// `allowed`: somebody has permission; `denied`: no principal has; `unknown`: no principal is known to have it, and
    /// some of the required data was not collected.
    pub answer: Permitted,
    /// The principals that have permission, and those whose answer differs from `others`.
    pub principals: Vec<Principal>,
    /// The answer for every principal that is not listed.
    pub others: Permitted,
    /// Why the answer for the others is unknown.
    pub gaps: Vec<AnswerGap>,
}

/// A principal, and whether it has permission.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Principal {
    /// The object id.
    pub principal: String,
    /// `User`, `Group`, `ServicePrincipal` or `Device`, if a role assignment says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The resource whose managed identity it is, if the resource was collected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<ResourceId>,
    /// Whether it has permission.
    pub answer: Permitted,
    /// The role assignment that allows it, or that may not be effective yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Grant>,
    /// The deny assignment that applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denied_by: Option<Denial>,
    /// What keeps the answer open.
    #[serde(default)]
    pub gaps: Vec<AnswerGap>,
}

/// What a principal may do on API Management, Key Vault, storage and backup.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct What {
    /// `what/v1`.
    #[serde(deserialize_with = "what_format")]
    pub apim_doctor: Cow<'static, str>,
    /// The principal, as it was named.
    pub principal: String,
    /// `allowed`: it may do something; `denied`: nothing; `unknown`: nothing is known to be allowed, and some of the
    /// required data was not collected.
    pub answer: Permitted,
    /// Its rights, by scope: those of its role assignments, or the one that was asked about.
    pub scopes: Vec<AtScope>,
    /// Why more may be allowed.
    pub gaps: Vec<AnswerGap>,
}

/// What a principal may do at a scope and below.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AtScope {
    /// The scope.
    pub scope: ResourceId,
    /// The scope in words.
    pub place: String,
    /// The actions that are allowed or of which it is not known. All others in the list of actions are denied.
    pub rights: Vec<Right>,
}

/// One action.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Right {
    /// `API Management`, `Key Vault`, `storage` or `backup`.
    pub area: Cow<'static, str>,
    /// The action in words, e.g. `read secrets`.
    pub task: Cow<'static, str>,
    /// The action.
    pub action: Cow<'static, str>,
    /// Whether it is allowed.
    pub answer: Permitted,
    /// The role assignment that allows it, or that may not be effective yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Grant>,
    /// What keeps the answer open.
    #[serde(default)]
    pub gaps: Vec<AnswerGap>,
}

fn who_format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'static, str>, D::Error> {
    form::named(deserializer, "who/v1")
}

fn what_format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'static, str>, D::Error> {
    form::named(deserializer, "what/v1")
}
