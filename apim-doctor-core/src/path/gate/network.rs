//! Gate 5: can packets get from the origin to the target, and to the sign-in endpoint?

use std::net::IpAddr;

use crate::base::{ResourceId, Verdict};
use crate::eval::app_routing::Integration;
use crate::eval::endpoint::TargetEndpoint;
use crate::eval::network::Reach;
use crate::eval::route::Hop;
use crate::finding::{Evidence, Gate};
use crate::model::Gap;
use crate::path::exit::{Exit, Filters, Obstacle};
use crate::path::gate::{Address, Record};
use crate::path::reason::{Block, Reason};
use crate::path::way::{Outbound, PrivateWay, Way, Ways};
use crate::path::{Case, Origin, Outside, Target};

const TOKEN: &str = "can the origin reach the sign-in endpoint?";
const REACHES: &str = "can traffic reach the vault?";
const ROUTED: &str = "does the app send this traffic through its subnet?";
const APPROVED: &str = "is the private endpoint approved?";

/// Follows packets to every address that is possible, and hands on the ways that they take.
pub(crate) fn network(
    case: &Case<'_>,
    target: &Target<'_>,
    ways: &Ways<'_>,
    addresses: &[Address],
    record: &mut Record,
) -> Vec<Way> {
    debug_assert_eq!(record.gate, Gate::Network);
    match &case.path.origin {
        Origin::ControlPlane => {
            let says = "the platform can reach every public endpoint; its traffic does not pass a subnet";
            record.pass(REACHES, vec![Evidence::new(says, &case.path.resource, "")]);
            vec![ways.public.clone()]
        }
        Origin::PublicEgress(outside) => {
            let evidence = Evidence::new(outside.reaches, &case.path.resource, outside.at);
            vec![from_public_addresses(case, target, ways, evidence, record)]
        }
        Origin::Undetermined(gap) => {
            record.unknown(REACHES, vec![], gap.clone());
            ways.possible(case)
        }
        Origin::Subnet { id, .. } => match case.exits.at(id) {
            Ok(exit) => from_subnet(case, target, ways, exit, addresses, record),
            Err(gap) => {
                record.unknown(REACHES, vec![], gap);
                ways.possible(case)
            }
        },
    }
}

/// A call that enters no subnet, although the target would admit one that comes through a subnet: the one that the app is
/// integrated with, or that the instance has in another location. Later gates judge the way that was meant, so that they
/// ask for nothing that routing alone repairs.
/// Source: <https://learn.microsoft.com/azure/app-service/configure-vnet-integration-routing> (read 2026-11-21).
fn from_public_addresses(
    case: &Case<'_>,
    target: &Target<'_>,
    ways: &Ways<'_>,
    evidence: Evidence,
    record: &mut Record,
) -> Way {
    if let Some((subnet, by_rule)) = ways.service_endpoint.as_ref().filter(|_| ways.public.is_refused()) {
        let private = ways.private.iter().find(|way| way.endpoint.approved && way.is_reached()).map(|way| &way.way);
        if let Some(meant) = private.or(Some(by_rule).filter(|way| way.is_admitted())) {
            let says = format!("the {} allows the app's subnet `{}`", target.store.noun(), subnet.name());
            let evidence = vec![evidence, Evidence::new(says, subnet, "")];
            record.fail(REACHES, evidence, Reason::NotRoutedByApp { subnet: subnet.clone() });
            return meant.clone();
        }
    }
    record.pass(REACHES, vec![evidence]);
    match ways.other_locations.iter().find(|(_, way)| way.is_admitted()) {
        Some((subnet, meant)) => {
            let says = format!("the vault allows subnet `{}`, but this location does not use it", subnet.name());
            let reason = Reason::NotRoutedThroughVnet {
                location: case.path.location.clone().unwrap_or_default(),
                subnet: subnet.clone(),
            };
            record.fail(REACHES, vec![Evidence::new(says, subnet, "")], reason);
            meant.clone()
        }
        None => ways.public.clone(),
    }
}

