//! Evaluates Key Vault access policies: does the principal have the permission for this kind of object?
//!
//! Source: <https://learn.microsoft.com/azure/key-vault/general/assign-access-policy> (read 2026-11-21).

use crate::base::ObjectId;
use crate::model::key_vault::{AccessPolicyEntry, Vault};

/// Which kind of object is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ObjectKind {
    /// A secret, or the secret of a certificate.
    Secret,
    /// A certificate without its key.
    Certificate,
    /// A key.
    Key,
}

impl ObjectKind {
    /// As identifiers and access policies name it: `secrets`.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            ObjectKind::Secret => "secrets",
            ObjectKind::Certificate => "certificates",
            ObjectKind::Key => "keys",
        }
    }

    /// As options of commands name it: `secret`.
    pub(crate) fn singular(self) -> &'static str {
        self.plural().trim_end_matches('s')
    }
}

/// What the access policies say of one principal. Numbers are places in `accessPolicies`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PolicyMatch {
    /// This entry grants what is wanted.
    Granted(usize),
    /// The principal has an entry, but not for that on this kind of object.
    LacksGet(usize),
    /// The principal has an entry only together with an application: a managed identity never matches it.
    OnlyThroughApplication(usize),
    /// No entry names the principal.
    NotNamed,
}

/// What an entry permits on objects of this kind.
pub(crate) fn permissions(entry: &AccessPolicyEntry, kind: ObjectKind) -> &[String] {
    match kind {
        ObjectKind::Secret => &entry.permissions.secrets,
        ObjectKind::Certificate => &entry.permissions.certificates,
        ObjectKind::Key => &entry.permissions.keys,
    }
}

/// Whether an entry grants a permission, such as `get`, on objects of this kind.
pub(crate) fn grants(entry: &AccessPolicyEntry, kind: ObjectKind, permission: &str) -> bool {
    permissions(entry, kind).iter().any(|p| p.eq_ignore_ascii_case(permission) || p.eq_ignore_ascii_case("all"))
}

/// What the access policies of a vault say of a principal that wants a permission on objects of this kind.
pub(crate) fn evaluate(vault: &Vault, principal: &ObjectId, kind: ObjectKind, permission: &str) -> PolicyMatch {
    let mut answer = PolicyMatch::NotNamed;
    for (at, entry) in vault.access_policies.iter().enumerate() {
        if entry.object_id.as_ref() != Some(principal) {
            continue;
        }
        let compound = entry.application_id.as_ref().is_some_and(|id| !id.as_str().is_empty());
        match (compound, grants(entry, kind, permission)) {
            (false, true) => return PolicyMatch::Granted(at),
            (false, false) => answer = PolicyMatch::LacksGet(at),
            (true, _) if answer == PolicyMatch::NotNamed => answer = PolicyMatch::OnlyThroughApplication(at),
            (true, _) => {}
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(policies: serde_json::Value) -> Vault {
        serde_json::from_value(serde_json::json!({ "accessPolicies": policies })).unwrap()
    }

    fn ask(policies: serde_json::Value) -> PolicyMatch {
        evaluate(&vault(policies), &ObjectId::new("P"), ObjectKind::Secret, "get")
    }

    #[test]
    fn get_or_all_on_secrets_is_needed_in_any_case() {
        use serde_json::json;
        let with = |s: &str| json!([{"objectId": "p", "permissions": {"secrets": [s], "certificates": ["get"]}}]);
        assert_eq!(ask(with("Get")), PolicyMatch::Granted(0));
        assert_eq!(ask(with("all")), PolicyMatch::Granted(0));
        assert_eq!(ask(with("list")), PolicyMatch::LacksGet(0));
        assert_eq!(ask(json!([])), PolicyMatch::NotNamed);
    }

    #[test]
    fn an_entry_with_an_application_never_matches_a_managed_identity() {
        let entry = serde_json::json!([{"objectId": "p", "applicationId": "a", "permissions": {"secrets": ["get"]}}]);
        assert_eq!(ask(entry), PolicyMatch::OnlyThroughApplication(0));
    }
}
