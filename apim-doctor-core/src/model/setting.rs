//! What of an app's settings is kept: what a diagnosis needs, and no secret.
//!
//! A value is kept for its form, never for its name alone: anybody can put a secret into any setting.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::base::is_guid;

/// What stands in place of a secret.
pub const REDACTED: &str = "<redacted>";

/// Whether a text has a form.
type Form = fn(&str) -> bool;

/// Which form a value has to have, by the setting's name in lower case.
/// Source: <https://learn.microsoft.com/azure/azure-functions/functions-app-settings> (read 2026-11-21).
const PLAIN: &[(&str, Form)] = &[
    ("azure_client_id", is_guid),
    ("functions_extension_version", is_version),
    ("functions_worker_runtime", is_runtime),
    ("keyvaultreferenceidentity", is_reference_identity),
    ("vnetrouteallenabled", is_switch),
    ("website_contentovervnet", is_switch),
    ("website_contentshare", is_share_name),
    ("website_dns_alt_server", is_addresses),
    ("website_dns_server", is_addresses),
    ("website_override_sticky_diagnostics_settings", is_switch),
    ("website_run_from_package_blob_mi_resource_id", is_package_identity),
    ("website_skip_contentshare_validation", is_switch),
    ("website_vnet_route_all", is_switch),
];

/// The same by the end of the name, of settings that say which account or identity a connection uses.
/// Source: <https://learn.microsoft.com/azure/azure-functions/functions-reference> (read 2026-11-22).
const CONNECTION: &[(&str, Form)] = &[
    ("__accountname", is_account_name),
    ("__clientid", is_client),
    ("__credential", is_credential),
    ("__managedidentityresourceid", is_identity),
    ("__tenantid", is_guid),
];

/// Ends of the names of settings that hold the URL of a service.
const URLS: &[&str] = &["__blobserviceuri", "__queueserviceuri", "__serviceuri", "__tableserviceuri"];

/// Settings that may hold the URL of a package, in lower case, in the order in which the host looks at them.
///
/// Source: <https://learn.microsoft.com/azure/azure-functions/run-functions-from-deployment-package> (read 2026-11-29);
/// the older names are in the source code of the host (`ScmHostConfigurationSource`, Azure/azure-functions-host).
pub const PACKAGES: &[&str] =
    &["website_run_from_package", "website_run_from_zip", "website_use_zip", "scm_run_from_package"];

/// Parts of a storage connection string that are no secret where they have the form. Of every other part not even the
/// name is sure to be one.
/// Source: <https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string> (read 2026-11-22).
const ACCOUNT: &[&str] = &[
    "accountname",
    "blobendpoint",
    "defaultendpointsprotocol",
    "endpointsuffix",
    "fileendpoint",
    "queueendpoint",
    "tableendpoint",
    "usedevelopmentstorage",
];

/// Parts whose names stay, without what they hold.
const SECRET_PARTS: &[&str] = &["accountkey", "sharedaccesskey", "sharedaccesskeyname", "sharedaccesssignature"];

/// What starts a Key Vault reference, in lower case.
const REFERENCE: &str = "microsoft.keyvault(";

/// A setting's value as far as it may be kept; `<redacted>` where it may not.
pub fn kept<'v>(name: &str, value: &'v str) -> Cow<'v, str> {
    // `:` and `__` separate the levels of a configuration key alike.
    let (name, folded) = (name.to_ascii_lowercase().replace(':', "__"), value.to_ascii_lowercase());
    if value.trim().is_empty() || value == REDACTED {
        return value.into();
    }
    if folded.contains(REFERENCE) {
        return reference(value);
    }
    let by_name = PLAIN.iter().find(|(own, _)| *own == name);
    let form = by_name.or_else(|| CONNECTION.iter().find(|(end, _)| name.ends_with(end))).map(|(_, form)| *form);
    // `AzureWebJobs.{function}.Disabled`
    let form = form.or((name.starts_with("azurewebjobs.") && name.ends_with(".disabled")).then_some(is_switch));
    if let Some(has_form) = form {
        return if has_form(value.trim()) { value.into() } else { REDACTED.into() };
    }
    if URLS.iter().any(|end| name.ends_with(end)) {
        return service_url(value).into();
    }
    if PACKAGES.contains(&name.as_str()) {
        return if is_switch(value.trim()) { value.into() } else { package_url(value).into() };
    }
    let is_connection = |part: &str| ACCOUNT.iter().any(|own| part.trim_start().starts_with(&format!("{own}=")));
    match folded.split(';').any(is_connection) {
        true => connection_string(value).into(),
        false => REDACTED.into(),
    }
}

