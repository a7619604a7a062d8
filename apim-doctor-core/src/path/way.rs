//! The ways from the origin of a path to its target: how a request arrives on each, how far its packets get, and what
//! the target's firewall says to it. Each is judged once, before the DNS, network and firewall gates word it.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::base::ResourceId;
use crate::eval::endpoint::{self, TargetEndpoint};
use crate::eval::firewall::{self, Admission, Arrival, Settings};
use crate::eval::network::{self, Place, Reach};
use crate::eval::nsg;
use crate::eval::route::{self, EndpointRoute, Hop};
use crate::finding::Evidence;
use crate::knowledge::subservice::Subservice;
use crate::knowledge::trust::{Trust, TrustRule};
use crate::model::api_management::Service;
use crate::model::app_service::Site;
use crate::model::network::ServiceTags;
use crate::model::{Estate, Gap};
use crate::path::exit::{EndpointSubnet, Filters, Obstacle};
use crate::path::{Case, Origin, Principal, Target};

/// One way to arrive at the target.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    /// How a request arrives.
    pub arrival: Arrival,
    /// What the firewall says to it.
    pub admission: Admission,
    /// The same under each trust that is possible: without an identity no kind of it can be assumed.
    pub admissions: Vec<(Trust, Admission)>,
    /// The same without the exception for trusted services, if it is contested whether the exception covers the caller.
    pub uncovered: Option<Admission>,
}

impl Way {
    /// Whether the firewall admits it.
    pub(crate) fn is_admitted(&self) -> bool {
        matches!(self.admission, Admission::Admitted(_))
    }

    /// Whether the firewall refuses it.
    pub(crate) fn is_refused(&self) -> bool {
        matches!(self.admission, Admission::Refused(_))
    }
}

/// The way to a private endpoint.
#[derive(Debug)]
pub(crate) struct PrivateWay<'w> {
    /// The endpoint.
    pub endpoint: &'w TargetEndpoint,
    /// How a request arrives through it.
    pub way: Way,
    /// Whether the origin's network reaches the endpoint's network; absent where one of them is not known.
    pub reach: Option<Reach>,
    /// How far packets to each of its addresses get.
    passages: Vec<(IpAddr, Result<Evidence, Obstacle>)>,
}

impl PrivateWay<'_> {
    /// Whether the origin's network is the endpoint's, or is peered with it.
    pub(crate) fn is_reached(&self) -> bool {
        matches!(self.reach, Some(Reach::Same | Reach::Peered))
    }

    /// How far packets to one of its addresses get.
    pub(crate) fn passage(&self, address: IpAddr) -> Option<&Result<Evidence, Obstacle>> {
        self.passages.iter().find(|(own, _)| *own == address).map(|(_, passage)| passage)
    }
}

/// The way out of a subnet to the target's public endpoint.
#[derive(Debug)]
pub(crate) struct Outbound {
    /// What the subnet's security group says to packets that leave.
    pub leaves: Result<Evidence, Obstacle>,
    /// Where the subnet's routes send them.
    pub hop: Result<Hop, Obstacle>,
    /// The way that they take from there.
    pub routed: Way,
    /// The way over the subnet's service endpoint, whether it has one or not.
    pub service_endpoint: Way,
    /// The way over the internet, whatever the routes say.
    pub internet: Way,
    /// Whether the service endpoint policies of the subnet allow packets to the target.
    pub policies: Result<(), Obstacle>,
    /// Why the subnet's service endpoint may not lead to the target.
    pub far_region: Option<Gap>,
    /// Whether packets of the subnet can leave for the internet at all.
    pub has_internet: bool,
}

impl Outbound {
    /// Whether the routes lead to a service endpoint.
    pub(crate) fn is_service_endpoint(&self) -> bool {
        matches!(self.hop, Ok(Hop::ServiceEndpoint))
    }
}

/// Every way from the origin of a path to its target.
#[derive(Debug)]
pub(crate) struct Ways<'w> {
    /// The settings of the target's firewall, as this caller meets them.
    pub settings: Settings<'w>,
    /// To the public endpoint without a subnet: from the platform, or from the caller's own addresses.
    pub public: Way,
    /// Over a service endpoint of the subnet: the one that the caller stands in, or that an app is integrated with.
    pub service_endpoint: Option<(ResourceId, Way)>,
    /// Over service endpoints of the subnets that the instance has, where this location has none.
    pub other_locations: Vec<(ResourceId, Way)>,
    /// Out of the subnet to the public endpoint; absent where what stands around the subnet is not known.
    pub outbound: Option<Outbound>,
    /// To each private endpoint of the target.
    pub private: Vec<PrivateWay<'w>>,
    /// Private endpoints of the account that the origin reaches, where all of them are for other services.
    pub for_other_services: Vec<ResourceId>,
}

