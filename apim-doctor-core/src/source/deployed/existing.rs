//! Resources that exist before the deployment, as its files say: states, exports and what-if output describe them.

use std::collections::HashSet;
use std::sync::Arc;

use crate::base::{Map, ResourceId, is_guid};
use crate::model::Gap;
use crate::source::deployed::made::{Made, MadeList};
use crate::source::deployed::symbols::Symbols;
use crate::template::resource::Resource;
use crate::template::value::{Symbol, Value};

/// A resource that exists before the deployment.
#[derive(Clone, Debug)]
pub(crate) struct Existing {
    /// Its id.
    pub id: Value,
    /// Whether the file shows all of it: exports and what-if output leave the settings of apps out.
    pub is_whole: bool,
}

/// Takes the ids of identities that a file shows. Of a resource that does not exist yet, they are somebody else's.
pub(super) fn name_identities(resource: &Resource, existing: &Map<ResourceId, bool>, symbols: &mut Symbols) {
    let Some(id) = symbols.named_by(&resource.id).filter(|id| existing.contains_key(id)) else { return };
    let guid =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_str).filter(|id| is_guid(id)).map(str::to_owned);
    let mut name = |id: &str, principal: Option<String>, client: Option<String>| {
        let key: Arc<str> = symbols.key_of(id);
        if let Some(principal) = principal {
            symbols.name(&Symbol::Principal(key.clone()), &principal);
        }
        if let Some(client) = client {
            symbols.name(&Symbol::Client(key), &client);
        }
    };
    if resource.resource_type.eq_ignore_ascii_case("Microsoft.ManagedIdentity/userAssignedIdentities")
        && let Some(own) = resource.body.get("properties")
    {
        name(id.as_str(), guid(own, "principalId"), guid(own, "clientId"));
    }
    let Some(identity) = resource.body.get("identity") else { return };
    name(id.as_str(), guid(identity, "principalId"), None);
    let attached = identity.get("userAssignedIdentities").and_then(Value::as_object);
    for (key, entry) in attached.into_iter().flat_map(|object| object.entries()) {
        name(&key.text, guid(entry, "principalId"), guid(entry, "clientId"));
    }
}

/// The settings of apps that exist and that the files do not hold. Neither an export nor what-if output contains them,
/// and a deployment that sends none leaves them as they are.
///
/// Source: <https://learn.microsoft.com/azure/azure-resource-manager/templates/export-template-portal> (read
/// 2026-11-30).
pub(super) fn unread_settings(made: &MadeList, existing: &HashSet<ResourceId>) -> Vec<(ResourceId, Gap)> {
    let is_app = |made: &&Made| {
        ["Microsoft.Web/sites", "Microsoft.Web/sites/slots"].iter().any(|kind| made.kind.eq_ignore_ascii_case(kind))
    };
    let apps = made.iter().filter(is_app).filter(|made| existing.contains(&made.id));
    let settings =
        apps.flat_map(|app| ["appsettings", "connectionstrings"].map(|name| (app, app.id.child("config", name))));
    settings
        .filter(|(_, id)| made.get(id).is_none())
        .map(|(app, id)| {
            (id, Gap::not_in_files(format!("the app settings of `{}`, which exists already", app.id.name())))
        })
        .collect()
}
