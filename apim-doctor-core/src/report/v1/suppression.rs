//! What does not count in `report/v1`, and why.

use serde::{Deserialize, Serialize};

/// Why a finding does not count.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Suppressed {
    /// What suppresses it.
    pub by: SuppressedBy,
    /// The reason that is written there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The last day on which it is suppressed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl Suppressed {
    pub(crate) fn new(by: SuppressedBy) -> Self {
        Self { by, reason: None, until: None }
    }
}

/// What suppresses a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SuppressedBy {
    /// A rule of a configuration.
    Config,
    /// A comment in the file itself.
    Source,
    /// It was known before.
    Baseline,
    /// It is in the files before the change, too.
    DiffBase,
}

/// A suppression, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Suppression {
    /// The code, or the glob over codes.
    pub code: String,
    /// Where it is written.
    pub by: SuppressedBy,
    /// What became of it.
    pub state: SuppressionState,
    /// How many findings it applies to.
    pub findings: usize,
    /// The reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The last day on which it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The file in which it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line in that file, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

/// What became of a suppression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SuppressionState {
    /// It suppresses something.
    Used,
    /// It applies to nothing that was found: a warning.
    Unmatched,
    /// Its last day is over, so that it suppresses nothing: a warning.
    Expired,
}

impl Suppression {
    /// What is wrong with it, in one line; `None` if it suppresses something.
    pub fn warning(&self) -> Option<String> {
        match self.state {
            SuppressionState::Used => None,
            SuppressionState::Unmatched => Some(format!("the suppression of `{}` applies to no finding", self.code)),
            SuppressionState::Expired => {
                let until = self.until.as_deref().unwrap_or_default();
                Some(format!("the suppression of `{}` ended on {until}", self.code))
            }
        }
    }

    /// The same with the place at which it is written, if that is known.
    pub fn placed_warning(&self) -> Option<String> {
        let warning = self.warning()?;
        Some(match &self.file {
            Some(file) => format!("{file}:{}: {warning}", self.line.unwrap_or(1)),
            None => warning,
        })
    }
}
