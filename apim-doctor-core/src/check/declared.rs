//! Changes to the place that declares a reference: a host name, a named value, a certificate, a policy or a setting.
//!
//! Sources: <https://learn.microsoft.com/rest/api/apimanagement/named-value/update>,
//! <https://learn.microsoft.com/rest/api/apimanagement/certificate/create-or-update>,
//! <https://learn.microsoft.com/cli/azure/apim> (read 2026-11-21) and
//! <https://learn.microsoft.com/cli/azure/webapp/config/appsettings> (read 2026-11-22).

use std::ops::Range;

use serde_json::{Value, json};

use crate::base::{ObjectId, ResourceId};
use crate::check::Context;
use crate::check::remedy::{self, Change, named, quoted};
use crate::finding::Edit;
use crate::model::api_management::Policy;
use crate::model::app_service::Config;
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
        let what = format!("write {identifier} instead of {}", path.reference);
        return in_policy(ctx, &resource, &what, change);
    }
    let edit = Edit::set(&resource, path.declared_at.pointer.clone(), identifier);
    let client_id = path.client_id.as_ref().map(ObjectId::as_str);
    let az = match path.consumer {
        "apim-custom-domain" => update(&resource, &format!("--set {}", set(&path.declared_at.pointer, identifier))),
        _ => contract(ctx, &resource, identifier, client_id),
    };
    let (bicep, terraform) = match path.consumer {
        "apim-custom-domain" => ("keyVaultId: 'URL'", "key_vault_certificate_id = \"URL\""),
        "apim-certificate" => ("keyVault: { secretIdentifier: 'URL' }", "key_vault_secret_id = \"URL\""),
        _ => ("keyVault: { secretIdentifier: 'URL' }", "value_from_key_vault { secret_id = \"URL\" }"),
    };
    Change::of(az, [edit]).bicep(bicep.replace("URL", identifier)).terraform(terraform.replace("URL", identifier))
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
            Some(id) => format!("ask with client-id=\"{id}\" in the call of {}", path.reference),
            None => format!("leave client-id out in the call of {}", path.reference),
        };
        return in_policy(ctx, &resource, &what, |xml| with_attribute(xml, &path.reference, "client-id", id));
    }
    let pointer = path.client_id_at.pointer.clone();
    let az = match (path.consumer, client_id) {
        ("apim-custom-domain", Some(id)) => update(&resource, &format!("--set {}", set(&pointer, id.as_str()))),
        ("apim-custom-domain", None) => update(&resource, &format!("--remove \"{}\"", property(&pointer))),
        (_, id) => contract(ctx, &resource, &path.reference, id.map(ObjectId::as_str)),
    };
    let edit = match client_id {
        Some(id) => Edit::set(&resource, pointer, id.as_str()),
        None => Edit::remove(&resource, pointer),
    };
    let (bicep, terraform) = match path.consumer {
        "apim-custom-domain" => ("identityClientId", "ssl_keyvault_identity_client_id"),
        "apim-certificate" => ("keyVault.identityClientId", "key_vault_identity_client_id"),
        _ => ("keyVault.identityClientId", "value_from_key_vault.identity_client_id"),
    };
    let change = Change::of(az, [edit]);
    match client_id {
        Some(id) => change.bicep(format!("{bicep}: '{id}'")).terraform(format!("{terraform} = \"{id}\"")),
        None => change.bicep(format!("// leave {bicep} out")).terraform(format!("# leave {terraform} out")),
    }
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
            let body = json!({ "properties": { "keyVaultSecretName": name } }).to_string();
            let az = format!("{} --body {}", remedy::rest("patch", declared, remedy::WEB), quoted(&body));
            Change::of(az, [Edit::set(declared, path.declared_at.pointer.clone(), name)])
                .bicep(format!("keyVaultSecretName: '{name}'"))
                .terraform(format!("# azurerm_app_service_certificate: key_vault_secret_id with secret {name}"))
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
            let assign = quoted(&format!("{}={value}", path.label));
            let app = remedy::app_named(&path.resource);
            let (az, bicep, terraform) = match is_connection {
                // Its kind stays what it is; it is not among what is read.
                true => (
                    format!(
                        "az webapp config connection-string set {app} --connection-string-type TYPE --settings \
                         {assign} --output none"
                    ),
                    format!("{{ name: '{}', connectionString: '{value}' }} // of connectionStrings", path.label),
                    format!("connection_string {{ name = \"{}\", value = \"{value}\" }}", path.label),
                ),
                false => (
                    format!("az webapp config appsettings set {app} --settings {assign} --output none"),
                    format!("{{ name: '{}', value: '{value}' }} // of appSettings", path.label),
                    format!("app_settings = {{ \"{}\" = \"{value}\" }}", path.label),
                ),
            };
            Change::of(az, edits).bicep(bicep).terraform(terraform)
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
        Some(id) => remedy::set_setting(ctx, &credential, "managedidentity")
            .unwrap_or_default()
            .and(remedy::set_setting(ctx, &selected, id.as_str())),
        None => {
            let config = ctx.case.path.resource.child("config", "appsettings");
            if !remedy::was_read::<Config>(ctx, &config) {
                return Change::default();
            }
            let az = format!(
                "az webapp config appsettings delete {} --setting-names {selected} --output none",
                remedy::app_named(&ctx.case.path.resource)
            );
            Change::of(az, [Edit::remove(&config, format!("/properties/{selected}"))])
                .bicep(format!("// leave {selected} out of appSettings"))
                .terraform(format!("# leave {selected} out of app_settings"))
        }
    }
}

