//! Which rule of a network security group decides about a connection.
//!
//! Rules of one direction are tried by priority, default rules last; the first that matches decides. A rule
//! that cannot be judged matters only where it would have decided differently.
//! Sources: <https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview> and
//! <https://learn.microsoft.com/azure/virtual-network/service-tags-overview> (read 2026-11-21).

use std::net::IpAddr;
use std::sync::LazyLock;

use ipnet::IpNet;

use crate::base::ResourceId;
use crate::eval::service_tag::{
    Match, by_address, held, is_private, one_of, read_range, tag_holds_ranges, tag_holds_service, unstated,
};
use crate::model::network::{NetworkSecurityGroup, SecurityRule, SecurityRuleProperties};
use crate::model::{Gap, SubResource};

/// Where a packet goes, as a rule sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Destination<'a> {
    /// An address. Not one of the platform's own (168.63.129.16, 169.254.169.254), which rules do not filter.
    Address(IpAddr),
    /// A public address of an Azure service, known by its service tag only.
    Service {
        /// The tag without a region: `AzureKeyVault`, `AzureActiveDirectory`, …
        tag: &'a str,
        /// The region, where it is known and the service has one.
        region: Option<&'a str>,
    },
}

/// A TCP connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flow<'a> {
    /// The ranges of the caller's subnet; empty: not known.
    pub source: &'a [IpNet],
    /// Where it goes.
    pub destination: Destination<'a>,
    /// The port it goes to.
    pub port: u16,
}

/// What lies around the security group.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Surroundings<'a> {
    /// What `VirtualNetwork` holds: own and peered address space, and the prefixes of user routes. A default
    /// route among them may widen it to every address, or not: the tag "might also contain default routes".
    pub virtual_network: &'a [IpNet],
    /// Why more private ranges may belong to `VirtualNetwork`: peerings not read, gateways.
    pub more: Option<&'a Gap>,
    /// The application security groups of the destination, where they are known.
    pub destination_groups: Option<&'a [ResourceId]>,
}

/// What a security group does with a connection.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub(crate) enum Decision<'r> {
    /// It passes.
    Allowed {
        /// The rule that says so.
        by: RuleRef<'r>,
    },
    /// It is dropped.
    Denied {
        /// The rule that says so.
        by: RuleRef<'r>,
    },
    /// The result depends on a rule that could not be evaluated.
    Unknown(Gap),
}

/// A rule, and where it is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RuleRef<'r> {
    /// Its name.
    pub name: &'r str,
    /// Its priority.
    pub priority: u32,
    /// A JSON pointer into the group; empty for a default rule that the group does not list.
    pub pointer: String,
    /// Whether Azure added it.
    pub is_default: bool,
}

/// Judges a connection that leaves the subnet of the security group.
pub(crate) fn outbound<'r>(nsg: &'r NetworkSecurityGroup, flow: &Flow, around: &Surroundings) -> Decision<'r> {
    // A subnet is always part of its own network.
    decide(nsg, OUTBOUND, End::Ranges(flow.source, Match::Yes), flow, around)
}

/// Judges a connection that enters the subnet of the security group, as that of a private endpoint.
pub(crate) fn inbound<'r>(nsg: &'r NetworkSecurityGroup, flow: &Flow, around: &Surroundings) -> Decision<'r> {
    decide(nsg, INBOUND, End::of(flow.source, around), flow, around)
}

fn decide<'r>(
    nsg: &'r NetworkSecurityGroup,
    direction: &'static str,
    source: End,
    flow: &Flow,
    around: &Surroundings,
) -> Decision<'r> {
    let host;
    let destination = match flow.destination {
        Destination::Service { tag, region } => End::Service(tag, region),
        Destination::Address(address) => {
            host = [IpNet::from(address)];
            End::of(&host, around)
        }
    };
    let asked = Asked { direction, source, destination, port: flow.port, around };
    let rules = rules(nsg);
    let mut doubts: Vec<(Option<bool>, Gap)> = Vec::new();
    for rule in &rules {
        // Azure refuses two rules of one priority and direction; where a template has them, either may win.
        let clashes = |other: &Rule| {
            let same = other.order() == rule.order() && other.allows() != rule.allows();
            same && asked.covers(other.says) != Match::No
        };
        let gap = match (asked.covers(rule.says), rule.allows()) {
            (Match::No, _) => continue,
            (Match::May(gap), _) => gap,
            (Match::Yes, None) => unstated("its access is neither `Allow` nor `Deny`"),
            (Match::Yes, _) if rules.iter().any(clashes) => unstated("another rule has the same priority"),
            (Match::Yes, Some(allows)) => {
                return match doubts.into_iter().find(|(other, _)| *other != Some(allows)) {
                    Some((_, gap)) => Decision::Unknown(gap),
                    None if allows => Decision::Allowed { by: rule.named() },
                    None => Decision::Denied { by: rule.named() },
                };
            }
        };
        doubts.push((rule.allows(), gap.leaves_open(format!("whether rule `{}` applies", rule.name))));
    }
    let silent = || unstated("no rule of the network security group matches");
    Decision::Unknown(doubts.into_iter().next().map_or_else(silent, |(_, gap)| gap))
}

