//! Gate 5: can packets get from the origin to the target, and to the sign-in endpoint?

use std::net::IpAddr;

use ipnet::IpNet;

use crate::base::{Map, ResourceId, Verdict, is_same_region};
use crate::eval::endpoint::{self, TargetEndpoint};
use crate::eval::firewall::{self, Admission, Arrival};
use crate::eval::network::{self, Place, Reach};
use crate::eval::nsg::{self, Decision};
use crate::eval::route::{self, Choice, EndpointRoute, Hop};
use crate::finding::{Evidence, Gate};
use crate::knowledge::subservice::Subservice;
use crate::knowledge::trust::Trust;
use crate::model::api_management::Service;
use crate::model::app_service::Site;
use crate::model::network::{
    NetworkSecurityGroup, RouteTable, ServiceEndpointPolicy, ServiceTags, Subnet, VirtualNetwork,
};
use crate::model::{Estate, Fact, Gap, Resource, SubResource};
use crate::path::gate::{Address, Record};
use crate::path::reason::{Block, Reason};
use crate::path::{AccessPath, Case, Integration, Origin, Outside, Principal, Target};

/// The service tag of the sign-in endpoint.
const SIGN_IN: &str = "AzureActiveDirectory";
const TOKEN: &str = "can the origin reach the sign-in endpoint?";
const REACHES: &str = "can packets reach the vault?";
const ROUTED: &str = "does the app send this traffic into its subnet?";
const APPROVED: &str = "is the private endpoint approved?";

/// Follows packets to every address that is possible, and says how they arrive.
pub fn network(
    case: &Case<'_>,
    target: &Target<'_>,
    principal: Option<&Principal>,
    addresses: &[Address],
    record: &mut Record,
) -> Vec<Arrival> {
    debug_assert_eq!(record.gate, Gate::Network);
    match &case.path.origin {
        Origin::ControlPlane => {
            let says = "the platform reaches every public endpoint; no subnet is on the way";
            record.pass(REACHES, vec![Evidence::new(says, &case.path.resource, "")]);
            let tag = case.path.caller_kind().facts().platform_tag;
            vec![Arrival::ControlPlane {
                gateway: case.path.addresses.clone(),
                ranges: tag.and_then(|tag| ranges_of(case.estate, tag)),
            }]
        }
        Origin::PublicEgress(outside) => {
            let arrival = from_public_addresses(case);
            let evidence = Evidence::new(outside.reaches, &case.path.resource, outside.at);
            if let Fact::Known(app) = case.estate.get::<Site>(&case.path.resource) {
                return vec![around_subnet(case, app, target, principal, arrival, evidence, record)];
            }
            record.pass(REACHES, vec![evidence]);
            vec![elsewhere_injected(case, target, principal, arrival, record)]
        }
        Origin::Undetermined(gap) => {
            record.unknown(REACHES, vec![], gap.clone());
            possible(case, target)
        }
        Origin::Subnet { id, .. } => match case.exits.at(id) {
            Ok(exit) => from_subnet(case, target, principal, exit, addresses, record),
            Err(gap) => {
                record.unknown(REACHES, vec![], gap);
                possible(case, target)
            }
        },
    }
}

fn possible(case: &Case<'_>, target: &Target<'_>) -> Vec<Arrival> {
    let private = target.endpoints.iter().filter(|e| e.approved).map(|e| Arrival::PrivateEndpoint(e.id.clone()));
    let subnet = match &case.path.origin {
        Origin::Subnet { id, .. } => Some(Arrival::ServiceEndpoint(id.clone())),
        _ => None,
    };
    [from_public_addresses(case)].into_iter().chain(subnet).chain(private).collect()
}

pub(super) fn from_public_addresses(case: &Case<'_>) -> Arrival {
    match case.path.addresses.is_empty() {
        false => Arrival::Public(case.path.addresses.clone()),
        true => Arrival::PublicFrom(Gap::new(
            format!("the addresses the {} calls from", case.path.caller()),
            case.path.caller_kind().facts().addresses_from,
        )),
    }
}

/// The ranges of a service tag, where they were read.
fn ranges_of(estate: &Estate, tag: &str) -> Option<Vec<IpNet>> {
    let tags = estate.all::<ServiceTags>();
    let tags = tags.iter().flat_map(|t| &t.properties.values);
    let own = tags.filter(|own| {
        own.name.as_deref().and_then(|n| n.split('.').next()).is_some_and(|n| n.eq_ignore_ascii_case(tag))
    });
    let ranges: Vec<IpNet> =
        own.flat_map(|tag| &tag.properties.address_prefixes).filter_map(|text| text.parse().ok()).collect();
    (!ranges.is_empty()).then_some(ranges)
}

fn trust(case: &Case<'_>, principal: Option<&Principal>) -> Trust {
    case.trust(principal).unwrap_or(Trust::UserAssigned)
}