impl<'w> Ways<'w> {
    /// Judges every way of a path.
    pub(crate) fn of(case: &Case<'w>, target: &'w Target<'w>, principal: Option<&Principal>) -> Self {
        let settings = case.settings(target);
        let trusts = trusts(case, principal);
        let assumed = case.trust(principal).unwrap_or(Trust::UserAssigned);
        let is_contested = matches!(case.path.trust, TrustRule::AnyIdentity { contested: Some(_) });
        let way = |arrival: Arrival| {
            let admits = |trust: Trust| firewall::admits(&settings, &target.association, &arrival, trust);
            let admissions: Vec<_> = trusts.iter().map(|trust| (*trust, admits(*trust))).collect();
            let known = admissions.iter().find(|(trust, _)| *trust == assumed).map(|(_, admission)| admission.clone());
            let uncovered = is_contested.then(|| admits(Trust::NeverCovered));
            Way { admission: known.unwrap_or_else(|| admits(assumed)), admissions, uncovered, arrival }
        };
        let over = |subnet: &ResourceId| (subnet.clone(), way(Arrival::ServiceEndpoint(subnet.clone())));
        let public = way(without_subnet(case));
        let exit = match &case.path.origin {
            Origin::Subnet { id, .. } => case.exits.at(id).ok(),
            _ => None,
        };
        let filters = exit.and_then(|exit| exit.filters.as_ref().ok()).map(|(filters, _)| filters);
        let subnet = subnet(case);
        // Where the public addresses are not refused, it does not matter whom the app's subnet reaches.
        let own = subnet.filter(|_| exit.is_none() && public.is_refused());
        let own = own.and_then(|subnet| network::place(case.estate, subnet).ok());
        let place = exit.map(|exit| &exit.place).or(own.as_ref());
        let private = target.endpoints.iter().map(|endpoint| private(case, target, endpoint, (place, filters), &way));
        let elsewhere = if public.is_refused() { subnets_elsewhere(case) } else { Vec::new() };
        Self {
            service_endpoint: subnet.map(over),
            other_locations: elsewhere.into_iter().map(over).collect(),
            outbound: filters.map(|filters| outbound(case, target, filters, &way)),
            private: private.collect(),
            for_other_services: place.map(|place| for_other_services(case, target, place)).unwrap_or_default(),
            public,
            settings,
        }
    }

    /// The approved endpoint that the origin's network reaches: the one that is meant to be used.
    pub(crate) fn intended(&self) -> Option<&'w TargetEndpoint> {
        self.private.iter().find(|way| way.endpoint.approved && way.is_reached()).map(|way| way.endpoint)
    }

    /// The way to a private endpoint.
    pub(crate) fn to(&self, endpoint: &TargetEndpoint) -> Option<&PrivateWay<'w>> {
        self.private.iter().find(|way| way.endpoint.connection == endpoint.connection)
    }

    /// An endpoint that the origin's network reaches and that waits for its approval, where none is approved.
    pub(crate) fn waiting(&self) -> Option<&PrivateWay<'w>> {
        let mut all = self.private.iter();
        let none_approved = !self.private.iter().any(|way| way.endpoint.approved);
        all.find(|way| none_approved && !way.endpoint.status.is_empty() && way.is_reached())
    }

    /// All ways that are possible where it is not known which one a request takes.
    pub(crate) fn possible(&self, case: &Case<'_>) -> Vec<Way> {
        let of_subnet = self.service_endpoint.iter().filter(|_| matches!(case.path.origin, Origin::Subnet { .. }));
        let private = self.private.iter().filter(|way| way.endpoint.approved).map(|way| &way.way);
        std::iter::once(&self.public).chain(of_subnet.map(|(_, way)| way)).chain(private).cloned().collect()
    }
}

/// The trusts that the caller may have: without an identity, that of either kind.
fn trusts(case: &Case<'_>, principal: Option<&Principal>) -> Vec<Trust> {
    match case.trust(principal) {
        Some(trust) => vec![trust],
        None => [true, false].map(|system_assigned| case.path.trust.trust(system_assigned, case.as_of)).to_vec(),
    }
}

/// The subnet that the caller stands in, or that an app is integrated with.
fn subnet<'w>(case: &Case<'w>) -> Option<&'w ResourceId> {
    match &case.path.origin {
        Origin::Subnet { id, .. } => Some(id),
        Origin::PublicEgress(_) => {
            let app = case.estate.get::<Site>(&case.path.resource).known()?;
            app.properties.virtual_network_subnet_id.as_ref()
        }
        Origin::ControlPlane | Origin::Undetermined(_) => None,
    }
}

