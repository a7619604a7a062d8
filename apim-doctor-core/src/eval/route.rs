//! Where a packet goes next: user routes, system routes, and what a gateway may announce.
//!
//! The longest prefix decides. Between equal prefixes a user route comes first, then an announced one, then a
//! system route. A route that cannot be judged matters only where it leads elsewhere.
//! Sources (read 2026-11-21): <https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview>,
//! <https://learn.microsoft.com/azure/private-link/disable-private-endpoint-network-policy>.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::eval::service_tag::{
    Match, PRIVATE, by_address, is_private, is_public, one_of, read_range, tag_holds_service, unstated,
};
use crate::model::Gap;
use crate::model::network::RouteTable;

/// Where a packet is going.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Destination<'a> {
    /// An approved private endpoint.
    PrivateEndpoint(EndpointRoute<'a>),
    /// Any other address.
    #[cfg_attr(not(test), expect(dead_code, reason = "no consumer calls a plain address yet"))]
    Address(IpAddr),
    /// A public address of an Azure service, known by its service tag only.
    Service {
        /// The tag without a region: `AzureKeyVault`, …
        tag: &'a str,
        /// The region, where it is known and the service has one.
        region: Option<&'a str>,
        /// The service endpoint that stands for it: `Microsoft.KeyVault`; empty: there is none.
        endpoint: &'a str,
    },
}

/// What decides whether a user route replaces the route to a private endpoint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EndpointRoute<'a> {
    /// Its address.
    pub address: IpAddr,
    /// The address space of its network; empty: not known.
    pub network: &'a [IpNet],
    /// `privateEndpointNetworkPolicies` of its subnet; absent: `Disabled`.
    pub policies: Option<&'a str>,
}

/// What lies around the subnet that the packet leaves.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Surroundings<'a> {
    /// The address space of its network.
    pub own: &'a [IpNet],
    /// The address space of the networks peered with it.
    pub peered: &'a [IpNet],
    /// Its service endpoints: `Microsoft.KeyVault`, …
    pub service_endpoints: &'a [&'a str],
    /// Why a gateway may announce routes that no table shows.
    pub bgp: Option<&'a Gap>,
}

/// What a packet is handed to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Hop {
    /// Its own network.
    VirtualNetwork,
    /// A peered network.
    Peering,
    /// A private endpoint, whatever lies on the way otherwise.
    PrivateEndpoint,
    /// A service, with the private address as the source.
    ServiceEndpoint,
    /// The internet; for an Azure service, Azure's backbone.
    Internet,
    /// An appliance, and its address where it was readable.
    Appliance(Option<IpAddr>),
    /// A virtual network gateway.
    Gateway,
    /// Nothing.
    Dropped,
}

/// The next hop, and the user route that names it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Chosen {
    /// The next hop.
    pub hop: Hop,
    /// The user route; absent: a system route.
    pub route: Option<RouteRef>,
}

/// A user route, and where it is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RouteRef {
    /// Its name.
    pub name: String,
    /// A JSON pointer into the route table.
    pub pointer: String,
}

/// Which way a packet takes.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub(crate) enum Choice {
    /// This one.
    Known(Chosen),
    /// The result depends on a route that could not be evaluated.
    Unknown(Gap),
}

/// Finds the next hop of a packet that leaves a subnet with this route table.
pub(crate) fn next_hop(table: Option<&RouteTable>, destination: &Destination, around: &Surroundings) -> Choice {
    let routes = user_routes(table);
    let propagates = table.is_none_or(|table| table.disable_bgp_route_propagation != Some(true));
    let around = Surroundings { bgp: around.bgp.filter(|_| propagates), ..*around };
    match *destination {
        Destination::PrivateEndpoint(endpoint) => to_endpoint(&routes, &endpoint, &around),
        Destination::Address(address) => to_address(&routes, address, &around),
        Destination::Service { tag, region, endpoint } => to_service(&routes, tag, region, endpoint, &around),
    }
}

/// A user route as it was written.
struct UserRoute<'a> {
    at: RouteRef,
    /// The text, if it is a tag or another value that is not a range.
    text: Option<&'a str>,
    net: Option<IpNet>,
    hop: Option<Hop>,
}

