//! The rules for every type.

use serde_json::{Map, Value};

use crate::base::ResourceId;
use crate::source::az::types::{self, Type};

/// A body of Resource Manager, made from output of azure-cli.
#[derive(Debug)]
pub(crate) struct Restored {
    /// The body.
    pub body: Value,
    /// A property that every whole output of this type contains, and this one does not.
    pub lacks: Option<&'static str>,
}

/// What stands beside `properties` in a body of Resource Manager; azure-cli prints everything else beside it, too.
const ENVELOPE: [&str; 15] = [
    "id",
    "name",
    "type",
    "location",
    "tags",
    "sku",
    "kind",
    "identity",
    "zones",
    "systemData",
    "etag",
    "eTag",
    "managedBy",
    "plan",
    "extendedLocation",
];

/// The member of a restored body that names the api-version with which it was read, where that is known to be an old one.
const READ_WITH: &str = "readWith";

/// What stands beside `properties` in a part of a resource.
const ENVELOPE_OF_PART: [&str; 4] = ["id", "name", "type", "etag"];

/// Whether a body with `properties` may have been changed all the same: parts of it can be flat.
pub(crate) fn is_changed(kind: &str) -> bool {
    !types::of(kind).parts.is_empty()
}

/// The bodies that an output is made of: most are one, and an app contains its configuration.
///
/// `id` is the id of the output.
pub(crate) fn restore(id: &ResourceId, mut output: Map<String, Value>) -> Vec<Restored> {
    let kind = id.resource_type().to_ascii_lowercase();
    let rules = types::of(&kind);
    drop_groups(&mut output);
    // A row of a list that shows no properties: the resource exists, and that is all.
    if output.get("properties").is_some_and(Value::is_null) {
        output.retain(|key, _| ENVELOPE.contains(&key.as_str()));
        return vec![Restored { body: without_nulls(output), lacks: None }];
    }
    let is_flat = !output.get("properties").is_some_and(Value::is_object);
    let mut all = Vec::new();
    let mut envelope = Map::new();
    let mut properties = match output.remove("properties") {
        Some(Value::Object(properties)) => properties,
        _ => Map::new(),
    };
    for (key, value) in output {
        // An app's own `sku` is a text and a property.
        let is_property = !ENVELOPE.contains(&key.as_str()) || (key == "sku" && value.is_string());
        match is_property && is_flat {
            true => properties.insert(key, value),
            false => envelope.insert(key, value),
        };
    }
    if is_flat && properties.is_empty() {
        return vec![Restored { body: without_nulls(envelope), lacks: None }];
    }
    if is_flat {
        rules.renames.iter().for_each(|(from, to)| rename(&mut properties, from, to));
    }
    for parts in rules.parts {
        nest(&mut properties, parts);
    }
    if let Some(Value::Object(web)) = properties.get("siteConfig")
        && let Some(own) = web.get("id").and_then(Value::as_str).map(ResourceId::new)
    {
        all.extend(restore(&own, web.clone()));
    }
    if let Some(Value::Object(web)) = properties.get_mut("siteConfig") {
        web.retain(|key, _| !ENVELOPE.contains(&key.as_str()));
    }
    let lacks = lacks(id, rules, &properties, is_flat);
    if let Some((_, version)) = rules.newer.filter(|(name, _)| is_flat && !properties.contains_key(*name)) {
        envelope.insert(READ_WITH.to_owned(), version.into());
    }
    envelope.insert("properties".to_owned(), Value::Object(properties));
    let body = without_nulls(envelope);
    all.insert(0, Restored { body, lacks });
    all
}

/// A property that a whole output contains and this one does not.
fn lacks(id: &ResourceId, rules: &Type, properties: &Map<String, Value>, is_flat: bool) -> Option<&'static str> {
    // Of a configuration with another name than `web`, every member is a setting.
    if rules.kind.ends_with("/config") && !id.name().eq_ignore_ascii_case("web") {
        return None;
    }
    // `properties` that were not flat are Azure's own, unless a command filled in what Azure did not send.
    if !is_flat && !properties.values().any(Value::is_null) {
        return None;
    }
    let has_one = |names: &str| names.split('|').any(|name| properties.contains_key(name));
    let missing = rules.printed.iter().find(|names| !has_one(names))?;
    missing.split('|').next()
}