/// Whether a setting of this name is read from an app's configuration.
pub fn is_plain(name: &str) -> bool {
    PLAIN.iter().any(|(own, _)| name.eq_ignore_ascii_case(own))
}

/// Whether a value is a Key Vault reference, or holds one.
pub fn is_reference(value: &str) -> bool {
    value.to_ascii_lowercase().contains(REFERENCE)
}

/// Whether a text has the form of a storage account's name.
pub fn is_account_name(text: &str) -> bool {
    (3..=24).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// Whether a text has the form of a share's or a container's name.
pub fn is_share_name(text: &str) -> bool {
    let sign = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (3..=63).contains(&text.len()) && text.bytes().all(sign)
}

/// Whether a text has the form of the resource id of a user-assigned identity, with a slash before it or without.
pub fn is_identity(text: &str) -> bool {
    let folded = text.to_ascii_lowercase();
    let plain = |segment: &str| segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.()".contains(&b));
    match folded.trim_start_matches('/').split('/').collect::<Vec<_>>().as_slice() {
        ["subscriptions", s, "resourcegroups", g, "providers", "microsoft.managedidentity", kind, name] => {
            *kind == "userassignedidentities" && [s, g, name].into_iter().all(|segment| plain(segment))
        }
        _ => false,
    }
}

fn is_client(text: &str) -> bool {
    is_guid(text) || is_identity(text)
}

fn is_reference_identity(text: &str) -> bool {
    text.eq_ignore_ascii_case("SystemAssigned") || is_identity(text)
}

/// The kinds of credential that a connection may name.
fn is_credential(text: &str) -> bool {
    let known = ["managedidentity", "managedidentityasfederatedidentity", "workloadidentity", "azurepipelines"];
    known.iter().any(|known| text.eq_ignore_ascii_case(known))
}

/// What selects the identity that fetches a package: a resource id; a client id stands there by mistake.
fn is_package_identity(text: &str) -> bool {
    is_reference_identity(text) || is_guid(text)
}

fn is_switch(text: &str) -> bool {
    ["0", "1", "true", "false"].iter().any(|known| text.eq_ignore_ascii_case(known))
}

/// `~4`, `4.0.1`, `beta`
fn is_version(text: &str) -> bool {
    let is_number = |text: &str| text.len() <= 16 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    is_number(text.trim_start_matches('~')) || ["beta", "disabled", "latest"].contains(&text)
}

/// The languages of function apps.
/// Source: <https://learn.microsoft.com/azure/azure-functions/functions-app-settings> (read 2026-11-29).
fn is_runtime(text: &str) -> bool {
    let known = ["custom", "dotnet", "dotnet-isolated", "go", "java", "node", "powershell", "python"];
    known.iter().any(|known| text.eq_ignore_ascii_case(known))
}

/// The version of a secret.
fn is_secret_version(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_addresses(text: &str) -> bool {
    let mut all = text.split([',', ';', ' ']).filter(|one| !one.is_empty()).peekable();
    all.peek().is_some() && all.all(|one| one.parse::<IpAddr>().is_ok())
}

fn is_host(text: &str) -> bool {
    let (host, port) = text.split_once(':').unwrap_or((text, "443"));
    let sign = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    host.contains('.') && host.len() <= 253 && host.bytes().all(sign) && port.parse::<u16>().is_ok()
}

/// The URL of a service or a container, with nothing in it that may be a secret: no user, no query, and after the host
/// only what may be the name of a container.
pub fn service_url(text: &str) -> String {
    let bare = text.split(['?', '#']).next().unwrap_or_default().trim();
    let Some((scheme, rest)) = bare.split_once("://") else { return REDACTED.to_owned() };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let is_web = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    if !is_web || !is_host(host) {
        return REDACTED.to_owned();
    }
    match path.trim_matches('/') {
        "" => format!("{scheme}://{host}{path}"),
        name if is_share_name(name) => format!("{scheme}://{host}{path}"),
        _ => format!("{scheme}://{host}/{REDACTED}"),
    }
}

/// The URL of a package: scheme, host and container, whether a signature follows, and when that ends. The name of the
/// package is not needed, so it is dropped with everything else.
pub fn package_url(text: &str) -> String {
    let (bare, query) = text.trim().split_once('?').unwrap_or((text.trim(), ""));
    let url = service_url(bare.split('#').next().unwrap_or_default());
    let Some((scheme, rest)) = bare.split_once("://").filter(|_| url != REDACTED) else { return url };
    let mut segments = rest.split('/');
    let (host, container) = (segments.next().unwrap_or_default(), segments.next().unwrap_or_default());
    let mut kept = format!("{scheme}://{host}");
    if !container.is_empty() {
        let container = if is_share_name(container) { container } else { REDACTED };
        kept.push_str(&format!("/{container}"));
    }
    if segments.next().is_some() {
        kept.push_str(&format!("/{REDACTED}"));
    }
    let is_date =
        |text: &str| text.len() <= 40 && text.bytes().all(|b| b.is_ascii_digit() || b"-:TZ%3Aa.".contains(&b));
    let end = query.split('&').find_map(|part| part.strip_prefix("se=")).filter(|end| is_date(end));
    match (query.is_empty(), end) {
        (true, _) => kept,
        (false, Some(end)) => format!("{kept}?se={end}&{REDACTED}"),
        (false, None) => format!("{kept}?{REDACTED}"),
    }
}

/// A reference is kept for its documented parts; what somebody wrote around and between them may be a secret.
/// Source: <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references> (read 2026-11-21).
pub fn reference(value: &str) -> Cow<'_, str> {
    let Some(at) = value.to_ascii_lowercase().find(REFERENCE) else { return value.into() };
    let start = if value.get(..at).is_some_and(|before| before.ends_with('@')) { at - 1 } else { at };
    let open = at + REFERENCE.len();
    let inner = value.get(open..).unwrap_or_default();
    let (inner, end, after) = match inner.split_once(')') {
        Some((inner, after)) => (inner, ")", after),
        None => (inner, "", ""),
    };
    let around = |text: &str| if text.trim().is_empty() { text.to_owned() } else { REDACTED.to_owned() };
    let separator = if has_commas(inner) { "," } else { ";" };
    let parts: Vec<String> = inner.split(separator).map(part).collect();
    let head = value.get(start..open).unwrap_or_default();
    let kept =
        [&around(value.get(..start).unwrap_or_default()), head, &parts.join(separator), end, &around(after)].concat();
    if kept == value { value.into() } else { kept.into() }
}

/// Commas between the parts of a reference are a common slip.
fn has_commas(inner: &str) -> bool {
    !inner.contains(';') && inner.matches('=').count() > 1 && inner.contains(',')
}

/// What stands between the parentheses of a reference, with semicolons between the parts.
pub fn with_semicolons(inner: &str) -> Cow<'_, str> {
    if has_commas(inner) { inner.replace(',', ";").into() } else { inner.into() }
}