const INBOUND: &str = "Inbound";
const OUTBOUND: &str = "Outbound";

/// A rule in its place.
struct Rule<'r> {
    says: &'r SecurityRuleProperties,
    name: &'r str,
    is_default: bool,
    /// Its place in its list; `None`: the group does not list it.
    at: Option<usize>,
}

impl<'r> Rule<'r> {
    fn new(body: &'r SecurityRule, is_default: bool, at: Option<usize>) -> Self {
        Self { says: &body.properties, name: body.name.as_deref().unwrap_or("(no name)"), is_default, at }
    }

    fn named(&self) -> RuleRef<'r> {
        let list = if self.is_default { "defaultSecurityRules" } else { "securityRules" };
        RuleRef {
            name: self.name,
            priority: self.says.priority.unwrap_or_default(),
            pointer: self.at.map(|at| format!("/properties/{list}/{at}")).unwrap_or_default(),
            is_default: self.is_default,
        }
    }

    /// INVARIANT: a rule without a priority comes first, where it can only raise a doubt.
    fn order(&self) -> (bool, Option<u32>) {
        (self.is_default, self.says.priority)
    }

    fn allows(&self) -> Option<bool> {
        let access = self.says.access.as_deref()?;
        one_of(&["Allow", "Deny"], access).then(|| access.eq_ignore_ascii_case("Allow"))
    }
}

/// All rules, in the order in which they are tried.
fn rules(nsg: &NetworkSecurityGroup) -> Vec<Rule<'_>> {
    let written = nsg.security_rules.iter().enumerate();
    let listed = nsg.default_security_rules.iter().enumerate();
    let mut rules: Vec<_> = written
        .map(|(at, rule)| Rule::new(rule, false, Some(at)))
        .chain(listed.map(|(at, rule)| Rule::new(rule, true, Some(at))))
        .collect();
    if nsg.default_security_rules.is_empty() {
        rules.extend(DEFAULT_RULES.iter().map(|rule| Rule::new(rule, true, None)));
    }
    rules.sort_by_key(|rule| (rule.order(), rule.name));
    rules
}

/// The rules that Azure adds to every group, as documented.
static DEFAULT_RULES: LazyLock<Vec<SecurityRule>> = LazyLock::new(|| {
    let rule = |direction: &str, name: &str, priority, access: &str, source: &str, destination: &str| {
        let text = |s: &str| Some(s.to_owned());
        let properties = SecurityRuleProperties {
            priority: Some(priority),
            direction: text(direction),
            access: text(access),
            protocol: text("*"),
            source_address_prefix: text(source),
            source_port_range: text("*"),
            destination_address_prefix: text(destination),
            destination_port_range: text("*"),
            ..Default::default()
        };
        SecurityRule { name: text(name), properties }
    };
    vec![
        rule(INBOUND, "AllowVnetInBound", 65000, "Allow", "VirtualNetwork", "VirtualNetwork"),
        rule(INBOUND, "AllowAzureLoadBalancerInBound", 65001, "Allow", "AzureLoadBalancer", "*"),
        rule(INBOUND, "DenyAllInBound", 65500, "Deny", "*", "*"),
        rule(OUTBOUND, "AllowVnetOutBound", 65000, "Allow", "VirtualNetwork", "VirtualNetwork"),
        rule(OUTBOUND, "AllowInternetOutBound", 65001, "Allow", "*", "Internet"),
        rule(OUTBOUND, "DenyAllOutBound", 65500, "Deny", "*", "*"),
    ]
});

/// One side of a connection.
enum End<'a> {
    /// Known addresses, and whether they belong to `VirtualNetwork`.
    Ranges(&'a [IpNet], Match),
    /// Some public address of a service, perhaps of a known region.
    Service(&'a str, Option<&'a str>),
}

impl<'a> End<'a> {
    fn of(nets: &'a [IpNet], around: &Surroundings) -> End<'a> {
        let certain: Vec<_> = around.virtual_network.iter().filter(|net| net.prefix_len() > 0).copied().collect();
        let partly = || by_address("`VirtualNetwork` contains only some of the addresses");
        let inside = match (held(nets, &certain, partly), around.more) {
            (Match::Yes, _) => Match::Yes,
            (_, Some(gap)) if nets.iter().any(is_private) => Match::May(gap.clone()),
            (Match::No, _) => by_default_route(around),
            (partly, _) => partly,
        };
        End::Ranges(nets, inside)
    }
}

/// Whether a default route puts every address into `VirtualNetwork`.
fn by_default_route(around: &Surroundings) -> Match {
    match around.virtual_network.iter().any(|net| net.prefix_len() == 0) {
        true => Match::May(
            Gap::undocumented("a default route may widen `VirtualNetwork` to every address")
                .advise("check the effective security rules of a network interface in the subnet"),
        ),
        false => Match::No,
    }
}

/// A connection in one direction.
struct Asked<'a> {
    direction: &'static str,
    source: End<'a>,
    destination: End<'a>,
    port: u16,
    around: &'a Surroundings<'a>,
}

