//! Which addresses a service tag contains, as far as documented. "May match" is a separate result.
//!
//! Source: <https://learn.microsoft.com/azure/virtual-network/service-tags-overview> (read 2026-11-21).

use std::net::Ipv4Addr;

use ipnet::{IpNet, Ipv4Net};

pub(crate) use crate::base::read_range;
use crate::model::network::ServiceTag;
use crate::model::{ClosedBy, Gap};

/// Whether something is covered; `May` says what would have to be known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Match {
    No,
    May(Gap),
    Yes,
}

impl Match {
    /// The rule does not say it; the caller adds the security group's id with [`Gap::in_resource`].
    pub(crate) fn unstated(what: impl Into<String>) -> Match {
        Match::May(unstated(what))
    }

    /// It depends on the addresses in use.
    pub(crate) fn by_address(what: impl Into<String>) -> Match {
        Match::May(by_address(what))
    }

    pub(crate) fn of(covered: bool) -> Match {
        if covered { Match::Yes } else { Match::No }
    }

    pub(crate) fn and(self, other: impl FnOnce() -> Match) -> Match {
        match self {
            Match::No => Match::No,
            Match::Yes => other(),
            Match::May(gap) => match other() {
                Match::No => Match::No,
                _ => Match::May(gap),
            },
        }
    }

    /// One is enough; an empty list was not stated.
    pub(crate) fn any(matches: impl Iterator<Item = Match>, what: &str) -> Match {
        let stronger = |a, b| match (&a, &b) {
            (Match::Yes, _) | (Match::May(_), Match::No | Match::May(_)) => a,
            _ => b,
        };
        matches.reduce(stronger).unwrap_or_else(|| Match::unstated(format!("it has no {what}")))
    }
}

/// The collected rules do not say this.
pub(crate) fn unstated(what: impl Into<String>) -> Gap {
    Gap::incomplete(what, ClosedBy::Nothing)
}

/// The addresses in use decide this.
pub(crate) fn by_address(what: impl Into<String>) -> Gap {
    Gap::at_run_time(what).advise("compare it with the addresses of the host name")
}

/// Whether all of `nets` lie in one of `by`, or none of them touches any.
pub(crate) fn held(nets: &[IpNet], by: &[IpNet], doubt: impl FnOnce() -> Gap) -> Match {
    let touches = |net: &IpNet| by.iter().any(|b| b.contains(net) || net.contains(b));
    match nets.is_empty() {
        false if nets.iter().all(|net| by.iter().any(|b| b.contains(net))) => Match::Yes,
        false if !nets.iter().any(touches) => Match::No,
        _ => Match::May(doubt()),
    }
}

/// RFC 1918 and RFC 6598: the ranges for which Azure has system routes.
pub(crate) const PRIVATE: [IpNet; 4] = [
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8)),
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 12)),
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(192, 168, 0, 0), 16)),
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(100, 64, 0, 0), 10)),
];

/// Whether no public service has an address in it.
pub(crate) fn is_private(net: &IpNet) -> bool {
    let local = matches!(net, IpNet::V6(v6) if v6.addr().is_unique_local() && v6.prefix_len() >= 7);
    local || PRIVATE.iter().any(|range| range.contains(net))
}

/// Ranges in which no public service has an address: reserved, private, shared by carriers (RFC 6598), loopback,
/// link-local, documentation, benchmarks and multicast.
/// Source: <https://www.iana.org/assignments/iana-ipv4-special-registry> (read 2026-11-29).
const NEVER_PUBLIC: [(Ipv4Addr, u8); 14] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// Whether no address of a range is ever seen on the internet.
pub(crate) fn is_never_public(net: &IpNet) -> bool {
    match net {
        IpNet::V4(net) => {
            let mut ranges = NEVER_PUBLIC.iter().filter_map(|(address, len)| Ipv4Net::new(*address, *len).ok());
            ranges.any(|range| range.contains(net))
        }
        IpNet::V6(net) => {
            let first = net.addr();
            let documentation = first.segments().starts_with(&[0x2001, 0x0db8]) && net.prefix_len() >= 32;
            let local = (first.is_unique_local() && net.prefix_len() >= 7)
                || (first.is_unicast_link_local() && net.prefix_len() >= 10)
                || (first.is_multicast() && net.prefix_len() >= 8);
            documentation || local || (first.is_loopback() && net.prefix_len() == 128)
        }
    }
}

