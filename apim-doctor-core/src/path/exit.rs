//! What stands between a subnet and the rest of the network: its security group, its routes, its service endpoints. It
//! is read once for all paths that leave from the subnet.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::base::{Map, ResourceId, is_same_region};
use crate::eval::firewall::Arrival;
use crate::eval::network::{self, Place};
use crate::eval::nsg::{self, Decision, RuleRef};
use crate::eval::route::{self, Choice, Hop};
use crate::finding::Evidence;
use crate::knowledge::subservice::Subservice;
use crate::model::network::{NetworkSecurityGroup, RouteTable, ServiceEndpointPolicy, Subnet, VirtualNetwork};
use crate::model::{ClosedBy, Estate, Fact, Gap, SubResource};
use crate::path::access_path::{AccessPath, Origin};
use crate::path::reason::Block;
use crate::path::target::Target;

/// The service tag of the sign-in endpoint.
const SIGN_IN: &str = "AzureActiveDirectory";

/// The subnets that paths leave from, each judged once for all of them.
#[derive(Debug)]
pub(crate) struct Exits<'e>(Map<&'e ResourceId, Result<Exit<'e>, Gap>>);

impl<'e> Exits<'e> {
    /// The subnets of these paths.
    pub(crate) fn of(estate: &'e Estate, paths: impl IntoIterator<Item = &'e AccessPath>) -> Self {
        let mut exits = Map::default();
        for path in paths {
            if let Origin::Subnet { id, .. } = &path.origin {
                exits.entry(id).or_insert_with(|| Exit::of(estate, id));
            }
        }
        Self(exits)
    }

    /// One of them, where it was read.
    pub(crate) fn at(&self, subnet: &ResourceId) -> Result<&Exit<'e>, Gap> {
        let found = self.0.get(subnet).map(|exit| exit.as_ref().map_err(Gap::clone));
        found.unwrap_or_else(|| Err(Gap::not_collected(format!("subnet `{}`", subnet.name()), subnet)))
    }
}

