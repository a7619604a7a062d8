//! Which app settings are recorded: what a diagnosis needs, and no secrets.
//!
//! A value is kept for its form, never for its name alone: anybody can put a secret into any setting.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::base::is_guid;
use crate::model::connection_string::ConnectionString;
use crate::model::form::{
    REDACTED, is_account_name, is_identifier, is_identity, is_share_name, is_switch, package_url, service_url,
};
use crate::model::reference::Written;

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

/// Names the storage in which a Functions host keeps its state.
pub(crate) const HOST_STORAGE: &str = "AzureWebJobsStorage";

/// The configuration keys in which a host looks for its storage; the first that exists wins.
/// Source: `IConfigurationExtensions.GetWebJobsConnectionSection`, Azure/azure-webjobs-sdk (read 2026-11-29).
pub(crate) const HOST_KEYS: [&str; 2] = ["ConnectionStrings__AzureWebJobsStorage", HOST_STORAGE];

/// Where a host looks after those.
pub(crate) const SHORT_HOST_KEYS: [&str; 2] = ["ConnectionStrings__Storage", "Storage"];

/// The connection string with which a content share is mounted.
pub(crate) const CONTENT: &str = "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING";

/// The name of the content share.
pub(crate) const CONTENT_SHARE: &str = "WEBSITE_CONTENTSHARE";

/// Settings that may hold the URL of a package, in the order in which the host looks at them.
///
/// Source: <https://learn.microsoft.com/azure/azure-functions/run-functions-from-deployment-package> (read 2026-11-29);
/// the older names are in the source code of the host (`ScmHostConfigurationSource`, Azure/azure-functions-host).
pub(crate) const PACKAGES: [&str; 4] =
    ["WEBSITE_RUN_FROM_PACKAGE", "WEBSITE_RUN_FROM_ZIP", "WEBSITE_USE_ZIP", "SCM_RUN_FROM_PACKAGE"];

/// Selects the identity that fetches a package at a URL.
pub(crate) const PACKAGE_IDENTITY: &str = "WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID";

/// Selects the identity of a connection that names none.
pub(crate) const DEFAULT_CLIENT: &str = "AZURE_CLIENT_ID";

/// A setting's value as far as it may be kept; `<redacted>` where it may not.
pub(crate) fn kept<'v>(name: &str, value: &'v str) -> Cow<'v, str> {
    // `:` and `__` separate the levels of a configuration key alike.
    let name = name.to_ascii_lowercase().replace(':', "__");
    if value.trim().is_empty() || value == REDACTED {
        return value.into();
    }
    if is_reference(value) {
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
    if is_package(&name) {
        return if is_switch(value.trim()) { value.into() } else { package_url(value).into() };
    }
    let connection = ConnectionString(value);
    if connection.is_one() { connection.kept().into() } else { REDACTED.into() }
}

/// Whether a setting of this name is read from an app's configuration.
pub(crate) fn is_plain(name: &str) -> bool {
    PLAIN.iter().any(|(own, _)| name.eq_ignore_ascii_case(own))
}

/// Whether a setting of this name may hold the URL of a package.
pub(crate) fn is_package(name: &str) -> bool {
    PACKAGES.iter().any(|own| name.eq_ignore_ascii_case(own))
}

/// Whether a value is a Key Vault reference, or holds one.
pub(crate) fn is_reference(value: &str) -> bool {
    Written::find(value).is_some()
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

/// A reference is kept for its documented parts; what somebody wrote around and between them may be a secret.
/// Source: <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references> (read 2026-11-21).
pub(crate) fn reference(value: &str) -> Cow<'_, str> {
    let Some(written) = Written::find(value) else { return value.into() };
    let around = |text: &str| if text.trim().is_empty() { text.to_owned() } else { REDACTED.to_owned() };
    let parts: Vec<String> = written.parts().map(part).collect();
    let parts = parts.join(&written.separator().to_string());
    let after = written.after.map(|after| format!("){}", around(after))).unwrap_or_default();
    let kept = [&around(written.before), written.head, &parts, &after].concat();
    if kept == value { value.into() } else { kept.into() }
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
