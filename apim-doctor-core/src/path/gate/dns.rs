//! Gate 4: what does the target's name resolve to, as seen from the origin?

use std::net::IpAddr;

use ipnet::IpNet;

use crate::base::{ResourceId, is_same_region};
use crate::eval::app_routing::DnsServers;
use crate::eval::dns::{self, LookupResult, Question, Resolution};
use crate::eval::endpoint::TargetEndpoint;
use crate::eval::firewall::Admission;
use crate::eval::network::Place;
use crate::eval::service_tag;
use crate::finding::{Evidence, Gate};
use crate::knowledge::subservice::Subservice;
use crate::model::api_management::NetworkStatus;
use crate::model::dns::{PrivateDnsZone, VirtualNetworkLink};
use crate::model::{ClosedBy, Fact, Gap, ZONE_LINKS};
use crate::path::gate::Record;
use crate::path::reason::Reason;
use crate::path::way::{PrivateWay, Ways};
use crate::path::{Case, Origin, Principal, Reference, Target};

const NAME: &str = "does the reference use the vault's public name?";
const SERVERS: &str = "which DNS servers does the origin use?";
const RESOLVES: &str = "what does the name resolve to from the origin?";

/// What the client connects to.
#[derive(Clone, Debug)]
pub(crate) enum Address {
    /// The target's public endpoint, by the way the origin takes.
    Public,
    /// The target's public endpoint, around the subnet of the app.
    Outside,
    /// A private endpoint of the target.
    Endpoint(Box<TargetEndpoint>, IpAddr),
    /// A private endpoint of the target whose address was not collected.
    Unseen(Box<TargetEndpoint>, Gap),
}

/// Resolves the name. All addresses that are possible are handed on; later gates must agree on them.
pub(crate) fn dns(
    case: &Case<'_>,
    parsed: &Reference,
    target: &Target<'_>,
    ways: &Ways<'_>,
    record: &mut Record,
) -> Vec<Address> {
    debug_assert_eq!(record.gate, Gate::Dns);
    if parsed.host != target.host {
        let says = Evidence::at(format!("the reference names `{}`", parsed.host), case.path.declared_at.clone());
        record.fail(NAME, vec![says], Reason::PrivatelinkNameUsed { public_name: target.host.clone() });
    }
    match &case.path.origin {
        Origin::ControlPlane => {
            let says = "the platform fetches from outside customer networks and uses public DNS";
            record.pass(RESOLVES, vec![Evidence::new(says, &case.path.resource, "")]);
            vec![Address::Public]
        }
        Origin::PublicEgress(outside) => {
            record.pass(RESOLVES, vec![Evidence::new(outside.asks, &case.path.resource, outside.at)]);
            vec![Address::Public]
        }
        Origin::Undetermined(gap) => {
            record.unknown(RESOLVES, vec![], gap.clone());
            possible(target)
        }
        Origin::Subnet { id, location, integration } => {
            let first = integration.as_ref().is_some_and(|integration| integration.public_first);
            if first && ways.public.is_admitted() {
                let says = "references are first fetched over the public route, and the vault firewall is off";
                record.pass(RESOLVES, vec![Evidence::new(says, target.store.id(), "/properties/networkAcls")]);
                return vec![Address::Outside];
            }
            from_subnet(case, target, ways, id, location.as_deref(), record)
        }
    }
}

fn possible(target: &Target<'_>) -> Vec<Address> {
    let approved = target.endpoints.iter().filter(|e| e.approved);
    let private = approved.flat_map(|e| match &e.addresses {
        Ok(addresses) => addresses.iter().map(|address| Address::Endpoint(Box::new(e.clone()), *address)).collect(),
        Err(gap) => vec![Address::Unseen(Box::new(e.clone()), gap.clone())],
    });
    std::iter::once(Address::Public).chain(private).collect()
}