/// Drops the group's name, which azure-cli adds to everything that has an id.
fn drop_groups(object: &mut Map<String, Value>) {
    let has_group = |id: &str| id.to_ascii_lowercase().contains("/resourcegroups/");
    if object.get("id").and_then(Value::as_str).is_some_and(has_group)
        && object.get("resourceGroup").is_some_and(Value::is_string)
    {
        object.remove("resourceGroup");
    }
    fn inside(value: &mut Value) {
        match value {
            Value::Object(inner) => drop_groups(inner),
            Value::Array(items) => items.iter_mut().for_each(inside),
            _ => {}
        }
    }
    object.values_mut().for_each(inside);
}

/// Drops members that are `null`: azure-cli prints those where Azure sent nothing.
fn without_nulls(mut object: Map<String, Value>) -> Value {
    drop_nulls_in(&mut object);
    Value::Object(object)
}

/// Drops members that are `null`, at any depth. A key that is an id is a value of its own and stays.
pub(crate) fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(object) => drop_nulls_in(object),
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

fn drop_nulls_in(object: &mut Map<String, Value>) {
    object.retain(|key, value| !value.is_null() || key.starts_with('/'));
    object.values_mut().for_each(drop_nulls);
}

/// Gives a property its own name. `path` leads to it: a name, or `*` for every element of a list.
fn rename(object: &mut Map<String, Value>, path: &str, to: &str) {
    match path.split_once('/') {
        None => {
            if let Some(value) = object.remove(path) {
                object.entry(to).or_insert(value);
            }
        }
        Some((name, rest)) => match (object.get_mut(name), rest.strip_prefix("*/")) {
            (Some(Value::Object(inner)), None) => rename(inner, rest, to),
            (Some(Value::Array(items)), Some(rest)) => {
                items.iter_mut().filter_map(Value::as_object_mut).for_each(|inner| rename(inner, rest, to));
            }
            _ => {}
        },
    }
}

/// Puts the properties of parts back below `properties`.
fn nest(properties: &mut Map<String, Value>, path: &str) {
    let (name, rest) = match path.split_once("/*/") {
        Some((name, rest)) => (name, Some(rest)),
        None => (path, None),
    };
    let Some(Value::Array(parts)) = properties.get_mut(name) else { return };
    for part in parts.iter_mut().filter_map(Value::as_object_mut) {
        match (rest, part.get_mut("properties")) {
            (Some(rest), Some(Value::Object(inner))) => nest(inner, rest),
            (None, None) => nest_part(part),
            _ => {}
        }
    }
}