fn from_subnet(
    case: &Case<'_>,
    target: &Target<'_>,
    ways: &Ways<'_>,
    exit: &Exit<'_>,
    addresses: &[Address],
    record: &mut Record,
) -> Vec<Way> {
    let ((filters, token), outbound) = match (&exit.filters, &ways.outbound) {
        (Ok(judged), Some(outbound)) => (judged, outbound),
        (filters, _) => {
            let evidence = vec![Evidence::new("the calls come from this subnet", &exit.place.subnet.id, "")];
            record.unknown(REACHES, evidence, filters.as_ref().err().cloned().unwrap_or_else(Gap::earlier));
            return ways.possible(case);
        }
    };
    record.depends_on.extend(filters.ids());
    let integration = match &case.path.origin {
        Origin::Subnet { integration, .. } => integration.as_deref(),
        _ => None,
    };
    match (token.clone(), case.path.caller_kind().facts().signs_in_from_subnet) {
        (_, Some(false)) => {}
        (Ok(evidence), _) => record.pass(TOKEN, vec![evidence]),
        (Err(Obstacle::Block(by)), Some(true)) => {
            record.fail(TOKEN, blocked(&by), Reason::TokenEndpointUnreachable { by: *by });
        }
        (Err(Obstacle::Block(by)), None) => {
            let what = format!("whether the {} requests its tokens from its subnet", case.path.caller());
            let advice = format!("allow {} on port 443 out of the subnet", by.destination);
            let gap = Gap::undocumented(what).advise(advice);
            record.unknown(TOKEN, blocked(&by), gap);
        }
        (Err(Obstacle::Gap(gap)), _) => record.unknown(TOKEN, vec![], gap),
    }
    let from = FromSubnet { case, target, ways, outbound, filters, integration };
    let mut taken = Vec::new();
    let mut sheets = Vec::new();
    for address in addresses {
        let mut sheet = Record::of(Gate::Network);
        taken.extend(from.to_address(address, &mut sheet));
        sheets.push(sheet);
    }
    // Where one address is reached and another is not, it is not known what the client meets.
    let differ =
        sheets.iter().any(|s| s.verdict() == Verdict::Fail) && sheets.iter().any(|s| s.verdict() != Verdict::Fail);
    for sheet in sheets {
        record.join(if differ { sheet.in_doubt(&Gap::earlier()) } else { sheet });
    }
    taken
}

/// A call that starts in a subnet, or in an app that is integrated with one.
struct FromSubnet<'a> {
    case: &'a Case<'a>,
    target: &'a Target<'a>,
    ways: &'a Ways<'a>,
    outbound: &'a Outbound,
    filters: &'a Filters<'a>,
    integration: Option<&'a Integration>,
}

