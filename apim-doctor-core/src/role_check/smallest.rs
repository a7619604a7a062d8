//! The smallest built-in role that allows a set of actions.

use crate::knowledge::{roles, smallest_role as known};
use crate::role_check::v1::Smallest;

/// Says whether an action is a data action; `None`: the built-in roles and the documentation do not tell.
pub fn is_data_action(action: &str) -> Option<bool> {
    roles::is_data_action(action)
}

/// Finds the smallest built-in role that allows all of these actions: of the roles that are enough, the one that allows the
/// fewest actions that are known by name. `None`: no single role is enough, or no action was given.
///
/// ```
/// use apim_doctor_core::smallest_role;
/// let role = smallest_role(&[], &["Microsoft.KeyVault/vaults/secrets/getSecret/action"]).expect("a role is enough");
/// assert_eq!(role.name, "Key Vault Secrets User");
/// ```
pub fn smallest_role(actions: &[&str], data_actions: &[&str]) -> Option<Smallest> {
    let role = known::smallest(actions, data_actions)?;
    Some(Smallest { name: role.name.to_owned(), id: role.id.to_owned() })
}
