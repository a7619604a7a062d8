//! The identifier of a secret or of a service of a storage account, as people write it, taken apart.

use std::fmt;

use crate::knowledge::cloud::Cloud;
use crate::knowledge::data_plane::{self, Asked};
use crate::knowledge::subservice::Subservice;
use crate::model::setting::with_semicolons;

/// `https://{host}/{kind}/{name}[/{version}]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// In lower case.
    pub host: String,
    /// Whether it is that of a vault, or of which service of a storage account.
    pub subservice: Subservice,
    /// `secrets`, `certificates` or `keys`, in lower case; of a storage account `containers` or `shares`.
    pub kind: String,
    /// The object's name; empty where a policy computes it, or none is named.
    pub name: String,
    /// The version, where one is named.
    pub version: Option<String>,
}

/// What is wrong with an identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// It does not start with `https://`.
    NoScheme,
    /// The host name is missing.
    NoHost,
    /// `/secrets/{name}` is missing after the host name.
    NoObject,
    /// Something follows the version.
    TooLong,
    /// A character that no object's name has.
    Name(String),
    /// It is not `@Microsoft.KeyVault(…)` and nothing else.
    NotWhole,
    /// A part of `@Microsoft.KeyVault(…)` that is none of the documented ones.
    Part(String),
    /// `SecretVersion` does not have the form of a version.
    Version,
    /// A part of `@Microsoft.KeyVault(…)` is missing.
    Missing(&'static str),
    /// App Service does not take it for a reference, as far as it was seen.
    NotRecognized,
    /// It is the URL of another service of a storage account than the one that is used.
    OtherService {
        /// Whose URL it is.
        is: Subservice,
        /// Whose it has to be.
        wanted: Subservice,
    },
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Malformed::NoScheme => f.write_str("it does not start with `https://`"),
            Malformed::NoHost => f.write_str("it names no vault"),
            Malformed::NoObject => f.write_str("`/secrets/{name}` is missing after the vault"),
            Malformed::TooLong => f.write_str("something follows the version"),
            Malformed::Name(name) => {
                write!(f, "`{name}` cannot be the name of a secret: only letters, digits and hyphens are allowed")
            }
            Malformed::NotWhole => f.write_str("the value is not `@Microsoft.KeyVault(…)` as a whole"),
            Malformed::Part(part) => {
                write!(f, "`{part}` is none of SecretUri, VaultName, SecretName and SecretVersion")
            }
            Malformed::Version => f.write_str("`SecretVersion` is not a version: it has 32 hexadecimal digits"),
            Malformed::Missing(part) => write!(f, "`{part}` is missing"),
            Malformed::NotRecognized => f.write_str("App Service does not seem to take it for a reference"),
            Malformed::OtherService { is, wanted } => {
                write!(f, "it is the URL of the {} service, not of the {} service", is.group_id(), wanted.group_id())
            }
        }
    }
}

