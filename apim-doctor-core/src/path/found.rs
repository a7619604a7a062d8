//! What the gates of a walk found, for the steps that weigh the gates against what else is known.

use crate::model::reference::Reference;
use crate::path::target::{Principal, Target};

/// What a walk knows when it weighs what was said.
#[derive(Clone, Copy)]
pub(super) struct Found<'f, 'e> {
    /// The identifier, taken apart.
    pub reference: Option<&'f Reference>,
    /// The identity.
    pub principal: Option<&'f Principal>,
    /// The target.
    pub target: Option<&'f Target<'e>>,
}
