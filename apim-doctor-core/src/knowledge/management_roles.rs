//! The built-in roles that people assign for management actions, by the resource provider that they are made for.
//!
//! The smallest role that has an action is often one that another product made for itself (a role of Azure Red Hat OpenShift
//! has `Microsoft.Network/privateEndpoints/write`). These are the providers' own roles.
//!
//! Source: <https://learn.microsoft.com/azure/role-based-access-control/built-in-roles> (read 2026-12-01).

use crate::base::action_matches;
use crate::knowledge::roles;

/// Providers, each with a role of its own; of the same provider, the smaller role comes first.
const OWN: [(&str, &str); 19] = [
    ("Microsoft.ApiManagement/", "API Management Service Reader Role"),
    ("Microsoft.ApiManagement/", "API Management Service Operator Role"),
    ("Microsoft.ApiManagement/", "API Management Service Contributor"),
    ("Microsoft.Authorization/", "Reader"),
    ("Microsoft.Authorization/", "Role Based Access Control Administrator"),
    ("Microsoft.Authorization/", "User Access Administrator"),
    ("Microsoft.DataProtection/", "Backup MUA Operator"),
    ("Microsoft.KeyVault/", "Key Vault Contributor"),
    ("Microsoft.ManagedIdentity/", "Managed Identity Operator"),
    ("Microsoft.ManagedIdentity/", "Managed Identity Contributor"),
    ("Microsoft.Network/privateDnsZones/", "Private DNS Zone Contributor"),
    ("Microsoft.Network/", "Network Contributor"),
    ("Microsoft.RecoveryServices/", "Backup Reader"),
    ("Microsoft.RecoveryServices/", "Backup Operator"),
    ("Microsoft.RecoveryServices/", "Backup Contributor"),
    ("Microsoft.Storage/", "Storage Account Key Operator Service Role"),
    ("Microsoft.Storage/", "Storage Account Contributor"),
    ("Microsoft.Web/serverFarms/", "Web Plan Contributor"),
    ("Microsoft.Web/", "Website Contributor"),
];

/// Returns the smallest role of the action's own provider that allows it.
pub(crate) fn smallest_own_role(action: &str) -> Option<&'static str> {
    let is_own = |provider: &str| action.get(..provider.len()).is_some_and(|own| own.eq_ignore_ascii_case(provider));
    OWN.into_iter().filter(|(provider, _)| is_own(provider)).map(|(_, role)| role).find(|role| allows(role, action))
}

fn allows(role: &str, action: &str) -> bool {
    let has = |patterns: &[String]| patterns.iter().any(|pattern| action_matches(pattern, action));
    roles::by_name(role)
        .is_some_and(|role| role.permissions().iter().any(|each| has(&each.actions) && !has(&each.not_actions)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_leads_to_a_role_of_its_provider() {
        for (action, role) in [
            ("Microsoft.Storage/storageAccounts/listKeys/action", Some("Storage Account Key Operator Service Role")),
            ("microsoft.keyvault/vaults/deploy/action", Some("Key Vault Contributor")),
            ("Microsoft.Network/virtualNetworks/subnets/join/action", Some("Network Contributor")),
            ("Microsoft.Authorization/roleAssignments/write", Some("Role Based Access Control Administrator")),
            ("Microsoft.ApiManagement/service/operationresults/read", Some("API Management Service Reader Role")),
            ("Microsoft.ApiManagement/service/users/keys/read", Some("API Management Service Contributor")),
            ("Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", Some("Managed Identity Operator")),
            ("Microsoft.KeyVault/hsmPools/write", None),
            ("Microsoft.Example/things/write", None),
        ] {
            assert_eq!(smallest_own_role(action), role, "{action}");
        }
        let unknown = OWN.iter().filter(|(_, role)| roles::by_name(role).is_none());
        assert_eq!(unknown.count(), 0);
    }
}
