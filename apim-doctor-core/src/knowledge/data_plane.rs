//! The operation of a request to a vault's own endpoint, by path and method, and the permission that it needs.
//!
//! Sources: <https://learn.microsoft.com/rest/api/keyvault/> and
//! <https://learn.microsoft.com/azure/key-vault/general/rbac-guide> (read 2026-11-29).

/// What a request has to be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Operation {
    /// The data action.
    pub action: &'static str,
    /// The permission of an access policy on this kind of object.
    pub permission: &'static str,
    /// The least built-in role that has the action: its id and its name.
    pub role: (&'static str, &'static str),
}

/// The path of a request, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// `secrets`, `certificates` or `keys`, in lower case; empty where the path has none of them.
    pub kind: String,
    /// The object; empty where all are asked for, or none is known.
    pub name: String,
    /// The version: 32 hexadecimal digits.
    pub version: Option<String>,
    /// What has to be allowed, where it is known.
    pub operation: Option<Operation>,
}

const SECRETS_USER: (&str, &str) = ("4633458b-17de-408a-b874-0445c86b69e6", "Key Vault Secrets User");
const SECRETS_OFFICER: (&str, &str) = ("b86a8fe4-44ce-4948-aee5-eccb2c155cd7", "Key Vault Secrets Officer");
const READER: (&str, &str) = ("21090545-7ca7-4776-b22c-e363652d74d2", "Key Vault Reader");
const CRYPTO_USER: (&str, &str) = ("12338af0-0e69-4776-bea7-57ae8d297424", "Key Vault Crypto User");

macro_rules! operation {
    ($action:literal, $permission:literal, $role:expr) => {
        Some(Operation { action: concat!("Microsoft.KeyVault/vaults/", $action), permission: $permission, role: $role })
    };
}

/// Takes a path and method apart. What no page lists is an operation that is not known.
pub(crate) fn asked(path: &str, method: Option<&str>) -> Asked {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let kind = segments.first().map(|kind| kind.to_ascii_lowercase()).unwrap_or_default();
    if !["secrets", "certificates", "keys"].contains(&kind.as_str()) {
        return Asked::default();
    }
    let name = segments.get(1).copied().unwrap_or_default();
    // `/certificates/issuers` and `/certificates/contacts` are no objects.
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !(kind == "certificates" && ["issuers", "contacts"].contains(&name.to_ascii_lowercase().as_str()));
    let rest = segments.get(2..).unwrap_or_default();
    let version = rest.first().filter(|text| text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit()));
    let verb = if version.is_some() { rest.get(1..) } else { Some(rest) }.unwrap_or_default();
    let verb: Vec<String> = verb.iter().map(|text| text.to_ascii_lowercase()).collect();
    let verb: Vec<&str> = verb.iter().map(String::as_str).collect();
    let operation = match (kind.as_str(), method, name, verb.as_slice()) {
        _ if !is_name => None,
        ("secrets", Some("GET"), "", []) => operation!("secrets/readMetadata/action", "list", SECRETS_USER),
        ("secrets", Some("GET"), _, ["versions"]) if version.is_none() => {
            operation!("secrets/readMetadata/action", "list", SECRETS_USER)
        }
        (_, _, "", _) => None,
        ("secrets", Some("GET"), _, []) => operation!("secrets/getSecret/action", "get", SECRETS_USER),
        ("secrets", Some("PUT"), _, []) if version.is_none() => {
            operation!("secrets/setSecret/action", "set", SECRETS_OFFICER)
        }
        ("certificates", Some("GET"), _, []) => operation!("certificates/read", "get", READER),
        ("keys", Some("GET"), _, []) => operation!("keys/read", "get", READER),
        ("keys", Some("POST"), _, [verb]) => match *verb {
            "sign" => operation!("keys/sign/action", "sign", CRYPTO_USER),
            "verify" => operation!("keys/verify/action", "verify", CRYPTO_USER),
            "encrypt" => operation!("keys/encrypt/action", "encrypt", CRYPTO_USER),
            "decrypt" => operation!("keys/decrypt/action", "decrypt", CRYPTO_USER),
            "wrapkey" => operation!("keys/wrap/action", "wrapKey", CRYPTO_USER),
            "unwrapkey" => operation!("keys/unwrap/action", "unwrapKey", CRYPTO_USER),
            _ => None,
        },
        _ => None,
    };
    let name = if is_name { name.to_owned() } else { String::new() };
    Asked { kind, name, version: version.map(|text| (*text).to_owned()), operation }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_path_is_the_operation_that_it_is() {
        let version = "2ba6b16d5679048ed95dfc5386bbced3";
        for (path, method, action, permission, name, has_version) in [
            ("/secrets/a?api-version=7.4", "GET", "secrets/getSecret/action", "get", "a", false),
            ("/secrets/a/V/", "GET", "secrets/getSecret/action", "get", "a", true),
            ("/secrets/a/versions", "GET", "secrets/readMetadata/action", "list", "a", false),
            ("/secrets", "GET", "secrets/readMetadata/action", "list", "", false),
            ("/secrets/a", "PUT", "secrets/setSecret/action", "set", "a", false),
            ("/certificates/a/V", "GET", "certificates/read", "get", "a", true),
            ("/keys/a/V/decrypt", "POST", "keys/decrypt/action", "decrypt", "a", true),
            ("/keys/a/unwrapkey", "POST", "keys/unwrap/action", "unwrapKey", "a", false),
            ("/Keys/a", "GET", "keys/read", "get", "a", false),
        ] {
            let asked = asked(&path.replace('V', version), Some(method));
            let operation = asked.operation.unwrap();
            assert_eq!(operation.action, format!("Microsoft.KeyVault/vaults/{action}"), "{path}");
            assert_eq!((operation.permission, asked.name.as_str()), (permission, name), "{path}");
            assert_eq!(asked.version.is_some(), has_version, "{path}");
        }
        for (path, method) in [
            ("/certificates/a/import", "POST"),
            ("/certificates/a/pending", "GET"),
            ("/certificates/a/policy", "GET"),
            ("/keys/a/V/sign", "GET"),
            ("/secrets/a/V/backup", "POST"),
            ("/secrets/a", "DELETE"),
            ("/secrets/a/current", "GET"),
            ("/certificates/contacts", "GET"),
            ("/deletedsecrets", "GET"),
            ("/", "GET"),
        ] {
            let asked = asked(&path.replace('V', version), Some(method));
            assert_eq!(asked.operation, None, "{path}");
        }
        assert_eq!(asked("/certificates/a/import", Some("POST")).version, None);
        assert_eq!(asked("/secrets/a", None).operation, None);
    }
}