impl Reference {
    /// Takes an identifier apart.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").ok_or(Malformed::NoScheme)?;
        if !scheme.eq_ignore_ascii_case("https") {
            return Err(Malformed::NoScheme);
        }
        let mut parts = rest.trim_end_matches('/').split('/');
        let host = parts.next().unwrap_or_default();
        let host = host.strip_suffix(":443").unwrap_or(host).trim_end_matches('.');
        if host.is_empty() || !host.contains('.') || host.contains(':') {
            return Err(Malformed::NoHost);
        }
        let (Some(kind), Some(name)) = (parts.next(), parts.next()) else { return Err(Malformed::NoObject) };
        let version = parts.next().filter(|v| !v.is_empty()).map(str::to_owned);
        if parts.next().is_some() {
            return Err(Malformed::TooLong);
        }
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            // What follows a question mark may be a secret.
            return Err(Malformed::Name(name.split('?').next().unwrap_or_default().to_owned()));
        }
        Ok(Self {
            host: host.to_ascii_lowercase(),
            subservice: Subservice::Vault,
            kind: kind.to_ascii_lowercase(),
            name: name.to_owned(),
            version,
        })
    }

    /// Takes the URL of a request to a vault apart, as far as it is known. The path may name an operation.
    pub fn parse_request(url: &str) -> Result<Self, Malformed> {
        let (scheme, rest) = url.trim().split_once("://").ok_or(Malformed::NoScheme)?;
        if !scheme.eq_ignore_ascii_case("https") {
            return Err(Malformed::NoScheme);
        }
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = host.strip_suffix(":443").unwrap_or(host).trim_end_matches('.').to_ascii_lowercase();
        if host.is_empty() || host.contains(':') {
            return Err(Malformed::NoHost);
        }
        let Asked { kind, name, version, .. } = data_plane::asked(path, None);
        let kind = if kind.is_empty() { "secrets".to_owned() } else { kind };
        Ok(Self { host, subservice: Subservice::Vault, kind, name, version })
    }

    /// Takes an app setting's `@Microsoft.KeyVault(…)` apart. The second value names the part that is written in an
    /// undocumented way.
    /// Source: <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references> (read 2026-11-21).
    pub fn parse_setting(text: &str, cloud: &Cloud) -> Result<(Self, Option<&'static str>), Malformed> {
        const HEAD: &str = "@Microsoft.KeyVault(";
        let bare = text.trim();
        let surrounded = (bare != text).then_some("there are blanks around it");
        let text = bare;
        let head = text.get(..HEAD.len()).filter(|head| head.eq_ignore_ascii_case(HEAD)).ok_or(Malformed::NotWhole)?;
        let inner = text.strip_prefix(head).and_then(|rest| rest.strip_suffix(')')).ok_or(Malformed::NotWhole)?;
        let mut odd = (head != HEAD).then_some("`@Microsoft.KeyVault` is written in another case").or(surrounded);
        let separated = with_semicolons(inner);
        if separated != inner {
            odd = odd.or(Some("its parts are separated by commas"));
        }
        let (mut uri, mut vault, mut secret, mut version) = (None, None, None, None);
        for part in separated.split(';').filter(|part| !part.trim().is_empty()) {
            let (key, value) = part.split_once('=').ok_or_else(|| Malformed::Part(part.trim().to_owned()))?;
            let known = ["SecretUri", "VaultName", "SecretName", "SecretVersion"];
            let name = key.trim();
            let known = known.into_iter().find(|known| known.eq_ignore_ascii_case(name));
            let known = known.ok_or_else(|| Malformed::Part(name.to_owned()))?;
            if name != known {
                odd = odd.or(Some("a part is written in another case than documented"));
            }
            if key != name || value != value.trim() {
                odd = odd.or(Some("there are blanks around a part"));
            }
            let value = value.trim();
            *match known {
                "SecretUri" => &mut uri,
                "VaultName" => &mut vault,
                "SecretName" => &mut secret,
                _ => &mut version,
            } = Some(value);
        }
        if let Some(uri) = uri {
            return Ok((Self::parse(uri)?, odd.or((vault.or(secret).is_some()).then_some("two forms are mixed"))));
        }
        let vault = vault.filter(|v| !v.is_empty()).ok_or(Malformed::Missing("VaultName"))?;
        let secret = secret.filter(|s| !s.is_empty()).ok_or(Malformed::Missing("SecretName"))?;
        let version = version.filter(|v| !v.is_empty());
        // What does not have the form of a version is redacted when it is read.
        if version.is_some_and(|version| version.contains('<')) {
            return Err(Malformed::Version);
        }
        let path = version.map_or_else(|| secret.to_owned(), |version| format!("{secret}/{version}"));
        // Dots in a vault's name would make another host of it.
        let is_name = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if let Some(odd) = [vault, secret].into_iter().find(|name| !is_name(name)) {
            return Err(Malformed::Name(odd.to_owned()));
        }
        Ok((Self::parse(&format!("https://{}/secrets/{path}", cloud.vault_host(vault)))?, odd))
    }

    /// Takes the URL of a service of a storage account apart, with a container or share where one is named.
    ///
    /// A host that is not named after this cloud may still be that of an account: one with DNS zone endpoints, or with
    /// a name of its own. It then counts as the service that is wanted.
    /// Source: <https://learn.microsoft.com/azure/storage/common/storage-account-overview> (read 2026-11-22).
    pub fn parse_storage(text: &str, cloud: &Cloud, wanted: Subservice) -> Result<Self, Malformed> {
        let (scheme, rest) = text.trim().split_once("://").ok_or(Malformed::NoScheme)?;
        if !scheme.eq_ignore_ascii_case("https") {
            return Err(Malformed::NoScheme);
        }
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        // A name and a password may stand before the host.
        let host = host.rsplit('@').next().unwrap_or_default();
        let host = host.strip_suffix(":443").unwrap_or(host).trim_end_matches('.').to_ascii_lowercase();
        if host.is_empty() {
            return Err(Malformed::NoHost);
        }
        let subservice = cloud.account_of(&host).map_or(wanted, |(_, subservice)| subservice);
        let kind = if subservice == Subservice::File { "shares" } else { "containers" };
        let name = path.split('/').next().unwrap_or_default().to_owned();
        Ok(Self { host, subservice, kind: kind.to_owned(), name, version: None })
    }

    /// `secrets/{name}`, as reports write it; empty where a storage account is meant as a whole.
    pub fn object(&self) -> String {
        match self.name.is_empty() {
            true => String::new(),
            false => format!("{}/{}", self.kind, self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_forms_are_read() {
        let parsed = Reference::parse("https://KV1.vault.azure.net/secrets/Gateway/abc/").unwrap();
        assert_eq!((parsed.host.as_str(), parsed.name.as_str()), ("kv1.vault.azure.net", "Gateway"));
        assert_eq!(parsed.version.as_deref(), Some("abc"));
    }

    #[test]
    fn the_documented_forms_of_a_setting_are_read() {
        let cloud = Cloud::public();
        let parse = |inner: &str| Reference::parse_setting(&format!("@Microsoft.KeyVault({inner})"), &cloud);
        let expected = Reference::parse("https://kv1.vault.azure.net/secrets/db").unwrap();
        for inner in [
            "SecretUri=https://kv1.vault.azure.net/secrets/db",
            "SecretUri=https://kv1.vault.azure.net/secrets/db/",
            "VaultName=kv1;SecretName=db",
            "VaultName=kv1;SecretName=db;",
        ] {
            assert_eq!(parse(inner), Ok((expected.clone(), None)), "{inner}");
        }
        assert!(parse("secretname=db; vaultname=kv1").unwrap().1.is_some());
        for (inner, why) in [
            ("VaultUri=https://kv1.vault.azure.net/;SecretName=db", Malformed::Part("VaultUri".into())),
            ("VaultName=kv1", Malformed::Missing("SecretName")),
            ("VaultName=kv1.vault.azure.net;SecretName=db", Malformed::Name("kv1.vault.azure.net".into())),
            (
                "https://kv1.vault.azure.net/secrets/db",
                Malformed::Part("https://kv1.vault.azure.net/secrets/db".into()),
            ),
        ] {
            assert_eq!(parse(inner), Err(why), "{inner}");
        }
        let parse = |text: &str| Reference::parse_setting(text, &cloud);
        assert_eq!(parse("x@Microsoft.KeyVault(VaultName=a;SecretName=b)"), Err(Malformed::NotWhole));
        assert_eq!(parse("@Microsoft.KeyVault(VaultName=a;SecretName=b"), Err(Malformed::NotWhole));
    }

    #[test]
    fn a_url_of_a_storage_account_is_read_however_its_host_is_named() {
        let parse = |text: &str| Reference::parse_storage(text, &Cloud::public(), Subservice::Blob);
        for (text, host, subservice, name) in [
            ("https://st.blob.core.windows.net", "st.blob.core.windows.net", Subservice::Blob, ""),
            ("HTTPS://ST.Blob.core.windows.net:443/pkg/?sig=x", "st.blob.core.windows.net", Subservice::Blob, "pkg"),
            ("https://st.queue.core.windows.net/", "st.queue.core.windows.net", Subservice::Queue, ""),
            ("https://st.z23.blob.storage.azure.net", "st.z23.blob.storage.azure.net", Subservice::Blob, ""),
            ("https://files.contoso.com/c", "files.contoso.com", Subservice::Blob, "c"),
            ("https://st.blob.core.chinacloudapi.cn", "st.blob.core.chinacloudapi.cn", Subservice::Blob, ""),
            ("https://user:pw@st.blob.core.windows.net", "st.blob.core.windows.net", Subservice::Blob, ""),
        ] {
            let parsed = parse(text).unwrap();
            assert_eq!((&*parsed.host, parsed.subservice, &*parsed.name), (host, subservice, name), "{text}");
        }
        assert_eq!(parse("http://st.blob.core.windows.net"), Err(Malformed::NoScheme));
        assert_eq!(parse("https:///c"), Err(Malformed::NoHost));
    }

    #[test]
    fn malformed_identifiers_say_why() {
        for (text, why) in [
            ("kv1.vault.azure.net/secrets/x", Malformed::NoScheme),
            ("http://kv1.vault.azure.net/secrets/x", Malformed::NoScheme),
            ("https:///secrets/x", Malformed::NoHost),
            ("https://kv1.vault.azure.net/", Malformed::NoObject),
            ("https://kv1.vault.azure.net/secrets/a/b/c", Malformed::TooLong),
            ("https://kv1.vault.azure.net/secrets/a_b", Malformed::Name("a_b".into())),
        ] {
            assert_eq!(Reference::parse(text), Err(why), "{text}");
        }
    }
}
