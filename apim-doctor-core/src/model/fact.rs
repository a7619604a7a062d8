//! What is known, what is known to be absent, and what is not known.

use crate::base::ResourceId;
use crate::model::Gap;

/// The answer to "is it there, and what does it say?".
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub(crate) enum Fact<T> {
    /// It was read.
    Known(T),
    /// Azure said that it does not exist, or a complete list does not hold it.
    Absent(ResourceId),
    /// It was not collected.
    Unknown(Gap),
}

impl<T> Fact<T> {
    /// The value, where it was read.
    pub(crate) fn known(self) -> Option<T> {
        match self {
            Fact::Known(value) => Some(value),
            _ => None,
        }
    }
}

/// Items of one kind, and whether all of them were seen.
#[derive(Clone, Debug)]
pub(crate) struct Listing<T> {
    /// What was seen, in the order of ids.
    pub items: Vec<T>,
    /// Why there may be more; `None` where the list is complete.
    pub not_seen: Option<Gap>,
}