/// This location is in no network although another of the same instance is, and the vault would let that one in.
fn elsewhere_injected(
    case: &Case<'_>,
    target: &Target<'_>,
    principal: Option<&Principal>,
    arrival: Arrival,
    record: &mut Record,
) -> Arrival {
    let settings = case.settings(target);
    let admits = |arrival: &Arrival| firewall::admits(&settings, &target.surround, arrival, trust(case, principal));
    let Admission::Refused(_) = admits(&arrival) else { return arrival };
    let Some(instance) = case.estate.get::<Service>(&case.path.resource).known() else { return arrival };
    let primary = instance.properties.virtual_network_configuration.as_ref();
    let others = instance.properties.additional_locations.iter().map(|l| l.virtual_network_configuration.as_ref());
    let subnets = std::iter::once(primary).chain(others).flatten().filter_map(|c| c.subnet_resource_id.as_ref());
    for subnet in subnets {
        let meant = Arrival::ServiceEndpoint(subnet.clone());
        if let Admission::Admitted(_) = admits(&meant) {
            let says = format!("the vault lets in subnet `{}`, from which this location does not call", subnet.name());
            let reason = Reason::NotRoutedThroughVnet {
                location: case.path.location.clone().unwrap_or_default(),
                subnet: subnet.clone(),
            };
            record.fail(REACHES, vec![Evidence::new(says, subnet, "")], reason);
            return meant;
        }
    }
    arrival
}

/// This traffic leaves around the subnet that the app is integrated with, although the target would let the subnet in.
/// Later gates judge the way that was meant, so that they ask for nothing that routing alone repairs.
/// Source: <https://learn.microsoft.com/azure/app-service/configure-vnet-integration-routing> (read 2026-11-21).
fn around_subnet(
    case: &Case<'_>,
    app: &Resource<Site>,
    target: &Target<'_>,
    principal: Option<&Principal>,
    arrival: Arrival,
    evidence: Evidence,
    record: &mut Record,
) -> Arrival {
    let settings = case.settings(target);
    let admits = |arrival: &Arrival| firewall::admits(&settings, &target.surround, arrival, trust(case, principal));
    let subnet = app.properties.virtual_network_subnet_id.as_ref();
    if let (Some(subnet), Admission::Refused(_)) = (subnet, admits(&arrival)) {
        let place = network::place(case.estate, subnet).ok();
        let reached = |network: &ResourceId| {
            place
                .as_ref()
                .is_some_and(|p| matches!(network::reach(case.estate, p, network), Reach::Same | Reach::Peered))
        };
        let endpoint = target.endpoints.iter().find(|e| e.approved && e.network().is_some_and(|n| reached(&n)));
        let by_rule = Arrival::ServiceEndpoint(subnet.clone());
        let by_rule = Some(by_rule).filter(|arrival| matches!(admits(arrival), Admission::Admitted(_)));
        let endpoint = endpoint.map(|endpoint| Arrival::PrivateEndpoint(endpoint.id.clone()));
        if let Some(meant) = endpoint.or(by_rule) {
            let says = format!("the {} would let the app in through subnet `{}`", target.store.noun(), subnet.name());
            let evidence = vec![evidence, Evidence::new(says, subnet, "")];
            record.fail(REACHES, evidence, Reason::NotRoutedByApp { subnet: subnet.clone() });
            return meant;
        }
    }
    record.pass(REACHES, vec![evidence]);
    arrival
}

fn from_subnet(
    case: &Case<'_>,
    target: &Target<'_>,
    principal: Option<&Principal>,
    exit: &Exit<'_>,
    addresses: &[Address],
    record: &mut Record,
) -> Vec<Arrival> {
    let (filters, token) = match &exit.filters {
        Ok(judged) => judged,
        Err(gap) => {
            let evidence = vec![Evidence::new("the origin is this subnet", &exit.place.subnet.id, "")];
            record.unknown(REACHES, evidence, gap.clone());
            return possible(case, target);
        }
    };
    record.touches.extend(filters.ids());
    let integration = match &case.path.origin {
        Origin::Subnet { integration, .. } => integration.as_deref(),
        _ => None,
    };
    match (token.clone(), case.path.caller_kind().facts().signs_in_from_subnet) {
        (_, Some(false)) => {}
        (Ok(evidence), _) => record.pass(TOKEN, vec![evidence]),
        (Err(Stop::Block(by)), Some(true)) => {
            record.fail(TOKEN, blocked(&by), Reason::TokenEndpointUnreachable { by: *by });
        }
        (Err(Stop::Block(by)), None) => {
            let what =
                format!("whether the {} requests its tokens from its subnet: no page says so", case.path.caller());
            let gap = Gap::new(what, format!("allow {} on port 443 out of the subnet", by.destination));
            record.unknown(TOKEN, blocked(&by), gap);
        }
        (Err(Stop::Gap(gap)), _) => record.unknown(TOKEN, vec![], gap),
    }
    let mut arrivals = Vec::new();
    let mut sheets = Vec::new();
    for address in addresses {
        let mut sheet = Record::of(Gate::Network);
        arrivals.extend(to_address(case, target, principal, (integration, filters), address, &mut sheet));
        sheets.push(sheet);
    }
    // Where one address is reached and another is not, it is not known what the client meets.
    let differ =
        sheets.iter().any(|s| s.verdict() == Verdict::Fail) && sheets.iter().any(|s| s.verdict() != Verdict::Fail);
    for sheet in sheets {
        record.join(if differ { sheet.in_doubt(&Gap::earlier()) } else { sheet });
    }
    arrivals
}

