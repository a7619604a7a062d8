//! The actions that are known by name: those of the built-in roles, and those that API Management documents.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::base::action_matches;
use crate::knowledge::roles;

/// Actions of API Management, below `Microsoft.ApiManagement/`, that no built-in role names in full.
///
/// Source: <https://learn.microsoft.com/azure/role-based-access-control/permissions/integration> (read 2026-11-29).
const API_MANAGEMENT: &str = "deletedservices/read locations/deletedservices/read locations/deletedservices/delete \
    locations/operationsStatuses/read gateways/read gateways/write gateways/delete service/read service/write \
    service/delete service/managedeployments/action service/updatehostname/action service/updatecertificate/action \
    service/backup/action service/restore/action service/applynetworkconfigurationupdates/action \
    service/networkstatus/read service/locations/networkstatus/read \
    service/outboundNetworkDependenciesEndpoints/read service/scheduledMaintenance/action \
    service/operationresults/read service/namedValues/read service/namedValues/write service/namedValues/delete \
    service/namedValues/listValue/action service/namedValues/refreshSecret/action service/certificates/read \
    service/certificates/write service/certificates/delete service/certificates/refreshSecret/action \
    service/backends/read service/backends/write service/backends/delete service/loggers/read service/loggers/write \
    service/loggers/delete service/diagnostics/read service/diagnostics/write service/diagnostics/delete \
    service/apis/read service/apis/write service/apis/delete service/apis/policies/read service/apis/policies/write \
    service/apis/policies/delete service/apis/operations/read service/apis/operations/write \
    service/apis/operations/delete service/apis/operations/policies/read service/apis/operations/policies/write \
    service/apis/operations/policies/delete service/policies/read service/policies/write service/policies/delete \
    service/policyFragments/read service/policyFragments/write service/policyFragments/delete service/products/read \
    service/products/write service/products/delete service/subscriptions/read service/subscriptions/write \
    service/subscriptions/delete service/subscriptions/listSecrets/action \
    service/subscriptions/regeneratePrimaryKey/action service/identityProviders/listSecrets/action \
    service/authorizationServers/listSecrets/action service/openidConnectProviders/listSecrets/action \
    service/gateways/listKeys/action service/gateways/generateToken/action service/tenant/read \
    service/tenant/listSecrets/action service/tenant/deploy/action service/tenant/save/action service/users/read \
    service/users/write service/users/delete service/users/keys/read service/portalRevisions/write \
    service/workspaces/read service/workspaces/write service/workspaces/delete service/workspaces/join/action \
    service/privateEndpointConnections/write";

/// On which planes an action is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Planes {
    pub management: bool,
    pub data: bool,
}

/// Every action that is named in full, in lower case.
static NAMED: LazyLock<BTreeMap<String, Planes>> = LazyLock::new(|| {
    let mut named: BTreeMap<String, Planes> = BTreeMap::new();
    for permission in roles::all().flat_map(|role| role.permissions()) {
        for action in permission.actions.iter().chain(&permission.not_actions).filter(|text| !text.contains('*')) {
            named.entry(action.to_ascii_lowercase()).or_default().management = true;
        }
        let data = permission.data_actions.iter().chain(&permission.not_data_actions);
        for action in data.filter(|text| !text.contains('*')) {
            named.entry(action.to_ascii_lowercase()).or_default().data = true;
        }
    }
    for action in API_MANAGEMENT.split_whitespace() {
        named.entry(format!("microsoft.apimanagement/{}", action.to_ascii_lowercase())).or_default().management = true;
    }
    for (action, is_data) in roles::DOCUMENTED.iter().filter(|(action, _)| !action.contains('*')) {
        let planes = named.entry(action.to_ascii_lowercase()).or_default();
        planes.management |= *is_data != Some(true);
        planes.data |= *is_data != Some(false);
    }
    named
});

/// Patterns with a wildcard that built-in roles contain, in lower case.
static PATTERNS: LazyLock<BTreeMap<String, Planes>> = LazyLock::new(|| {
    let mut found: BTreeMap<String, Planes> = BTreeMap::new();
    for permission in roles::all().flat_map(|role| role.permissions()) {
        for pattern in permission.actions.iter().chain(&permission.not_actions).filter(|text| text.contains('*')) {
            found.entry(pattern.to_ascii_lowercase()).or_default().management = true;
        }
        let data = permission.data_actions.iter().chain(&permission.not_data_actions);
        for pattern in data.filter(|text| text.contains('*')) {
            found.entry(pattern.to_ascii_lowercase()).or_default().data = true;
        }
    }
    found
});

/// The actions that are named in full and that a pattern matches. Only those that begin like it are looked at.
pub(super) fn matching(pattern: &str) -> impl Iterator<Item = (&'static str, Planes)> {
    let folded = pattern.trim().to_ascii_lowercase();
    let head = folded.split('*').next().unwrap_or_default().to_owned();
    let alike = NAMED.range(head.clone()..).take_while(move |(action, _)| action.starts_with(&head));
    alike.filter(move |(action, _)| action_matches(&folded, action)).map(|(action, planes)| (action.as_str(), *planes))
}

/// On which planes an action or a pattern is known; neither: it is not known at all.
pub(super) fn planes_of(pattern: &str) -> Planes {
    let folded = pattern.trim().to_ascii_lowercase();
    if !folded.contains('*') {
        return NAMED.get(&folded).copied().unwrap_or_default();
    }
    let own = PATTERNS.get(&folded).copied().unwrap_or_default();
    matching(&folded)
        .fold(own, |all, (_, one)| Planes { management: all.management || one.management, data: all.data || one.data })
}
