//! Modules from registries and template specs: their names, and where the tools keep them.

use crate::template::value::Value;

/// A module that is kept elsewhere.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Artifact {
    /// In a registry: host, path, and tag or digest.
    Registry {
        /// The host.
        host: String,
        /// The path.
        path: String,
        /// The tag, or a digest with its `@`.
        tag: String,
    },
    /// A template spec: subscription, resource group, name, version.
    Spec(String, String, String, String),
}

impl Artifact {
    /// Tells whether a path means an artifact.
    pub(crate) fn is_meant(path: &str) -> bool {
        ["br:", "br/", "ts:", "ts/"].iter().any(|scheme| path.starts_with(scheme))
    }

    /// Reads `br:host/path:tag`, `br/alias:path:tag`, `ts:subscription/group/name:version` or `ts/alias:name:version`.
    pub(crate) fn parse(path: &str, config: &Value) -> Option<Self> {
        let (scheme, rest) = path.split_once([':', '/'])?;
        let alias = path.get(scheme.len()..)?.starts_with('/');
        let (alias, rest) = match alias {
            true => rest.split_once(':').map(|(alias, rest)| (Some(alias), rest))?,
            false => (None, rest),
        };
        match scheme {
            "br" => Self::registry(alias, rest, config),
            "ts" => Self::spec(alias, rest, config),
            _ => None,
        }
    }

    fn registry(alias: Option<&str>, rest: &str, config: &Value) -> Option<Self> {
        let (path, tag) = match rest.split_once('@') {
            Some((path, digest)) => (path, format!("@{digest}")),
            None => rest.rsplit_once(':').map(|(path, tag)| (path, tag.to_owned()))?,
        };
        let Some(alias) = alias else {
            let (host, path) = path.split_once('/')?;
            return Some(Self::Registry { host: host.to_owned(), path: path.to_owned(), tag });
        };
        let given = config.get("moduleAliases").and_then(|aliases| aliases.get("br")?.get(alias));
        let text = |name: &str| given.and_then(|given| given.get(name)?.as_str());
        let (host, prefix) = match (given, alias) {
            (Some(_), _) => (text("registry")?, text("modulePath")),
            (None, "public") => ("mcr.microsoft.com", Some("bicep")),
            (None, _) => return None,
        };
        let path = prefix.map_or_else(|| path.to_owned(), |prefix| format!("{prefix}/{path}"));
        Some(Self::Registry { host: host.to_owned(), path, tag })
    }

    fn spec(alias: Option<&str>, rest: &str, config: &Value) -> Option<Self> {
        let (path, version) = rest.rsplit_once(':')?;
        let Some(alias) = alias else {
            let mut parts = path.split('/').map(str::to_owned);
            return Some(Self::Spec(parts.next()?, parts.next()?, parts.next()?, version.to_owned()));
        };
        let given = config.get("moduleAliases").and_then(|aliases| aliases.get("ts")?.get(alias))?;
        let text = |name: &str| given.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Self::Spec(text("subscription")?, text("resourceGroup")?, path.to_owned(), version.to_owned()))
    }

    /// Returns where the compiled module is kept, from the folder of the cache.
    pub(crate) fn cached(&self) -> String {
        match self {
            Self::Registry { host, path, tag } => {
                let tag = match tag.strip_prefix('@') {
                    Some(digest) => digest.replace(':', "#"),
                    None => format!("{tag}$"),
                };
                format!("br/{}/{}/{tag}/main.json", host.replace(':', "$"), path.replace('/', "$"))
            }
            Self::Spec(subscription, group, name, version) => {
                format!("ts/{subscription}/{group}/{name}/{version}/main.json")
            }
        }
    }
}