/// Follows packets to one address.
fn to_address(
    case: &Case<'_>,
    target: &Target<'_>,
    principal: Option<&Principal>,
    (integration, filters): (Option<&Integration>, &Filters<'_>),
    address: &Address,
    record: &mut Record,
) -> Vec<Arrival> {
    match address {
        Address::Outside => {
            let says = "the public route is tried first; no subnet is on the way";
            record.pass(REACHES, vec![Evidence::new(says, &case.path.resource, Outside::APP.at)]);
            vec![from_public_addresses(case)]
        }
        Address::Public => public(case, target, principal, (integration, filters), record),
        Address::Unseen(endpoint, gap) => {
            record.unknown(REACHES, vec![], gap.clone());
            vec![Arrival::PrivateEndpoint(endpoint.id.clone())]
        }
        Address::Endpoint(endpoint, ip) if !enters(case, target, principal, (integration, filters), *ip, record) => {
            vec![Arrival::PrivateEndpoint(endpoint.id.clone())]
        }
        Address::Endpoint(endpoint, ip) => {
            private(case, filters, endpoint, (*ip, target.subservice.ports()), record).into_iter().collect()
        }
    }
}

/// Whether an app's packets to a private address enter its subnet.
/// Sources: <https://learn.microsoft.com/azure/app-service/overview-vnet-integration> and
/// <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references> (read 2026-11-21).
fn enters(
    case: &Case<'_>,
    target: &Target<'_>,
    principal: Option<&Principal>,
    (integration, filters): (Option<&Integration>, &Filters<'_>),
    address: IpAddr,
    record: &mut Record,
) -> bool {
    let Some(integration) = integration else { return true };
    let subnet = &filters.place.subnet.id;
    if let Some(gap) = &integration.undecided {
        // Around the subnet the public address is met: where that is let in as well, it does not matter which way is
        // taken.
        if !matches!(super::dns::outside(case, target, principal), Admission::Admitted(_)) {
            record.unknown(ROUTED, vec![], gap.clone());
        }
        return true;
    }
    if let Err(gap) = &integration.unproved {
        record.unknown(ROUTED, vec![], gap.clone());
    }
    if let Ok(Some(feature)) = integration.unproved {
        let gap = Gap::new(format!("whether {feature} work: a page of 2021 says no, later ones are silent"), "try it");
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
                true => "apps on Linux reach a private endpoint only with all traffic routed into the network",
                false => "only private addresses of RFC 1918 enter the network without it",
            };
            let says = format!("the app does not route all traffic into subnet `{}`; {why}", subnet.name());
            let evidence = vec![Evidence::new(says, &case.path.resource, "/properties/outboundVnetRouting")];
            let reason = Reason::NotRoutedByApp { subnet: subnet.clone() };
            // The pages announce the end of this limit, so a reference that was fetched says more.
            if case.path.last.as_ref().is_some_and(|last| last.succeeded) {
                let gap = Gap::new("whether the app reaches the endpoint: its status says so", "route all traffic");
                record.unknown(ROUTED, evidence, gap);
                record.suspect(reason);
            } else {
                record.fail(ROUTED, evidence, reason);
            }
            false
        }
    }
}

/// The subnets that paths leave from, each judged once for all of them.
#[derive(Debug)]
pub struct Exits<'e>(Map<&'e ResourceId, Result<Exit<'e>, Gap>>);

impl<'e> Exits<'e> {
    /// The subnets of these paths.
    pub fn of(estate: &'e Estate, paths: impl IntoIterator<Item = &'e AccessPath>) -> Self {
        let mut exits = Map::default();
        for path in paths {
            if let Origin::Subnet { id, .. } = &path.origin {
                exits.entry(id).or_insert_with(|| Exit::of(estate, id));
            }
        }
        Self(exits)
    }

    /// One of them, where it was read.
    pub fn at(&self, subnet: &ResourceId) -> Result<&Exit<'e>, Gap> {
        let found = self.0.get(subnet).map(|exit| exit.as_ref().map_err(Gap::clone));
        found.unwrap_or_else(|| Err(Gap::not_collected(&format!("subnet `{}`", subnet.name()), subnet.as_str())))
    }
}

/// A subnet that paths leave from: what does not depend on where they go.
#[derive(Debug)]
pub struct Exit<'e> {
    /// The subnet in its network.
    pub place: Place<'e>,
    /// What stands around it, and whether it lets packets out to the sign-in endpoint.
    filters: Result<(Filters<'e>, Result<Evidence, Stop>), Gap>,
}

impl<'e> Exit<'e> {
    fn of(estate: &'e Estate, subnet: &ResourceId) -> Result<Self, Gap> {
        let place = network::place(estate, subnet)?;
        let filters = Filters::of(estate, &place).map(|filters| {
            let token = token(&filters);
            (filters, token)
        });
        Ok(Self { place, filters })
    }
}

impl Exit<'_> {
    /// The user route that sends traffic elsewhere than straight to the sign-in endpoint, or to a target.
    pub fn way_out(&self, target: Option<&Target<'_>>) -> Option<Evidence> {
        let (filters, _) = self.filters.as_ref().ok()?;
        let destination = match target {
            None => route::Destination::Service { tag: SIGN_IN, region: None, endpoint: "" },
            Some(target) => route::Destination::Service {
                tag: target.subservice.service_tag(),
                region: target.store.location(),
                endpoint: target.subservice.service_endpoint(),
            },
        };
        filters.detour(&destination)
    }
}

