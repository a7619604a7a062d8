//! Private endpoints of a vault or of one service of a storage account, with the address, the network and the zone of each.
//!
//! Source: <https://learn.microsoft.com/azure/private-link/private-endpoint-overview> (read 2026-11-21).

use std::net::IpAddr;

use crate::base::ResourceId;
use crate::eval::store::Store;
use crate::knowledge::subservice::Subservice;
use crate::model::dns::PrivateDnsZoneGroup;
use crate::model::network::{NetworkInterface, PrivateEndpoint};
use crate::model::{Estate, Fact, Gap, Resource};

const ZONE_GROUPS: &str = "microsoft.network/privateendpoints/privatednszonegroups";

/// One private endpoint as the target and the network show it.
#[derive(Clone, Debug)]
pub(crate) struct TargetEndpoint {
    /// The endpoint.
    pub id: ResourceId,
    /// The connection's place in `privateEndpointConnections` of the target.
    pub connection: usize,
    /// `Approved`, `Pending`, `Rejected` or `Disconnected`.
    pub status: String,
    /// Whether traffic may come through.
    pub approved: bool,
    /// Why that is not certain: the endpoint itself says otherwise.
    pub disputed: Option<Gap>,
    /// The subnet its address is in.
    pub subnet: Result<ResourceId, Gap>,
    /// Its addresses.
    pub addresses: Result<Vec<IpAddr>, Gap>,
    /// The zones its records are written to; empty: it has no zone group.
    pub zones: Result<Vec<ResourceId>, Gap>,
}

impl TargetEndpoint {
    /// The virtual network its address is in.
    pub(crate) fn network(&self) -> Option<ResourceId> {
        self.subnet.as_ref().ok().and_then(ResourceId::parent)
    }

    /// Whether one of its addresses is this one.
    pub(crate) fn has(&self, address: IpAddr) -> bool {
        self.addresses.as_ref().is_ok_and(|all| all.contains(&address))
    }
}

/// The private endpoints of a vault, or of one service of a storage account. An endpoint that was not read may be for
/// any service.
pub(crate) fn endpoints(estate: &Estate, store: Store<'_>, subservice: Subservice) -> Vec<TargetEndpoint> {
    let connections = store.connections().iter().enumerate();
    connections
        .filter_map(|(at, connection)| {
            let id = connection.endpoint()?.clone();
            let read = estate.get::<PrivateEndpoint>(&id);
            if let (Fact::Known(endpoint), true) = (&read, subservice != Subservice::Vault) {
                let groups: Vec<&str> = endpoint.properties.group_ids().collect();
                if !groups.is_empty() && !groups.iter().any(|id| id.eq_ignore_ascii_case(subservice.group_id())) {
                    return None;
                }
            }
            Some(TargetEndpoint {
                connection: at,
                status: connection.status().to_owned(),
                approved: connection.is_approved(),
                disputed: disputed(&id, &read, store, connection.status()),
                subnet: subnet(&id, &read),
                addresses: addresses(estate, &id, &read),
                zones: zones(estate, &id),
                id,
            })
        })
        .collect()
}

/// What the endpoint says of itself that does not fit what the target says of it.
fn disputed(id: &ResourceId, read: &Fact<&Resource<PrivateEndpoint>>, store: Store<'_>, status: &str) -> Option<Gap> {
    let Fact::Known(endpoint) = read else { return None };
    let own: Vec<_> = endpoint.properties.connections().collect();
    let named = own.iter().filter_map(|connection| connection.private_link_service_id.as_ref());
    let elsewhere = named.clone().next().is_some() && !named.clone().any(|target| target == store.id());
    let of_target = own.iter().filter(|c| c.private_link_service_id.as_ref().is_none_or(|target| target == store.id()));
    let states = of_target.filter_map(|c| c.private_link_service_connection_state.as_ref()?.status.as_deref());
    let other = states.into_iter().find(|own| !status.is_empty() && !own.eq_ignore_ascii_case(status));
    let provisioning =
        endpoint.properties.provisioning_state.as_deref().filter(|s| !s.eq_ignore_ascii_case("Succeeded"));
    let (noun, name) = (store.noun(), id.name());
    let what = match (elsewhere, other, provisioning) {
        (true, ..) => format!("whether private endpoint `{name}` leads to this {noun}: it names a different target"),
        (_, Some(own), _) => {
            format!(
                "whether private endpoint `{name}` is approved: its own status is `{own}`, but the {noun} shows \
                     `{status}`"
            )
        }
        (.., Some(state)) => {
            format!("whether private endpoint `{name}` carries traffic: its provisioning state is `{state}`")
        }
        _ => return None,
    };
    Some(Gap::contradictory(what).advise(format!("collect the {noun} and the private endpoint again, together")))
}

fn unread(id: &ResourceId, read: &Fact<&Resource<PrivateEndpoint>>) -> Gap {
    match read {
        Fact::Unknown(gap) => gap.clone(),
        _ => Gap::incomplete(format!("private endpoint `{}` does not show this", id.name()), id),
    }
}

fn subnet(id: &ResourceId, read: &Fact<&Resource<PrivateEndpoint>>) -> Result<ResourceId, Gap> {
    match read {
        Fact::Known(endpoint) => endpoint.properties.subnet.as_ref().map(|s| s.id.clone()),
        _ => None,
    }
    .ok_or_else(|| unread(id, read))
}

/// The interface says it best; the endpoint's own list of names is often empty once a zone group exists.
fn addresses(estate: &Estate, id: &ResourceId, read: &Fact<&Resource<PrivateEndpoint>>) -> Result<Vec<IpAddr>, Gap> {
    let Fact::Known(endpoint) = read else { return Err(unread(id, read)) };
    let mut found = Vec::new();
    for interface in &endpoint.properties.network_interfaces {
        match estate.get::<NetworkInterface>(&interface.id) {
            Fact::Known(interface) => found.extend(
                interface.properties.ip_configurations.iter().filter_map(|c| c.properties.private_ip_address.clone()),
            ),
            Fact::Unknown(gap) if endpoint.properties.custom_dns_configs.is_empty() => return Err(gap),
            _ => {}
        }
    }
    if found.is_empty() {
        found.extend(endpoint.properties.custom_dns_configs.iter().flat_map(|c| c.ip_addresses.clone()));
    }
    let mut parsed: Vec<IpAddr> = found.iter().filter_map(|text| text.parse().ok()).collect();
    parsed.sort();
    parsed.dedup();
    if parsed.is_empty() { Err(unread(id, read)) } else { Ok(parsed) }
}

fn zones(estate: &Estate, id: &ResourceId) -> Result<Vec<ResourceId>, Gap> {
    let groups = estate.list::<PrivateDnsZoneGroup>(id, ZONE_GROUPS);
    let configs = groups.items.iter().flat_map(|g| &g.properties.private_dns_zone_configs);
    let zones: Vec<ResourceId> = configs.filter_map(|c| c.properties.private_dns_zone_id.clone()).collect();
    match groups.not_seen {
        Some(gap) if zones.is_empty() => Err(gap),
        _ => Ok(zones),
    }
}
