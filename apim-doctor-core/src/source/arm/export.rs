//! Exported templates: what `az group export`, the portal and the REST operation make of resources that exist.
//!
//! Sources: <https://learn.microsoft.com/azure/azure-resource-manager/templates/export-template-cli> and
//! <https://learn.microsoft.com/rest/api/resources/resource-groups/export-template> (read 2026-11-30).

use jsonc_parser::ast;

use crate::source::arm::lower::{get, text_of};
use crate::template::json;

/// What Azure says of a resource, and no template sends.
const READ_ONLY: [&str; 7] = [
    "provisioningState",
    "vaultUri",
    "creationTime",
    "primaryEndpoints",
    "resourceGuid",
    "uniqueId",
    "defaultHostName",
];

/// An exported template.
#[derive(Debug, Default)]
pub(crate) struct Export {
    /// Types (as written) whose resources could not be exported.
    pub left_out: Vec<String>,
}

/// The template of a file: itself, or what the answer of an export holds.
pub(super) fn template_in<'a, 't>(object: &'a ast::Object<'t>) -> &'a ast::Object<'t> {
    let inner = get(object, "template").filter(|_| get(object, "resources").is_none());
    let inner = inner.and_then(|property| property.value.as_object());
    inner.filter(|inner| get(inner, "resources").is_some()).unwrap_or(object)
}

/// What an exported template left out; nothing if a file is not one.
pub(crate) fn export(text: &str) -> Option<Export> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Ok(ast::Value::Object(object)) = json::parse(text) else { return None };
    let template = template_in(&object);
    if !is_export(template) {
        return None;
    }
    let details = get(&object, "error").and_then(|error| get(error.value.as_object()?, "details"));
    let details = details.and_then(|details| details.value.as_array());
    let kinds = details.into_iter().flat_map(|details| &details.elements).filter_map(|detail| {
        let target = get(detail.as_object()?, "target").and_then(|target| text_of(&target.value))?;
        target.contains('/').then(|| target.to_owned())
    });
    Some(Export { left_out: kinds.collect() })
}

/// Exports name their parameters after resources (`vaults_kv1_name`, `virtualNetworks_vnet_externalid`), or have none,
/// and show what only Azure can tell.
fn is_export(template: &ast::Object<'_>) -> bool {
    let section = |name: &str| get(template, name).and_then(|property| property.value.as_object());
    let is_empty = |name: &str| section(name).is_none_or(|object| object.properties.is_empty());
    if !is_empty("variables") || !is_empty("outputs") || section("metadata").is_some() {
        return false;
    }
    let parameters = section("parameters").map(|object| object.properties.as_slice()).unwrap_or_default();
    let kind = |parameter: &ast::ObjectProp<'_>| {
        parameter
            .value
            .as_object()
            .and_then(|body| get(body, "type"))
            .and_then(|kind| text_of(&kind.value).map(str::to_owned))
    };
    // A secret of a resource is a parameter, too.
    let mut names = parameters.iter().filter(|parameter| kind(parameter).as_deref() != Some("SecureString")).peekable();
    let is_named_after = |parameter: &ast::ObjectProp<'_>| {
        let name = parameter.name.as_str();
        let stem = name.strip_suffix("_name").or_else(|| name.strip_suffix("_externalid"));
        stem.is_some_and(|stem| stem.contains('_')) && kind(parameter).as_deref() == Some("String")
    };
    match names.peek() {
        Some(_) => names.all(is_named_after),
        None => shows_read_only(template),
    }
}

fn shows_read_only(template: &ast::Object<'_>) -> bool {
    let resources = get(template, "resources").and_then(|list| list.value.as_array());
    let mut resources = resources.into_iter().flat_map(|list| &list.elements).filter_map(ast::Value::as_object);
    resources.any(|resource| {
        let inside = |name: &str| get(resource, name).and_then(|property| property.value.as_object());
        inside("properties").is_some_and(|own| READ_ONLY.iter().any(|name| get(own, name).is_some()))
            || inside("identity").is_some_and(|identity| get(identity, "principalId").is_some())
    })
}
