//! References to what a vault or a storage account holds, as people write them.
//!
//! This is the only reader of identifiers of secrets, of `@Microsoft.KeyVault(…)`, and of the URLs of vaults and storage
//! accounts. A diagnosis reads them strictly, as Azure does. The fix of a malformed one, and the plan of a live run, need
//! to know what was probably meant.

use std::fmt;

use crate::base::Url;
use crate::knowledge::cloud::Cloud;
use crate::knowledge::data_plane::{self, Asked};
use crate::knowledge::subservice::Subservice;

/// How the reference of an app setting starts.
const HEAD: &str = "@Microsoft.KeyVault(";

/// `https://{host}/{kind}/{name}[/{version}]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
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
pub(crate) enum Malformed {
    /// It does not start with `https://`.
    NoScheme,
    /// The host name is missing.
    NoHost,
    /// `/secrets/{name}` is missing after the host name.
    NoObject,
    /// Something follows the version.
    TooLong,
    /// The name has a character that no object's name has.
    Name(String),
    /// It is not just `@Microsoft.KeyVault(…)`.
    NotWhole,
    /// A part of `@Microsoft.KeyVault(…)` that is none of the documented ones.
    Part(String),
    /// `SecretVersion` does not have the form of a version.
    Version,
    /// A part of `@Microsoft.KeyVault(…)` is missing.
    Missing(&'static str),
    /// App Service does not recognize it as a reference, as far as is known.
    NotRecognized,
    /// No container of a storage account can have this name.
    Container(String),
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
            Malformed::NoHost => f.write_str("it does not name a vault"),
            Malformed::NoObject => f.write_str("`/secrets/{name}` is missing after the vault"),
            Malformed::TooLong => f.write_str("it continues after the version"),
            Malformed::Name(name) => {
                write!(f, "`{name}` cannot be the name of a secret: only letters, digits and hyphens are allowed")
            }
            Malformed::NotWhole => f.write_str("the value is not exactly `@Microsoft.KeyVault(…)`"),
            Malformed::Part(part) => {
                write!(f, "`{part}` is not one of SecretUri, VaultName, SecretName and SecretVersion")
            }
            Malformed::Version => f.write_str("`SecretVersion` is not a version, which has 32 hexadecimal digits"),
            Malformed::Missing(part) => write!(f, "`{part}` is missing"),
            Malformed::NotRecognized => f.write_str("App Service does not seem to recognize it as a reference"),
            Malformed::Container(name) => write!(
                f,
                "`{name}` cannot be the name of a container: it has 3 to 63 lower-case letters, digits and single hyphens"
            ),
            Malformed::OtherService { is, wanted } => {
                write!(f, "it is the URL of the {} service, not of the {} service", is.group_id(), wanted.group_id())
            }
        }
    }
}

impl Reference {
    /// Takes an identifier apart: `https://{vault host}/secrets/{name}`, perhaps with a version.
    ///
    /// # Errors
    /// What is wrong with the identifier.
    pub(crate) fn parse(text: &str) -> Result<Self, Malformed> {
        let url = https(text)?;
        if url.user.is_some() || url.has_own_port() || !url.host.contains('.') {
            return Err(Malformed::NoHost);
        }
        let mut parts = url.path.trim_end_matches('/').split('/').skip(1);
        let (Some(kind), Some(name)) = (parts.next(), parts.next()) else { return Err(Malformed::NoObject) };
        let version = parts.next().filter(|v| !v.is_empty()).map(str::to_owned);
        if parts.next().is_some() {
            return Err(Malformed::TooLong);
        }
        // The query itself may be a secret.
        let has_query = version.is_none() && url.query.is_some();
        if name.is_empty() || has_query || !is_object_name(name) {
            return Err(Malformed::Name(name.to_owned()));
        }
        Ok(Self {
            host: url.authority(),
            subservice: Subservice::Vault,
            kind: kind.to_ascii_lowercase(),
            name: name.to_owned(),
            version,
        })
    }