/// How a request arrives at the public endpoint without a subnet.
fn without_subnet(case: &Case<'_>) -> Arrival {
    let addresses = &case.path.addresses;
    if case.path.origin == Origin::ControlPlane {
        let tag = case.path.caller_kind().facts().platform_tag;
        let ranges = tag.and_then(|tag| ranges_of(case.estate, tag));
        return Arrival::ControlPlane { gateway: addresses.clone(), ranges };
    }
    match addresses.is_empty() {
        false => Arrival::Public(addresses.clone()),
        true => Arrival::PublicFrom(Gap::not_collected(
            format!("the list of the {}'s outbound addresses", case.path.caller()),
            &case.path.resource,
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

/// The subnets of the instance, for a location that is in none.
fn subnets_elsewhere<'w>(case: &Case<'w>) -> Vec<&'w ResourceId> {
    let outside = matches!(case.path.origin, Origin::PublicEgress(_));
    let instance = case.estate.get::<Service>(&case.path.resource).known().filter(|_| outside);
    let primary = instance.iter().map(|instance| instance.properties.virtual_network_configuration.as_ref());
    let others = instance.iter().flat_map(|instance| &instance.properties.additional_locations);
    let others = others.map(|location| location.virtual_network_configuration.as_ref());
    primary.chain(others).flatten().filter_map(|network| network.subnet_resource_id.as_ref()).collect()
}

/// The way out of a subnet to the public endpoint.
fn outbound(case: &Case<'_>, target: &Target<'_>, filters: &Filters<'_>, way: &dyn Fn(Arrival) -> Way) -> Outbound {
    let (tag, region) = (target.subservice.service_tag(), target.store.location());
    let service = route::Destination::Service { tag, region, endpoint: target.subservice.service_endpoint() };
    let hop = filters.hop(&service, tag);
    let internet = way(filters.nat_gateway().unwrap_or_else(|| without_subnet(case)));
    let service_endpoint = way(Arrival::ServiceEndpoint(filters.place.subnet.id.clone()));
    let routed = match &hop {
        Ok(Hop::ServiceEndpoint) | Err(Obstacle::Block(_)) => service_endpoint.clone(),
        Ok(_) => internet.clone(),
        Err(Obstacle::Gap(gap)) => way(Arrival::PublicFrom(gap.clone())),
    };
    Outbound {
        leaves: filters.leaves(nsg::Destination::Service { tag, region }, target.subservice.ports()),
        hop,
        routed,
        service_endpoint,
        internet,
        policies: filters.endpoint_policies(case.estate, target),
        far_region: filters.far_region(target),
        has_internet: filters.has_internet(),
    }
}

/// The way to a private endpoint, as far as the origin's network is known.
fn private<'w>(
    case: &Case<'_>,
    target: &Target<'_>,
    endpoint: &'w TargetEndpoint,
    (place, filters): (Option<&Place<'_>>, Option<&Filters<'_>>),
    way: &dyn Fn(Arrival) -> Way,
) -> PrivateWay<'w> {
    let network = endpoint.network();
    let reach = place.zip(network.as_ref()).map(|(place, network)| network::reach(case.estate, place, network));
    let is_reached = endpoint.approved && matches!(reach, Some(Reach::Same | Reach::Peered));
    let passages = match (filters, &endpoint.subnet, network, &endpoint.addresses) {
        (Some(filters), Ok(subnet), Some(network), Ok(addresses)) if is_reached => {
            let side = EndpointSubnet::of(case.estate, subnet, &network);
            let passage = |address: &IpAddr| passage(filters, &side, *address, target.subservice.ports());
            addresses.iter().map(|address| (*address, passage(address))).collect()
        }
        _ => Vec::new(),
    };
    PrivateWay { endpoint, way: way(Arrival::PrivateEndpoint(endpoint.id.clone())), reach, passages }
}

/// How far packets to an address of a private endpoint get.
fn passage(
    filters: &Filters<'_>,
    side: &Result<EndpointSubnet<'_>, Gap>,
    address: IpAddr,
    ports: &[u16],
) -> Result<Evidence, Obstacle> {
    let side = side.as_ref().map_err(|gap| Obstacle::Gap(gap.clone()))?;
    let (network, policies) = (side.network.as_slice(), side.policies.as_deref());
    let destination = route::Destination::PrivateEndpoint(EndpointRoute { address, network, policies });
    let leaves = filters.leaves(nsg::Destination::Address(address), ports);
    let hop = filters.hop(&destination, &address.to_string()).map(drop);
    let enters = ports.iter().try_for_each(|port| side.enter(filters, address, *port));
    Obstacle::first(leaves, [hop, enters])
}

/// Private endpoints of a storage account that a network reaches, where none is for the service that is wanted.
fn for_other_services(case: &Case<'_>, target: &Target<'_>, place: &Place<'_>) -> Vec<ResourceId> {
    if target.subservice == Subservice::Vault || !target.endpoints.is_empty() {
        return Vec::new();
    }
    let reached = |endpoint: &TargetEndpoint| {
        let network = endpoint.network()?;
        let reach = network::reach(case.estate, place, &network);
        matches!(reach, Reach::Same | Reach::Peered).then(|| endpoint.id.clone())
    };
    let all = Subservice::STORAGE.into_iter().flat_map(|of| endpoint::endpoints(case.estate, target.store, of));
    all.filter(|endpoint| endpoint.approved).filter_map(|endpoint| reached(&endpoint)).collect()
}
