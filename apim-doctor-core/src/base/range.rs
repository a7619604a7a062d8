//! Ranges of addresses, as rules and service tags write them.

use std::net::IpAddr;

use ipnet::IpNet;

/// Reads a range, or a single address.
pub(crate) fn read_range(text: &str) -> Option<IpNet> {
    // Most texts are tags.
    if !text.starts_with(|c: char| c.is_ascii_hexdigit() || c == ':') || !text.contains(['.', ':']) {
        return None;
    }
    text.parse().ok().or_else(|| Some(IpNet::from(text.parse::<IpAddr>().ok()?)))
}
