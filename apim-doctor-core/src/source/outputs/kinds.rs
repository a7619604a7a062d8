//! Files and objects that contain no resource: their names, and what to do with them.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::base::ResourceId;
use crate::source::outputs::body::UnnamedKind;

/// What an object without the id of a resource is.
pub(super) enum Known {
    /// It says nothing about whose it is.
    Unnamed(UnnamedKind),
    /// Nothing in it is needed, or what it shows is read from elsewhere.
    Aside(&'static str, &'static str),
    /// Something that people take for input.
    Unusable(&'static str, &'static str),
    /// Not known.
    No,
}

/// What a text is that is neither JSON nor YAML, and what to do instead.
pub(super) fn text(text: &str) -> Option<(&'static str, &'static str)> {
    let first = text.trim_start();
    let starts = |words: &[&str]| words.iter().any(|word| first.starts_with(word));
    if starts(&["ERROR:", "az: ", "usage: az", "WARNING: The command failed"]) {
        return Some((
            "this is an error of azure-cli, not its output",
            "explain it with `apim-doctor explain`, or run the command with an identity that may read",
        ));
    }
    if starts(&["<policies", "<fragment", "<?xml", "<!--"]) {
        return Some((
            "this is XML, not JSON",
            "print a policy with `az rest --method get --url POLICY_ID?api-version=2024-05-01`",
        ));
    }
    if starts(&[
        "param ",
        "targetScope",
        "resource ",
        "module ",
        "@description",
        "terraform {",
        "provider \"",
        "variable \"",
    ]) {
        return Some(("this is code that deploys resources", NOT_A_TEMPLATE));
    }
    None
}

/// Whether an object has all of these members.
fn has(object: &Map<String, Value>, names: &[&str]) -> bool {
    names.iter().all(|name| object.contains_key(*name))
}

/// Whether an object has no other members than these.
fn only(object: &Map<String, Value>, names: &[&str]) -> bool {
    object.keys().all(|key| names.contains(&key.as_str()))
}

/// What a list is, by its first element.
pub(super) fn element(first: &Map<String, Value>) -> Option<UnnamedKind> {
    if has(first, &["name", "value", "slotSetting", "type"]) && only(first, &["name", "value", "slotSetting", "type"]) {
        return Some(UnnamedKind::ConnectionStrings);
    }
    let is_setting = has(first, &["name", "value", "slotSetting"]) && only(first, &["name", "value", "slotSetting"]);
    is_setting.then_some(UnnamedKind::Settings)
}

const NOT_A_TEMPLATE: &str = "it says what will be deployed, not what Azure has: check it with `apim-doctor check FILE`; \
                              or collect the resources with `apim-doctor collect`";

/// What an object without the id of a resource is.
pub(super) fn object(object: &Map<String, Value>) -> Known {
    let text = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default();
    let rules = ["bypass", "defaultAction", "ipRules", "virtualNetworkRules"];
    if has(object, &rules) {
        return Known::Unnamed(match object.contains_key("resourceAccessRules") {
            true => UnnamedKind::AccountRules,
            false => UnnamedKind::VaultRules,
        });
    }
    let identity = ["principalId", "tenantId", "type", "userAssignedIdentities"];
    if has(object, &["principalId", "type"]) && only(object, &identity) {
        return Known::Unnamed(UnnamedKind::Identity);
    }
    if object.contains_key("networkStatus") || has(object, &["connectivityStatus", "dnsServers"]) {
        return Known::Aside(
            "the network status of an API Management instance, without the instance's name",
            "record the instance with `apim-doctor collect`, which also records its network status",
        );
    }
    if has(object, &["tenantId", "user", "environmentName"]) || has(object, &["homeTenantId", "state", "tenantId"]) {
        return Known::Aside("the sign-in of azure-cli (`az account show`)", "");
    }
    if object.get("id").and_then(Value::as_str).is_some_and(|id| id.starts_with("https://")) {
        return match object.contains_key("attributes") {
            true => Known::Aside(
                "an object in a vault, as the vault itself shows it",
                "print it with `az resource show --ids VAULT_ID/secrets/NAME`, which also shows its attributes",
            ),
            false => Known::No,
        };
    }
    if text("$schema").to_ascii_lowercase().contains("deploymentparameters") {
        return Known::Unusable("these are the parameters of an ARM template", NOT_A_TEMPLATE);
    }
    if text("$schema").to_ascii_lowercase().contains("deploymenttemplate")
        || (has(object, &["contentVersion", "resources"]))
    {
        return Known::Unusable("this is an ARM template", NOT_A_TEMPLATE);
    }
    if object.contains_key("planned_values") {
        return Known::Unusable(
            "this is a Terraform plan",
            "check it with `apim-doctor check FILE`; once it is applied, collect the resources with `apim-doctor collect`",
        );
    }
    if object.contains_key("terraform_version") || has(object, &["lineage", "serial"]) {
        return Known::Unusable(
            "this is a Terraform state",
            "check it with `apim-doctor check FILE`, or collect the resources that it names with `apim-doctor collect`",
        );
    }
    let changes = object.get("changes").or_else(|| object.get("properties")?.get("changes")).and_then(Value::as_array);
    if changes.is_some_and(|all| all.iter().any(|change| change.get("changeType").is_some())) {
        return Known::Unusable("this is output of what-if", NOT_A_TEMPLATE);
    }
    if object.get("error").is_some_and(|error| error.get("code").is_some()) {
        return Known::Unusable(
            "this is an error of Azure, not a resource",
            "explain it with `apim-doctor explain`, or repeat the request with an identity that may read",
        );
    }
    if object.is_empty() {
        return Known::Aside("an empty object", "");
    }
    Known::No
}

/// Whether the properties of a body are the references of an app, by name.
pub(super) fn is_references(properties: Option<&str>) -> bool {
    #[derive(Deserialize)]
    struct Properties<'t> {
        #[serde(borrow, rename = "keyToReferenceStatuses")]
        _statuses: &'t RawValue,
    }
    properties.is_some_and(|text| text.contains("keyToReferenceStatuses"))
        && properties.is_some_and(|text| serde_json::from_str::<Properties>(text).is_ok())
}

/// The references of an app that `config/configreferences` answers in one body, by name: one body for each.
pub(super) fn references(id: &ResourceId, body: &Map<String, Value>) -> Option<Vec<(ResourceId, Value)>> {
    let statuses = body.get("properties")?.get("keyToReferenceStatuses")?.as_object()?;
    let is_kind = |name: &str| ["appsettings", "connectionstrings"].iter().any(|own| own.eq_ignore_ascii_case(name));
    let parent = match is_kind(id.name()) {
        true => id.as_str().to_owned(),
        false => format!("{}/appsettings", id.as_str()),
    };
    let one = |(name, status): (&String, &Value)| {
        let id = format!("{parent}/{name}");
        let body = serde_json::json!({"id": id, "name": name, "properties": status});
        (ResourceId::new(&id), body)
    };
    Some(statuses.iter().map(one).collect())
}
