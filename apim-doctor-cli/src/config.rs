//! `apim-doctor.toml`: defaults of options, levels of codes, and suppressions.
//!
//! The file belongs to a repository that others may have written. It can make findings count less, which its reviewers
//! see, and nothing else: no option in it writes a file, runs a program, or says where tokens are sent.

mod load;
mod read;
mod schema;

use std::collections::BTreeMap;
use std::path::PathBuf;

use apim_doctor_core::Rule;

pub(crate) use load::load;
pub(crate) use schema::schema;

/// The name of the file.
pub(crate) const NAME: &str = "apim-doctor.toml";

/// Options that the file can set, by their long names.
pub(crate) const OPTIONS: &[&str] = &[
    "ask-storage",
    "ask-vault",
    "auth",
    "baseline",
    "cloud",
    "color",
    "consumer",
    "fail-on",
    "location",
    "output",
    "quiet",
    "read-settings",
    "resource-group",
    "standalone",
    "subscription",
    "tenant",
    "timeout",
    "verbose",
];

/// A configuration.
#[derive(Debug, Default)]
pub(crate) struct Config {
    /// The file; absent: there is none.
    pub path: Option<PathBuf>,
    /// Values of options, by their long names.
    pub options: BTreeMap<String, Setting>,
    /// Levels and suppressions.
    pub rules: Vec<Rule>,
}

/// The value of an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// One value, or several.
    pub values: Vec<String>,
    /// The line at which it stands, counted from 1.
    pub line: usize,
}

/// The variable of the environment that sets an option.
pub(crate) fn variable(option: &str) -> String {
    format!("APIM_DOCTOR_{}", option.to_ascii_uppercase().replace('-', "_"))
}
