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
pub enum Destination<'a> {
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
pub struct Flow<'a> {
    /// The ranges of the caller's subnet; empty: not known.
    pub source: &'a [IpNet],
    /// Where it goes.
    pub destination: Destination<'a>,
    /// The port it goes to.
    pub port: u16,
}

/// What lies around the security group.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings<'a> {
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
pub enum Decision<'r> {
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
    /// A rule that could not be judged makes the difference.
    Unknown(Gap),
}

/// A rule, and where it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleRef<'r> {
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
pub fn outbound<'r>(nsg: &'r NetworkSecurityGroup, flow: &Flow, around: &Surroundings) -> Decision<'r> {
    // A subnet is always part of its own network.
    decide(nsg, OUTBOUND, End::Ranges(flow.source, Match::Yes), flow, around)
}

/// Judges a connection that enters the subnet of the security group, as that of a private endpoint.
pub fn inbound<'r>(nsg: &'r NetworkSecurityGroup, flow: &Flow, around: &Surroundings) -> Decision<'r> {
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
            (Match::Yes, _) if rules.iter().any(clashes) => unstated("another has its priority"),
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
    let silent = || unstated("no rule of the security group decides");
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
        let partly = || by_address("`VirtualNetwork` holds only some addresses");
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
                .advise("the effective security rules of a network interface in the subnet show it"),
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
            .and(|| p.priority.map_or(Match::unstated("it states no priority"), |_| Match::Yes))
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
                Gap::not_evaluated("who is in its application security groups")
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
                held(nets, &[net], || by_address(format!("`{text}` holds only some addresses")))
            }
            (Some(net), End::Service(..)) if is_private(&net) => Match::No,
            (Some(_), End::Service(..)) => Match::by_address(format!("`{text}` may hold the address")),
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
        _ => Match::unstated(format!("its {what} is not stated or not known")),
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
        false => Match::May(Gap::at_run_time("it is not for all source ports").advise("allow all source ports")),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;
    use proptest::sample::select;
    use serde_json::{Value, json};

    use super::*;

    const VAULT: Destination = Destination::Service { tag: "AzureKeyVault", region: Some("West Europe") };
    const ENTRA: Destination = Destination::Service { tag: "AzureActiveDirectory", region: None };
    const ENDPOINT: Destination = Destination::Address(IpAddr::V4(Ipv4Addr::new(10, 0, 9, 4)));
    const NOTHING: Surroundings = Surroundings { virtual_network: &[], more: None, destination_groups: None };

    /// A rule in short: access, priority, protocol, source > destination, port.
    fn rule(text: &str) -> Value {
        let words: Vec<_> = text.split(' ').collect();
        json!({ "name": text, "properties": {
            "access": words[0], "priority": words[1].parse::<u32>().unwrap(), "direction": "outbound",
            "protocol": words[2], "sourcePortRange": "*", "sourceAddressPrefix": words[3],
            "destinationAddressPrefixes": [words[5]], "destinationPortRange": words[6],
        }})
    }

    fn group(rules: &[Value]) -> NetworkSecurityGroup {
        serde_json::from_value(json!({ "securityRules": rules })).unwrap()
    }

    fn net(text: &str) -> IpNet {
        text.parse().unwrap()
    }

    /// What happens on the way from 10.0.1.0/24 to port 443: `+` or `-` and a rule's name, or `?` and a gap.
    fn judge_in(rules: &[Value], destination: Destination, around: Surroundings) -> String {
        let (source, own) = ([net("10.0.1.0/24")], [net("10.0.0.0/16"), net("30.0.0.0/16")]);
        let virtual_network = &[&own, around.virtual_network].concat();
        let around = Surroundings { virtual_network, ..around };
        match outbound(&group(rules), &Flow { source: &source, destination, port: 443 }, &around) {
            Decision::Allowed { by } => format!("+ {}", by.name),
            Decision::Denied { by } => format!("- {}", by.name),
            Decision::Unknown(gap) => format!("? {}", gap.what()),
        }
    }

    fn judge(rules: &[&str], destination: Destination) -> String {
        judge_in(&rules.iter().map(|text| rule(text)).collect::<Vec<_>>(), destination, NOTHING)
    }

    /// Judges one rule that allows, before one that denies all.
    fn all_cover(destination: Destination, expected: char, prefixes: &str) {
        for prefix in prefixes.split(' ') {
            let found = judge(&[&format!("Allow 100 * * > {prefix} *"), "Deny 200 * * > * *"], destination);
            assert!(found.starts_with(expected), "{prefix}: {found}");
        }
    }

    #[test]
    fn a_tag_covers_a_service_only_where_it_is_known_to() {
        all_cover(VAULT, '+', "azurekeyvault AzureKeyVault.WestEurope AzureCloud.westeurope Internet");
        all_cover(VAULT, '-', "VirtualNetwork Storage AzureKeyVault.NorthEurope 10.0.0.0/8");
        all_cover(VAULT, '?', "20.0.0.0/8 8.0.0.0/5 AzureFooBar 10.0.0.0/33 [parameters('x')]");
        all_cover(ENTRA, '+', "AzureActiveDirectory AzureCloud");
        all_cover(ENTRA, '?', "AzureActiveDirectory.ServiceEndpoint AzureCloud.WestEurope");
        let paris = Destination::Service { tag: "AzureKeyVault", region: Some("francecentral") };
        all_cover(paris, '+', "AzureCloud.centralfrance");
        all_cover(paris, '-', "AzureCloud.southfrance");
    }

    #[test]
    fn a_private_address_is_in_no_public_tag() {
        all_cover(ENDPOINT, '-', "AzureKeyVault Storage.WestEurope Internet AzureCloud 10.0.8.0/24");
        all_cover(ENDPOINT, '+', "VirtualNetwork 10.0.9.4 10.0.9.0/24 0.0.0.0/0 Any");
        all_cover(ENDPOINT, '?', "AzureFooBar");
        let public = Destination::Address(IpAddr::from([20, 1, 2, 3]));
        all_cover(public, '+', "Internet 20.0.0.0/8");
        all_cover(public, '?', "AzureKeyVault");
        let borrowed = Destination::Address(IpAddr::from([30, 0, 2, 3]));
        all_cover(borrowed, '+', "VirtualNetwork");
        all_cover(borrowed, '-', "Internet");
        all_cover(Destination::Address("fd00::4".parse().unwrap()), '-', "VirtualNetwork Internet Storage");
    }

    #[test]
    fn allowing_the_tag_and_denying_the_rest_blocks_the_private_endpoint() {
        let rules = ["Allow 100 Tcp VirtualNetwork > AzureKeyVault 443", "Deny 4096 * * > * *"];
        assert_eq!(judge(&rules, VAULT), format!("+ {}", rules[0]));
        assert_eq!(judge(&rules, ENDPOINT), format!("- {}", rules[1]));
    }

    #[test]
    fn default_rules_decide_what_no_rule_names() {
        let rules = ["Deny 100 Udp * > * *", "Deny 101 Tcp * > * 80,8000-9000"];
        assert_eq!(judge(&rules, VAULT), "+ AllowInternetOutBound");
        assert_eq!(judge(&rules, ENDPOINT), "+ AllowVnetOutBound");
        assert_eq!(judge(&rules, Destination::Address(IpAddr::from([172, 16, 0, 1]))), "- DenyAllOutBound");
    }

    #[test]
    fn a_doubt_matters_only_where_it_would_decide_otherwise() {
        let doubt = "Deny 100 Tcp * > 20.0.0.0/8 443";
        assert_eq!(judge(&[doubt, "Deny 200 * * > * *"], VAULT), "- Deny 200 * * > * *");
        let unknown = format!("? whether rule `{doubt}` applies: `20.0.0.0/8` may hold the address");
        assert_eq!(judge(&[doubt], VAULT), unknown);
        assert!(judge(&["Deny 100 Tcp 10.0.2.0/24 > 20.0.0.0/8 443"], VAULT).starts_with('+'));
        assert!(judge(&["Deny 100 * 10.0.1.0/25 > * *"], VAULT).starts_with('?'));
        let twins = ["Deny 100 Tcp * > * *", "Allow 100 Tcp * > * *"];
        assert!(judge(&twins, VAULT).ends_with("another has its priority"));
    }

    #[test]
    fn a_property_that_cannot_be_read_is_a_doubt() {
        let odd = "access=Maybe direction=In protocol=Sctp sourcePortRange=1024-65535 sourcePortRange= \
            destinationPortRange=https sourceAddressPrefix=";
        for (property, value) in odd.split(' ').filter_map(|odd| odd.split_once('=')) {
            let mut deny = rule("Deny 100 Tcp * > * 443");
            deny["properties"][property] = value.into();
            assert!(judge_in(&[deny], VAULT, NOTHING).starts_with('?'), "{property}");
        }
    }

    #[test]
    fn an_application_security_group_covers_its_members_only() {
        let mut deny = rule("Deny 100 Tcp * > , 443");
        deny["properties"]["destinationApplicationSecurityGroups"] = json!([{ "id": "/s/Asg" }]);
        let member = [ResourceId::new("/S/asg")];
        for (destination_groups, expected) in [(None, '?'), (Some(&[][..]), '+'), (Some(&member[..]), '-')] {
            let around = Surroundings { destination_groups, ..NOTHING };
            assert!(judge_in(&[deny.clone()], ENDPOINT, around).starts_with(expected), "{expected}");
        }
    }

    #[test]
    fn unseen_networks_and_default_routes_may_widen_virtual_network() {
        let gap = Gap::ambiguous("not read");
        let more = Surroundings { more: Some(&gap), ..NOTHING };
        let far = Destination::Address(IpAddr::from([10, 8, 0, 4]));
        assert!(judge_in(&[], far, more).ends_with("`AllowVnetOutBound` applies: not read"));
        let rules = [rule("Allow 100 * * > VirtualNetwork *"), rule("Deny 4096 * * > * *")];
        assert!(judge_in(&rules, VAULT, more).starts_with('-'));
        let tunnel = Surroundings { virtual_network: &[net("0.0.0.0/0")], ..NOTHING };
        assert!(judge_in(&rules, VAULT, tunnel).starts_with("? rule"));
        assert!(judge_in(&rules, Destination::Address(IpAddr::from([20, 1, 2, 3])), tunnel).starts_with("? rule"));
    }

    #[test]
    fn inbound_rules_are_found_by_their_pointer() {
        let mut deny = rule("Deny 100 Tcp 10.1.0.0/16 > 10.0.9.0/24 443");
        deny["properties"]["direction"] = json!("Inbound");
        let (nsg, empty) = (group(&[rule("Allow 100 * * > * *"), deny]), group(&[]));
        let (caller, spaces) = ([net("10.1.1.0/24")], [net("10.0.0.0/16"), net("10.1.0.0/16")]);
        let flow = Flow { source: &caller, destination: ENDPOINT, port: 443 };
        let around = Surroundings { virtual_network: &spaces, ..NOTHING };
        let Decision::Denied { by } = inbound(&nsg, &flow, &around) else { panic!("must be denied") };
        assert_eq!((by.pointer.as_str(), by.priority), ("/properties/securityRules/1", 100));
        assert!(matches!(inbound(&empty, &flow, &around), Decision::Allowed { by } if by.is_default));
        let stranger = Surroundings { virtual_network: &spaces[..1], ..NOTHING };
        assert!(matches!(inbound(&empty, &flow, &stranger), Decision::Denied { .. }));
    }

    /// Texts, and whether they cover a connection from 10.0.1.0/24 to 10.0.9.4 on port 443.
    type Words = &'static [(&'static str, bool)];
    const PROTOCOLS: Words = &[("Tcp", true), ("*", true), ("Udp", false)];
    const SOURCES: Words = &[("*", true), ("VirtualNetwork", true), ("10.0.0.0/23", true), ("10.0.2.0/24", false)];
    const TARGETS: Words = &[("*", true), ("10.0.9.0/24", true), ("10.0.8.0/24", false), ("Internet", false)];
    const PORTS: Words = &[("*", true), ("80,400-500", true), ("443", true), ("8443", false)];

    /// A priority, whether it allows, whether it covers the connection, and the rule itself.
    type Toy = (u32, bool, bool, Value);

    fn toy(priority: u32, allows: bool, parts: [(&str, bool); 4]) -> Toy {
        let [protocol, source, target, port] = parts.map(|part| part.0);
        let access = if allows { "Allow" } else { "Deny" };
        let text = format!("{access} {priority} {protocol} {source} > {target} {port}");
        (priority, allows, parts.iter().all(|part| part.1), rule(&text))
    }

    /// Rules in which nothing is unknown, in any order.
    fn toys() -> impl Strategy<Value = Vec<Toy>> {
        let parts = (select(PROTOCOLS), select(SOURCES), select(TARGETS), select(PORTS));
        let toys = prop::collection::btree_map(100u32..4096, (any::<bool>(), parts), 0..8);
        let toys = toys.prop_map(|toys| {
            let toys = toys.into_iter().map(|(at, (allows, (a, b, c, d)))| toy(at, allows, [a, b, c, d]));
            toys.collect::<Vec<_>>()
        });
        toys.prop_shuffle()
    }

    fn answer(toys: &[Toy]) -> String {
        judge_in(&toys.iter().map(|toy| toy.3.clone()).collect::<Vec<_>>(), ENDPOINT, NOTHING)
    }

    proptest! {
        #[test]
        fn agrees_with_the_first_match_in_any_order(toys in toys()) {
            let mut expected = "+ AllowVnetOutBound".to_owned();
            for priority in (100..4096).rev() {
                for (_, allows, _, body) in toys.iter().filter(|toy| toy.0 == priority && toy.2) {
                    let sign = if *allows { '+' } else { '-' };
                    expected = format!("{sign} {}", body["name"].as_str().unwrap());
                }
            }
            prop_assert_eq!(answer(&toys), expected);
        }

        #[test]
        fn forgetting_a_property_never_turns_an_answer_around(
            mut toys in toys(), which: usize, property in select(&["priority", "access", "protocol"]),
        ) {
            let before = answer(&toys);
            if !toys.is_empty() {
                let which = which % toys.len();
                toys[which].3["properties"][property] = Value::Null;
            }
            let after = answer(&toys);
            let agrees = after.starts_with('?') || after.chars().next() == before.chars().next();
            prop_assert!(agrees, "{} became {}", before, after);
        }

        #[test]
        fn containment_agrees_with_counting(
            nets in prop::collection::vec((0u8..64, 26u8..=32), 1..3), by in (0u8..64, 26u8..=32),
        ) {
            let same = |a: u8, b: u8, length: u8| (a ^ b) >> (32 - length) == 0;
            let hosts = |(base, length)| (0..64).filter(move |host| same(*host, base, length));
            let net = |(base, length)| net(&format!("10.0.0.{base}/{length}"));
            let all: Vec<_> = nets.iter().copied().flat_map(hosts).collect();
            let expected = match all.iter().filter(|host| hosts(by).any(|other| other == **host)).count() {
                0 => '-',
                shared if shared == all.len() => '+',
                _ => '?',
            };
            let nets: Vec<_> = nets.into_iter().map(net).collect();
            let found = match held(&nets, &[net(by)], Gap::earlier) {
                Match::No => '-',
                Match::Yes => '+',
                Match::May(_) => '?',
            };
            prop_assert_eq!(found, expected);
        }
    }
}
