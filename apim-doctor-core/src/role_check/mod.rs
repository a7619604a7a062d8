//! Checks role definitions: names of actions, lists, assignable scopes, and what the portal needs.

mod actions;
mod read;
mod rules;
mod script;
mod smallest;
pub mod v1;

pub use read::{RoleError, check_role, check_roles};
pub use smallest::{is_data_action, smallest_role};
