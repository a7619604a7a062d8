//! Changes to the place that declares a reference: a host name, a named value, a certificate, a policy or a setting.
//!
//! Sources: <https://learn.microsoft.com/rest/api/apimanagement/named-value/update>,
//! <https://learn.microsoft.com/rest/api/apimanagement/certificate/create-or-update>,
//! <https://learn.microsoft.com/cli/azure/apim> (read 2026-11-21) and
//! <https://learn.microsoft.com/cli/azure/webapp/config/appsettings> (read 2026-11-22).

use std::ops::Range;

use serde_json::{Map, Value, json};

use crate::base::{ObjectId, ResourceId};
use crate::check::context::Context;
use crate::check::remedy::{self, Change};
use crate::finding::snippet::{bicep, hcl};
use crate::finding::{Command, Edit, Line};
use crate::model::api_management::{HostnameConfiguration, Policy, Service};
use crate::model::app_service::Config;
use crate::model::{Estate, Resource};
use crate::path::{Credential, Form};

/// Names another secret.
pub(super) fn set_identifier(ctx: &Context<'_, '_>, identifier: &str) -> Change {
    let path = ctx.case.path;
    let Some(resource) = path.declared_at.resource.clone() else { return Change::default() };
    if ctx.is_app() {
        return in_app(ctx, &resource, identifier);
    }
    if path.consumer == "apim-policy" {
        let change = |xml: &str| xml.contains(&path.reference).then(|| xml.replace(&path.reference, identifier));
        let what = Command::comment("in policy.json write").word(identifier).and("instead of").word(&path.reference);
        return in_policy(ctx, &resource, what, change);
    }
    let edit = Edit::set(&resource, path.declared_at.pointer.clone(), identifier);
    declare(ctx, &resource, edit, identifier, path.client_id.as_ref())
}

/// Selects an identity by its client id; without one the system-assigned identity is selected.
pub(super) fn set_client_id(ctx: &Context<'_, '_>, client_id: Option<&ObjectId>) -> Change {
    let path = ctx.case.path;
    let Some(resource) = path.client_id_at.resource.clone() else { return Change::default() };
    if path.client_id.as_ref() == client_id {
        return Change::default();
    }
    if ctx.is_app() {
        return of_connection(ctx, client_id);
    }
    if path.consumer == "apim-policy" {
        let id = client_id.map(ObjectId::as_str);
        let what = match id {
            Some(id) => Command::comment("in policy.json ask with client-id").word(id),
            None => Command::comment("in policy.json leave client-id out"),
        };
        let what = what.and("in the call of").word(&path.reference);
        return in_policy(ctx, &resource, what, |xml| with_attribute(xml, &path.reference, "client-id", id));
    }
    let pointer = path.client_id_at.pointer.clone();
    let edit = match client_id {
        Some(id) => Edit::set(&resource, pointer, id.as_str()),
        None => Edit::remove(&resource, pointer),
    };
    declare(ctx, &resource, edit, &path.reference, client_id)
}

/// Rewrites a reference of an instance: its secret, and the identity that fetches it.
fn declare(
    ctx: &Context<'_, '_>,
    resource: &ResourceId,
    edit: Edit,
    identifier: &str,
    client_id: Option<&ObjectId>,
) -> Change {
    let client_id = client_id.map(ObjectId::as_str);
    let (in_bicep, in_hcl) = (client_id.map(bicep), client_id.map(hcl));
    let bicep_id = in_bicep.map(|id| format!("\n  identityClientId: {id}")).unwrap_or_default();
    let contract = format!("keyVault: {{\n  secretIdentifier: {}{bicep_id}\n}}", bicep(identifier));
    let argument = |name: &str| in_hcl.as_ref().map(|id| format!("\n{name} = {id}")).unwrap_or_default();
    let secret = hcl(identifier);
    match ctx.case.path.consumer {
        "apim-custom-domain" => {
            let Some(service) = ctx.instance() else { return Change::default() };
            let change = Change::lines(host_names(service, std::slice::from_ref(&edit)), [edit]);
            let at = entry_of(&ctx.case.path.declared_at.pointer);
            match at.and_then(|(at, _)| service.properties.hostname_configurations.get(at)) {
                Some(entry) => host_name_snippets(change, entry, identifier, client_id),
                None => change,
            }
        }
        "apim-certificate" => Change::of(contract_command(ctx, resource, identifier, client_id), [edit])
            .bicep_in("Microsoft.ApiManagement/service/certificates", contract)
            .terraform_in(
                "azurerm_api_management_certificate",
                format!("key_vault_secret_id = {secret}{}", argument("key_vault_identity_client_id")),
            ),
        _ => Change::of(contract_command(ctx, resource, identifier, client_id), [edit])
            .bicep_in("Microsoft.ApiManagement/service/namedValues", format!("secret: true\n{contract}"))
            .terraform_in(
                "azurerm_api_management_named_value",
                format!(
                    "secret = true\nvalue_from_key_vault {{\nsecret_id = {secret}{}\n}}",
                    argument("identity_client_id")
                ),
            ),
    }
}