impl Asked<'_> {
    fn covers(&self, p: &SecurityRuleProperties) -> Match {
        let members = self.around.destination_groups;
        word(&p.direction, &[self.direction], &[INBOUND, OUTBOUND], "direction")
            .and(|| word(&p.protocol, &["Tcp", "*", "Any"], &OTHER_PROTOCOLS, "protocol"))
            .and(|| ports(texts(&p.destination_port_range, &p.destination_port_ranges), self.port))
            .and(|| {
                let prefixes = texts(&p.destination_address_prefix, &p.destination_address_prefixes);
                self.side(&self.destination, prefixes, &p.destination_application_security_groups, members)
            })
            .and(|| {
                let prefixes = texts(&p.source_address_prefix, &p.source_address_prefixes);
                self.side(&self.source, prefixes, &p.source_application_security_groups, None)
            })
            .and(|| client_ports(texts(&p.source_port_range, &p.source_port_ranges)))
            .and(|| p.priority.map_or(Match::unstated("it has no priority"), |_| Match::Yes))
    }

    fn side<'t>(
        &self,
        end: &End,
        prefixes: impl Iterator<Item = &'t str>,
        groups: &[SubResource],
        members: Option<&[ResourceId]>,
    ) -> Match {
        let grouped = (!groups.is_empty()).then(|| match (end, members) {
            // Groups hold interfaces in virtual networks.
            (End::Service(..), _) => Match::No,
            (_, Some(of)) => Match::of(groups.iter().any(|group| of.contains(&group.id))),
            (_, None) => Match::May(
                Gap::not_evaluated("which network interfaces are in its application security groups")
                    .advise("check the members of the application security groups"),
            ),
        });
        Match::any(prefixes.map(|prefix| self.prefix(prefix, end)).chain(grouped), "addresses")
    }

    fn prefix(&self, text: &str, end: &End) -> Match {
        if one_of(&["*", "Any", "0.0.0.0/0"], text) {
            return Match::Yes;
        }
        match (read_range(text), end) {
            (Some(net), End::Ranges(nets, _)) => {
                held(nets, &[net], || by_address(format!("`{text}` contains only some of the addresses")))
            }
            (Some(net), End::Service(..)) if is_private(&net) => Match::No,
            (Some(_), End::Service(..)) => Match::by_address(format!("`{text}` may contain the address")),
            (None, End::Ranges(nets, inside)) => tag_holds_ranges(text, nets, inside),
            (None, End::Service(..)) if one_of(&["VirtualNetwork"], text) => by_default_route(self.around),
            (None, End::Service(name, region)) => tag_holds_service(text, name, *region),
        }
    }
}

const OTHER_PROTOCOLS: [&str; 5] = ["Udp", "Icmp", "Icmpv6", "Esp", "Ah"];

fn word(value: &Option<String>, wanted: &[&str], others: &[&str], what: &str) -> Match {
    match value.as_deref() {
        Some(text) if one_of(wanted, text) => Match::Yes,
        Some(text) if one_of(others, text) => Match::No,
        _ => Match::unstated(format!("its {what} is missing or unknown")),
    }
}

/// The singular and the plural property together; commas separate, but not inside a template expression.
fn texts<'t>(one: &'t Option<String>, many: &'t [String]) -> impl Iterator<Item = &'t str> {
    let split = |text: &'t String| {
        let whole = text.starts_with('[');
        text.split(move |c| c == ',' && !whole).map(str::trim).filter(|t| !t.is_empty())
    };
    one.iter().chain(many).flat_map(split)
}

fn port_range(text: &str) -> Option<(u16, u16)> {
    if text == "*" {
        return Some((0, u16::MAX));
    }
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    let (low, high) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
    (low <= high).then_some((low, high))
}

fn ports<'t>(texts: impl Iterator<Item = &'t str>, port: u16) -> Match {
    let judged = texts.map(|text| match port_range(text) {
        Some((low, high)) => Match::of((low..=high).contains(&port)),
        None => Match::unstated(format!("`{text}` is not a port")),
    });
    Match::any(judged, "ports")
}

/// A client takes any free port, so only a rule for all of them is sure to match.
fn client_ports<'t>(mut texts: impl Iterator<Item = &'t str>) -> Match {
    match texts.any(|text| matches!(port_range(text), Some((0..=1, u16::MAX)))) {
        true => Match::Yes,
        false => Match::May(Gap::at_run_time("it does not apply to all source ports").advise("allow all source ports")),
    }
}

#[cfg(test)]
mod tests;