/// What stands between a subnet and the rest: its security group and its routes.
#[derive(Debug)]
struct Filters<'e> {
    place: Place<'e>,
    group: Option<(ResourceId, &'e NetworkSecurityGroup)>,
    table: Option<(ResourceId, &'e RouteTable)>,
    admin_rules: Option<Gap>,
    own: Vec<IpNet>,
    sources: Vec<IpNet>,
    service_endpoints: Vec<&'e str>,
}

impl<'e> Filters<'e> {
    fn of(estate: &'e Estate, place: &Place<'e>) -> Result<Self, Gap> {
        let subnet = &place.subnet.properties;
        let table = attached::<RouteTable>(estate, subnet.route_table.as_ref())?;
        // Tag `VirtualNetwork` also holds the prefixes of user routes.
        let routes = table.iter().flat_map(|(_, table)| &table.routes);
        let routed = routes.filter_map(|r| r.properties.address_prefix.as_deref()?.parse().ok());
        Ok(Self {
            group: attached::<NetworkSecurityGroup>(estate, subnet.network_security_group.as_ref())?,
            admin_rules: network::unseen_admin_rules(estate, &place.network.id),
            own: place.own.iter().chain(&place.peered).copied().chain(routed).collect(),
            sources: subnet.prefixes().filter_map(|text| text.parse().ok()).collect(),
            service_endpoints: subnet
                .service_endpoints
                .iter()
                .filter_map(|e| e.service.as_deref())
                .map(|service| service.strip_suffix(".Global").unwrap_or(service))
                .collect(),
            table,
            place: place.clone(),
        })
    }

    fn ids(&self) -> impl Iterator<Item = ResourceId> {
        let group = self.group.as_ref().map(|(id, _)| id.clone());
        let table = self.table.as_ref().map(|(id, _)| id.clone());
        [self.place.subnet.id.clone(), self.place.network.id.clone()].into_iter().chain(group).chain(table)
    }

    /// What the security group says to packets that leave.
    fn leave(&self, destination: nsg::Destination<'_>, port: u16) -> Result<Evidence, Stop> {
        let Some((id, group)) = &self.group else {
            return Ok(Evidence::new(
                "the subnet has no security group",
                &self.place.subnet.id,
                "/properties/networkSecurityGroup",
            ));
        };
        let named = name(&destination);
        let flow = nsg::Flow { source: &self.sources, destination, port };
        let around =
            nsg::Surroundings { virtual_network: &self.own, more: self.place.more.as_ref(), destination_groups: None };
        let decision = nsg::outbound(group, &flow, &around);
        if let Some(gap) = &self.admin_rules {
            return Err(Stop::Gap(gap.clone()));
        }
        match decision {
            Decision::Allowed { by } => {
                Ok(Evidence::new(format!("rule `{}` allows {named}", by.name), id, by.pointer.clone()))
            }
            Decision::Denied { by } => Err(Stop::Block(Box::new(Block {
                resource: id.clone(),
                pointer: by.pointer.clone(),
                rule: by.name.to_string(),
                kind: "rule",
                before: Some(by.priority),
                destination: named,
                port,
            }))),
            Decision::Unknown(gap) => Err(Stop::Gap(gap)),
        }
    }

    /// The same for every port that must be open.
    fn leaves(&self, destination: nsg::Destination<'_>, ports: &[u16]) -> Result<Evidence, Stop> {
        let mut first = None;
        for port in ports {
            let evidence = self.leave(destination, *port)?;
            first.get_or_insert(evidence);
        }
        first.map_or_else(|| self.leave(destination, 443), Ok)
    }

    /// Whether the service endpoint policies of the subnet let packets through to the target. They filter storage in the
    /// regions of the service endpoint: there, only the accounts, resource groups and subscriptions that one of them names
    /// are reached.
    /// Source: <https://learn.microsoft.com/azure/virtual-network/virtual-network-service-endpoint-policies-overview>
    /// (read 2026-11-29).
    fn endpoint_policies(&self, estate: &Estate, target: &Target<'_>) -> Result<(), Stop> {
        let subnet = self.place.subnet;
        let Some(first) = subnet.properties.service_endpoint_policies.first() else { return Ok(()) };
        let (mut definitions, mut unread) = (Vec::new(), None);
        for policy in &subnet.properties.service_endpoint_policies {
            match estate.get::<ServiceEndpointPolicy>(&policy.id) {
                Fact::Known(policy) => definitions.extend(&policy.properties.service_endpoint_policy_definitions),
                Fact::Unknown(gap) => drop(unread.get_or_insert(gap)),
                Fact::Absent(id) => {
                    let what = format!("service endpoint policy `{}` of subnet `{}`", id.name(), subnet.name());
                    unread.get_or_insert(Gap::not_collected(&what, id.as_str()));
                }
            }
        }
        let is_storage = |service: &Option<String>| {
            service.as_deref().is_some_and(|service| service.eq_ignore_ascii_case("Microsoft.Storage"))
        };
        let (storage, others): (Vec<_>, Vec<_>) =
            definitions.into_iter().map(|d| &d.properties).partition(|definition| is_storage(&definition.service));
        // Some examples of Microsoft's leave out the first slash.
        let scope = |named: &String| ResourceId::new(&format!("/{}", named.trim_start_matches('/')));
        let mut named = storage.iter().flat_map(|definition| &definition.service_resources).map(scope);
        if named.any(|scope| scope.subscription().is_some() && target.store.id().is_within(&scope)) {
            return Ok(());
        }
        if let Some(gap) = unread {
            return Err(Stop::Gap(gap));
        }
        let is_near = is_same_region(self.place.network.location.as_deref(), target.store.location());
        match target.subservice {
            Subservice::Vault if others.is_empty() => Ok(()),
            Subservice::Vault => Err(Stop::Gap(self.unclear(&first.id, target))),
            // An alias of a service may hold anything, and accounts of other regions are not filtered.
            _ if !others.is_empty() || storage.is_empty() || !is_near => {
                Err(Stop::Gap(self.unclear(&first.id, target)))
            }
            _ => Err(Stop::Block(Box::new(Block {
                resource: first.id.clone(),
                pointer: "/properties/serviceEndpointPolicyDefinitions".to_owned(),
                rule: first.id.name().to_owned(),
                kind: "service endpoint policy",
                before: None,
                destination: target.store.name().to_owned(),
                port: target.subservice.ports().first().copied().unwrap_or(443),
            }))),
        }
    }

    fn unclear(&self, policy: &ResourceId, target: &Target<'_>) -> Gap {
        let what = format!(
            "whether service endpoint policy `{}` of subnet `{}` lets traffic to `{}` through",
            policy.name(),
            self.place.subnet.name(),
            target.store.name()
        );
        Gap::new(what, format!("look at the definitions of `{policy}`"))
    }

    /// Why the subnet's service endpoint may not lead to the account: one that is not global leads to accounts of its own
    /// region and of the paired one.
    /// Source: <https://learn.microsoft.com/azure/virtual-network/virtual-network-service-endpoints-overview>.
    fn far_region(&self, target: &Target<'_>) -> Option<Gap> {
        const GLOBAL: &str = "Microsoft.Storage.Global";
        let own = self.place.subnet.properties.service_endpoints.iter().filter_map(|e| e.service.as_deref());
        let mut global = own.filter(|service| service.eq_ignore_ascii_case(GLOBAL));
        let (here, there) = (self.place.network.location.as_deref(), target.store.location());
        let near = target.subservice == Subservice::Vault || is_same_region(here, there) || global.next().is_some();
        (!near).then(|| {
            let what = format!(
                "whether the service endpoint of subnet `{}` leads to a storage account in another region",
                self.place.subnet.name()
            );
            Gap::new(what, "give the subnet service endpoint `Microsoft.Storage.Global` instead")
        })
    }

    /// The user route that hands packets to an appliance or a gateway, or drops them.
    fn detour(&self, destination: &route::Destination<'_>) -> Option<Evidence> {
        let around = route::Surroundings {
            own: &self.place.own,
            peered: &self.place.peered,
            service_endpoints: &self.service_endpoints,
            bgp: self.place.more.as_ref(),
        };
        let (id, table) = self.table.as_ref()?;
        let Choice::Known(chosen) = route::next_hop(Some(table), destination, &around) else { return None };
        let to = match chosen.hop {
            Hop::Appliance(Some(address)) => format!("the appliance at {address}"),
            Hop::Appliance(None) => "an appliance".to_owned(),
            Hop::Gateway => "a gateway".to_owned(),
            Hop::Dropped => "nowhere".to_owned(),
            _ => return None,
        };
        let route = chosen.route?;
        Some(Evidence::new(format!("route `{}` sends this traffic to {to}", route.name), id, route.pointer))
    }

    /// Where the routes send packets.
    fn hop(&self, destination: &route::Destination<'_>, named: &str) -> Result<Hop, Stop> {
        let around = route::Surroundings {
            own: &self.place.own,
            peered: &self.place.peered,
            service_endpoints: &self.service_endpoints,
            bgp: self.place.more.as_ref(),
        };
        match route::next_hop(self.table.as_ref().map(|(_, table)| *table), destination, &around) {
            Choice::Unknown(gap) => Err(Stop::Gap(gap)),
            Choice::Known(chosen) => match (&chosen.hop, &chosen.route, &self.table) {
                (Hop::Dropped, Some(route), Some((id, _))) => Err(Stop::Block(Box::new(Block {
                    resource: id.clone(),
                    pointer: route.pointer.clone(),
                    rule: route.name.to_string(),
                    kind: "route",
                    before: None,
                    destination: named.to_owned(),
                    port: 443,
                }))),
                (Hop::Dropped, ..) => Err(Stop::Block(Box::new(Block {
                    resource: self.place.subnet.id.clone(),
                    pointer: "/properties/routeTable".to_owned(),
                    rule: "Azure's default routes".to_owned(),
                    kind: "route",
                    before: None,
                    destination: named.to_owned(),
                    port: 443,
                }))),
                (Hop::Appliance(address), ..) => {
                    let at = address.map(|a| a.to_string()).unwrap_or_else(|| "an appliance".to_owned());
                    Err(Stop::Gap(Gap::new(
                        format!(
                            "whether the appliance at {at} lets {named} on port 443 through, and from which address"
                        ),
                        format!("look at the rules and the log of the appliance at {at}"),
                    )))
                }
                (Hop::Gateway, ..) => Err(Stop::Gap(Gap::new(
                    format!("whether the network behind the gateway lets {named} on port 443 through"),
                    "look at the firewall on the other side of the gateway",
                ))),
                _ => Ok(chosen.hop),
            },
        }
    }
}

fn attached<'e, P: crate::model::Modelled>(
    estate: &'e Estate,
    reference: Option<&SubResource>,
) -> Result<Option<(ResourceId, &'e P)>, Gap> {
    let Some(reference) = reference else { return Ok(None) };
    match estate.get::<P>(&reference.id) {
        Fact::Known(found) => Ok(Some((reference.id.clone(), &found.properties))),
        Fact::Unknown(gap) => Err(gap),
        Fact::Absent(id) => Err(Gap::new(format!("`{}` does not exist", id.name()), format!("check `{id}`"))),
    }
}

