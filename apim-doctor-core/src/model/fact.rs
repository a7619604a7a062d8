//! What is known, what is known to be absent, and what was not seen.

use serde::{Deserialize, Serialize};

use crate::base::ResourceId;

/// Why something is not known, and what would tell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Gap {
    /// What could not be seen.
    pub what: String,
    /// What to do to see it.
    pub ask: String,
}

impl Gap {
    /// A gap, and what closes it.
    pub fn new(what: impl Into<String>, ask: impl Into<String>) -> Self {
        Self { what: what.into(), ask: ask.into() }
    }

    /// Not a gap of its own: an earlier one closes it. It is not reported.
    pub fn earlier() -> Self {
        Self::new("", "")
    }

    /// Nobody asked.
    pub fn not_collected(what: &str, request: &str) -> Self {
        Self::new(format!("{what} was not collected"), format!("record `GET {request}`"))
    }
}

/// The answer to "is it there, and what does it say?".
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub enum Fact<T> {
    /// It was read.
    Known(T),
    /// Azure said that it does not exist, or a complete list does not hold it.
    Absent(ResourceId),
    /// It was not seen.
    Unknown(Gap),
}

impl<T> Fact<T> {
    /// The value, where it was read.
    pub fn known(self) -> Option<T> {
        match self {
            Fact::Known(value) => Some(value),
            _ => None,
        }
    }
}

/// Items of one kind, and whether all of them were seen.
#[derive(Clone, Debug)]
pub struct Listing<T> {
    /// What was seen, in the order of ids.
    pub items: Vec<T>,
    /// Why there may be more; `None` where the list is complete.
    pub not_seen: Option<Gap>,
}
