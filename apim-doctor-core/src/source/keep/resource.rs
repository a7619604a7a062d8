//! What is kept of a resource and of the children that stand in it.

use serde_json::Value;

use crate::base::ResourceId;
use crate::knowledge::cloud::Cloud;
use crate::model::Modelled;
use crate::model::app_service::{Config, KeyVaultReference};
use crate::model::setting;
use crate::source::keep::table;

/// A body without a request; its id or its own `type` decides, as for the reader.
pub(super) fn bare(body: &mut Value, cloud: &Cloud) {
    let Value::Object(map) = &*body else { return *body = Value::Null };
    let text = |names: &[&str]| names.iter().find_map(|name| map.get(*name)?.as_str());
    let id = ResourceId::new(text(&["id", "Id", "ResourceId"]).unwrap_or_default());
    let mut kind = id.resource_type().to_ascii_lowercase();
    if !KeyVaultReference::TYPES.contains(&kind.as_str()) {
        kind = text(&["type", "Type", "ResourceType"]).map_or(kind, str::to_ascii_lowercase);
    }
    let name = id.name().to_owned();
    resource(&kind, &name, body, cloud);
}

/// One resource of a type (lower case), with the children that stand in it.
pub(super) fn resource(kind: &str, name: &str, body: &mut Value, cloud: &Cloud) {
    let children = body.as_object_mut().and_then(|map| map.remove("resources"));
    table::of_type(kind).apply(body, cloud);
    if Config::TYPES.contains(&kind) && !["appsettings", "connectionstrings"].contains(&&*name.to_ascii_lowercase()) {
        let properties = body.as_object_mut().and_then(|map| map.get_mut("properties")?.as_object_mut());
        if let Some(properties) = properties {
            properties.retain(|name, _| setting::is_plain(name));
        }
    }
    if let (Some(Value::Array(mut children)), Some(map)) = (children, body.as_object_mut()) {
        children.iter_mut().for_each(|child| bare(child, cloud));
        map.insert("resources".to_owned(), Value::Array(children));
    }
}