    /// Takes the URL of a request to a vault apart, as far as it is known. The path may name an operation.
    ///
    /// # Errors
    /// If it is not an HTTPS URL with a host.
    pub(crate) fn parse_request(text: &str) -> Result<Self, Malformed> {
        let url = https(text)?;
        if url.host.is_empty() || url.user.is_some() || url.has_own_port() {
            return Err(Malformed::NoHost);
        }
        let Asked { kind, name, version, .. } = data_plane::asked(url.path, None);
        let kind = if kind.is_empty() { "secrets".to_owned() } else { kind };
        Ok(Self { host: url.authority(), subservice: Subservice::Vault, kind, name, version })
    }

    /// Whether the value of an app setting starts as a reference, as documented.
    pub(crate) fn starts_setting(text: &str) -> bool {
        text.starts_with(HEAD)
    }

    /// Takes an app setting's `@Microsoft.KeyVault(…)` apart. The second value says what is written in an undocumented
    /// way.
    ///
    /// # Errors
    /// What is wrong with the reference.
    ///
    /// Source: <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references> (read 2026-11-21).
    pub(crate) fn parse_setting(text: &str, cloud: &Cloud) -> Result<(Self, Option<&'static str>), Malformed> {
        let is_whole = |written: &Written<'_>| {
            let is_blank = |text: &str| text.trim().is_empty();
            written.has_sign() && is_blank(written.before) && written.after.is_some_and(is_blank)
        };
        let written = Written::find(text).filter(is_whole).ok_or(Malformed::NotWhole)?;
        let mut odd = (written.head != HEAD).then_some("the case of `@Microsoft.KeyVault` differs");
        odd = odd.or((text.trim() != text).then_some("there are spaces around it"));
        odd = odd.or((written.separator() == ',').then_some("its parts are separated by commas"));
        let (mut uri, mut vault, mut secret, mut version) = (None, None, None, None);
        for part in written.parts().filter(|part| !part.trim().is_empty()) {
            let (key, value) = part.split_once('=').ok_or_else(|| Malformed::Part(part.trim().to_owned()))?;
            let known = ["SecretUri", "VaultName", "SecretName", "SecretVersion"];
            let name = key.trim();
            let known = known.into_iter().find(|known| known.eq_ignore_ascii_case(name));
            let known = known.ok_or_else(|| Malformed::Part(name.to_owned()))?;
            if name != known {
                odd = odd.or(Some("the case of a part differs from the documentation"));
            }
            if key != name || value != value.trim() {
                odd = odd.or(Some("there are spaces around a part"));
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
            return Ok((Self::parse(uri)?, odd.or((vault.or(secret).is_some()).then_some("it mixes two forms"))));
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
        if let Some(odd) = [vault, secret].into_iter().find(|name| !is_object_name(name)) {
            return Err(Malformed::Name(odd.to_owned()));
        }
        Ok((Self::parse(&format!("https://{}/secrets/{path}", cloud.vault_host(vault)))?, odd))
    }

    /// Takes the URL of a service of a storage account apart, with a container or share if one is named.
    ///
    /// A host that is not named after this cloud may still be that of an account: one with DNS zone endpoints, or with
    /// a name of its own. It then counts as the service that is wanted.
    ///
    /// # Errors
    /// If it is not an HTTPS URL with a host.
    ///
    /// Source: <https://learn.microsoft.com/azure/storage/common/storage-account-overview> (read 2026-11-22).
    pub(crate) fn parse_storage(text: &str, cloud: &Cloud, wanted: Subservice) -> Result<Self, Malformed> {
        let url = https(text)?;
        let host = url.authority();
        if url.host.is_empty() {
            return Err(Malformed::NoHost);
        }
        let subservice = cloud.account_of(&host).map_or(wanted, |(_, subservice)| subservice);
        let kind = if subservice == Subservice::File { "shares" } else { "containers" };
        let name = url.path.split('/').nth(1).unwrap_or_default().to_owned();
        Ok(Self { host, subservice, kind: kind.to_owned(), name, version: None })
    }

    /// The identifier that a malformed one probably means.
    pub(crate) fn meant_by(written: &str) -> Option<String> {
        let url = Url::parse_bare(written.trim().trim_matches(['"', '\'', ' ']));
        let path: Vec<&str> = url.path.split('/').take(4).collect();
        let meant = format!("https://{}{}", url.host, path.join("/"));
        let parsed = Self::parse(&meant).ok().filter(|_| url.user.is_none() && url.port.is_none())?;
        (parsed.kind == "secrets" && meant != written).then_some(meant)
    }

    /// The identifier that the parts of a malformed `@Microsoft.KeyVault(…)` probably mean.
    pub(crate) fn meant_by_setting(text: &str, cloud: &Cloud) -> Option<String> {
        let written = Written::find(text)?;
        let (mut vault, mut secret, mut version, mut uri) = (None, None, None, None);
        for part in written.inner.split([';', ',']).map(str::trim).filter(|part| !part.is_empty()) {
            let (key, value) = part.split_once('=').unwrap_or(("SecretUri", part));
            let value = value.trim().trim_matches(['"', '\'']);
            match key.trim().to_ascii_lowercase().as_str() {
                "secreturi" => uri = Some(value),
                "vaulturi" | "keyvaulturi" | "vaultname" | "keyvaultname" | "vault" => vault = Some(value),
                "secretname" | "secret" => secret = Some(value),
                "secretversion" | "version" => version = Some(value).filter(|v| !v.is_empty()),
                _ => return None,
            }
        }
        if let Some(uri) = uri {
            let parsed = Self::parse(uri).is_ok_and(|parsed| parsed.kind == "secrets");
            return if parsed { Some(uri.to_owned()) } else { Self::meant_by(uri) };
        }
        let host = Url::parse_bare(vault?).host;
        let host = if host.contains('.') { host.to_ascii_lowercase() } else { cloud.vault_host(host) };
        let version = version.map(|version| format!("/{version}")).unwrap_or_default();
        let url = format!("https://{host}/secrets/{}{version}", secret?);
        // A host that is not a vault's would only be the next mistake.
        Self::parse(&url).ok().filter(|parsed| cloud.vault_of(&parsed.host).is_some()).map(|_| url)
    }

    /// What a URL names in a vault, strictly read or as it was probably meant.
    #[cfg(any(feature = "live", test))]
    pub(crate) fn closest_to(text: &str) -> Option<Self> {
        let meant = || Self::parse(&Self::meant_by(text)?).ok();
        Self::parse(text).or_else(|_| Self::parse_request(text)).ok().or_else(meant)
    }

    /// What an app's setting names in a vault, strictly read or as it was probably meant.
    #[cfg(any(feature = "live", test))]
    pub(crate) fn closest_to_setting(text: &str, cloud: &Cloud) -> Option<Self> {
        let meant = || Self::parse(&Self::meant_by_setting(text, cloud)?).ok();
        Self::parse_setting(text, cloud).ok().map(|(reference, _)| reference).or_else(meant)
    }

    /// `secrets/{name}`, as reports write it; empty if a storage account is meant as a whole.
    pub(crate) fn object(&self) -> String {
        match self.name.is_empty() {
            true => String::new(),
            false => format!("{}/{}", self.kind, self.name),
        }
    }
}

/// An HTTPS URL.
fn https(text: &str) -> Result<Url<'_>, Malformed> {
    Url::parse(text).filter(Url::is_https).ok_or(Malformed::NoScheme)
}

