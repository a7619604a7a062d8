//! URLs as people and services write them, taken apart and not changed.

/// The parts of `scheme://user@host:port/path?query`. Nothing is decoded, and nothing is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Url<'t> {
    /// The scheme, in the case it is written in.
    pub scheme: &'t str,
    /// What stands before `@`: a name, and perhaps a password.
    pub user: Option<&'t str>,
    /// The host, in the case it is written in, without the dot that may end it.
    pub host: &'t str,
    /// The port, if one is written.
    pub port: Option<&'t str>,
    /// The path, from its first slash on; empty if there is none.
    pub path: &'t str,
    /// What follows the question mark, or the hash sign of a fragment.
    pub query: Option<&'t str>,
}

impl<'t> Url<'t> {
    /// Takes a URL apart; `None` if the text has no `://`.
    pub(crate) fn parse(text: &'t str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once("://")?;
        Some(Self { scheme, ..Self::after_scheme(rest) })
    }

    /// Takes a URL apart that may lack its scheme, or be a host alone.
    pub(crate) fn parse_bare(text: &'t str) -> Self {
        Self::parse(text).unwrap_or_else(|| Self::after_scheme(text.trim()))
    }

    fn after_scheme(rest: &'t str) -> Self {
        let (rest, query) = rest.split_once(['?', '#']).map_or((rest, None), |(rest, query)| (rest, Some(query)));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
        let (host, port) = host.split_once(':').map_or((host, None), |(host, port)| (host, Some(port)));
        Self { scheme: "", user, host: host.trim_end_matches('.'), port, path, query }
    }

    /// Whether the scheme is `https`.
    pub(crate) fn is_https(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("https")
    }

    /// Whether a port is written that is not the one of `https`.
    pub(crate) fn has_own_port(&self) -> bool {
        self.port.is_some_and(|port| port != "443")
    }

    /// The host in lower case, with its port if that is not the one of `https`.
    pub(crate) fn authority(&self) -> String {
        let port = self.port.filter(|_| self.has_own_port()).map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}{port}", self.host.to_ascii_lowercase())
    }

    /// The segments of the path that are not empty.
    pub(crate) fn segments(&self) -> impl Iterator<Item = &'t str> + use<'t> {
        self.path.split('/').filter(|segment| !segment.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart_as_it_is_written() {
        let url = Url::parse(" HTTPS://u:p@Kv.vault.azure.net.:443/secrets//x/?a=1&b#c ").unwrap();
        assert!(url.is_https() && !url.has_own_port());
        assert_eq!((url.user, url.host, url.port), (Some("u:p"), "Kv.vault.azure.net", Some("443")));
        assert_eq!((url.path, url.query), ("/secrets//x/", Some("a=1&b#c")));
        assert_eq!(url.segments().collect::<Vec<_>>(), ["secrets", "x"]);
        assert_eq!(url.authority(), "kv.vault.azure.net");
    }

    #[test]
    fn a_host_alone_has_no_scheme() {
        assert_eq!(Url::parse("kv.vault.azure.net/secrets/x"), None);
        let url = Url::parse_bare("KV.vault.azure.net:8443/secrets/x");
        assert_eq!((url.authority().as_str(), url.path), ("kv.vault.azure.net:8443", "/secrets/x"));
    }
}