/// A part of a reference.
fn part(text: &str) -> String {
    if text.trim().is_empty() {
        return text.to_owned();
    }
    let Some((key, value)) = text.split_once('=') else {
        // An identifier that stands alone is a common slip, and tells what was meant.
        return if is_identifier(text.trim()) { text.to_owned() } else { REDACTED.to_owned() };
    };
    let has_form: Form = match key.trim().to_ascii_lowercase().as_str() {
        "secreturi" => {
            let url = value.split('?').next().unwrap_or_default();
            let kept = if is_identifier(url.trim()) { url } else { REDACTED };
            return format!("{key}={kept}");
        }
        "vaultname" | "secretname" => is_object_name,
        "secretversion" => is_secret_version,
        // A slip that the syntax is judged by.
        "vaulturi" => is_identifier,
        other => {
            let is_word = other.len() <= 32 && other.bytes().all(|b| b.is_ascii_alphabetic());
            return format!("{}={REDACTED}", if is_word { key } else { REDACTED });
        }
    };
    match value.trim().is_empty() || has_form(value.trim()) {
        true => text.to_owned(),
        false => format!("{key}={REDACTED}"),
    }
}

/// The names of vaults and of secrets, and what is mistaken for them.
fn is_object_name(text: &str) -> bool {
    text.len() <= 200 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b))
}

/// A URL below a host, with its scheme or without.
fn is_identifier(text: &str) -> bool {
    let (scheme, rest) = text.split_once("://").unwrap_or(("https", text));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let sign = |b: u8| b.is_ascii_alphanumeric() || b"-_./%~".contains(&b);
    scheme.bytes().all(|b| b.is_ascii_alphabetic()) && (is_host(host) || host.is_empty()) && path.bytes().all(sign)
}

