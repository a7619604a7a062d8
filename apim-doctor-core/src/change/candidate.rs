//! Something that may be done before a change.

use crate::finding::{Patch, Safety};

/// Something that may be done before the change.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Candidate {
    pub title: String,
    pub az: Vec<String>,
    pub safety: Safety,
    pub patch: Patch,
}