fn user_routes(table: Option<&RouteTable>) -> Vec<UserRoute<'_>> {
    let routes = table.into_iter().flat_map(|table| table.routes.iter().enumerate());
    let read = routes.map(|(i, route)| {
        let says = &route.properties;
        let appliance = || says.next_hop_ip_address.as_deref().and_then(|ip| ip.trim().parse().ok());
        let hop = match says.next_hop_type.as_deref().unwrap_or_default().to_ascii_lowercase().as_str() {
            "virtualnetworkgateway" => Some(Hop::Gateway),
            "vnetlocal" => Some(Hop::VirtualNetwork),
            "internet" => Some(Hop::Internet),
            "virtualappliance" => Some(Hop::Appliance(appliance())),
            "none" => Some(Hop::Dropped),
            _ => None,
        };
        let name = route.name.clone().unwrap_or_else(|| "(no name)".to_owned());
        let text = says.address_prefix.as_deref().map(str::trim);
        let at = RouteRef { name, pointer: format!("/properties/routes/{i}") };
        UserRoute { at, text, net: text.and_then(read_range), hop }
    });
    read.collect()
}

impl UserRoute<'_> {
    fn doubt(&self) -> Gap {
        let (name, prefix) = (&self.at.name, self.text.unwrap_or("no prefix"));
        by_address(format!("whether route `{name}` for `{prefix}` applies"))
    }

    fn is_default(&self) -> bool {
        self.net.is_some_and(|net| matches!(net, IpNet::V4(net) if net.prefix_len() == 0))
    }

    fn sure(&self, length: u8) -> Candidate {
        let (hop, route) = (self.hop, Some(self.at.clone()));
        Candidate { rank: (length, Source::User), hop, route, doubt: None }
    }

    fn possible(&self) -> Candidate {
        Candidate { doubt: Some(self.doubt()), ..self.sure(ANY_LENGTH) }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    System,
    Gateway,
    User,
}

/// A route that applies, or may.
struct Candidate {
    /// How long its prefix is, and whose it is.
    rank: (u8, Source),
    /// Absent: written, but not readable.
    hop: Option<Hop>,
    route: Option<RouteRef>,
    doubt: Option<Gap>,
}

/// The length of a prefix that is not known.
const ANY_LENGTH: u8 = u8::MAX;

impl Candidate {
    fn system(length: u8, hop: Hop) -> Candidate {
        Candidate { rank: (length, Source::System), hop: Some(hop), route: None, doubt: None }
    }

    fn announced(length: u8, gap: &Gap) -> Candidate {
        let rank = (length, Source::Gateway);
        Candidate { rank, hop: Some(Hop::Gateway), route: None, doubt: Some(gap.clone()) }
    }
}

fn choose(candidates: &[Candidate]) -> Choice {
    let sure = candidates.iter().filter(|c| c.doubt.is_none());
    let Some(winner) = sure.max_by_key(|c| c.rank) else {
        return Choice::Unknown(unstated("no route to the destination was collected"));
    };
    let rival = candidates.iter().find(|c| c.rank >= winner.rank && c.hop != winner.hop);
    let conflict = || unstated("two routes with the same prefix have different next hops");
    match (rival, winner.hop) {
        (Some(rival), _) => Choice::Unknown(rival.doubt.clone().unwrap_or_else(conflict)),
        (None, Some(hop)) => Choice::Known(Chosen { hop, route: winner.route.clone() }),
        (None, None) => {
            let name = winner.route.as_ref().map_or("(no name)", |at| &at.name);
            Choice::Unknown(unstated(format!("the next hop of route `{name}` is not known")))
        }
    }
}

fn longest(nets: &[IpNet], address: IpAddr) -> Option<u8> {
    nets.iter().filter(|net| net.contains(&address)).map(IpNet::prefix_len).max()
}