/// Why packets do not get there: something certain, or something not seen.
#[derive(Clone, Debug)]
enum Stop {
    Block(Box<Block>),
    Gap(Gap),
}

fn name(destination: &nsg::Destination<'_>) -> String {
    match destination {
        nsg::Destination::Address(address) => address.to_string(),
        nsg::Destination::Service { tag, .. } => (*tag).to_owned(),
    }
}

fn blocked(block: &Block) -> Vec<Evidence> {
    let says = format!("{} `{}` stops {}", block.kind, block.rule, block.destination);
    vec![Evidence::new(says, &block.resource, block.pointer.clone())]
}

/// A managed identity in a customer's subnet gets its token through that subnet.
/// Source: <https://learn.microsoft.com/azure/api-management/virtual-network-reference> (read 2026-11-21).
fn token(filters: &Filters<'_>) -> Result<Evidence, Stop> {
    let allowed = filters.leave(nsg::Destination::Service { tag: SIGN_IN, region: None }, 443);
    let routed = filters.hop(&route::Destination::Service { tag: SIGN_IN, region: None, endpoint: "" }, SIGN_IN);
    match (allowed, routed) {
        (Err(Stop::Block(by)), _) | (_, Err(Stop::Block(by))) => Err(Stop::Block(by)),
        (Err(gap), _) | (_, Err(gap)) => Err(gap),
        (Ok(evidence), Ok(_)) => Ok(evidence),
    }
}

