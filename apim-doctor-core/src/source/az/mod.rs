//! Output of azure-cli, turned back into the bodies that Resource Manager answers.
//!
//! Most commands print the properties of a resource beside its id, rename some of them, and fill in `null` where Azure
//! sent nothing. What they changed is known by type ([`types`]), so the body can be restored. What a command cannot show
//! is not in the output at all: an output that lacks a property says less than an answer that lacks it.

mod restore;
mod types;

pub(super) use restore::{Restored, drop_nulls, is_changed, restore};
