//! Operations that resource providers document: API Management, Key Vault, storage and Recovery Services vaults.
//!
//! Sources: <https://learn.microsoft.com/azure/role-based-access-control/permissions/integration> (read 2026-11-29),
//! <https://learn.microsoft.com/azure/role-based-access-control/permissions/security>,
//! <https://learn.microsoft.com/azure/role-based-access-control/permissions/storage> and
//! <https://learn.microsoft.com/azure/role-based-access-control/permissions/management-and-governance> (read 2026-11-30).

use std::collections::HashMap;
use std::sync::LazyLock;

/// INVARIANT: a line is a comment, or what its names start with, the plane, and how they go on.
const TABLE: &str = include_str!("data/operations.txt");

/// Every operation, and whether it is a data action.
pub(crate) fn all() -> impl Iterator<Item = (String, bool)> {
    TABLE.lines().filter(|line| !line.starts_with('#')).flat_map(|line| {
        let mut words = line.split_whitespace();
        let (start, plane) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        words.map(move |end| (format!("{start}{end}"), plane == "data"))
    })
}

/// Whether a documented operation is a data action; `None` if it is not listed, or listed on both planes.
pub(crate) fn is_data_action(action: &str) -> Option<bool> {
    /// By the name in lower case: on the management plane, and on the data plane.
    static PLANES: LazyLock<HashMap<String, [bool; 2]>> = LazyLock::new(|| {
        let mut planes: HashMap<String, [bool; 2]> = HashMap::new();
        for (action, is_data) in all() {
            let own = planes.entry(action.to_ascii_lowercase()).or_default();
            let [management, data] = *own;
            *own = [management || !is_data, data || is_data];
        }
        planes
    });
    match PLANES.get(&action.to_ascii_lowercase()) {
        Some([true, false]) => Some(false),
        Some([false, true]) => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_operation_is_whole_and_has_its_plane() {
        let mut seen = BTreeSet::new();
        for (action, is_data) in all() {
            assert!(
                action.starts_with("Microsoft.") && action.contains('/') && !action.contains(['*', '|']),
                "{action}"
            );
            let ends = ["/read", "/write", "/delete", "/action"];
            assert!(ends.iter().any(|end| action.ends_with(end)), "{action}");
            assert!(seen.insert((action.to_ascii_lowercase(), is_data)), "{action} stands there twice");
        }
        assert_eq!(is_data_action("microsoft.keyvault/VAULTS/secrets/getsecret/action"), Some(true));
        assert_eq!(is_data_action("Microsoft.RecoveryServices/vaults/backupJobs/cancel/action"), Some(false));
        assert_eq!(is_data_action("Microsoft.KeyVault/vaults/keys/read"), None);
        assert_eq!(is_data_action("Microsoft.KeyVault/vaults/nothing/read"), None);
        assert!(seen.len() > 300, "{}", seen.len());
    }
}