fn public(
    case: &Case<'_>,
    target: &Target<'_>,
    principal: Option<&Principal>,
    (integration, filters): (Option<&Integration>, &Filters<'_>),
    record: &mut Record,
) -> Vec<Arrival> {
    let tag = target.subservice.service_tag();
    let subnet = &filters.place.subnet.id;
    let region = target.store.location();
    let settings = case.settings(target);
    let admits = |arrival: &Arrival| firewall::admits(&settings, &target.surround, arrival, trust(case, principal));
    let by_endpoint = Arrival::ServiceEndpoint(subnet.clone());
    // An endpoint that waits for approval is the true cause, whatever the name resolves to.
    if let (Some(pending), Admission::Refused(_)) = (waiting(case, target, filters), admits(&by_endpoint)) {
        if let Some(gap) = &pending.disputed {
            record.unknown(APPROVED, vec![], gap.clone());
            return vec![Arrival::PrivateEndpoint(pending.id.clone())];
        }
        let says = format!("private endpoint `{}` is `{}`", pending.id.name(), pending.status);
        let at = format!("/properties/privateEndpointConnections/{}", pending.connection);
        let evidence = vec![Evidence::new(says, target.store.id(), at)];
        record.fail(APPROVED, evidence, Reason::PrivateEndpointNotApproved { endpoint: Box::new(pending.clone()) });
        return vec![Arrival::PrivateEndpoint(pending.id.clone())];
    }
    if let (Some(others), Admission::Refused(_)) = (other_endpoints(case, target, filters), admits(&by_endpoint)) {
        let names = others.iter().map(|id| format!("`{}`", id.name())).collect::<Vec<_>>().join(", ");
        let group = target.subservice.group_id();
        let says = format!("its private endpoints {names} are for other services, and none is for `{group}`");
        let evidence = vec![Evidence::new(says, target.store.id(), "/properties/privateEndpointConnections")];
        record.fail(APPROVED, evidence, Reason::MissingSubresourceEndpoint { others });
        return vec![by_endpoint];
    }
    let destination = route::Destination::Service { tag, region, endpoint: target.subservice.service_endpoint() };
    let hop = filters.hop(&destination, tag);
    if let (Some(integration), false) = (integration, matches!(hop, Ok(Hop::ServiceEndpoint))) {
        match &integration.routes_all {
            Ok(true) => {}
            Ok(false) => {
                let outside = from_public_addresses(case);
                let by_rule = matches!(admits(&by_endpoint), Admission::Admitted(_));
                if by_rule && matches!(admits(&outside), Admission::Refused(_)) {
                    return vec![no_service_endpoint(target, subnet, by_endpoint, record)];
                }
                let says = "the app routes only private addresses into its subnet, and this one is public";
                let at = "/properties/outboundVnetRouting";
                record.pass(REACHES, vec![Evidence::new(says, &case.path.resource, at)]);
                return vec![outside];
            }
            Err(_) => {}
        }
    }
    // Both ways are followed where it is not known which one is taken: they have to fare alike.
    let undecided = integration.and_then(|integration| {
        let routing = integration.routes_all.as_ref().err();
        integration.undecided.as_ref().or(routing.filter(|_| !matches!(hop, Ok(Hop::ServiceEndpoint))))
    });
    if let Some(gap) = undecided {
        let outside = from_public_addresses(case);
        let inside = match &hop {
            Ok(Hop::ServiceEndpoint) => by_endpoint,
            _ => outbound_addresses(case, filters),
        };
        let kind = |arrival: &Arrival| std::mem::discriminant(&admits(arrival));
        let leaves = filters.leaves(nsg::Destination::Service { tag, region }, target.subservice.ports());
        let leads = filters.far_region(target).is_none() && filters.endpoint_policies(case.estate, target).is_ok();
        let is_near = !matches!(hop, Ok(Hop::ServiceEndpoint)) || leads;
        let has_exit = !matches!(hop, Ok(Hop::Internet)) || has_way_out(filters);
        match (leaves, &hop) {
            (Ok(evidence), Ok(_)) if is_near && has_exit && kind(&inside) == kind(&outside) => {
                let says = "whether this traffic enters the subnet or not, it gets to the public endpoint";
                let way = Evidence::new(says, &case.path.resource, "/properties/outboundVnetRouting");
                record.pass(REACHES, vec![evidence, way]);
            }
            _ => record.unknown(ROUTED, vec![], gap.clone()),
        }
        return vec![inside, outside];
    }
    let leave = filters.leaves(nsg::Destination::Service { tag, region }, target.subservice.ports());
    let arrival = match &hop {
        Ok(Hop::ServiceEndpoint) => by_endpoint.clone(),
        Ok(_) => outbound_addresses(case, filters),
        Err(Stop::Gap(gap)) => Arrival::PublicFrom(gap.clone()),
        Err(Stop::Block(_)) => by_endpoint.clone(),
    };
    match (leave, hop) {
        (Err(Stop::Block(by)), _) | (_, Err(Stop::Block(by))) => {
            record.fail(REACHES, blocked(&by), Reason::EgressBlocked { by: *by });
        }
        (Err(Stop::Gap(gap)), _) | (_, Err(Stop::Gap(gap))) => record.unknown(REACHES, vec![], gap),
        (Ok(evidence), Ok(hop)) => {
            let missing = hop != Hop::ServiceEndpoint
                && matches!(admits(&arrival), Admission::Refused(_))
                && matches!(admits(&by_endpoint), Admission::Admitted(_));
            if missing {
                return vec![no_service_endpoint(target, subnet, by_endpoint, record)];
            }
            let by_policy = match hop == Hop::ServiceEndpoint {
                true => filters.endpoint_policies(case.estate, target),
                false => Ok(()),
            };
            match by_policy {
                Ok(()) => {}
                Err(Stop::Block(by)) => {
                    record.fail(REACHES, blocked(&by), Reason::EgressBlocked { by: *by });
                    return vec![arrival];
                }
                Err(Stop::Gap(gap)) => {
                    record.unknown(REACHES, vec![evidence], gap);
                    return vec![arrival];
                }
            }
            if let Some(gap) = filters.far_region(target).filter(|_| hop == Hop::ServiceEndpoint) {
                record.unknown(REACHES, vec![evidence], gap);
                return vec![arrival];
            }
            if hop == Hop::Internet && !has_way_out(filters) {
                let gap = Gap::new(
                    format!(
                        "how subnet `{}` leaves for the internet: it has no default outbound access",
                        subnet.name()
                    ),
                    "add a NAT gateway or a service endpoint, or look at the instance's own outbound address",
                );
                record.unknown(REACHES, vec![evidence], gap);
            } else {
                record.pass(REACHES, vec![evidence]);
            }
        }
    }
    vec![arrival]
}

/// Whether packets of the subnet can leave for the internet at all.
/// Source: <https://learn.microsoft.com/azure/virtual-network/ip-services/default-outbound-access> (read 2026-11-29).
fn has_way_out(filters: &Filters<'_>) -> bool {
    let subnet = &filters.place.subnet.properties;
    subnet.default_outbound_access != Some(false) || subnet.nat_gateway.is_some()
}

/// The target lets the subnet in, and the subnet does not show itself.
fn no_service_endpoint(target: &Target<'_>, subnet: &ResourceId, by_endpoint: Arrival, record: &mut Record) -> Arrival {
    let (noun, name) = (target.store.noun(), subnet.name());
    let says = format!("the {noun} lets in subnet `{name}`, which has no service endpoint for {noun}s");
    let at = vec![Evidence::new(says, subnet, "/properties/serviceEndpoints")];
    record.fail(REACHES, at, Reason::ServiceEndpointMissing { subnet: subnet.clone() });
    by_endpoint
}

/// Private endpoints of the account that the origin reaches, all of them for other services.
fn other_endpoints(case: &Case<'_>, target: &Target<'_>, filters: &Filters<'_>) -> Option<Vec<ResourceId>> {
    if target.subservice == Subservice::Vault || !target.endpoints.is_empty() {
        return None;
    }
    let reached = |e: &TargetEndpoint| {
        let network = e.network()?;
        let reach = network::reach(case.estate, &filters.place, &network);
        matches!(reach, Reach::Same | Reach::Peered).then(|| e.id.clone())
    };
    let all = Subservice::STORAGE.into_iter().flat_map(|s| endpoint::endpoints(case.estate, target.store, s));
    let others: Vec<ResourceId> = all.filter(|e| e.approved).filter_map(|e| reached(&e)).collect();
    (!others.is_empty()).then_some(others)
}

/// An endpoint of the vault in a network that the origin reaches, which its owner has not let in.
fn waiting<'t>(case: &Case<'_>, target: &'t Target<'_>, filters: &Filters<'_>) -> Option<&'t TargetEndpoint> {
    if target.endpoints.iter().any(|e| e.approved) {
        return None;
    }
    target.endpoints.iter().filter(|e| !e.status.is_empty()).find(|e| {
        e.network()
            .is_some_and(|n| matches!(network::reach(case.estate, &filters.place, &n), Reach::Same | Reach::Peered))
    })
}

/// A NAT gateway has addresses that were not read; otherwise the instance's own are seen.
fn outbound_addresses(case: &Case<'_>, filters: &Filters<'_>) -> Arrival {
    match &filters.place.subnet.properties.nat_gateway {
        Some(nat) => Arrival::PublicFrom(Gap::new(
            format!("the addresses of NAT gateway `{}`", nat.id.name()),
            format!("record `GET {}` and its public addresses", nat.id),
        )),
        None => from_public_addresses(case),
    }
}

fn private(
    case: &Case<'_>,
    filters: &Filters<'_>,
    endpoint: &TargetEndpoint,
    (address, ports): (IpAddr, &[u16]),
    record: &mut Record,
) -> Option<Arrival> {
    let arrival = Some(Arrival::PrivateEndpoint(endpoint.id.clone()));
    record.touches.push(endpoint.id.clone());
    if endpoint.status.is_empty() {
        let what =
            format!("whether private endpoint `{}` is approved: its connection shows no state", endpoint.id.name());
        record.unknown(APPROVED, vec![], Gap::new(what, "record the target again"));
        return arrival;
    }
    if let Some(gap) = &endpoint.disputed {
        record.unknown(APPROVED, vec![], gap.clone());
        return arrival;
    }
    if !endpoint.approved {
        let says = format!("private endpoint `{}` is `{}`", endpoint.id.name(), endpoint.status);
        let evidence = vec![Evidence::new(says, &endpoint.id, "")];
        let reason = Reason::PrivateEndpointNotApproved { endpoint: Box::new(endpoint.clone()) };
        record.fail(APPROVED, evidence, reason);
        return arrival;
    }
    let (Ok(subnet), Some(network)) = (&endpoint.subnet, endpoint.network()) else {
        let gap = endpoint.subnet.as_ref().err().cloned();
        let gap = gap.unwrap_or_else(|| Gap::new("the network of the private endpoint", "record the endpoint"));
        record.unknown(REACHES, vec![], gap);
        return arrival;
    };
    match network::reach(case.estate, &filters.place, &network) {
        Reach::Same | Reach::Peered => {}
        Reach::Not(why) => {
            let evidence =
                vec![Evidence::new(why.clone(), &filters.place.network.id, "/properties/virtualNetworkPeerings")];
            let reason = Reason::EndpointUnreachable { endpoint: Box::new(endpoint.clone()), network, why };
            record.fail(REACHES, evidence, reason);
            return arrival;
        }
        Reach::Unknown(gap) => {
            record.unknown(REACHES, vec![], gap);
            return arrival;
        }
    }
    let side = match far_side(case.estate, subnet, &network) {
        Ok(side) => side,
        Err(gap) => {
            record.unknown(REACHES, vec![], gap);
            return arrival;
        }
    };
    let named = address.to_string();
    let destination = route::Destination::PrivateEndpoint(EndpointRoute {
        address,
        network: &side.network,
        policies: side.policies.as_deref(),
    });
    let leave = filters.leaves(nsg::Destination::Address(address), ports);
    let hop = filters.hop(&destination, &named);
    let enter = ports.iter().try_for_each(|port| side.enter(filters, address, *port));
    match (leave, hop, enter) {
        (Err(Stop::Block(by)), ..) | (_, Err(Stop::Block(by)), _) | (.., Err(Stop::Block(by))) => {
            record.fail(REACHES, blocked(&by), Reason::EgressBlocked { by: *by });
        }
        (Err(Stop::Gap(gap)), ..) | (_, Err(Stop::Gap(gap)), _) | (.., Err(Stop::Gap(gap))) => {
            record.unknown(REACHES, vec![], gap);
        }
        (Ok(evidence), Ok(_), Ok(())) => record.pass(REACHES, vec![evidence]),
    }
    arrival
}

/// The endpoint's own subnet: its network's ranges, and its security group where that applies.
struct FarSide<'e> {
    network: Vec<IpNet>,
    policies: Option<String>,
    group: Option<(ResourceId, &'e NetworkSecurityGroup)>,
}

fn far_side<'e>(estate: &'e Estate, subnet: &ResourceId, network: &ResourceId) -> Result<FarSide<'e>, Gap> {
    let unread = |id: &ResourceId| Gap::not_collected(&format!("`{}`", id.name()), id.as_str());
    let found = match estate.get::<VirtualNetwork>(network) {
        Fact::Known(found) => found,
        Fact::Unknown(gap) => return Err(gap),
        Fact::Absent(id) => return Err(unread(&id)),
    };
    let subnet = match estate.get::<Subnet>(subnet) {
        Fact::Known(subnet) => subnet,
        Fact::Unknown(gap) => return Err(gap),
        Fact::Absent(id) => return Err(unread(&id)),
    };
    let policies = subnet.properties.private_endpoint_network_policies.clone();
    let filtered = policies
        .as_deref()
        .is_some_and(|p| p.eq_ignore_ascii_case("Enabled") || p.eq_ignore_ascii_case("NetworkSecurityGroupEnabled"));
    let group = match filtered {
        true => attached::<NetworkSecurityGroup>(estate, subnet.properties.network_security_group.as_ref())?,
        false => None,
    };
    Ok(FarSide { network: network::prefixes(&found.properties.address_space), policies, group })
}

impl FarSide<'_> {
    fn enter(&self, from: &Filters<'_>, address: IpAddr, port: u16) -> Result<(), Stop> {
        let Some((id, group)) = &self.group else { return Ok(()) };
        let flow = nsg::Flow { source: &from.sources, destination: nsg::Destination::Address(address), port };
        let around: Vec<IpNet> = from.own.iter().chain(&self.network).copied().collect();
        let around =
            nsg::Surroundings { virtual_network: &around, more: from.place.more.as_ref(), destination_groups: None };
        match nsg::inbound(group, &flow, &around) {
            Decision::Allowed { .. } => Ok(()),
            Decision::Denied { by } => Err(Stop::Block(Box::new(Block {
                resource: id.clone(),
                pointer: by.pointer.clone(),
                rule: by.name.to_string(),
                kind: "rule",
                before: Some(by.priority),
                destination: address.to_string(),
                port,
            }))),
            Decision::Unknown(gap) => Err(Stop::Gap(gap)),
        }
    }
}
