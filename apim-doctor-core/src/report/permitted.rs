//! The three answers to "may it?".

use serde::{Deserialize, Serialize};

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