/// How templates say one host name of an instance.
fn host_name_snippets(
    change: Change,
    entry: &HostnameConfiguration,
    identifier: &str,
    client_id: Option<&str>,
) -> Change {
    let kind = entry.r#type.as_deref().unwrap_or("Proxy");
    let host = entry.host_name.as_deref().unwrap_or("HOST_NAME");
    let selects = client_id.map(|id| format!("\n    identityClientId: {}", bicep(id))).unwrap_or_default();
    let change = change.bicep_in(
        "Microsoft.ApiManagement/service",
        format!(
            "hostnameConfigurations: [\n  // and those that are there\n  {{\n    type: {}\n    hostName: {}\n    \
             keyVaultId: {}{selects}\n  }}\n]",
            bicep(kind),
            bicep(host),
            bicep(identifier)
        ),
    );
    let block = match kind.to_ascii_lowercase().as_str() {
        "proxy" => "gateway",
        "portal" => "portal",
        "developerportal" => "developer_portal",
        "management" => "management",
        "scm" => "scm",
        _ => return change,
    };
    let selects = client_id.map(|id| format!("\n  ssl_keyvault_identity_client_id = {}", hcl(id))).unwrap_or_default();
    change.terraform_in(
        "azurerm_api_management_custom_domain",
        format!(
            "{block} {{\n  host_name                = {}\n  key_vault_certificate_id = {}{selects}\n}}",
            hcl(host),
            hcl(identifier)
        ),
    )
}

/// `1` and `keyVaultId` of `/properties/hostnameConfigurations/1/keyVaultId`.
fn entry_of(pointer: &str) -> Option<(usize, &str)> {
    let (at, leaf) = pointer.strip_prefix("/properties/hostnameConfigurations/")?.split_once('/')?;
    Some((at.parse().ok()?, leaf))
}

/// Writes the host names of an instance with changes made to them.
///
/// `PATCH` replaces the list as a whole, so it holds every host name. `az apim update` would send the whole instance
/// in another version, `certificateStatus` included, which asks for a new managed certificate. A certificate that was
/// uploaded is never returned: where the list has one, a person has to supply it.
/// Sources: <https://learn.microsoft.com/rest/api/apimanagement/api-management-service/update> and the sources of
/// azure-cli 2.91 (read 2026-11-29).
pub(crate) fn host_names(service: &Resource<Service>, edits: &[Edit]) -> Vec<Line> {
    let entries = &service.properties.hostname_configurations;
    let mut list: Vec<Map<String, Value>> = entries.iter().map(writable).collect();
    for edit in edits {
        match edit {
            Edit::Set { resource, pointer, value } if *resource == service.id => {
                if let Some((entry, leaf)) = entry_of(pointer).and_then(|(at, leaf)| Some((list.get_mut(at)?, leaf))) {
                    entry.insert(leaf.to_owned(), value.clone());
                }
            }
            Edit::Remove { resource, pointer } if *resource == service.id => {
                if let Some((entry, leaf)) = entry_of(pointer).and_then(|(at, leaf)| Some((list.get_mut(at)?, leaf))) {
                    entry.remove(leaf);
                }
            }
            _ => {}
        }
    }
    let built_in = format!("{}.", service.name().to_ascii_lowercase());
    let is_complete = |entry: &&HostnameConfiguration| match entry.certificate_source.as_deref() {
        Some(source) => ["BuiltIn", "KeyVault"].iter().any(|known| source.eq_ignore_ascii_case(known)),
        None => {
            let host = entry.host_name.as_deref().unwrap_or_default().to_ascii_lowercase();
            entry.key_vault_id.is_some() || host.starts_with(&built_in)
        }
    };
    let uploaded: Vec<&str> =
        entries.iter().filter(|entry| !is_complete(entry)).filter_map(|e| e.host_name.as_deref()).collect();
    if !uploaded.is_empty() {
        let words = "a PATCH replaces all host names, and Azure does not return the certificates of these; change this \
                     one in the portal, or supply them again:";
        let show = Command::new("az apim show").named(&service.id).and("--query hostnameConfigurations");
        return vec![uploaded.iter().fold(Command::comment(words), Command::word).line(), show.line()];
    }
    let body = json!({ "properties": { "hostnameConfigurations": list } });
    let words = "this replaces the list of host names by the one that was read: add what was changed since then";
    vec![Command::comment(words).line(), Command::rest("patch", service.id.as_str(), remedy::APIM).body(&body).line()]
}

