//! What a host name resolves to as seen from a network: private zones, rulesets, own servers, public aliases.
//!
//! Sources: <https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration>,
//! <https://learn.microsoft.com/azure/dns/private-resolver-endpoints-rulesets>,
//! <https://learn.microsoft.com/azure/dns/private-dns-fallback> and
//! <https://learn.microsoft.com/azure/key-vault/general/private-link-diagnostics> (read 2026-11-21).

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::base::ResourceId;
use crate::eval::network::{self, Reach};
use crate::model::dns::{
    DnsResolver, ForwardingRule, ForwardingRuleset, InboundEndpoint, PrivateDnsZone, RecordSet, VirtualNetworkLink,
};
use crate::model::{ClosedBy, Estate, Fact, Gap, Resource};

/// What a client gets for an answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum LookupResult {
    /// The public address.
    Public,
    /// An address from a private zone.
    Private {
        /// The addresses.
        addresses: Vec<IpAddr>,
        /// The zone that answered.
        zone: ResourceId,
        /// The record.
        record: ResourceId,
    },
    /// "No such name", from a private zone that is linked and lacks the record.
    NoRecord {
        /// The zone that answered.
        zone: ResourceId,
        /// The name it was asked for.
        name: String,
    },
    /// What one of the network's own servers was recorded to answer.
    Recorded {
        /// The server.
        server: String,
        /// `NXDOMAIN`, `SERVFAIL`, …
        rcode: String,
        /// The addresses, where it gave any.
        addresses: Vec<IpAddr>,
    },
    /// Not seen.
    Unknown(Gap),
}

/// A question as one network asks it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question<'a> {
    /// The host name.
    pub host: &'a str,
    /// What the public alias chain goes through, where the target has an approved private endpoint.
    pub alias: Option<&'a str>,
    /// The network that asks.
    pub network: &'a ResourceId,
    /// The servers it asks; empty: Azure's.
    pub servers: &'a [String],
    /// The subnet that asks, for recorded answers.
    pub subnet: &'a ResourceId,
}

impl Question<'_> {
    /// What tells what a DNS server answers: a probe in the subnet.
    fn probe(&self, server: Option<&str>) -> ClosedBy {
        let (host, subnet) = (self.host.to_owned(), Some(self.subnet.clone()));
        ClosedBy::Probe { host, server: server.map(str::to_owned), subnet }
    }
}

/// Azure's own resolver inside every network.
pub(crate) const AZURE_DNS: &str = "168.63.129.16";

/// The answer, and the network whose links decided it (the client's own, or that of its resolver).
#[derive(Clone, Debug)]
pub(crate) struct Resolution {
    /// The answer.
    pub answer: LookupResult,
    /// The network whose private zones were asked.
    pub resolver: Option<ResourceId>,
    /// Networks, zones, links and records looked at.
    pub looked_at: Vec<ResourceId>,
}

/// Resolves a host name as a network would.
///
/// Several servers must agree: which one is asked first is not documented for every client.
pub(crate) fn resolve(estate: &Estate, question: &Question<'_>) -> Resolution {
    let own: Vec<&String> = question.servers.iter().filter(|server| *server != AZURE_DNS).collect();
    if own.is_empty() {
        return azure_dns(estate, question, question.network, 0);
    }
    let mut answers = question.servers.iter().map(|server| server_answer(estate, question, server));
    let Some(mut first) = answers.next() else { return azure_dns(estate, question, question.network, 0) };
    let mut agree = true;
    for other in answers {
        agree &= other.answer == first.answer;
        first.looked_at.extend(other.looked_at);
    }
    if agree {
        return first;
    }
    let what = format!(
        "which of the DNS servers {} answers network `{}`",
        question.servers.join(", "),
        question.network.name()
    );
    let gap = Gap::outside_azure(what, question.probe(None));
    Resolution { answer: LookupResult::Unknown(gap), resolver: None, looked_at: first.looked_at }
}

