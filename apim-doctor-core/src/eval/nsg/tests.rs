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
    let unknown = format!("? whether rule `{doubt}` applies: `20.0.0.0/8` may contain the address");
    assert_eq!(judge(&[doubt], VAULT), unknown);
    assert!(judge(&["Deny 100 Tcp 10.0.2.0/24 > 20.0.0.0/8 443"], VAULT).starts_with('+'));
    assert!(judge(&["Deny 100 * 10.0.1.0/25 > * *"], VAULT).starts_with('?'));
    let twins = ["Deny 100 Tcp * > * *", "Allow 100 Tcp * > * *"];
    assert!(judge(&twins, VAULT).ends_with("another rule has the same priority"));
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
    assert!(judge_in(&rules, VAULT, tunnel).starts_with("? whether rule"));
    assert!(judge_in(&rules, Destination::Address(IpAddr::from([20, 1, 2, 3])), tunnel).starts_with("? whether rule"));
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