fn nest_part(part: &mut Map<String, Value>) {
    let (envelope, properties): (Map<_, _>, Map<_, _>) =
        std::mem::take(part).into_iter().partition(|(key, _)| ENVELOPE_OF_PART.contains(&key.as_str()));
    *part = envelope;
    // What has only an id is a reference.
    if !properties.is_empty() {
        part.insert("properties".to_owned(), Value::Object(properties));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const GROUP: &str = "/subscriptions/s/resourceGroups/rg/providers";

    /// The bodies that an output is made of.
    fn bodies(mut output: Value) -> Vec<Value> {
        let id = format!("{GROUP}/{}", output["id"].as_str().unwrap());
        output["id"] = id.as_str().into();
        let output = output.as_object().unwrap().clone();
        restore(&ResourceId::new(&id), output).into_iter().map(|restored| restored.body).collect()
    }

    fn body(output: Value) -> Value {
        bodies(output).remove(0)
    }

    #[test]
    fn a_reference_is_not_a_part() {
        let reference =
            json!({"id": format!("{GROUP}/Microsoft.Network/virtualNetworks/v/subnets/s"), "resourceGroup": "rg"});
        let network =
            body(json!({"id": "Microsoft.Network/virtualNetworks/v", "subnets": [reference], "addressSpace": {}}));
        let subnet = &network["properties"]["subnets"][0];
        assert_eq!(*subnet, json!({"id": reference["id"]}), "it has no properties, not even empty ones");
    }

    #[test]
    fn a_row_without_properties_gets_none() {
        for properties in [json!({"properties": null, "provisioningState": null}), json!({"resourceGroup": "rg"})] {
            let mut row = json!({"id": "Microsoft.KeyVault/vaults/kv", "name": "kv", "tags": {}});
            row.as_object_mut().unwrap().extend(properties.as_object().unwrap().clone());
            assert_eq!(body(row).get("properties"), None);
        }
    }

    #[test]
    fn the_group_of_everything_with_an_id_is_dropped() {
        let endpoint = body(json!({"id": "Microsoft.Network/privateEndpoints/pe", "resourceGroup": "rg",
            "subnet": {"id": format!("{GROUP}/Microsoft.Network/virtualNetworks/v/subnets/s"), "resourceGroup": "rg"},
            "sourceVault": {"id": "x", "resourceGroup": "own"}}));
        assert_eq!(endpoint.get("resourceGroup"), None);
        assert_eq!(endpoint["properties"]["subnet"].get("resourceGroup"), None);
        assert_eq!(endpoint["properties"].get("resourceGroup"), None, "it is not a property either");
        assert_eq!(endpoint["properties"]["sourceVault"]["resourceGroup"], "own");
    }

    #[test]
    fn the_names_of_an_account_are_changed_back_at_every_depth() {
        let account = body(json!({"id": "Microsoft.Storage/storageAccounts/st", "enableNfsV3": false,
            "networkRuleSet": {"ipRules": [{"ipAddressOrRange": "20.0.0.0/24"}],
                "virtualNetworkRules": [{"virtualNetworkResourceId": "v"}]},
            "encryption": {"keyVaultProperties": {"keyName": "k"}, "encryptionIdentity": {"encryptionUserAssignedIdentity": "i"}}}));
        let properties = &account["properties"];
        assert_eq!(
            properties["networkAcls"],
            json!({"ipRules": [{"value": "20.0.0.0/24"}], "virtualNetworkRules": [{"id": "v"}]})
        );
        assert_eq!(
            properties["encryption"],
            json!({"keyvaultproperties": {"keyname": "k"}, "identity": {"userAssignedIdentity": "i"}})
        );
        assert_eq!(properties["isNfsV3Enabled"], false);
    }

    #[test]
    fn an_app_contains_its_configuration() {
        let web = json!({"id": format!("{GROUP}/Microsoft.Web/sites/f/config/web"), "name": "web", "type": "Microsoft.Web/sites/config",
            "resourceGroup": "rg", "vnetRouteAllEnabled": true, "keyVaultReferenceIdentity": null, "kind": null});
        let all = bodies(json!({"id": "Microsoft.Web/sites/f", "siteConfig": web, "functionAppConfig": null}));
        assert_eq!(all.len(), 2);
        assert_eq!(all[0]["properties"]["siteConfig"], json!({"vnetRouteAllEnabled": true}));
        assert_eq!(all[0].get(READ_WITH), None);
        assert_eq!(all[1]["id"], web["id"]);
        assert_eq!(all[1]["properties"], json!({"vnetRouteAllEnabled": true}));
        // Without that member, Azure was asked with an api-version that does not show the plan's kind.
        assert_eq!(body(json!({"id": "Microsoft.Web/sites/f", "state": "Running"}))[READ_WITH], "2022-03-01");
    }

    #[test]
    fn an_identity_of_which_nothing_is_known_stays_attached() {
        let app = body(json!({"id": "Microsoft.Web/sites/f", "state": "Running",
            "identity": {"type": "UserAssigned", "principalId": null, "userAssignedIdentities": {"/i": null}}}));
        assert_eq!(app["identity"], json!({"type": "UserAssigned", "userAssignedIdentities": {"/i": null}}));
    }

    #[test]
    fn an_output_is_whole_under_either_of_two_names() {
        let lacks = |output: Value| {
            let id = ResourceId::new(&format!("{GROUP}/Microsoft.Authorization/roleAssignments/a"));
            restore(&id, output.as_object().unwrap().clone()).remove(0).lacks
        };
        let own = json!({"principalId": "p", "principalType": "User", "roleDefinitionId": "r", "scope": "/s"});
        let with = |key: &str| {
            let mut output = own.clone();
            output[key] = Value::Null;
            output
        };
        assert_eq!(lacks(own.clone()), Some("condition"));
        assert_eq!(lacks(with("updatedOn")), None);
        assert_eq!(lacks(with("condition")), None);
    }
}