fn from_subnet(
    case: &Case<'_>,
    target: &Target<'_>,
    ways: &Ways<'_>,
    subnet: &ResourceId,
    location: Option<&str>,
    record: &mut Record,
) -> Vec<Address> {
    record.depends_on.push(subnet.clone());
    let place = match case.exits.at(subnet) {
        Ok(exit) => &exit.place,
        Err(gap) => {
            record.unknown(SERVERS, vec![], gap);
            return possible(target);
        }
    };
    let integration = match &case.path.origin {
        Origin::Subnet { integration, .. } => integration.as_deref(),
        _ => None,
    };
    let of_app = match integration.map(|integration| &integration.dns_servers) {
        Some(Ok(servers)) => servers.clone(),
        Some(Err(gap)) => {
            record.unknown(SERVERS, vec![], gap.clone());
            return possible(target);
        }
        None => DnsServers::default(),
    };
    let own = of_app.own.as_ref();
    let mut configured = own.map_or(&place.network.properties.dhcp_options.dns_servers, |(servers, _)| servers).clone();
    if !of_app.alternative.is_empty() {
        if configured.is_empty() {
            configured.push(dns::AZURE_DNS.to_owned());
        }
        configured.extend(of_app.alternative);
    }
    let configured = &configured;
    let servers = match case.path.caller_kind().facts().keeps_dns_servers {
        true => servers(case, location),
        false => Ok(configured.clone()),
    };
    let servers = match servers {
        Ok(servers) => servers,
        Err(gap) => {
            record.unknown(SERVERS, vec![], gap);
            return possible(target);
        }
    };
    let says = match configured.is_empty() {
        true => "network has no custom DNS servers, so it uses Azure DNS".to_owned(),
        false => format!("the network's custom DNS servers are {}", configured.join(", ")),
    };
    record.pass(
        SERVERS,
        vec![match own {
            Some((servers, at)) => {
                Evidence::at(format!("the app's custom DNS servers are {}", servers.join(", ")), at.clone())
            }
            None => Evidence::new(says, &place.network.id, "/properties/dhcpOptions/dnsServers"),
        }],
    );
    let is_approved = match target.subservice {
        Subservice::Vault => target.store.connections().iter().any(|connection| connection.is_approved()),
        // Each service of an account has an alias of its own.
        _ => target.endpoints.iter().any(|endpoint| endpoint.approved),
    };
    let alias = || {
        let zone = case.estate.cloud.zone_of(target.subservice);
        format!("{}.{zone}", target.store.name().to_ascii_lowercase())
    };
    let whole_alias = alias();
    let alias = is_approved.then_some(whole_alias.clone());
    let question = Question {
        host: &target.host,
        alias: alias.as_deref(),
        network: &place.network.id,
        servers: configured,
        subnet,
    };
    let resolution = dns::resolve(case.estate, &question);
    // Whether an endpoint for another service brings the alias, no page says.
    let others = !is_approved && target.store.connections().iter().any(|connection| connection.is_approved());
    if others {
        let with = dns::resolve(case.estate, &Question { alias: Some(&whole_alias), ..question });
        if with.answer != resolution.answer {
            let says = "its private zone is linked but has no record for it, and the public name may point to that \
                        zone";
            let what = format!("whether `{}` resolves: {says}", target.host);
            let gap = Gap::outside_azure(what, ClosedBy::AppConsole(target.host.clone()));
            record.unknown(RESOLVES, vec![], gap);
            return vec![Address::Public];
        }
    }
    // What the instance asks until the network configuration is applied may say otherwise.
    if !same_servers(configured, &servers) {
        let old = dns::resolve(case.estate, &Question { servers: &servers, ..question });
        record.suspect(Reason::DnsChangeNotApplied {
            asks: servers.clone(),
            configured: configured.clone(),
            network: place.network.id.clone(),
        });
        if old.answer != resolution.answer {
            let what = format!("what the DNS servers {} answer, which the instance still uses", servers.join(", "));
            let gap = Gap::pending(what, ClosedBy::Collect(case.path.resource.clone(), ""))
                .advise("apply the instance's network configuration");
            record.unknown(RESOLVES, vec![], gap);
            return possible(target);
        }
    }
    record.depends_on.extend(resolution.looked_at.iter().cloned());
    // A zone that an endpoint writes to and that was not collected may be linked to this network.
    let zones = target.endpoints.iter().filter(|e| e.approved).filter_map(|e| e.zones.as_ref().ok()).flatten();
    let unread = zones.filter_map(|zone| case.estate.open::<VirtualNetworkLink>(zone, ZONE_LINKS)).min();
    if let (LookupResult::Public, Some(gap)) = (&resolution.answer, unread) {
        record.unknown(RESOLVES, vec![], gap);
        return possible(target);
    }
    judge(case, target, ways, place, resolution, record)
}