/// Asks for a token for another audience. Only policies name one.
pub(super) fn set_audience(ctx: &Context<'_, '_>, audience: &str) -> Change {
    let path = ctx.case.path;
    let Some(resource) = path.declared_at.resource.clone() else { return Change::default() };
    let what = format!("ask with resource=\"{audience}\" in the call of {}", path.reference);
    in_policy(ctx, &resource, &what, |xml| with_attribute(xml, &path.reference, "resource", Some(audience)))
}

/// Changes the document of a policy. The document is too long for a command: it is fetched, edited and sent back.
///
/// Pasted as a whole, this changes nothing: what sends the document back is a comment.
fn in_policy(
    ctx: &Context<'_, '_>,
    policy: &ResourceId,
    what: &str,
    change: impl FnOnce(&str) -> Option<String>,
) -> Change {
    let read = ctx.case.estate.get::<Policy>(policy).known();
    let new = read.and_then(|policy| policy.properties.value.as_deref()).and_then(change);
    let edit = new.map(|xml| Edit::set(policy, "/properties/value", xml));
    let raw = format!("{}&format=rawxml", remedy::APIM);
    let fetch = format!("{} --output-file policy.json", remedy::rest("get", policy, &raw));
    let put = remedy::rest("put", policy, remedy::APIM);
    let send = format!(
        "# in policy.json, {}; keep \"format\": \"rawxml\"; then: {put} --headers \"If-Match=*\" --body @policy.json",
        what.replace(['\r', '\n'], " "),
    );
    Change::of(fetch, edit).and(Some(Change::of(send, [])))
}

/// Changes the instance. `az apim update` sends it without its identity unless it is told to enable one; a stated
/// identity is then kept as it was read.
fn update(instance: &ResourceId, how: &str) -> String {
    format!("az apim update {} --enable-managed-identity true {how}", named(instance))
}

/// `"hostnameConfigurations[1].keyVaultId=…"`, as `--set` takes it.
fn set(pointer: &str, value: &str) -> String {
    format!("\"{}={value}\"", property(pointer))
}

/// Writes `properties.keyVault` of a named value, or of a certificate, which has no update and is written whole.
fn contract(ctx: &Context<'_, '_>, resource: &ResourceId, identifier: &str, client_id: Option<&str>) -> String {
    let method = if ctx.case.path.consumer == "apim-certificate" { "put" } else { "patch" };
    let mut vault = json!({ "secretIdentifier": identifier });
    // A named value keeps what an update leaves out, so an identity is taken away by name.
    let selects = client_id.map(Value::from).or_else(|| ctx.case.path.client_id.as_ref().map(|_| Value::Null));
    if let (Some(map), Some(id)) = (vault.as_object_mut(), selects) {
        map.insert("identityClientId".to_owned(), id);
    }
    let body = quoted(&json!({ "properties": { "keyVault": vault } }).to_string());
    format!("{} --headers \"If-Match=*\" --body {body}", remedy::rest(method, resource, remedy::APIM))
}

/// `/properties/hostnameConfigurations/1/keyVaultId` as `az … --set` writes it.
fn property(pointer: &str) -> String {
    let mut path = String::new();
    for key in pointer.trim_start_matches("/properties/").split('/') {
        match key.parse::<usize>() {
            Ok(at) => path.push_str(&format!("[{at}]")),
            Err(_) if path.is_empty() => path.push_str(key),
            Err(_) => path.push_str(&format!(".{key}")),
        }
    }
    path
}

/// The document with one attribute of the `authentication-managed-identity` that belongs to this URL set or left out.
fn with_attribute(xml: &str, url: &str, name: &str, value: Option<&str>) -> Option<String> {
    const TAG: &str = "<authentication-managed-identity";
    let within = call(xml, url)?;
    let start = within.start + xml.get(within.clone())?.find(TAG)? + TAG.len();
    let end = start + xml.get(start..within.end)?.find('>')?;
    let tag = xml.get(start..end)?;
    let new = match attribute(tag, name) {
        Some(at) => {
            let before = tag.get(..at.start)?;
            let written = value.map(|value| format!(" {name}=\"{value}\"")).unwrap_or_default();
            format!("{before}{written}{}", tag.get(at.end..)?)
        }
        None => value.map(|value| format!(" {name}=\"{value}\"")).unwrap_or_default() + tag,
    };
    Some(format!("{}{new}{}", xml.get(..start)?, xml.get(end..)?))
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
    fn a_list_index_is_written_in_brackets() {
        assert_eq!(property("/properties/hostnameConfigurations/1/keyVaultId"), "hostnameConfigurations[1].keyVaultId");
    }

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
