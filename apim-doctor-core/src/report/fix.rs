//! Fixes in a report.

use serde::{Deserialize, Serialize};

use crate::finding::Safety;

/// A way to repair a finding.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Fix {
    /// What it does.
    pub title: String,
    /// How much else it may change.
    pub safety: Safety,
    /// It was applied in memory, the diagnosis was run again, the finding was gone and nothing as bad came. Of files:
    /// the changed files were checked again.
    pub verified: bool,
    /// Why it is not verified; `null` where it is.
    pub unverified: Option<String>,
    /// Further paths that what it changes can change: their ids, at most 20 of them.
    #[serde(rename = "alsoTouches")]
    pub also_touches: Vec<String>,
    /// How many further paths there are.
    #[serde(rename = "alsoTouchesCount")]
    pub also_touches_count: usize,
    /// Azure CLI.
    pub az: Vec<String>,
    /// Azure PowerShell: the corrected command of a script.
    pub powershell: Vec<String>,
    /// Bicep.
    pub bicep: Option<String>,
    /// Terraform (azurerm).
    pub terraform: Option<String>,
    /// The change of the files of a deployment, as a unified diff that `git apply` and `patch -p1` take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

/// Fixes that open a path together.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CombinedFix {
    /// With all of them applied in memory the path passed, and no other path got worse. Of files: the changed files were
    /// checked again.
    pub verified: bool,
    /// Why not; `null` where it is verified.
    pub unverified: Option<String>,
    /// Their titles, in order.
    pub titles: Vec<String>,
    /// Azure CLI, in order.
    pub az: Vec<String>,
    /// The changes of the files of a deployment together, as a unified diff that `git apply` and `patch -p1` take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}
