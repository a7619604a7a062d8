//! Finds the principal that a question names, and its names.

use crate::base::{Map, ObjectId, ResourceId, is_guid};
use crate::knowledge::caller_kind::CallerKind;
use crate::model::managed_identity::UserAssignedIdentity;
use crate::model::{Estate, Gap};

/// The object id of a principal that is given as an id of its own or as a resource with a managed identity.
pub(super) fn principal(estate: &Estate, text: &str) -> Result<ObjectId, Gap> {
    let found = match text.contains('/') {
        true => identity_of(estate, &ResourceId::new(text)),
        false => is_guid(text).then(|| ObjectId::new(text)),
    };
    found.ok_or_else(|| match text.starts_with("/subscriptions/") {
        true => Gap::not_collected(format!("the identity of `{text}`"), &ResourceId::new(text)),
        false => Gap::ambiguous(format!("which principal `{text}` is")).advise("give an object id or a resource id"),
    })
}

fn identity_of(estate: &Estate, id: &ResourceId) -> Option<ObjectId> {
    let own = estate.get::<UserAssignedIdentity>(id).known().and_then(|i| i.properties.principal_id.clone());
    own.or_else(|| estate.caller(CallerKind::of(id)?, id).known()?.identity?.principal_id.clone())
}

/// The resources whose managed identities were collected, by object id (lower case).
pub(super) fn resources(estate: &Estate) -> Map<String, ResourceId> {
    let callers = CallerKind::ALL.iter().flat_map(|kind| estate.callers(*kind));
    let all = estate.ids::<UserAssignedIdentity>().into_iter().chain(callers);
    let named = all.filter_map(|id| Some((identity_of(estate, id)?.as_str().to_ascii_lowercase(), id.clone())));
    named.collect()
}

/// A scope in words.
pub(super) fn place(scope: &ResourceId) -> String {
    const KINDS: [(&str, &str); 12] = [
        ("microsoft.management/managementgroups", "management group"),
        ("microsoft.resources/resourcegroups", "resource group"),
        ("microsoft.apimanagement/service", "API Management instance"),
        ("microsoft.apimanagement/service/apis", "API"),
        ("microsoft.apimanagement/service/workspaces", "workspace"),
        ("microsoft.keyvault/vaults", "vault"),
        ("microsoft.keyvault/vaults/secrets", "secret"),
        ("microsoft.keyvault/vaults/keys", "key"),
        ("microsoft.storage/storageaccounts", "storage account"),
        ("microsoft.storage/storageaccounts/blobservices/containers", "container"),
        ("microsoft.recoveryservices/vaults", "Recovery Services vault"),
        ("microsoft.managedidentity/userassignedidentities", "identity"),
    ];
    if scope.segments().next().is_none() {
        return "the tenant's root".to_owned();
    }
    let kind = scope.resource_type().to_ascii_lowercase();
    if let Some((_, noun)) = KINDS.iter().find(|(own, _)| *own == kind) {
        return format!("{noun} {}", scope.name());
    }
    match (scope.subscription(), scope.segments().count()) {
        (Some(subscription), 2) => format!("subscription {subscription}"),
        (Some(_), 4) => format!("resource group {}", scope.name()),
        _ => format!("{} {}", scope.resource_type(), scope.name()),
    }
}
