//! The identifier of a secret, as people write it, taken apart.

use std::fmt;

/// `https://{host}/{kind}/{name}[/{version}]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// In lower case.
    pub host: String,
    /// `secrets`, `certificates` or `keys`, in lower case.
    pub kind: String,
    /// The object's name; empty where a policy computes it.
    pub name: String,
    /// The version, where one is named.
    pub version: Option<String>,
}

/// What is wrong with an identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// It does not start with `https://`.
    NoScheme,
    /// There is no host name.
    NoHost,
    /// There is no `/secrets/{name}` after the host name.
    NoObject,
    /// Something follows the version.
    TooLong,
    /// A character that no object's name has.
    Name(String),
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Malformed::NoScheme => f.write_str("it does not start with `https://`"),
            Malformed::NoHost => f.write_str("it names no vault"),
            Malformed::NoObject => f.write_str("`/secrets/{name}` is missing after the vault"),
            Malformed::TooLong => f.write_str("something follows the version"),
            Malformed::Name(name) => {
                write!(f, "`{name}` is no name of a secret: only letters, digits and hyphens are")
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
        Ok(Self { host: host.to_ascii_lowercase(), kind: kind.to_ascii_lowercase(), name: name.to_owned(), version })
    }

    /// `secrets/{name}`, as reports write it.
    pub fn object(&self) -> String {
        format!("{}/{}", self.kind, self.name)
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