/// What can keep the name from resolving, where something says that it does not: the zone that the network is linked to,
/// as far as the network's servers ask Azure DNS, or the servers themselves.
pub(crate) fn unresolved(case: &Case<'_>, target: &Target<'_>, principal: Option<&Principal>) -> Reason {
    let Origin::Subnet { id: subnet, .. } = &case.path.origin else { return Reason::NameNotResolved { network: None } };
    let Ok(exit) = case.exits.at(subnet) else { return Reason::NameNotResolved { network: None } };
    let place = &exit.place;
    let zone = case.estate.cloud.zone_of(target.subservice);
    let alias = format!("{}.{zone}", target.store.name().to_ascii_lowercase());
    let is_approved = target.endpoints.iter().any(|endpoint| endpoint.approved);
    let question = Question {
        host: &target.host,
        alias: is_approved.then_some(alias.as_str()),
        network: &place.network.id,
        servers: &[],
        subnet,
    };
    match dns::resolve(case.estate, &question).answer {
        LookupResult::NoRecord { zone, name } => {
            let ways = Ways::of(case, target, principal);
            Reason::RecordMissing { zone, name, endpoint: ways.intended().cloned().map(Box::new) }
        }
        _ => Reason::NameNotResolved { network: Some(place.network.id.clone()) },
    }
}

fn same_servers(configured: &[String], asked: &[String]) -> bool {
    let own = |list: &[String]| -> Vec<String> { list.iter().filter(|s| *s != dns::AZURE_DNS).cloned().collect() };
    own(configured) == own(asked)
}

/// The servers that the instance really asks.
/// Source: <https://learn.microsoft.com/azure/api-management/virtual-network-injection-resources>.
fn servers(case: &Case<'_>, location: Option<&str>) -> Result<Vec<String>, Gap> {
    let id = ResourceId::new(&[case.path.resource.as_str(), "/networkstatus"].concat());
    let status = match case.estate.get::<NetworkStatus>(&id) {
        Fact::Known(status) => status,
        Fact::Unknown(gap) => return Err(gap),
        Fact::Absent(id) => return Err(Gap::not_collected("the network status of the instance", &id)),
    };
    let locations = &status.properties.locations;
    let found =
        locations.iter().find(|l| is_same_region(l.location.as_deref(), location)).or(match locations.as_slice() {
            [only] => Some(only),
            _ => None,
        });
    let found = found.ok_or_else(|| {
        let what = format!("the network status of location `{}`", location.unwrap_or("?"));
        Gap::not_collected(what, &id)
    })?;
    Ok(found.network_status.dns_servers.clone())
}

fn judge(
    case: &Case<'_>,
    target: &Target<'_>,
    ways: &Ways<'_>,
    place: &Place<'_>,
    resolution: Resolution,
    record: &mut Record,
) -> Vec<Address> {
    let network = resolution.resolver.clone().unwrap_or_else(|| place.network.id.clone());
    match resolution.answer {
        LookupResult::Private { addresses, zone, record: at } => {
            private(target, ways, (&addresses, &zone, &at), record)
        }
        LookupResult::NoRecord { zone, name } => {
            let says = format!("zone `{}` is linked but has no record for `{name}`", zone.name());
            let endpoint = ways.intended().cloned();
            let reason = Reason::RecordMissing { zone: zone.clone(), name, endpoint: endpoint.clone().map(Box::new) };
            record.fail(RESOLVES, vec![Evidence::new(says, &zone, "")], reason);
            endpoint.map(address_of).unwrap_or_else(|| vec![Address::Public])
        }
        LookupResult::Public => public(case, target, ways, &network, record),
        LookupResult::Recorded { server, rcode, addresses } => {
            recorded(target, ways, place, (&server, &rcode, &addresses), record)
        }
        LookupResult::Unknown(gap) => {
            record.unknown(RESOLVES, vec![], gap);
            possible(target)
        }
    }
}

