//! The consumer interface, and the paths that a resource declares.

use crate::base::ResourceId;
use crate::knowledge::caller_kind::{CallerKind, ConsumerKind};
use crate::model::{Estate, Gap};
use crate::path::AccessPath;

/// A family of features that reach for a vault or a storage account.
pub(super) trait Consumer: Sync {
    /// The kind of resource that declares the paths.
    fn caller(&self) -> CallerKind;

    /// The kinds of paths.
    fn kinds(&self) -> &'static [ConsumerKind];

    /// What one caller declares.
    fn declare(&self, estate: &Estate, owner: &ResourceId, declared: &mut Declared);

    /// What else was asked for and not answered, of the owners that are wanted.
    fn unread(&self, _estate: &Estate, _is_asked: &dyn Fn(&ResourceId) -> bool) -> Vec<Gap> {
        Vec::new()
    }
}

/// What a resource declares, and what kept more from being seen.
#[derive(Default)]
pub(super) struct Declared {
    pub paths: Vec<AccessPath>,
    pub gaps: Vec<Gap>,
}