impl FromSubnet<'_> {
    /// Follows packets to one address.
    fn to_address(&self, address: &Address, record: &mut Record) -> Vec<Way> {
        let through = |endpoint: &TargetEndpoint| self.ways.to(endpoint);
        match address {
            Address::Outside => {
                let says = "the public route is tried first; it does not pass a subnet";
                record.pass(REACHES, vec![Evidence::new(says, &self.case.path.resource, Outside::APP.at)]);
                vec![self.ways.public.clone()]
            }
            Address::Public => self.public(record),
            Address::Unseen(endpoint, gap) => {
                record.unknown(REACHES, vec![], gap.clone());
                through(endpoint).map(|way| way.way.clone()).into_iter().collect()
            }
            Address::Endpoint(endpoint, address) => {
                let Some(way) = through(endpoint) else { return Vec::new() };
                if self.enters(*address, record) {
                    self.private(way, *address, record);
                }
                vec![way.way.clone()]
            }
        }
    }

    /// Whether an app's packets to a private address enter its subnet.
    /// Sources: <https://learn.microsoft.com/azure/app-service/overview-vnet-integration> and
    /// <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references> (read 2026-11-21).
    fn enters(&self, address: IpAddr, record: &mut Record) -> bool {
        let Some(integration) = self.integration else { return true };
        let (case, subnet) = (self.case, &self.filters.place.subnet.id);
        if let Some(gap) = &integration.undecided {
            // Around the subnet the public address is met: where that is admitted as well, it does not matter which way is
            // taken.
            if !self.ways.public.is_admitted() {
                record.unknown(ROUTED, vec![], gap.clone());
            }
            return true;
        }
        if let Err(gap) = &integration.unproved {
            record.unknown(ROUTED, vec![], gap.clone());
        }
        if let Ok(Some(feature)) = integration.unproved {
            let gap = Gap::undocumented(format!(
                "whether {feature} are supported: the 2021 documentation says no, the current documentation does not \
                 say"
            ));
            record.unknown(ROUTED, vec![], gap);
            record.suspect(Reason::FeatureUnsupported { feature });
        }
        let is_rfc1918 = match address {
            IpAddr::V4(v4) => v4.is_private(),
            IpAddr::V6(_) => false,
        };
        let needs_all = match &integration.needs_all {
            Ok(needs_all) => *needs_all || !is_rfc1918,
            Err(gap) if is_rfc1918 && !matches!(integration.routes_all, Ok(true)) => {
                record.unknown(ROUTED, vec![], gap.clone());
                return true;
            }
            Err(_) => true,
        };
        match &integration.routes_all {
            Ok(true) => true,
            _ if !needs_all => true,
            Err(gap) => {
                record.unknown(ROUTED, vec![], gap.clone());
                true
            }
            Ok(false) => {
                let why = match is_rfc1918 {
                    true => "apps on Linux can reach a private endpoint only if all traffic is routed into the network",
                    false => "otherwise only traffic to RFC 1918 addresses enters the network",
                };
                let says = format!("the app does not route all its traffic through subnet `{}`; {why}", subnet.name());
                let evidence = vec![Evidence::new(says, &case.path.resource, "/properties/outboundVnetRouting")];
                let reason = Reason::NotRoutedByApp { subnet: subnet.clone() };
                // The pages announce the end of this limit, so a reference that was fetched says more.
                if case.path.last.as_ref().is_some_and(|last| last.succeeded) {
                    let gap = Gap::undocumented(
                        "whether the app can reach the private endpoint: the status of its reference says so",
                    )
                    .advise("route all the app's traffic through the subnet");
                    record.unknown(ROUTED, evidence, gap);
                    record.suspect(reason);
                } else {
                    record.fail(ROUTED, evidence, reason);
                }
                false
            }
        }
    }

    /// Follows packets to the target's public endpoint.
    fn public(&self, record: &mut Record) -> Vec<Way> {
        let Self { case, target, ways, outbound, filters, integration } = *self;
        let subnet = &filters.place.subnet.id;
        let by_endpoint = &outbound.service_endpoint;
        // An endpoint that waits for approval is the true cause, whatever the name resolves to.
        if let Some(waiting) = ways.waiting().filter(|_| by_endpoint.is_refused()) {
            let pending = waiting.endpoint;
            if let Some(gap) = &pending.disputed {
                record.unknown(APPROVED, vec![], gap.clone());
                return vec![waiting.way.clone()];
            }
            let says = format!("private endpoint `{}` is `{}`", pending.id.name(), pending.status);
            let at = format!("/properties/privateEndpointConnections/{}", pending.connection);
            let evidence = vec![Evidence::new(says, target.store.id(), at)];
            record.fail(APPROVED, evidence, Reason::PrivateEndpointNotApproved { endpoint: Box::new(pending.clone()) });
            return vec![waiting.way.clone()];
        }
        if !ways.for_other_services.is_empty() && by_endpoint.is_refused() {
            let others = ways.for_other_services.clone();
            let names = others.iter().map(|id| format!("`{}`", id.name())).collect::<Vec<_>>().join(", ");
            let group = target.subservice.group_id();
            let says = format!("its private endpoints {names} are for other services, not for `{group}`");
            let evidence = vec![Evidence::new(says, target.store.id(), "/properties/privateEndpointConnections")];
            record.fail(APPROVED, evidence, Reason::MissingSubresourceEndpoint { others });
            return vec![by_endpoint.clone()];
        }
        let unrouted = integration.filter(|_| !outbound.is_service_endpoint());
        if unrouted.is_some_and(|integration| integration.routes_all == Ok(false)) {
            if by_endpoint.is_admitted() && ways.public.is_refused() {
                return vec![no_service_endpoint(target, subnet, by_endpoint, record)];
            }
            let says = "the app routes only traffic to private addresses through its subnet, and this address is \
                        public";
            let at = "/properties/outboundVnetRouting";
            record.pass(REACHES, vec![Evidence::new(says, &case.path.resource, at)]);
            return vec![ways.public.clone()];
        }
        // Both ways are followed where it is not known which one is taken: they have to have the same outcome.
        let undecided = integration.and_then(|integration| {
            let routing = integration.routes_all.as_ref().err();
            integration.undecided.as_ref().or(routing.filter(|_| !outbound.is_service_endpoint()))
        });
        match undecided {
            Some(gap) => self.either_way(gap, record),
            None => vec![self.routed(record)],
        }
    }

    /// The app's two ways to the public endpoint: through its subnet, or around it.
    fn either_way(&self, gap: &Gap, record: &mut Record) -> Vec<Way> {
        let (outbound, outside) = (self.outbound, &self.ways.public);
        let over_endpoint = outbound.is_service_endpoint();
        let inside = if over_endpoint { &outbound.service_endpoint } else { &outbound.internet };
        let leads = outbound.far_region.is_none() && outbound.policies.is_ok();
        let has_exit = !matches!(outbound.hop, Ok(Hop::Internet)) || outbound.has_internet;
        let same = std::mem::discriminant(&inside.admission) == std::mem::discriminant(&outside.admission);
        match (&outbound.leaves, &outbound.hop) {
            (Ok(evidence), Ok(_)) if (!over_endpoint || leads) && has_exit && same => {
                let says = "this traffic reaches the public endpoint with or without the subnet";
                let way = Evidence::new(says, &self.case.path.resource, "/properties/outboundVnetRouting");
                record.pass(REACHES, vec![evidence.clone(), way]);
            }
            _ => record.unknown(ROUTED, vec![], gap.clone()),
        }
        vec![inside.clone(), outside.clone()]
    }

    /// The way that the subnet's routes choose.
    fn routed(&self, record: &mut Record) -> Way {
        let (outbound, subnet) = (self.outbound, &self.filters.place.subnet);
        let (by_endpoint, routed) = (&outbound.service_endpoint, &outbound.routed);
        let evidence = match Obstacle::first(outbound.leaves.clone(), [outbound.hop.clone().map(drop)]) {
            Ok(evidence) => evidence,
            Err(stop) => {
                stopped(stop, vec![], record);
                return routed.clone();
            }
        };
        if !outbound.is_service_endpoint() && routed.is_refused() && by_endpoint.is_admitted() {
            return no_service_endpoint(self.target, &subnet.id, by_endpoint, record);
        }
        if outbound.is_service_endpoint() {
            match (&outbound.policies, &outbound.far_region) {
                (Err(stop), _) => stopped(stop.clone(), vec![evidence], record),
                (Ok(()), Some(gap)) => record.unknown(REACHES, vec![evidence], gap.clone()),
                (Ok(()), None) => record.pass(REACHES, vec![evidence]),
            }
        } else if matches!(outbound.hop, Ok(Hop::Internet)) && !outbound.has_internet {
            let what = format!(
                "how traffic of subnet `{}` reaches the internet: the subnet has no default outbound access",
                subnet.name()
            );
            let gap = Gap::undocumented(what).advise("add a NAT gateway or a service endpoint to the subnet");
            record.unknown(REACHES, vec![evidence], gap);
        } else {
            record.pass(REACHES, vec![evidence]);
        }
        routed.clone()
    }

    /// Follows packets to an address of a private endpoint.
    fn private(&self, way: &PrivateWay<'_>, address: IpAddr, record: &mut Record) {
        let endpoint = way.endpoint;
        record.depends_on.push(endpoint.id.clone());
        if endpoint.status.is_empty() {
            let name = endpoint.id.name();
            let what = format!("whether private endpoint `{name}` is approved: its connection shows no state");
            return record.unknown(APPROVED, vec![], Gap::incomplete(what, &endpoint.id));
        }
        if let Some(gap) = &endpoint.disputed {
            return record.unknown(APPROVED, vec![], gap.clone());
        }
        if !endpoint.approved {
            let says = format!("private endpoint `{}` is `{}`", endpoint.id.name(), endpoint.status);
            let reason = Reason::PrivateEndpointNotApproved { endpoint: Box::new(endpoint.clone()) };
            return record.fail(APPROVED, vec![Evidence::new(says, &endpoint.id, "")], reason);
        }
        let unknown = || Gap::not_collected("the network of the private endpoint", &endpoint.id);
        let (Some(network), Some(reach)) = (endpoint.network(), &way.reach) else {
            return record.unknown(REACHES, vec![], endpoint.subnet.as_ref().err().cloned().unwrap_or_else(unknown));
        };
        match reach {
            Reach::Same | Reach::Peered => {}
            Reach::Not(why) => {
                let at = "/properties/virtualNetworkPeerings";
                let evidence = vec![Evidence::new(why.clone(), &self.filters.place.network.id, at)];
                let why = why.clone();
                let reason = Reason::EndpointUnreachable { endpoint: Box::new(endpoint.clone()), network, why };
                return record.fail(REACHES, evidence, reason);
            }
            Reach::Unknown(gap) => return record.unknown(REACHES, vec![], gap.clone()),
        }
        match way.passage(address).cloned() {
            Some(Ok(evidence)) => record.pass(REACHES, vec![evidence]),
            Some(Err(stop)) => stopped(stop, vec![], record),
            None => record.unknown(REACHES, vec![], unknown()),
        }
    }
}

/// Packets do not get there, or may not.
fn stopped(stop: Obstacle, evidence: Vec<Evidence>, record: &mut Record) {
    match stop {
        Obstacle::Block(by) => record.fail(REACHES, blocked(&by), Reason::EgressBlocked { by: *by }),
        Obstacle::Gap(gap) => record.unknown(REACHES, evidence, gap),
    }
}

fn blocked(block: &Block) -> Vec<Evidence> {
    let says = format!("{} `{}` blocks traffic to {}", block.kind, block.rule, block.destination);
    vec![Evidence::new(says, &block.resource, block.pointer.clone())]
}

/// The target admits the subnet, and the subnet has no service endpoint.
fn no_service_endpoint(target: &Target<'_>, subnet: &ResourceId, by_endpoint: &Way, record: &mut Record) -> Way {
    let (noun, name) = (target.store.noun(), subnet.name());
    let says = format!("the {noun} allows subnet `{name}`, which has no service endpoint for {noun}s");
    let at = vec![Evidence::new(says, subnet, "/properties/serviceEndpoints")];
    record.fail(REACHES, at, Reason::ServiceEndpointMissing { subnet: subnet.clone() });
    by_endpoint.clone()
}