fn server_answer(estate: &Estate, question: &Question<'_>, server: &str) -> Resolution {
    if server == AZURE_DNS {
        return azure_dns(estate, question, question.network, 0);
    }
    if let Some(network) = inbound_network(estate, server, question) {
        return azure_dns(estate, question, &network, 0);
    }
    let answer = recorded(estate, question, server).unwrap_or_else(|| {
        LookupResult::Unknown(Gap::outside_azure(
            format!(
                "what DNS server {server} of network `{}` answers for `{}`",
                question.network.name(),
                question.host
            ),
            question.probe(Some(server)),
        ))
    });
    Resolution { answer, resolver: None, looked_at: Vec::new() }
}

/// The network of the resolver whose inbound endpoint has this address, if that can be no other machine: private
/// addresses repeat, so the resolver must be the only one with it that the asking subnet reaches.
fn inbound_network(estate: &Estate, server: &str, question: &Question<'_>) -> Option<ResourceId> {
    let place = network::place(estate, question.subnet).ok()?;
    let endpoints = estate.all::<InboundEndpoint>().into_iter().filter(|endpoint| {
        let configurations = &endpoint.properties.ip_configurations;
        configurations.iter().any(|c| c.private_ip_address.as_deref() == Some(server))
    });
    let networks = endpoints.filter_map(|endpoint| {
        let resolver = estate.get::<DnsResolver>(&endpoint.id.parent()?).known()?;
        let network = resolver.properties.virtual_network.as_ref()?.id.clone();
        matches!(network::reach(estate, &place, &network), Reach::Same | Reach::Peered).then_some(network)
    });
    let networks: Vec<ResourceId> = networks.collect();
    match networks.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    }
}