/// The answer is private: it must be the address of one of the vault's endpoints.
fn private(
    target: &Target<'_>,
    ways: &Ways<'_>,
    (addresses, zone, at): (&[IpAddr], &ResourceId, &ResourceId),
    record: &mut Record,
) -> Vec<Address> {
    let list = addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let says = Evidence::new(format!("the record in `{}` has address {list}", zone.name()), at, "/properties/aRecords");
    let own = owned(target, ways, addresses);
    if !own.is_empty() && addresses.iter().all(|a| own.iter().any(|o| matches!(o, Address::Endpoint(_, b) if a == b))) {
        record.pass(RESOLVES, vec![says]);
        return own;
    }
    if !own.is_empty() || addresses.is_empty() {
        let what =
            format!("which address of record `{}` the client uses: not all of them belong to the vault", at.name());
        let gap = Gap::ambiguous(what).advise("keep only the private endpoint's address in the record");
        record.unknown(RESOLVES, vec![says], gap);
        return own;
    }
    if let Some(gap) = target.endpoints.iter().find_map(|e| e.addresses.as_ref().err()) {
        record.unknown(RESOLVES, vec![says], gap.clone());
        return own;
    }
    let Some(endpoint) = target.endpoints.iter().find(|e| e.approved).or(target.endpoints.first()) else {
        let gap = Gap::ambiguous(format!("which service is at {list}: the vault has no private endpoint"))
            .advise("check the record");
        record.unknown(RESOLVES, vec![says], gap);
        return Vec::new();
    };
    let reason = Reason::RecordStale {
        record: at.clone(),
        zone: zone.clone(),
        addresses: addresses.to_vec(),
        endpoint: Box::new(endpoint.clone()),
    };
    record.fail(RESOLVES, vec![says], reason);
    address_of(endpoint.clone())
}

/// The vault's endpoints behind these addresses. Private addresses repeat, so one that the origin reaches comes first.
fn owned(target: &Target<'_>, ways: &Ways<'_>, addresses: &[IpAddr]) -> Vec<Address> {
    let reached = |endpoint: &&TargetEndpoint| ways.to(endpoint).is_some_and(PrivateWay::is_reached);
    let found = addresses.iter().filter_map(|address| {
        let mut having = target.endpoints.iter().filter(|e| e.has(*address));
        let endpoint = having.clone().find(reached).or_else(|| having.next())?;
        Some(Address::Endpoint(Box::new(endpoint.clone()), *address))
    });
    found.collect()
}

fn address_of(endpoint: TargetEndpoint) -> Vec<Address> {
    let addresses = endpoint.addresses.clone().unwrap_or_default();
    addresses.into_iter().map(|address| Address::Endpoint(Box::new(endpoint.clone()), address)).collect()
}

/// The answer is public. That is wrong only where the vault keeps the public side out and has a private side here.
fn public(
    case: &Case<'_>,
    target: &Target<'_>,
    ways: &Ways<'_>,
    network: &ResourceId,
    record: &mut Record,
) -> Vec<Address> {
    let says = format!("network `{}` resolves the name to the public address", network.name());
    let evidence = vec![Evidence::new(says, network, "")];
    let Some(endpoint) = ways.intended().cloned() else {
        record.pass(RESOLVES, evidence);
        return vec![Address::Public];
    };
    match public_side(ways) {
        Some(Admission::Admitted(_)) => {
            record.pass(RESOLVES, evidence);
            return vec![Address::Public];
        }
        Some(Admission::Unknown { gap, .. }) => {
            record.unknown(RESOLVES, evidence, gap.clone());
            return possible(target);
        }
        Some(Admission::Refused(_)) | None => {}
    }
    let right = case.estate.cloud.zone_of(target.subservice).to_ascii_lowercase();
    let zones = endpoint.zones.clone();
    let wrong = zones.as_ref().ok().and_then(|z| z.iter().find(|z| !z.name().eq_ignore_ascii_case(&right)).cloned());
    let intended = address_of(endpoint.clone());
    if let Some(zone) = wrong {
        let reason = Reason::WrongZone { zone, network: network.clone(), endpoint: Box::new(endpoint) };
        record.fail(RESOLVES, evidence, reason);
        return intended;
    }
    match not_linked(case, network, &endpoint, &right) {
        Ok(zone) => {
            let reason = Reason::ZoneNotLinked { zone, network: network.clone(), endpoint: Box::new(endpoint) };
            record.fail(RESOLVES, evidence, reason);
            intended
        }
        Err(gap) => {
            record.unknown(RESOLVES, evidence, gap);
            possible(target)
        }
    }
}

