//! How much of the input a report used.

use serde::{Deserialize, Serialize};

use crate::model;

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
    /// Of files before they are deployed: what was not evaluated, and why. What depends on it is unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_evaluated: Vec<NotEvaluated>,
    /// All of it in one line.
    pub says: String,
}

impl Coverage {
    pub(super) fn of(coverage: &model::Coverage) -> Self {
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
            not_evaluated: Vec::new(),
            says: coverage.to_string(),
        }
    }
}

/// A part of the files that was not evaluated.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct NotEvaluated {
    /// The file.
    pub file: String,
    /// The line, counted from 1; `null` for the file as a whole.
    pub line: Option<usize>,
    /// The column, counted from 1; `null` for the file as a whole.
    pub column: Option<usize>,
    /// Why it was not evaluated.
    pub why: String,
    /// What to do; may be empty.
    pub help: String,
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