/// A subnet that paths leave from: what does not depend on where they go.
#[derive(Debug)]
pub(crate) struct Exit<'e> {
    /// The subnet in its network.
    pub place: Place<'e>,
    /// What stands around it, and how far packets to the sign-in endpoint get.
    pub filters: Result<(Filters<'e>, Result<Evidence, Obstacle>), Gap>,
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
    pub(crate) fn way_out(&self, target: Option<&Target<'_>>) -> Option<Evidence> {
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
pub(crate) struct Filters<'e> {
    /// The subnet in its network.
    pub place: Place<'e>,
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

    /// The resources that it is read from.
    pub(crate) fn ids(&self) -> impl Iterator<Item = ResourceId> {
        let group = self.group.as_ref().map(|(id, _)| id.clone());
        let table = self.table.as_ref().map(|(id, _)| id.clone());
        [self.place.subnet.id.clone(), self.place.network.id.clone()].into_iter().chain(group).chain(table)
    }

    /// What the security group says to packets that leave.
    fn leave(&self, destination: nsg::Destination<'_>, port: u16) -> Result<Evidence, Obstacle> {
        let Some((id, group)) = &self.group else {
            return Ok(Evidence::new(
                "the subnet has no network security group",
                &self.place.subnet.id,
                "/properties/networkSecurityGroup",
            ));
        };
        if let Some(gap) = &self.admin_rules {
            return Err(Obstacle::Gap(gap.clone()));
        }
        let named = name(&destination);
        let flow = nsg::Flow { source: &self.sources, destination, port };
        let around =
            nsg::Surroundings { virtual_network: &self.own, more: self.place.more.as_ref(), destination_groups: None };
        let by = allowing(nsg::outbound(group, &flow, &around), id, &named, port)?;
        Ok(Evidence::new(format!("rule `{}` allows {named}", by.name), id, by.pointer))
    }

    /// The same for every port that must be open.
    pub(crate) fn leaves(&self, destination: nsg::Destination<'_>, ports: &[u16]) -> Result<Evidence, Obstacle> {
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
    pub(crate) fn endpoint_policies(&self, estate: &Estate, target: &Target<'_>) -> Result<(), Obstacle> {
        let subnet = self.place.subnet;
        let Some(first) = subnet.properties.service_endpoint_policies.first() else { return Ok(()) };
        let (mut definitions, mut unread) = (Vec::new(), None);
        for policy in &subnet.properties.service_endpoint_policies {
            match estate.get::<ServiceEndpointPolicy>(&policy.id) {
                Fact::Known(policy) => definitions.extend(&policy.properties.service_endpoint_policy_definitions),
                Fact::Unknown(gap) => drop(unread.get_or_insert(gap)),
                Fact::Absent(id) => {
                    let what = format!("service endpoint policy `{}` of subnet `{}`", id.name(), subnet.name());
                    unread.get_or_insert(Gap::not_collected(what, &id));
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
            return Err(Obstacle::Gap(gap));
        }
        let is_near = is_same_region(self.place.network.location.as_deref(), target.store.location());
        match target.subservice {
            Subservice::Vault if others.is_empty() => Ok(()),
            Subservice::Vault => Err(Obstacle::Gap(self.unclear(&first.id, target))),
            // An alias of a service may hold anything, and accounts of other regions are not filtered.
            _ if !others.is_empty() || storage.is_empty() || !is_near => {
                Err(Obstacle::Gap(self.unclear(&first.id, target)))
            }
            _ => Err(Obstacle::Block(Box::new(Block {
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
            "whether service endpoint policy `{}` of subnet `{}` allows traffic to `{}`",
            policy.name(),
            self.place.subnet.name(),
            target.store.name()
        );
        Gap::undocumented(what).advise(format!("check the definitions of `{policy}`"))
    }

    /// Why the subnet's service endpoint may not lead to the account: one that is not global leads to accounts of its own
    /// region and of the paired one.
    /// Source: <https://learn.microsoft.com/azure/virtual-network/virtual-network-service-endpoints-overview>.
    pub(crate) fn far_region(&self, target: &Target<'_>) -> Option<Gap> {
        const GLOBAL: &str = "Microsoft.Storage.Global";
        let own = self.place.subnet.properties.service_endpoints.iter().filter_map(|e| e.service.as_deref());
        let mut global = own.filter(|service| service.eq_ignore_ascii_case(GLOBAL));
        let (here, there) = (self.place.network.location.as_deref(), target.store.location());
        let near = target.subservice == Subservice::Vault || is_same_region(here, there) || global.next().is_some();
        (!near).then(|| {
            let what = format!(
                "whether the service endpoint of subnet `{}` covers a storage account in another region",
                self.place.subnet.name()
            );
            Gap::undocumented(what).advise("add service endpoint `Microsoft.Storage.Global` to the subnet instead")
        })
    }

    /// Whether packets of the subnet can leave for the internet at all.
    /// Source: <https://learn.microsoft.com/azure/virtual-network/ip-services/default-outbound-access> (read 2026-11-29).
    pub(crate) fn has_internet(&self) -> bool {
        let subnet = &self.place.subnet.properties;
        subnet.default_outbound_access != Some(false) || subnet.nat_gateway.is_some()
    }

    /// How packets arrive that leave through a NAT gateway: from its addresses, which are not read.
    pub(crate) fn nat_gateway(&self) -> Option<Arrival> {
        let nat = self.place.subnet.properties.nat_gateway.as_ref()?;
        let what = format!("whether the firewall allows the addresses of NAT gateway `{}`", nat.id.name());
        let advice = "compare the NAT gateway's public addresses with the firewall rules";
        Some(Arrival::PublicFrom(Gap::not_evaluated(what).advise(advice)))
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
    pub(crate) fn hop(&self, destination: &route::Destination<'_>, named: &str) -> Result<Hop, Obstacle> {
        let around = route::Surroundings {
            own: &self.place.own,
            peered: &self.place.peered,
            service_endpoints: &self.service_endpoints,
            bgp: self.place.more.as_ref(),
        };
        match route::next_hop(self.table.as_ref().map(|(_, table)| *table), destination, &around) {
            Choice::Unknown(gap) => Err(Obstacle::Gap(match &self.table {
                Some((id, _)) => gap.in_resource(id),
                None => gap,
            })),
            Choice::Known(chosen) => match (&chosen.hop, &chosen.route, &self.table) {
                (Hop::Dropped, Some(route), Some((id, _))) => Err(Obstacle::Block(Box::new(Block {
                    resource: id.clone(),
                    pointer: route.pointer.clone(),
                    rule: route.name.to_string(),
                    kind: "route",
                    before: None,
                    destination: named.to_owned(),
                    port: 443,
                }))),
                (Hop::Dropped, ..) => Err(Obstacle::Block(Box::new(Block {
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
                    let what = format!(
                        "whether the appliance at {at} allows {named} on port 443, and which source address \
                                 it uses"
                    );
                    Err(Obstacle::Gap(
                        Gap::outside_azure(what, ClosedBy::Nothing)
                            .advise(format!("check the rules and log of the appliance at {at}")),
                    ))
                }
                (Hop::Gateway, ..) => Err(Obstacle::Gap(
                    Gap::outside_azure(
                        format!("whether the network behind the gateway allows {named} on port 443"),
                        ClosedBy::Nothing,
                    )
                    .advise("check the firewall on the other side of the gateway"),
                )),
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
        Fact::Absent(id) => Err(Gap::refused(format!("`{}`", id.name()), 404, &id)),
    }
}

/// Why packets do not get there.
#[derive(Clone, Debug)]
pub(crate) enum Obstacle {
    /// A rule, a route or a policy drops them.
    Block(Box<Block>),
    /// It is not known whether they do.
    Gap(Gap),
}

impl Obstacle {
    /// All parts of a way together: a block decides, then a gap.
    pub(crate) fn first<const N: usize>(
        leaves: Result<Evidence, Obstacle>,
        others: [Result<(), Obstacle>; N],
    ) -> Result<Evidence, Obstacle> {
        let stops = leaves.as_ref().err().into_iter().chain(others.iter().filter_map(|part| part.as_ref().err()));
        match stops.clone().find(|stop| matches!(stop, Obstacle::Block(_))).or_else(|| stops.clone().next()) {
            Some(stop) => Err(stop.clone()),
            None => leaves,
        }
    }
}

/// The rule of a security group that allows packets, or why it is not known to.
fn allowing<'e>(
    decision: Decision<'e>,
    group: &ResourceId,
    destination: impl fmt::Display,
    port: u16,
) -> Result<RuleRef<'e>, Obstacle> {
    match decision {
        Decision::Allowed { by } => Ok(by),
        Decision::Denied { by } => Err(Obstacle::Block(Box::new(Block {
            resource: group.clone(),
            pointer: by.pointer,
            rule: by.name.to_string(),
            kind: "rule",
            before: Some(by.priority),
            destination: destination.to_string(),
            port,
        }))),
        Decision::Unknown(gap) => Err(Obstacle::Gap(gap.in_resource(group))),
    }
}

fn name(destination: &nsg::Destination<'_>) -> String {
    match destination {
        nsg::Destination::Address(address) => address.to_string(),
        nsg::Destination::Service { tag, .. } => (*tag).to_owned(),
    }
}

/// A managed identity in a customer's subnet gets its token through that subnet.
/// Source: <https://learn.microsoft.com/azure/api-management/virtual-network-reference> (read 2026-11-21).
fn token(filters: &Filters<'_>) -> Result<Evidence, Obstacle> {
    let allowed = filters.leave(nsg::Destination::Service { tag: SIGN_IN, region: None }, 443);
    let routed = filters.hop(&route::Destination::Service { tag: SIGN_IN, region: None, endpoint: "" }, SIGN_IN);
    Obstacle::first(allowed, [routed.map(drop)])
}

/// The endpoint's own subnet: its network's ranges, and its security group where that applies.
#[derive(Debug)]
pub(crate) struct EndpointSubnet<'e> {
    /// The ranges of its network.
    pub network: Vec<IpNet>,
    /// `privateEndpointNetworkPolicies`.
    pub policies: Option<String>,
    group: Option<(ResourceId, &'e NetworkSecurityGroup)>,
}

impl<'e> EndpointSubnet<'e> {
    /// Reads the subnet and its network.
    pub(crate) fn of(estate: &'e Estate, subnet: &ResourceId, network: &ResourceId) -> Result<Self, Gap> {
        let unread = |id: &ResourceId| Gap::not_collected(format!("`{}`", id.name()), id);
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
        let filtered = policies.as_deref().is_some_and(|p| {
            p.eq_ignore_ascii_case("Enabled") || p.eq_ignore_ascii_case("NetworkSecurityGroupEnabled")
        });
        let group = match filtered {
            true => attached::<NetworkSecurityGroup>(estate, subnet.properties.network_security_group.as_ref())?,
            false => None,
        };
        Ok(Self { network: network::prefixes(&found.properties.address_space), policies, group })
    }
}

impl EndpointSubnet<'_> {
    /// What the security group of the endpoint's subnet says to packets that enter.
    pub(crate) fn enter(&self, from: &Filters<'_>, address: IpAddr, port: u16) -> Result<(), Obstacle> {
        let Some((id, group)) = &self.group else { return Ok(()) };
        let flow = nsg::Flow { source: &from.sources, destination: nsg::Destination::Address(address), port };
        let around: Vec<IpNet> = from.own.iter().chain(&self.network).copied().collect();
        let around =
            nsg::Surroundings { virtual_network: &around, more: from.place.more.as_ref(), destination_groups: None };
        allowing(nsg::inbound(group, &flow, &around), id, address, port).map(drop)
    }
}