/// What the firewall says to the origin at the public endpoint.
fn public_side<'w>(ways: &'w Ways<'_>) -> Option<&'w Admission> {
    ways.service_endpoint.as_ref().map(|(_, way)| &way.admission)
}

/// The zone that the network should see and does not, if that is certain: all zones of the network's and the
/// endpoint's subscriptions, and all links of the zone, were read.
fn not_linked(
    case: &Case<'_>,
    network: &ResourceId,
    endpoint: &TargetEndpoint,
    right: &str,
) -> Result<Option<ResourceId>, Gap> {
    const ZONES: &str = "microsoft.network/privatednszones";
    for scope in [network.subscription_scope(), endpoint.id.subscription_scope()].into_iter().flatten() {
        if let Some(gap) = case.estate.open::<PrivateDnsZone>(&scope, ZONES) {
            return Err(gap);
        }
    }
    if let Some(gap) = case.estate.index.open_zones.get(right) {
        return Err(gap.clone());
    }
    if let Some(zone) = endpoint.zones.clone()?.into_iter().next() {
        return Ok(Some(zone));
    }
    let named: Vec<&ResourceId> = case.estate.zones_named(right).collect();
    match named.as_slice() {
        [] => Ok(None),
        [zone] => Ok(Some(ResourceId::clone(zone))),
        _ => Err(Gap::ambiguous(format!("which of {} zones `{right}` the private endpoint belongs to", named.len()))
            .advise(format!("add a DNS zone group to private endpoint `{}`", endpoint.id.name()))),
    }
}

/// What the network's own server was recorded to answer.
fn recorded(
    target: &Target<'_>,
    ways: &Ways<'_>,
    place: &Place<'_>,
    (server, rcode, addresses): (&str, &str, &[IpAddr]),
    record: &mut Record,
) -> Vec<Address> {
    let list = addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let says = format!("server {server} answered {rcode} {list}");
    let at = "/properties/dhcpOptions/dnsServers";
    let evidence = vec![Evidence::new(says.trim().to_owned(), &place.network.id, at)];
    let own = owned(target, ways, addresses);
    if !own.is_empty() && own.len() == addresses.len() {
        record.pass(RESOLVES, evidence);
        return own;
    }
    let is_private = |address: &IpAddr| service_tag::is_private(&IpNet::from(*address));
    if addresses.iter().any(is_private) {
        let gap = Gap::ambiguous(format!("which service is at {list}: not all of these addresses belong to the vault"))
            .advise("check the record");
        record.unknown(RESOLVES, evidence, gap);
        return possible(target);
    }
    let public = rcode == "NOERROR" && !addresses.is_empty();
    if public && matches!(public_side(ways), Some(Admission::Admitted(_))) {
        record.pass(RESOLVES, evidence);
        return vec![Address::Public];
    }
    match ways.intended().cloned() {
        Some(endpoint) if public || rcode == "NXDOMAIN" => {
            let reason = Reason::NotForwarded {
                server: server.to_owned(),
                network: place.network.id.clone(),
                endpoint: Box::new(endpoint.clone()),
            };
            record.fail(RESOLVES, evidence, reason);
            address_of(endpoint)
        }
        None if public => {
            record.pass(RESOLVES, evidence);
            vec![Address::Public]
        }
        None if rcode == "NXDOMAIN" => {
            let reason = Reason::NameUnresolved {
                server: server.to_owned(),
                rcode: rcode.to_owned(),
                network: place.network.id.clone(),
            };
            record.fail(RESOLVES, evidence, reason);
            vec![Address::Public]
        }
        _ => {
            let gap = Gap::outside_azure(
                format!("why server {server} answered {rcode}"),
                ClosedBy::Probe {
                    host: target.host.clone(),
                    server: Some(server.to_owned()),
                    subnet: Some(place.subnet.id.clone()),
                },
            );
            record.unknown(RESOLVES, evidence, gap);
            possible(target)
        }
    }
}