/// Joins the commands that write the host names of one instance: each writes the whole list, so the last would take
/// back what the others changed.
pub(super) fn write_host_names_once(estate: &Estate, az: &mut Vec<Line>, edits: &[Edit]) {
    let of_host_name = |edit: &&Edit| match edit {
        Edit::Set { pointer, .. } | Edit::Remove { pointer, .. } => entry_of(pointer).is_some(),
        _ => false,
    };
    let mut instances: Vec<&ResourceId> = edits.iter().filter(of_host_name).map(Edit::touches).collect();
    instances.dedup();
    for instance in instances {
        let Some(service) = estate.get::<Service>(instance).known() else { continue };
        let patch = Command::rest("patch", instance.as_str(), remedy::APIM).line();
        let writes = |line: &Line| {
            line.as_str().starts_with(patch.as_str()) && line.as_str().contains("\"hostnameConfigurations\"")
        };
        let Some(last) = az.iter().rposition(writes) else { continue };
        let Some(whole) = host_names(service, edits).pop() else { continue };
        if let Some(line) = az.get_mut(last) {
            *line = whole;
        }
        let mut at = 0..;
        az.retain(|line| at.next() == Some(last) || !writes(line));
    }
}

/// What of a host name may be sent: nothing that Azure computes.
fn writable(entry: &HostnameConfiguration) -> Map<String, Value> {
    let all = [
        ("type", entry.r#type.as_deref().map(Value::from)),
        ("hostName", entry.host_name.as_deref().map(Value::from)),
        ("keyVaultId", entry.key_vault_id.as_deref().map(Value::from)),
        ("identityClientId", entry.identity_client_id.as_ref().map(|id| Value::from(id.as_str()))),
        ("certificateSource", entry.certificate_source.as_deref().map(Value::from)),
        ("defaultSslBinding", entry.default_ssl_binding.map(Value::from)),
        ("negotiateClientCertificate", entry.negotiate_client_certificate.map(Value::from)),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// Writes another identifier where an app or a certificate of one declares it.
fn in_app(ctx: &Context<'_, '_>, declared: &ResourceId, identifier: &str) -> Change {
    let path = ctx.case.path;
    match path.form {
        // A secret's name is all that a certificate says besides the vault's id.
        Form::Identifier => {
            let Some((rest, name)) = identifier.rsplit_once('/') else { return Change::default() };
            if !path.reference.starts_with(&format!("{rest}/")) {
                return Change::default();
            }
            let body = json!({ "properties": { "keyVaultSecretName": name } });
            let az = Command::rest("patch", declared.as_str(), remedy::WEB).body(&body);
            let change = Change::of(az, [Edit::set(declared, path.declared_at.pointer.clone(), name)])
                .bicep_in("Microsoft.Web/certificates", format!("keyVaultSecretName: {}", bicep(name)));
            match &ctx.diagnosis.reference {
                Some(reference) => change.terraform_in(
                    "azurerm_app_service_certificate",
                    format!("key_vault_secret_id = {}", hcl(&format!("https://{}/secrets/{name}", reference.host))),
                ),
                None => change,
            }
        }
        Form::Setting => {
            let value = format!("@Microsoft.KeyVault(SecretUri={identifier})");
            // `config/connectionstrings`, or `config/configreferences/connectionstrings/{name}`.
            let mut near = declared.segments().rev().take(2);
            let is_connection = near.any(|s| s.eq_ignore_ascii_case("connectionstrings"))
                && !path.label.eq_ignore_ascii_case("connectionstrings");
            let (kind, leaf) = if is_connection { ("connectionstrings", "/value") } else { ("appsettings", "") };
            let config = path.resource.child("config", kind);
            let mut edits = vec![Edit::set(declared, path.declared_at.pointer.clone(), value.as_str())];
            // A setting that was changed is fetched anew, and its status says so until then.
            let has_status = *declared != config;
            edits.extend(has_status.then(|| Edit::set(declared, "/properties/status", "Initialized")));
            let listed = *declared != config && remedy::was_read::<Config>(ctx, &config);
            edits.extend(
                listed.then(|| Edit::set(&config, format!("/properties/{}{leaf}", path.label), value.as_str())),
            );
            if !is_connection {
                let change = Change::of(remedy::set_settings(&path.resource, &[(&path.label, &value)]), edits);
                return remedy::as_settings(ctx, change, &[(&path.label, &value)]);
            }
            // Its kind stays the same; it is not read.
            let az = remedy::of_app(Command::new("az webapp config connection-string set"), &path.resource)
                .and("--connection-string-type TYPE")
                .option("--settings", format!("{}={value}", path.label))
                .and("--output none");
            let change = Change::of(az, edits);
            let Some(app) = remedy::app(ctx) else { return change };
            change
                .bicep_in(
                    remedy::bicep_type(&app.id),
                    format!(
                        "connectionStrings: [\n  // and those that are there\n  {{ name: {}, type: 'TYPE', \
                         connectionString: {} }}\n]",
                        bicep(&path.label),
                        bicep(&value)
                    ),
                )
                .terraform_in(
                    remedy::terraform_type(app),
                    format!(
                        "connection_string {{\n  name  = {}\n  type  = \"TYPE\"\n  value = {}\n}}",
                        hcl(&path.label),
                        hcl(&value)
                    ),
                )
        }
        Form::Storage => {
            let setting = path.declared_at.pointer.rsplit('/').next().unwrap_or_default();
            // A connection string holds a key, which is none of ours.
            if path.credential == Credential::AccountKey || !setting.contains("__") {
                return Change::default();
            }
            remedy::set_setting(ctx, setting, identifier).unwrap_or_default()
        }
    }
}

/// Selects an identity for a connection by the app's settings; without one the system-assigned identity is selected.
/// Source: <https://learn.microsoft.com/azure/azure-functions/functions-reference> (read 2026-11-21).
fn of_connection(ctx: &Context<'_, '_>, client_id: Option<&ObjectId>) -> Change {
    let connection = ctx.case.path.connection();
    let (credential, selected) = (format!("{connection}__credential"), format!("{connection}__clientId"));
    match client_id {
        Some(id) => {
            remedy::set_all(ctx, &[(&credential, "managedidentity"), (&selected, id.as_str())]).unwrap_or_default()
        }
        None => {
            let config = ctx.case.path.resource.child("config", "appsettings");
            if !remedy::was_read::<Config>(ctx, &config) {
                return Change::default();
            }
            let az = remedy::delete_settings(&ctx.case.path.resource, [&selected]);
            Change::of(az, [Edit::remove(&config, format!("/properties/{selected}"))])
        }
    }
}

/// Asks for a token for another audience. Only policies name one.
pub(super) fn set_audience(ctx: &Context<'_, '_>, audience: &str) -> Change {
    let path = ctx.case.path;
    let Some(resource) = path.declared_at.resource.clone() else { return Change::default() };
    let what = Command::comment("in policy.json ask with resource").word(audience);
    let what = what.and("in the call of").word(&path.reference);
    in_policy(ctx, &resource, what, |xml| with_attribute(xml, &path.reference, "resource", Some(audience)))
}

/// Changes the document of a policy. The document is too long for a command: it is fetched, edited and sent back.
///
/// Pasted as a whole, this changes nothing: what sends the document back is a comment.
fn in_policy(
    ctx: &Context<'_, '_>,
    policy: &ResourceId,
    what: Command,
    change: impl FnOnce(&str) -> Option<String>,
) -> Change {
    let read = ctx.case.estate.get::<Policy>(policy).known();
    let new = read.and_then(|policy| policy.properties.value.as_deref()).and_then(change);
    let edit = new.map(|xml| Edit::set(policy, "/properties/value", xml));
    let fetch = Command::rest("get", policy.as_str(), RAW_POLICY).and("--output-file policy.json");
    let put = Command::rest("put", policy.as_str(), remedy::APIM).and("--headers \"If-Match=*\" --body @policy.json");
    let send = what.and("and keep \"format\": \"rawxml\"; then").then(put);
    Change::lines([fetch.line(), send.line()], edit)
}

/// The version of API Management, and the form in which a policy is one text.
const RAW_POLICY: &str = "2024-05-01&format=rawxml";

/// Writes `properties.keyVault` of a named value, or of a certificate, which has no update and is written whole.
fn contract_command(
    ctx: &Context<'_, '_>,
    resource: &ResourceId,
    identifier: &str,
    client_id: Option<&str>,
) -> Command {
    let method = if ctx.case.path.consumer == "apim-certificate" { "put" } else { "patch" };
    let mut vault = json!({ "secretIdentifier": identifier });
    // A named value keeps what an update leaves out, so an identity is taken away by name.
    let selects = client_id.map(Value::from).or_else(|| ctx.case.path.client_id.as_ref().map(|_| Value::Null));
    if let (Some(map), Some(id)) = (vault.as_object_mut(), selects) {
        map.insert("identityClientId".to_owned(), id);
    }
    Command::rest(method, resource.as_str(), remedy::APIM)
        .and("--headers \"If-Match=*\"")
        .body(&json!({ "properties": { "keyVault": vault } }))
}

/// The document with one attribute of the `authentication-managed-identity` that belongs to this URL set or left out.
fn with_attribute(xml: &str, url: &str, name: &str, value: Option<&str>) -> Option<String> {
    const TAG: &str = "<authentication-managed-identity";
    let within = call(xml, url)?;
    let start = within.start + xml.get(within.clone())?.find(TAG)? + TAG.len();
    let end = start + xml.get(start..within.end)?.find('>')?;
    let tag = xml.get(start..end)?;
    let value = value.map(escaped);
    let new = match attribute(tag, name) {
        Some(at) => {
            let before = tag.get(..at.start)?;
            let written = value.as_ref().map(|value| format!(" {name}=\"{value}\"")).unwrap_or_default();
            format!("{before}{written}{}", tag.get(at.end..)?)
        }
        None => value.map(|value| format!(" {name}=\"{value}\"")).unwrap_or_default() + tag,
    };
    Some(format!("{}{new}{}", xml.get(..start)?, xml.get(end..)?))
}

/// A text as the value of an attribute of XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// The call that holds a URL: its `send-request`, or else the whole document.
fn call(xml: &str, url: &str) -> Option<Range<usize>> {
    let at = xml.find(url)?;
    for name in ["send-request", "send-one-way-request"] {
        let close = format!("</{name}>");
        let Some(start) = xml.get(..at)?.rfind(&format!("<{name}")) else { continue };
        if !xml.get(start..at)?.contains(&close) {
            let end = at + xml.get(at..)?.find(&close)?;
            return Some(start..end);
        }
    }
    Some(0..xml.len())
}

/// Where ` name="…"` stands in a tag.
fn attribute(tag: &str, name: &str) -> Option<Range<usize>> {
    let key = format!(" {name}=");
    let start = tag.find(&key)?;
    let rest = tag.get(start + key.len()..)?;
    let quote = rest.chars().next().filter(|c| ['"', '\''].contains(c))?;
    let len = rest.get(1..)?.find(quote)?;
    Some(start..start + key.len() + len + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_call_with_the_url_is_changed() {
        let xml = "<inbound><send-request><set-url>https://a/</set-url>\
                   <authentication-managed-identity resource='x'/></send-request>\
                   <send-request><set-url>https://kv/</set-url>\
                   <authentication-managed-identity resource=\"x\" client-id=\"c\"/></send-request></inbound>";
        let new = with_attribute(xml, "https://kv/", "resource", Some("y")).unwrap();
        assert_eq!(new, xml.replace("resource=\"x\"", "resource=\"y\""));
        let new = with_attribute(xml, "https://kv/", "client-id", None).unwrap();
        assert_eq!(new, xml.replace(" client-id=\"c\"", ""));
        let new = with_attribute(xml, "https://a/", "client-id", Some("d")).unwrap();
        assert_eq!(new, xml.replacen(" resource='x'", " client-id=\"d\" resource='x'", 1));
    }
}