/// Whether a range lies in a published one of a service that shares no address with `own`.
pub(crate) fn is_of_another_service(tags: &[ServiceTag], own: &str, net: &IpNet) -> bool {
    let is_other = |tag: &&ServiceTag| {
        let root = tag.name.as_deref().map(|name| split(name).0);
        root.is_some_and(|root| is_apart(root) && !root.eq_ignore_ascii_case(own))
    };
    let prefixes = tags.iter().filter(is_other).flat_map(|tag| &tag.properties.address_prefixes);
    prefixes.filter_map(|text| read_range(text)).any(|range| range.contains(net))
}

/// Services where `Tag.Region` is the part of `Tag` in that region. These tags and those of [`WHOLE`] share
/// no address with each other, only with `AzureCloud` and `Internet`.
/// Source: <https://www.microsoft.com/download/details.aspx?id=56519>, lists 305 and 360 (read 2026-11-21).
#[rustfmt::skip]
const REGIONAL: [&str; 10] = [
    "ApiManagement", "AppService", "AzureConnectors", "AzureContainerRegistry", "AzureCosmosDB",
    "AzureKeyVault", "EventHub", "ServiceBus", "Sql", "Storage",
];

/// Services without such parts, and addresses of the host. `AzureActiveDirectoryDomainServices` is left out:
/// it shares addresses with `AzureActiveDirectory`.
#[rustfmt::skip]
const WHOLE: [&str; 10] = [
    "AzureActiveDirectory", "AzureBackup", "AzureLoadBalancer", "AzureMonitor", "AzurePlatformDNS",
    "AzurePlatformIMDS", "AzurePlatformLKM", "AzureResourceManager", "AzureTrafficManager", "GatewayManager",
];

/// `AzureCloud` abbreviates some regions, other tags spell them out. Same source as [`REGIONAL`].
#[rustfmt::skip]
const SHORT_REGIONS: [(&str, &str); 10] = [
    ("brazilse", "brazilsoutheast"), ("centralfrance", "francecentral"), ("chilec", "chilecentral"),
    ("germanyn", "germanynorth"), ("germanywc", "germanywestcentral"), ("norwaye", "norwayeast"),
    ("norwayw", "norwaywest"), ("southfrance", "francesouth"), ("switzerlandn", "switzerlandnorth"),
    ("switzerlandw", "switzerlandwest"),
];

/// Whether a tag is known to hold no address of a network: only public ones, or only those of the host.
pub(crate) fn is_public(tag: &str) -> bool {
    let (root, _) = split(tag);
    is_apart(root) || one_of(&["Internet", "AzureCloud"], root)
}

fn is_apart(root: &str) -> bool {
    one_of(&REGIONAL, root) || one_of(&WHOLE, root)
}

pub(crate) fn one_of(words: &[&str], text: &str) -> bool {
    words.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// A tag and its suffix, which is usually a region.
fn split(tag: &str) -> (&str, Option<&str>) {
    tag.split_once('.').map_or((tag, None), |(root, part)| (root, Some(part)))
}

pub(crate) fn tag_holds_ranges(tag: &str, nets: &[IpNet], inside: &Match) -> Match {
    let (private, known) = (nets.iter().any(is_private), !nets.is_empty());
    match inside {
        inside if one_of(&["VirtualNetwork"], tag) => inside.clone(),
        _ if known && is_public(tag) && nets.iter().all(is_private) => Match::No,
        inside if known && !private && one_of(&["Internet"], tag) => Match::of(*inside != Match::Yes),
        _ => Match::by_address(format!("service tag `{tag}` may contain some of the addresses")),
    }
}

/// Whether a tag holds the public address of one instance of a service.
pub(crate) fn tag_holds_service(tag: &str, name: &str, region: Option<&str>) -> Match {
    let unknown = || Match::by_address(format!("service tag `{tag}` may contain the address"));
    let (root, part) = split(tag);
    let own = root.eq_ignore_ascii_case(name);
    match part {
        None if own || one_of(&["Internet", "AzureCloud"], tag) => Match::Yes,
        Some(part) if own && one_of(&REGIONAL, root) || root.eq_ignore_ascii_case("AzureCloud") => {
            region.map_or_else(unknown, |region| Match::of(same_region(part, region)))
        }
        _ if !own && is_apart(root) && is_apart(name) => Match::No,
        _ => unknown(),
    }
}

fn same_region(a: &str, b: &str) -> bool {
    let full = |text: &str| {
        let text = text.replace(' ', "").to_ascii_lowercase();
        let known = SHORT_REGIONS.iter().find(|(short, _)| *short == text);
        known.map_or(text, |(_, full)| (*full).to_owned())
    };
    full(a) == full(b)
}