/// Whether a text consists of what names of vaults and of their objects consist of.
fn is_object_name(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// What starts a Key Vault reference, in lower case.
const MARK: &str = "microsoft.keyvault(";

/// `@Microsoft.KeyVault(…)` as it stands in a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written<'t> {
    /// What stands before it.
    pub before: &'t str,
    /// `@Microsoft.KeyVault(`, in the case it is written in; the `@` may be missing.
    pub head: &'t str,
    /// What stands between the parentheses.
    pub inner: &'t str,
    /// What stands after it; `None` if the closing parenthesis is missing.
    pub after: Option<&'t str>,
}

impl<'t> Written<'t> {
    /// The first reference in a text.
    pub(crate) fn find(text: &'t str) -> Option<Self> {
        let mark = text.to_ascii_lowercase().find(MARK)?;
        let start = if text.get(..mark)?.ends_with('@') { mark - 1 } else { mark };
        let (before, rest) = text.split_at_checked(start)?;
        let (head, rest) = rest.split_at_checked(mark - start + MARK.len())?;
        let (inner, after) = rest.split_once(')').map_or((rest, None), |(inner, after)| (inner, Some(after)));
        Some(Self { before, head, inner, after })
    }

    /// Whether it starts with `@`: nothing else is a reference to App Service.
    pub(crate) fn has_sign(&self) -> bool {
        self.head.starts_with('@')
    }

