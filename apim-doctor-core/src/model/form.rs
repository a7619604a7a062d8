//! Forms of values that are known not to be secrets, and URLs without what may be one.

use crate::base::Url;

/// What stands in place of a secret.
pub(crate) const REDACTED: &str = "<redacted>";

/// Whether a text has the form of a storage account's name.
pub(crate) fn is_account_name(text: &str) -> bool {
    (3..=24).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// Whether a text has the form of a share's or a container's name.
pub(crate) fn is_share_name(text: &str) -> bool {
    let sign = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (3..=63).contains(&text.len()) && text.bytes().all(sign)
}

/// Whether a text has the form of the resource id of a user-assigned identity, with a slash before it or without.
pub(crate) fn is_identity(text: &str) -> bool {
    let folded = text.to_ascii_lowercase();
    let plain = |segment: &str| segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.()".contains(&b));
    match folded.trim_start_matches('/').split('/').collect::<Vec<_>>().as_slice() {
        ["subscriptions", s, "resourcegroups", g, "providers", "microsoft.managedidentity", kind, name] => {
            *kind == "userassignedidentities" && [s, g, name].into_iter().all(|segment| plain(segment))
        }
        _ => false,
    }
}

/// Whether a text has the form of a host name.
pub(crate) fn is_host(text: &str) -> bool {
    let sign = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    text.contains('.') && text.len() <= 253 && text.bytes().all(sign)
}

/// Whether a text is one of the words for on and off.
pub(crate) fn is_switch(text: &str) -> bool {
    ["0", "1", "true", "false"].iter().any(|known| text.eq_ignore_ascii_case(known))
}

/// A URL below a host, with its scheme or without.
pub(crate) fn is_identifier(text: &str) -> bool {
    let url = Url::parse_bare(text);
    let sign = |b: u8| b.is_ascii_alphanumeric() || b"-_./%~".contains(&b);
    let has_host = url.host.is_empty() || is_host(url.host);
    let is_plain = url.user.is_none() && url.query.is_none() && url.port.is_none_or(|port| port.parse::<u16>().is_ok());
    url.scheme.bytes().all(|b| b.is_ascii_alphabetic()) && has_host && is_plain && url.path.bytes().all(sign)
}

/// A host name, perhaps with a port.
fn is_host_of(url: &Url<'_>) -> bool {
    let is_web = ["http", "https"].iter().any(|known| url.scheme.eq_ignore_ascii_case(known));
    is_web && url.user.is_none() && is_host(url.host) && url.port.is_none_or(|port| port.parse::<u16>().is_ok())
}

/// Scheme, host and port of a URL, as they are written.
fn origin(url: &Url<'_>) -> String {
    let port = url.port.map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}", url.scheme, url.host)
}

/// The URL of a service or a container, without what may be secret: no user, no query, and after the host only what
/// may be the name of a container.
pub(crate) fn service_url(text: &str) -> String {
    let Some(url) = Url::parse(text).filter(is_host_of) else { return REDACTED.to_owned() };
    match url.path.trim_matches('/') {
        name if name.is_empty() || is_share_name(name) => format!("{}{}", origin(&url), url.path),
        _ => format!("{}/{REDACTED}", origin(&url)),
    }
}

/// The URL of a package: scheme, host and container, whether a signature follows, and when that ends. The name of the
/// package is not needed, so it is dropped with everything else.
pub(crate) fn package_url(text: &str) -> String {
    let Some(url) = Url::parse(text).filter(is_host_of) else { return REDACTED.to_owned() };
    let mut segments = url.path.split('/').skip(1);
    let mut kept = origin(&url);
    if let Some(container) = segments.next().filter(|container| !container.is_empty()) {
        let container = if is_share_name(container) { container } else { REDACTED };
        kept.push_str(&format!("/{container}"));
    }
    if segments.next().is_some() {
        kept.push_str(&format!("/{REDACTED}"));
    }
    let is_date =
        |text: &str| text.len() <= 40 && text.bytes().all(|b| b.is_ascii_digit() || b"-:TZ%3Aa.".contains(&b));
    match (url.query, signature_end(url.query.unwrap_or_default()).filter(|end| is_date(end))) {
        (None | Some(""), _) => kept,
        (Some(_), Some(end)) => format!("{kept}?se={end}&{REDACTED}"),
        (Some(_), None) => format!("{kept}?{REDACTED}"),
    }
}

/// When the signature in a query ends, as it is written.
pub(crate) fn signature_end(query: &str) -> Option<&str> {
    query.split('&').find_map(|part| part.strip_prefix("se="))
}