fn to_address(routes: &[UserRoute], address: IpAddr, around: &Surroundings) -> Choice {
    let host = IpNet::from(address);
    let mut candidates: Vec<_> = routes
        .iter()
        .filter_map(|route| match (route.net, route.text) {
            (Some(net), _) => net.contains(&address).then(|| route.sure(net.prefix_len())),
            (None, Some(tag)) if is_private(&host) && is_public(tag) => None,
            (None, _) => Some(route.possible()),
        })
        .collect();
    let own = longest(around.own, address).map(|length| Candidate::system(length, Hop::VirtualNetwork));
    let peered = longest(around.peered, address).map(|length| Candidate::system(length, Hop::Peering));
    // Both are preferred even to a more specific route that a gateway announces.
    let inside = own.is_some() || peered.is_some();
    candidates.extend(own.into_iter().chain(peered));
    if address.is_ipv4() {
        candidates.push(Candidate::system(0, Hop::Internet));
    }
    // Azure drops private ranges, but not those the network holds, and not beside a user route for 0.0.0.0/0.
    let held = |range: &IpNet| around.own.iter().any(|net| net.contains(range));
    if let Some(range) = PRIVATE.iter().find(|range| range.contains(&address) && !held(range)) {
        if !routes.iter().any(UserRoute::is_default) {
            candidates.push(Candidate::system(range.prefix_len(), Hop::Dropped));
        }
    } else if !inside && !around.service_endpoints.is_empty() {
        let doubt = Some(by_address(format!("whether `{address}` belongs to a service with a service endpoint")));
        candidates.push(Candidate { doubt, ..Candidate::system(host.prefix_len(), Hop::ServiceEndpoint) });
    }
    if let Some(gap) = around.bgp.filter(|_| !inside) {
        // A gateway announces private ranges of any length, and of the public ones the default route.
        let length = if is_private(&host) { host.prefix_len() } else { 0 };
        candidates.push(Candidate::announced(length, gap));
    }
    choose(&candidates)
}

/// The addresses are not known, so routes that hold all of them are ranked. A route for the tag of a service
/// has the same prefixes as its service endpoint. Those of `AzureCloud` are wider than those of
/// `AzureKeyVault`, but not wider than those of every service.
/// Source: <https://www.microsoft.com/download/details.aspx?id=56519>, lists 305 and 360 (read 2026-11-21).
fn to_service(routes: &[UserRoute], name: &str, region: Option<&str>, endpoint: &str, around: &Surroundings) -> Choice {
    let mut candidates = vec![Candidate::system(0, Hop::Internet)];
    for route in routes {
        match (route.net, route.text) {
            (Some(_), _) if route.is_default() => candidates.push(route.sure(0)),
            (Some(net), _) if is_private(&net) => {}
            (None, Some(tag)) if !one_of(&["Internet"], tag) => match tag_holds_service(tag, name, region) {
                Match::No => {}
                Match::May(_) => candidates.push(route.possible()),
                Match::Yes => {
                    let length = tag_length(tag);
                    candidates.push(route.sure(length));
                    if length < SERVICE && !one_of(&["AzureKeyVault"], name) {
                        candidates.push(route.possible());
                    }
                }
            },
            _ => candidates.push(route.possible()),
        }
    }
    if !endpoint.is_empty() && one_of(around.service_endpoints, endpoint) {
        candidates.push(Candidate::system(SERVICE, Hop::ServiceEndpoint));
    }
    candidates.extend(around.bgp.map(|gap| Candidate::announced(0, gap)));
    choose(&candidates)
}

const SERVICE: u8 = 3;

/// The documented order of tags with equal prefixes, as a length that is longer than that of 0.0.0.0/0.
fn tag_length(tag: &str) -> u8 {
    let (root, regional) = tag.split_once('.').map_or((tag, false), |(root, _)| (root, true));
    let base = if one_of(&["AzureCloud"], root) { 1 } else { SERVICE };
    base + u8::from(regional)
}

