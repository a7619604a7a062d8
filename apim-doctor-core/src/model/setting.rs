//! What of an app's settings is kept: what a diagnosis needs, and no secret.

use std::borrow::Cow;

/// What stands in place of a secret.
pub const REDACTED: &str = "<redacted>";

/// Settings whose values are switches, names or addresses.
/// Source: <https://learn.microsoft.com/azure/azure-functions/functions-app-settings> (read 2026-11-21).
const PLAIN: &[&str] = &[
    "functions_extension_version",
    "functions_worker_runtime",
    "keyvaultreferenceidentity",
    "vnetrouteallenabled",
    "website_contentovervnet",
    "website_contentshare",
    "website_dns_alt_server",
    "website_dns_server",
    "website_override_sticky_diagnostics_settings",
    "website_skip_contentshare_validation",
    "website_vnet_route_all",
];

/// Ends of the names of settings that say which account or identity a connection uses.
/// Source: <https://learn.microsoft.com/azure/azure-functions/functions-reference> (read 2026-11-21).
const CONNECTION: &[&str] = &[
    "__accountname",
    "__blobserviceuri",
    "__clientid",
    "__credential",
    "__queueserviceuri",
    "__serviceuri",
    "__tableserviceuri",
];

/// Parts of a storage connection string that name the account.
/// Source: <https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string> (read 2026-11-22).
const ACCOUNT: &[&str] = &[
    "accountname",
    "blobendpoint",
    "defaultendpointsprotocol",
    "endpointsuffix",
    "fileendpoint",
    "queueendpoint",
    "tableendpoint",
];

/// A setting's value as far as it may be kept; `<redacted>` where it may not.
pub fn kept<'v>(name: &str, value: &'v str) -> Cow<'v, str> {
    let (name, folded) = (name.to_ascii_lowercase(), value.to_ascii_lowercase());
    if let Some(at) = folded.find("microsoft.keyvault(") {
        return reference(value, at);
    }
    if PLAIN.contains(&name.as_str()) || value == REDACTED || is_function_switch(&name) {
        return value.into();
    }
    if CONNECTION.iter().any(|end| name.ends_with(end)) {
        // A signature would stand in the query.
        return value.split('?').next().unwrap_or_default().into();
    }
    match folded.contains("accountname=") || folded.contains("blobendpoint=") {
        true => connection_string(value).into(),
        false if folded.contains("sharedaccesssignature=") => REDACTED.into(),
        false if value.is_empty() || value == "UseDevelopmentStorage=true" => value.into(),
        false => REDACTED.into(),
    }
}

/// `AzureWebJobs.{function}.Disabled`.
fn is_function_switch(name: &str) -> bool {
    name.starts_with("azurewebjobs.") && name.ends_with(".disabled")
}

/// A reference is kept whole; what somebody wrote around it may be a secret.
fn reference(value: &str, at: usize) -> Cow<'_, str> {
    let start = if value.get(..at).is_some_and(|before| before.ends_with('@')) { at - 1 } else { at };
    let end = value.get(at..).and_then(|rest| rest.find(')')).map_or(value.len(), |end| at + end + 1);
    match (start, end == value.len()) {
        (0, true) => value.into(),
        _ => {
            let around = |text: &str| if text.is_empty() { "" } else { REDACTED };
            let (before, after) = (value.get(..start).unwrap_or_default(), value.get(end..).unwrap_or_default());
            [around(before), value.get(start..end).unwrap_or_default(), around(after)].concat().into()
        }
    }
}

/// A connection string with everything but the account's names redacted.
fn connection_string(value: &str) -> String {
    let parts = value.split(';').filter(|part| !part.trim().is_empty()).map(|part| {
        let (key, value) = part.split_once('=').unwrap_or((REDACTED, REDACTED));
        let folded = key.trim().to_ascii_lowercase();
        match ACCOUNT.contains(&folded.as_str()) {
            true => format!("{key}={}", value.split('?').next().unwrap_or_default()),
            false => format!("{key}={REDACTED}"),
        }
    });
    parts.collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_an_account_and_a_switch_stay_and_all_else_goes() {
        for (name, value, expected) in [
            ("A", "hunter2", REDACTED),
            (
                "A",
                "@Microsoft.KeyVault(SecretUri=https://kv/secrets/x)",
                "@Microsoft.KeyVault(SecretUri=https://kv/secrets/x)",
            ),
            ("A", "s3@Microsoft.KeyVault(VaultName=k)pw", "<redacted>@Microsoft.KeyVault(VaultName=k)<redacted>"),
            ("A", "@Microsoft.KeyVault(VaultName=k", "@Microsoft.KeyVault(VaultName=k"),
            (
                "AzureWebJobsStorage",
                "AccountName=st;AccountKey=a==;EndpointSuffix=core.windows.net",
                "AccountName=st;AccountKey=<redacted>;EndpointSuffix=core.windows.net",
            ),
            (
                "X",
                "BlobEndpoint=https://st.blob.core.windows.net/?sig=1;SharedAccessSignature=sv=2&sig=3",
                "BlobEndpoint=https://st.blob.core.windows.net/;SharedAccessSignature=<redacted>",
            ),
            ("C__serviceUri", "https://st.queue.core.windows.net?sig=abc", "https://st.queue.core.windows.net"),
            ("C__clientId", "11111111-2222-3333-4444-555555555555", "11111111-2222-3333-4444-555555555555"),
            ("WEBSITE_CONTENTOVERVNET", "1", "1"),
            ("WEBSITE_AUTH_ENCRYPTION_KEY", "ABC", REDACTED),
            ("WEBSITE_RUN_FROM_PACKAGE", "https://st/x.zip?sig=1", REDACTED),
        ] {
            assert_eq!(kept(name, value), expected, "{name}={value}");
        }
    }
}
