//! What is worth knowing of how backups are guarded. It changes no verdict.

use crate::base::ResourceId;
use crate::finding::Evidence;

/// How a setting is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It guards the backups.
    Guards,
    /// It could guard them and does not.
    Weak,
    /// A fact without a better or worse.
    Plain,
    /// Not known.
    Unknown,
}

/// Something about how backups are guarded, which changes no verdict.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// The name.
    pub name: &'static str,
    /// Its value, in words.
    pub value: String,
    /// How it is to be taken.
    pub standing: Standing,
    /// Where that stands.
    pub at: Evidence,
}

/// The value of a setting that is not known.
pub(crate) const NOT_COLLECTED: &str = "not collected";

impl Setting {
    /// A setting that is known.
    pub(crate) fn new(name: &'static str, value: String, standing: Standing, at: Evidence) -> Self {
        Self { name, value, standing, at }
    }

    /// A setting of which nothing was collected.
    pub(crate) fn not_collected(name: &'static str, at: &ResourceId) -> Self {
        let at = Evidence::new(format!("{name}: {NOT_COLLECTED}"), at, "");
        Self { name, value: NOT_COLLECTED.to_owned(), standing: Standing::Unknown, at }
    }
}