/// A connection string with everything but the account's names redacted.
fn connection_string(value: &str) -> String {
    let parts = value.split(';').filter(|part| !part.trim().is_empty()).map(|part| {
        let Some((key, value)) = part.split_once('=') else { return REDACTED.to_owned() };
        let (folded, bare) = (key.trim().to_ascii_lowercase(), value.trim());
        let own = match folded.as_str() {
            own if SECRET_PARTS.contains(&own) => String::new(),
            own if !ACCOUNT.contains(&own) => return REDACTED.to_owned(),
            own if own.ends_with("endpoint") => service_url(bare),
            "accountname" if is_account_name(bare) => bare.to_owned(),
            "endpointsuffix" if is_host(bare) => bare.to_owned(),
            "defaultendpointsprotocol" if ["http", "https"].contains(&bare.to_ascii_lowercase().as_str()) => {
                bare.to_owned()
            }
            "usedevelopmentstorage" if is_switch(bare) => bare.to_owned(),
            _ => String::new(),
        };
        match own.is_empty() && !bare.is_empty() {
            true => format!("{key}={REDACTED}"),
            false => format!("{key}={own}"),
        }
    });
    parts.collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKAGE: &str = "https://st.blob.core.windows.net/pkg/<redacted>";
    const ID: &str =
        "/subscriptions/s/resourceGroups/r-1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/u_1";

    /// What is needed for a diagnosis stays as it is.
    #[test]
    fn what_a_diagnosis_needs_stays() {
        for (name, value) in [
            ("A", "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/x/0123)"),
            ("A", "@microsoft.keyvault(vaultname=kv; SecretName=a_b ;SecretVersion=01)\n"),
            ("A", "@Microsoft.KeyVault(VaultName=kv, SecretName=x)"),
            ("A", "@Microsoft.KeyVault(VaultUri=https://kv.vault.azure.net/;SecretName=x)"),
            ("A", "@Microsoft.KeyVault(https://kv.vault.azure.net/secrets/x)"),
            ("A", "@Microsoft.KeyVault(SecretUri=kv.vault.azure.net/secrets/x"),
            ("A", "@Microsoft.KeyVault(VaultName=kv.vault.azure.net;SecretName=a/01)"),
            ("A", "UseDevelopmentStorage=true"),
            ("AzureWebJobsStorage", "DefaultEndpointsProtocol=https;AccountName=st1;EndpointSuffix=core.windows.net"),
            ("X", "BlobEndpoint=https://st.z01.blob.storage.azure.net/;AccountName=st1"),
            ("C__accountName", "stcontoso01"),
            ("C__blobServiceUri", "https://st.blob.core.windows.net"),
            ("C__queueServiceUri", "HTTPS://st.queue.core.windows.net:443/"),
            ("C__clientId", "11111111-2222-3333-4444-555555555555"),
            ("C__clientId", ID),
            ("C__managedIdentityResourceId", ID),
            ("C__credential", "managedIdentity"),
            ("ConnectionStrings:AzureWebJobsStorage:accountName", "stcontoso01"),
            ("ConnectionStrings__AzureWebJobsStorage", "AccountName=st1;EndpointSuffix=core.windows.net"),
            ("AZURE_CLIENT_ID", "11111111-2222-3333-4444-555555555555"),
            ("WEBSITE_RUN_FROM_PACKAGE", "1"),
            ("WEBSITE_RUN_FROM_PACKAGE", "https://st.blob.core.windows.net/pkg"),
            ("WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID", "SystemAssigned"),
            ("WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID", ID),
            ("WEBSITE_CONTENTOVERVNET", "1"),
            ("WEBSITE_CONTENTSHARE", "func-content-01"),
            ("WEBSITE_DNS_SERVER", "10.0.0.4, 168.63.129.16"),
            ("AzureWebJobs.Nightly.Disabled", "True"),
            ("FUNCTIONS_EXTENSION_VERSION", "~4"),
            ("FUNCTIONS_WORKER_RUNTIME", "dotnet-isolated"),
            ("keyVaultReferenceIdentity", "SystemAssigned"),
        ] {
            assert_eq!(kept(name, value), value, "{name}");
        }
    }

    /// Whatever holds a secret loses it, whatever it is called.
    #[test]
    fn what_has_not_the_expected_form_goes() {
        let st = "https://st.blob.core.windows.net";
        for (name, value, expected) in [
            ("A", "hunter2", REDACTED),
            ("A", "s3@Microsoft.KeyVault(VaultName=k)pw", "<redacted>@Microsoft.KeyVault(VaultName=k)<redacted>"),
            ("A", "@Microsoft.KeyVault(hunter2)", "@Microsoft.KeyVault(<redacted>)"),
            (
                "A",
                "@Microsoft.KeyVault(VaultName=k;Password=hunter2",
                "@Microsoft.KeyVault(VaultName=k;Password=<redacted>",
            ),
            (
                "A",
                "@Microsoft.KeyVault(aHVudGVy==;VaultName=k)",
                "@Microsoft.KeyVault(aHVudGVy=<redacted>;VaultName=k)",
            ),
            ("A", "@Microsoft.KeyVault(VaultName=k,Pw=hunter2)", "@Microsoft.KeyVault(VaultName=k,Pw=<redacted>)"),
            (
                "A",
                "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/x?sig=hunter2)",
                "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/x)",
            ),
            (
                "A",
                "@Microsoft.KeyVault(SecretUri=https://u:hunter2@kv.vault.azure.net/secrets/x)",
                "@Microsoft.KeyVault(SecretUri=<redacted>)",
            ),
            (
                "AzureWebJobsStorage",
                "AccountName=st1;AccountKey=a==;EndpointSuffix=core.windows.net;hunter2;h=2",
                "AccountName=st1;AccountKey=<redacted>;EndpointSuffix=core.windows.net;<redacted>;<redacted>",
            ),
            ("X", "AccountName=st1\nAccountKey=hunter2", "AccountName=<redacted>"),
            ("X", "AccountName=st1,AccountKey=hunter2", "AccountName=<redacted>"),
            ("X", "EndpointSuffix=hunter2;AccountName=st1", "EndpointSuffix=<redacted>;AccountName=st1"),
            (
                "X",
                "BlobEndpoint=https://st.blob.core.windows.net/?sig=1;SharedAccessSignature=sv=2&sig=3",
                "BlobEndpoint=https://st.blob.core.windows.net/;SharedAccessSignature=<redacted>",
            ),
            ("X", "SharedAccessSignature=sv=2&sig=3", REDACTED),
            ("C__accountName", "AccountName=st;AccountKey=hunter2", REDACTED),
            ("C__serviceUri", "https://st.blob.core.windows.net?sig=abc", st),
            ("C__blobServiceUri", "BlobEndpoint=https://st.blob.core.windows.net/;SharedAccessSignature=1", REDACTED),
            ("C__blobServiceUri", "https://u:hunter2@st.blob.core.windows.net", REDACTED),
            (
                "C__blobServiceUri",
                "https://st.blob.core.windows.net/Hunter2=",
                "https://st.blob.core.windows.net/<redacted>",
            ),
            ("C__clientId", "hunter2", REDACTED),
            ("C__clientSecret", "hunter2", REDACTED),
            ("C__credential", "hunter", REDACTED),
            ("WEBSITE_CONTENTSHARE", "share?sig=hunter2", REDACTED),
            ("WEBSITE_DNS_SERVER", "hunter2", REDACTED),
            ("WEBSITE_VNET_ROUTE_ALL", "hunter2", REDACTED),
            ("AzureWebJobs.A.Disabled", "hunter2", REDACTED),
            ("WEBSITE_AUTH_ENCRYPTION_KEY", "ABC", REDACTED),
            ("WEBSITE_RUN_FROM_PACKAGE", "https://st/x.zip?sig=1", REDACTED),
            ("WEBSITE_RUN_FROM_PACKAGE", "https://st.blob.core.windows.net/pkg/Hunter2.zip", PACKAGE),
            (
                "website_use_zip",
                "https://st.blob.core.windows.net/pkg/a/b.zip?sv=1&se=2027-01-01T00%3A00%3A00Z&sig=hunter2",
                "https://st.blob.core.windows.net/pkg/<redacted>?se=2027-01-01T00%3A00%3A00Z&<redacted>",
            ),
            ("SCM_RUN_FROM_PACKAGE", "https://u:hunter2@st.blob.core.windows.net/pkg/a.zip", REDACTED),
            (
                "WEBSITE_RUN_FROM_ZIP",
                "https://example.com/hunter2==/a.zip?token=hunter2",
                "https://example.com/<redacted>/<redacted>?<redacted>",
            ),
            ("WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID", "hunter2", REDACTED),
            ("AZURE_CLIENT_ID", "hunter2", REDACTED),
            ("C:accountName", "AccountName=st;AccountKey=hunter2", REDACTED),
        ] {
            let once = kept(name, value).into_owned();
            assert_eq!(once, expected, "{name}={value}");
            assert_eq!(kept(name, &once), once, "{name}={value} twice");
        }
    }
}
