//! Where a rule comes from.

use serde::Serialize;

/// A page that a rule rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// The page.
    pub url: &'static str,
    /// The day it was read.
    pub read_on: &'static str,
}
