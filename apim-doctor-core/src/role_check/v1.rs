//! `roles/v1`: what other programs rely on. Fields may be added, none renamed.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize};

use crate::base::form;
use crate::finding::Source;

/// The role definitions of a file, checked.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Roles {
    /// `roles/v1`.
    #[serde(deserialize_with = "roles_format")]
    pub apim_doctor: Cow<'static, str>,
    /// The roles, in the order of the file.
    pub roles: Vec<Role>,
}

/// A role definition.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Whether it is a custom role. The rules apply to custom roles only.
    pub is_custom: bool,
    /// What is wrong, most severe first.
    pub problems: Vec<Problem>,
    /// What a principal with this role sees of an API Management instance in the portal; empty: it has no action on one.
    pub portal: Vec<String>,
    /// The smallest built-in role that allows every action of the role.
    pub smallest: Option<Smallest>,
}

/// The smallest built-in role for a set of actions.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Smallest {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: String,
}

/// Something that is wrong with a role definition, or that cannot be verified.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Problem {
    /// The rule, e.g. `removed-by-not-actions`.
    pub rule: Cow<'static, str>,
    /// How bad it is.
    pub level: Level,
    /// The problem, in words.
    pub what: String,
    /// What to do.
    pub fix: String,
    /// Where Azure documents it.
    pub source: Source,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Azure rejects the role, or a part of it has no effect.
    Error,
    /// The role works, but not for everything that it is probably meant for.
    Warning,
    /// It cannot be verified.
    Unknown,
    /// Good to know.
    Note,
}

fn roles_format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'static, str>, D::Error> {
    form::named(deserializer, "roles/v1")
}