    /// What separates its parts. Commas are a common slip.
    pub(crate) fn separator(&self) -> char {
        let has_commas = !self.inner.contains(';') && self.inner.matches('=').count() > 1;
        if has_commas && self.inner.contains(',') { ',' } else { ';' }
    }

    /// Its parts, as they are written.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &'t str> + use<'t> {
        self.inner.split(self.separator())
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

    #[test]
    fn the_identifier_that_was_meant_is_found() {
        for written in [
            "kv1.vault.azure.net/secrets/a",
            "http://kv1.vault.azure.net/secrets/a",
            "\"https://kv1.vault.azure.net/secrets/a?x=1\"",
        ] {
            assert_eq!(
                Reference::meant_by(written).as_deref(),
                Some("https://kv1.vault.azure.net/secrets/a"),
                "{written}"
            );
        }
        assert_eq!(Reference::meant_by("https://kv1.vault.azure.net/"), None);
        assert_eq!(Reference::meant_by("https://kv1.vault.azure.net/secrets/a_b"), None);
        let cloud = Cloud::public();
        for inner in [
            "VaultUri=https://kv1.vault.azure.net/;SecretName=a",
            "VaultName=kv1.vault.azure.net;SecretName=a",
            "KeyVaultName=kv1, SecretName=a",
            "SecretUri=kv1.vault.azure.net/secrets/a",
            "https://kv1.vault.azure.net/secrets/a",
        ] {
            let url = Reference::meant_by_setting(&format!("@Microsoft.KeyVault({inner})"), &cloud);
            assert_eq!(url.as_deref(), Some("https://kv1.vault.azure.net/secrets/a"), "{inner}");
        }
        let open = "x@Microsoft.KeyVault(VaultName=kv1;SecretName=a;SecretVersion=b";
        let url = Reference::meant_by_setting(open, &cloud);
        assert_eq!(url.as_deref(), Some("https://kv1.vault.azure.net/secrets/a/b"));
        for inner in ["VaultName=kv1", "SecretName=a", "VaultName=kv1.example.com;SecretName=a", "Name=a"] {
            let text = format!("@Microsoft.KeyVault({inner})");
            assert_eq!(Reference::meant_by_setting(&text, &cloud), None, "{inner}");
        }
    }

    #[test]
    fn what_is_read_strictly_is_what_is_meant() {
        let cloud = Cloud::public();
        let object = |reference: Option<Reference>| reference.map(|r| (r.host, r.kind, r.name));
        let expected = |kind: &str| Some(("kv1.vault.azure.net".to_owned(), kind.to_owned(), "a".to_owned()));
        for (url, kind) in [
            ("https://kv1.vault.azure.net/secrets/a/0123", "secrets"),
            ("https://kv1.vault.azure.net/certificates/a", "certificates"),
            ("http://kv1.vault.azure.net/secrets/a", "secrets"),
            ("https://kv1.vault.azure.net/secrets/a?api-version=7.4", "secrets"),
        ] {
            assert_eq!(object(Reference::closest_to(url)), expected(kind), "{url}");
            let setting = format!("@Microsoft.KeyVault(SecretUri={url})");
            assert_eq!(object(Reference::closest_to_setting(&setting, &cloud)), expected(kind), "{setting}");
        }
    }
}
