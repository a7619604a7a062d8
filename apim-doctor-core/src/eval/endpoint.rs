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
pub struct TargetEndpoint {
    /// The endpoint.
    pub id: ResourceId,
    /// The connection's place in `privateEndpointConnections` of the target.
    pub connection: usize,
    /// `Approved`, `Pending`, `Rejected` or `Disconnected`.
    pub status: String,
    /// Whether traffic may come through.
    pub approved: bool,
    /// The subnet its address is in.
    pub subnet: Result<ResourceId, Gap>,
    /// Its addresses.
    pub addresses: Result<Vec<IpAddr>, Gap>,
    /// The zones its records are written to; empty: it has no zone group.
    pub zones: Result<Vec<ResourceId>, Gap>,
}

impl TargetEndpoint {
    /// The virtual network its address is in.
    pub fn network(&self) -> Option<ResourceId> {
        self.subnet.as_ref().ok().and_then(ResourceId::parent)
    }

    /// Whether one of its addresses is this one.
    pub fn has(&self, address: IpAddr) -> bool {
        self.addresses.as_ref().is_ok_and(|all| all.contains(&address))
    }
}

/// The private endpoints of a vault, or of one service of a storage account. An endpoint that was not read may be for
/// any service.
pub fn endpoints(estate: &Estate, store: Store<'_>, subservice: Subservice) -> Vec<TargetEndpoint> {
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
                subnet: subnet(&id, &read),
                addresses: addresses(estate, &id, &read),
                zones: zones(estate, &id),
                id,
            })
        })
        .collect()
}

fn unread(id: &ResourceId, read: &Fact<&Resource<PrivateEndpoint>>) -> Gap {
    match read {
        Fact::Unknown(gap) => gap.clone(),
        _ => Gap::new(format!("private endpoint `{}` does not say this", id.name()), format!("record `GET {id}`")),
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
