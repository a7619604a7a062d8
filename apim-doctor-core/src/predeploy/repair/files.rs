//! The languages of files that can be changed.

use std::path::Path;

/// The language of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// Bicep.
    Bicep,
    /// Values for Bicep.
    BicepParameters,
    /// JSON: a template, or a file of values.
    Json,
    /// A text that a template loads as a whole.
    Text,
}

impl Language {
    /// The language of a file, by its name. `None`: one that is not changed.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "bicep" => Some(Self::Bicep),
            "bicepparam" => Some(Self::BicepParameters),
            "json" | "jsonc" => Some(Self::Json),
            "xml" | "txt" | "cshtml" => Some(Self::Text),
            _ => None,
        }
    }
}