/// A recorded answer counts only where the collecting machine stood at the path's origin.
fn recorded(estate: &Estate, question: &Question<'_>, server: &str) -> Option<LookupResult> {
    let matching = estate.dns.iter().filter(|answer| {
        let asked = answer.server.as_deref().and_then(|s| s.split(':').next());
        answer.vantage.as_ref() == Some(question.subnet)
            && answer.name.trim_end_matches('.').eq_ignore_ascii_case(question.host)
            && answer.r#type.eq_ignore_ascii_case("A")
            && asked == Some(server)
    });
    let mut answers = matching.map(|found| {
        let addresses = found.answers.iter().filter(|r| r.r#type.eq_ignore_ascii_case("A"));
        let mut addresses: Vec<IpAddr> = addresses.filter_map(|r| r.data.parse().ok()).collect();
        addresses.sort();
        (found.rcode.to_ascii_uppercase(), addresses)
    });
    let (rcode, addresses) = answers.next()?;
    // Answers that differ tell nothing.
    let same = answers.all(|other| other == (rcode.clone(), addresses.clone()));
    same.then(|| LookupResult::Recorded { server: server.to_owned(), rcode, addresses })
}

/// Azure's resolver as one network sees it: linked private zones, then rulesets, then public names.
fn azure_dns(estate: &Estate, question: &Question<'_>, network: &ResourceId, depth: u8) -> Resolution {
    let mut looked_at = vec![question.network.clone(), network.clone()];
    let mut name = question.host.to_ascii_lowercase();
    let answer = loop {
        match step(estate, network, &name, &mut looked_at) {
            Step::LookupResult(answer) => break answer,
            Step::Alias(target) if looked_at.len() < 64 => name = target,
            Step::Alias(_) => {
                break LookupResult::Unknown(Gap::ambiguous("a loop of aliases").advise("check the CNAME records"));
            }
            Step::NotPrivate => {}
        }
        // The public alias of the name is where a private zone may step in; after it nothing is private.
        if name != question.host.to_ascii_lowercase() {
            break LookupResult::Public;
        }
        if let Some(resolution) = forwarded(estate, question, network, depth) {
            return resolution;
        }
        match question.alias {
            Some(alias) => name = alias.to_ascii_lowercase(),
            None => break LookupResult::Public,
        }
    };
    Resolution { answer, resolver: Some(network.clone()), looked_at }
}

enum Step {
    LookupResult(LookupResult),
    Alias(String),
    NotPrivate,
}

/// Asks the linked private zone with the longest name that fits, if there is one.
fn step(estate: &Estate, network: &ResourceId, name: &str, looked_at: &mut Vec<ResourceId>) -> Step {
    let unknown = |gap: Gap| Step::LookupResult(LookupResult::Unknown(gap));
    if let Some(gap) = network.subscription_scope().and_then(|s| estate.open::<PrivateDnsZone>(&s, ZONES)) {
        return unknown(gap);
    }
    for suffix in suffixes(name) {
        if estate.zones_named(suffix).next().is_none() {
            continue;
        }
        let found = match linked(estate, network, suffix) {
            Ok(found) => found,
            Err(gap) => return unknown(gap),
        };
        let Some(Linked { zone, link, fallback }) = found else {
            match estate.index.open_zones.get(suffix) {
                Some(gap) => return unknown(gap.clone()),
                None => continue,
            }
        };
        looked_at.extend([zone.clone(), link.clone()]);
        let relative = name.strip_suffix(suffix).unwrap_or_default().trim_end_matches('.');
        let relative = if relative.is_empty() { "@" } else { relative };
        return match record(estate, &zone, relative) {
            Record::Addresses(record, addresses) => {
                looked_at.push(record.clone());
                Step::LookupResult(LookupResult::Private { addresses, zone, record })
            }
            Record::Alias(target) => Step::Alias(target.trim_end_matches('.').to_ascii_lowercase()),
            Record::Unknown(gap) => unknown(gap),
            // The fallback holds for private-link zones only; without it the zone's "no" is final.
            Record::None if suffix.starts_with("privatelink.") && fallback == Some(true) => {
                looked_at.push(zone.child("A", relative));
                Step::LookupResult(LookupResult::Public)
            }
            Record::None if suffix.starts_with("privatelink.") && fallback.is_none() => unknown(Gap::incomplete(
                format!(
                    "whether link `{}` falls back to the internet: it was collected with an old api-version",
                    link.name()
                ),
                &link,
            )),
            Record::None => {
                looked_at.push(zone.child("A", relative));
                Step::LookupResult(LookupResult::NoRecord { zone, name: name.to_owned() })
            }
        };
    }
    Step::NotPrivate
}

const ZONES: &str = "microsoft.network/privatednszones";

/// A private zone as one network sees it.
struct Linked {
    zone: ResourceId,
    link: ResourceId,
    /// Whether a name that the zone lacks is looked for on the internet; `None`: not answered.
    fallback: Option<bool>,
}

/// The zone of this name that a network is linked to: there can be only one.
fn linked(estate: &Estate, network: &ResourceId, zone: &str) -> Result<Option<Linked>, Gap> {
    for id in estate.links_of(network) {
        let Some(parent) = id.parent().filter(|z| z.name().eq_ignore_ascii_case(zone)) else { continue };
        match estate.get::<VirtualNetworkLink>(id) {
            Fact::Known(link) => {
                if let Some(gap) = unfinished(link) {
                    return Err(gap);
                }
                let policy = link.properties.resolution_policy.as_deref();
                // Older versions of the API do not answer it.
                let hidden = policy.is_none() && estate.is_older::<VirtualNetworkLink>(id, "2024-06-01");
                let fallback = match hidden {
                    true => None,
                    false => Some(policy.is_some_and(|p| p.eq_ignore_ascii_case("NxDomainRedirect"))),
                };
                return Ok(Some(Linked { zone: parent, link: id.clone(), fallback }));
            }
            Fact::Unknown(gap) => return Err(gap),
            Fact::Absent(_) => {}
        }
    }
    Ok(None)
}

/// Why a link may not be in force.
fn unfinished(link: &Resource<VirtualNetworkLink>) -> Option<Gap> {
    let state = link.properties.unfinished()?;
    let what = format!("whether virtual network link `{}` is active: its state is `{state}`", link.name());
    Some(Gap::pending(what, &link.id))
}

/// `a.b.c`, `b.c`, `c`.
fn suffixes(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |rest| rest.split_once('.').map(|(_, tail)| tail))
}

enum Record {
    Addresses(ResourceId, Vec<IpAddr>),
    Alias(String),
    None,
    Unknown(Gap),
}