fn to_endpoint(routes: &[UserRoute], endpoint: &EndpointRoute, around: &Surroundings) -> Choice {
    let reached = longest(around.own, endpoint.address).or(longest(around.peered, endpoint.address));
    if reached.is_none() {
        // Its own route exists in its own network and in those peered with it only.
        return to_address(routes, endpoint.address, around);
    }
    let replaced: Vec<_> = routes.iter().map(|route| (route, replaces(route, endpoint))).collect();
    if replaced.iter().any(|(_, sure)| *sure == Some(true)) {
        return to_address(routes, endpoint.address, around);
    }
    match replaced.iter().find(|(_, sure)| sure.is_none()) {
        Some((route, _)) => Choice::Unknown(route.doubt()),
        None => Choice::Known(Chosen { hop: Hop::PrivateEndpoint, route: None }),
    }
}

/// Whether a user route takes the place of the route to a private endpoint; `None`: not known.
///
/// It must be at least as specific as the address space of the endpoint's network, and the policy must be on.
/// The page does not say which prefix counts where that space has several, nor whether a route for exactly
/// the endpoint needs the policy: by the general rule it precedes a system route.
fn replaces(route: &UserRoute, endpoint: &EndpointRoute) -> Option<bool> {
    let Some(net) = route.net else {
        return route.text.is_some_and(is_public).then_some(false);
    };
    let length = net.prefix_len();
    if length == 0 || !net.contains(&endpoint.address) {
        return Some(false);
    }
    let policy = match endpoint.policies.unwrap_or("Disabled") {
        on if one_of(&["Enabled", "RouteTableEnabled"], on) => Some(true),
        off if one_of(&["Disabled", "NetworkSecurityGroupEnabled"], off) => {
            (length < net.max_prefix_len()).then_some(false)
        }
        _ => None,
    };
    let same_family = |space: &&IpNet| space.max_prefix_len() == net.max_prefix_len();
    let mut spaces = endpoint.network.iter().filter(same_family).map(IpNet::prefix_len);
    let specific = match longest(endpoint.network, endpoint.address) {
        Some(_) if spaces.clone().all(|space| length >= space) => Some(true),
        Some(_) if spaces.all(|space| length < space) => Some(false),
        _ => None,
    };
    match (policy, specific) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const VAULT: Destination =
        Destination::Service { tag: "AzureKeyVault", region: Some("westeurope"), endpoint: "Microsoft.KeyVault" };

    /// Routes in short: `0.0.0.0/0 > VirtualAppliance 10.0.0.4`.
    fn table(routes: &[&str]) -> RouteTable {
        let route = |text: &&str| {
            let (prefix, hop) = text.split_once(" > ").unwrap();
            let (kind, ip) = hop.split_once(' ').unwrap_or((hop, ""));
            json!({ "name": text, "properties":
                { "addressPrefix": prefix, "nextHopType": kind, "nextHopIpAddress": ip } })
        };
        serde_json::from_value(json!({ "routes": routes.iter().map(route).collect::<Vec<_>>() })).unwrap()
    }

    fn nets(texts: &str) -> Vec<IpNet> {
        texts.split_whitespace().map(|text| text.parse().unwrap()).collect()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn show(choice: Choice) -> String {
        match choice {
            Choice::Known(Chosen { hop, route: None }) => format!("{hop:?}"),
            Choice::Known(Chosen { hop, route: Some(route) }) => format!("{hop:?} by {}", route.pointer),
            Choice::Unknown(gap) => format!("? {}", gap.what()),
        }
    }

    fn go(routes: &[&str], destination: Destination, service_endpoints: &[&str], bgp: Option<&Gap>) -> String {
        let (own, peered) = (nets("10.0.0.0/16"), nets("10.1.0.0/16"));
        let around = Surroundings { own: &own, peered: &peered, service_endpoints, bgp };
        show(next_hop(Some(&table(routes)), &destination, &around))
    }

    fn to(routes: &[&str], address: &str) -> String {
        go(routes, Destination::Address(ip(address)), &[], None)
    }

    fn to_endpoint(routes: &[&str], network: &str, policies: Option<&str>) -> String {
        let network = nets(network);
        let endpoint = EndpointRoute { address: ip("10.1.2.4"), network: &network, policies };
        go(routes, Destination::PrivateEndpoint(endpoint), &[], None)
    }

    const TUNNEL: &str = "0.0.0.0/0 > VirtualAppliance 10.1.0.4";

    #[test]
    fn system_routes_lead_to_own_and_peered_networks_and_drop_other_private_ranges() {
        assert_eq!(to(&[], "10.0.3.4"), "VirtualNetwork");
        assert_eq!(to(&[], "10.1.3.4"), "Peering");
        assert_eq!(to(&[], "10.9.3.4"), "Dropped");
        assert_eq!(to(&[], "20.1.2.3"), "Internet");
        assert_eq!(to(&[TUNNEL], "10.1.3.4"), "Peering");
        assert_eq!(to(&["10.1.0.0/16 > None"], "10.1.3.4"), "Dropped by /properties/routes/0");
    }

    #[test]
    fn a_user_default_route_takes_the_private_ranges_along() {
        assert_eq!(to(&[TUNNEL], "10.9.3.4"), "Appliance(Some(10.1.0.4)) by /properties/routes/0");
    }

    #[test]
    fn a_route_that_may_apply_matters_only_where_it_leads_elsewhere() {
        assert_eq!(to(&["AzureFooBar > Internet"], "20.1.2.3"), "Internet");
        assert!(to(&["AzureFooBar > None"], "20.1.2.3").starts_with("? whether route"));
        assert_eq!(to(&["AzureKeyVault > None"], "10.1.3.4"), "Peering");
        assert!(to(&["10.1.0.0/33 > None"], "10.1.3.4").starts_with('?'));
        assert!(to(&["10.1.0.0/24 > Somewhere"], "10.1.0.4").starts_with("? the next hop"));
        assert!(to(&["10.1.0.0/24 > None", "10.1.0.0/24 > Internet"], "10.1.0.4").starts_with("? two routes"));
    }

    #[test]
    fn a_service_endpoint_escapes_the_default_route_but_not_a_route_for_the_tag() {
        let on = &["microsoft.keyvault"];
        assert_eq!(go(&[TUNNEL], VAULT, on, None), "ServiceEndpoint");
        assert_eq!(go(&[TUNNEL], VAULT, &["Microsoft.Sql"], None), to(&[TUNNEL], "20.1.2.3"));
        assert_eq!(go(&["AzureCloud > None"], VAULT, on, None), "ServiceEndpoint");
        assert_eq!(go(&["AzureKeyVault > None"], VAULT, on, None), "Dropped by /properties/routes/0");
        let entra = Destination::Service { tag: "AzureActiveDirectory", region: None, endpoint: "" };
        assert_eq!(go(&[TUNNEL], entra, &[""], None), to(&[TUNNEL], "20.1.2.3"));
    }

    #[test]
    fn the_narrower_tag_wins() {
        let mut routes = vec![TUNNEL, "AzureCloud > None", "AzureCloud.westeurope > VnetLocal"];
        assert_eq!(go(&routes, VAULT, &[], None), "VirtualNetwork by /properties/routes/2");
        routes.push("AzureKeyVault > VirtualNetworkGateway");
        assert_eq!(go(&routes, VAULT, &[], None), "Gateway by /properties/routes/3");
        routes.push("AzureKeyVault.WestEurope > Internet");
        assert_eq!(go(&routes, VAULT, &[], None), "Internet by /properties/routes/4");
        assert_eq!(go(&["AzureKeyVault.NorthEurope > None", "Storage > None"], VAULT, &[], None), "Internet");
        let entra = Destination::Service { tag: "AzureActiveDirectory", region: None, endpoint: "" };
        assert!(go(&["AzureActiveDirectory > Internet", "AzureCloud > None"], entra, &[], None).starts_with('?'));
    }

    #[test]
    fn a_public_range_may_hold_the_service() {
        assert!(go(&[TUNNEL, "20.0.0.0/8 > Internet"], VAULT, &[], None).starts_with("? whether route"));
        assert_eq!(go(&["10.0.0.0/8 > None", "20.0.0.0/8 > Internet"], VAULT, &[], None), "Internet");
    }

    #[test]
    fn a_gateway_may_announce_what_no_user_or_network_route_holds() {
        let gap = Gap::ambiguous("a gateway may announce routes");
        let bgp = Some(&gap);
        assert_eq!(go(&[], VAULT, &[], bgp), "? a gateway may announce routes");
        assert_eq!(go(&["0.0.0.0/0 > Internet"], VAULT, &[], bgp), "Internet by /properties/routes/0");
        assert_eq!(go(&[], VAULT, &["Microsoft.KeyVault"], bgp), "ServiceEndpoint");
        assert_eq!(go(&[], Destination::Address(ip("10.1.3.4")), &[], bgp), "Peering");
        assert!(go(&["10.0.0.0/8 > None"], Destination::Address(ip("10.9.3.4")), &[], bgp).starts_with('?'));
        let silent = RouteTable { disable_bgp_route_propagation: Some(true), ..Default::default() };
        let around = Surroundings { bgp, ..Default::default() };
        assert_eq!(show(next_hop(Some(&silent), &VAULT, &around)), "Internet");
        assert!(show(next_hop(None, &VAULT, &around)).starts_with('?'));
    }

    #[test]
    fn a_user_route_replaces_an_endpoint_route_only_with_the_policy_and_the_prefix() {
        let on = Some("routeTableEnabled");
        let narrow = &["10.1.0.0/16 > VirtualAppliance 10.0.0.4"];
        let appliance = "Appliance(Some(10.0.0.4)) by /properties/routes/0";
        assert_eq!(to_endpoint(narrow, "10.1.0.0/16", on), appliance);
        assert_eq!(to_endpoint(narrow, "10.1.0.0/16 192.168.0.0/16", on), appliance);
        assert_eq!(to_endpoint(&[TUNNEL, "10.0.0.0/8 > None", "Storage > None"], "10.1.0.0/16", on), "PrivateEndpoint");
        assert_eq!(to_endpoint(&[TUNNEL], "", on), "PrivateEndpoint");
        assert_eq!(to_endpoint(narrow, "10.1.0.0/16 fd00::/48", on), appliance);
        for off in [None, Some("Disabled"), Some("NetworkSecurityGroupEnabled")] {
            assert_eq!(to_endpoint(narrow, "10.1.0.0/16", off), "PrivateEndpoint");
        }
        for (routes, network, policies) in [
            (narrow, "10.1.0.0/16 10.2.0.0/24", on),
            (narrow, "", on),
            (narrow, "10.1.0.0/16", Some("Perhaps")),
            (&["10.1.2.4/32 > VirtualAppliance 10.0.0.4"], "10.1.0.0/16", None),
        ] {
            assert!(to_endpoint(routes, network, policies).starts_with("? whether route"), "{network} {policies:?}");
        }
    }

    #[test]
    fn an_endpoint_in_a_network_that_is_not_peered_has_no_route_of_its_own() {
        let network = nets("10.7.0.0/16");
        let endpoint = EndpointRoute { address: ip("10.7.0.4"), network: &network, policies: None };
        assert_eq!(go(&[TUNNEL], Destination::PrivateEndpoint(endpoint), &[], None), to(&[TUNNEL], "10.7.0.4"));
    }

    proptest! {
        #[test]
        fn the_longest_prefix_wins(
            routes in prop::collection::btree_set((0u8..8, 25u8..=32), 0..8), last in 0u8..8,
        ) {
            // Eight addresses, so that containment is a comparison of the bits before the prefix ends.
            let holds = |&(base, length): &(u8, u8)| (base ^ last) >> (32 - length) == 0;
            let text = |(base, length): &(u8, u8)| format!("20.0.0.{base}/{length} > None");
            let texts: Vec<_> = routes.iter().map(text).collect();
            let texts: Vec<_> = texts.iter().map(String::as_str).collect();
            let best = routes.iter().filter(|route| holds(route)).map(|route| route.1).max();
            let around = Surroundings::default();
            let destination = Destination::Address(ip(&format!("20.0.0.{last}")));
            let found = match next_hop(Some(&table(&texts)), &destination, &around) {
                Choice::Known(chosen) => chosen.route.map(|route| route.name),
                Choice::Unknown(gap) => Some(gap.what()),
            };
            let found = found.map(|name| name.split(['/', ' ']).nth(1).unwrap().parse::<u8>().unwrap());
            prop_assert_eq!(found, best);
        }
    }
}