/// The record of a name, exact or `*`.
fn record(estate: &Estate, zone: &ResourceId, relative: &str) -> Record {
    let mut gap = None;
    for name in [relative, "*"] {
        for kind in ["A", "CNAME"] {
            let id = zone.child(kind, name);
            match estate.get::<RecordSet>(&id) {
                Fact::Known(set) => {
                    let set = &set.properties;
                    if let Some(target) = set.cname_record.as_ref().and_then(|c| c.cname.clone()) {
                        return Record::Alias(target);
                    }
                    let texts = set.a_records.iter().filter_map(|a| a.ipv4_address.as_deref());
                    let mut addresses: Vec<IpAddr> = texts.filter_map(|text| text.parse().ok()).collect();
                    addresses.sort();
                    return Record::Addresses(id, addresses);
                }
                Fact::Absent(_) => {}
                Fact::Unknown(_) if estate.open::<RecordSet>(zone, &format!("{ZONES}/all")).is_none() => {}
                // Few zones hold aliases: where only the addresses were read, an alias is not suspected.
                Fact::Unknown(_) if kind == "CNAME" => {}
                Fact::Unknown(found) => {
                    let list = estate.open::<RecordSet>(zone, &format!("{ZONES}/a"));
                    gap = gap.or(list).or(Some(found));
                }
            }
        }
    }
    gap.map_or(Record::None, Record::Unknown)
}

/// Where a forwarding ruleset sends the question; `None` where no rule fits.
fn forwarded(estate: &Estate, question: &Question<'_>, network: &ResourceId, depth: u8) -> Option<Resolution> {
    const RULESETS: &str = "microsoft.network/dnsforwardingrulesets";
    const LINKS: &str = "microsoft.network/dnsforwardingrulesets/virtualnetworklinks";
    const RULES: &str = "microsoft.network/dnsforwardingrulesets/forwardingrules";
    let unknown =
        |gap: Gap| Some(Resolution { answer: LookupResult::Unknown(gap), resolver: None, looked_at: Vec::new() });
    let subscription = network.subscription_scope()?;
    if let Some(gap) = estate.open::<ForwardingRuleset>(&subscription, RULESETS) {
        return unknown(gap);
    }
    let here = estate.answers(&subscription, RULESETS).iter().flat_map(|a| a.ids.iter().cloned());
    // One in another subscription is known by its link.
    let linked = estate.links_of(network).filter_map(|link| link.parent());
    let linked = linked.filter(|id| id.resource_type().eq_ignore_ascii_case(RULESETS));
    let rulesets: BTreeSet<ResourceId> = here.chain(linked).collect();
    for ruleset in &rulesets {
        if let Some(gap) = estate.open::<VirtualNetworkLink>(ruleset, LINKS) {
            return unknown(gap);
        }
        let links = estate.list::<VirtualNetworkLink>(ruleset, LINKS).items;
        let mut own = links.iter().filter(|l| l.properties.virtual_network.as_ref().is_some_and(|n| n.id == *network));
        let Some(link) = own.next() else { continue };
        if let Some(gap) = unfinished(link) {
            return unknown(gap);
        }
        let rules = estate.list::<ForwardingRule>(ruleset, RULES);
        if let Some(gap) = rules.not_seen {
            return unknown(gap);
        }
        let fits = |rule: &ForwardingRule| {
            let domain = rule.domain_name.as_deref().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
            let enabled = rule.forwarding_rule_state.as_deref().is_none_or(|s| s.eq_ignore_ascii_case("Enabled"));
            let host = question.host.to_ascii_lowercase();
            let within = domain.is_empty() || host == domain || host.ends_with(&format!(".{domain}"));
            (enabled && within).then_some(domain.len())
        };
        let best =
            rules.items.iter().filter_map(|r| fits(&r.properties).map(|len| (len, r))).max_by_key(|(len, _)| *len);
        let Some((_, rule)) = best else { continue };
        let targets = rule.properties.target_dns_servers.iter().filter_map(|t| t.ip_address.as_deref());
        let inbound = targets.clone().find_map(|ip| inbound_network(estate, ip, question));
        return match inbound.filter(|_| depth < 4) {
            Some(network) => Some(azure_dns(estate, question, &network, depth + 1)),
            None => unknown(Gap::outside_azure(
                format!(
                    "what {} answers, to which ruleset `{}` forwards `{}`",
                    targets.collect::<Vec<_>>().join(", "),
                    ruleset.name(),
                    question.host
                ),
                question.probe(None),
            )),
        };
    }
    None
}
