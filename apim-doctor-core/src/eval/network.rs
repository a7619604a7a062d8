//! A subnet and its surroundings: address space, peerings, and what cannot be read from here.
//!
//! Source: <https://learn.microsoft.com/azure/virtual-network/virtual-network-peering-overview> (read 2026-11-21).

use ipnet::IpNet;

use crate::base::ResourceId;
use crate::model::network::{AddressSpace, NetworkManager, PeeringProperties, Subnet, VirtualNetwork};
use crate::model::{ClosedBy, Estate, Fact, Gap, Resource};

/// A subnet inside its network.
#[derive(Clone, Debug)]
pub(crate) struct Place<'e> {
    /// The subnet.
    pub subnet: &'e Resource<Subnet>,
    /// Its network.
    pub network: &'e Resource<VirtualNetwork>,
    /// The ranges of the network.
    pub own: Vec<IpNet>,
    /// The ranges of networks joined to it.
    pub peered: Vec<IpNet>,
    /// Why more may be joined to it.
    pub more: Option<Gap>,
}

/// Whether one network's addresses can be reached from another.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reach {
    /// It is the same network.
    Same,
    /// They are peered.
    Peered,
    /// They are not joined, and this is why.
    Not(String),
    /// Not seen.
    Unknown(Gap),
}

/// The subnet and its network, where both were read.
pub(crate) fn place<'e>(estate: &'e Estate, subnet: &ResourceId) -> Result<Place<'e>, Gap> {
    let found = known(estate.get::<Subnet>(subnet), subnet)?;
    let id =
        subnet.parent().ok_or_else(|| Gap::ambiguous(format!("`{subnet}` is not a subnet")).advise("check the id"))?;
    let network = known(estate.get::<VirtualNetwork>(&id), &id)?;
    let peerings = network.properties.virtual_network_peerings.iter().map(|p| &p.properties);
    let peered = peerings.clone().filter(|p| joined(p)).flat_map(|p| prefixes(&p.remote_address_space)).collect();
    let partly = peerings.clone().any(|p| joined(p) && p.peer_complete_vnets == Some(false));
    let gateway = has_gateway(network);
    let more = (partly || gateway).then(|| {
        let what = format!(
            "which other networks are connected to network `{}` through its gateway or a partial \
                            peering",
            id.name()
        );
        Gap::outside_azure(what, ClosedBy::Nothing)
            .advise("check the effective routes of a network interface in the subnet")
    });
    Ok(Place { subnet: found, network, own: prefixes(&network.properties.address_space), peered, more })
}

fn known<'e, P>(fact: Fact<&'e Resource<P>>, id: &ResourceId) -> Result<&'e Resource<P>, Gap> {
    match fact {
        Fact::Known(found) => Ok(found),
        Fact::Unknown(gap) => Err(gap),
        Fact::Absent(_) => Err(Gap::refused(format!("`{}`", id.name()), 404, id)),
    }
}

/// Ranges in CIDR form; what cannot be read is left out.
pub(crate) fn prefixes(space: &AddressSpace) -> Vec<IpNet> {
    space.address_prefixes.iter().filter_map(|text| text.parse().ok()).collect()
}

/// Whether this side of a peering lets traffic through.
fn joined(peering: &PeeringProperties) -> bool {
    peering.peering_state.as_deref().is_some_and(|s| s.eq_ignore_ascii_case("Connected"))
        && peering.allow_virtual_network_access != Some(false)
}

/// Why it is not certain what a side of a peering does: it shows no state, is being changed, or was not synchronized after
/// an address space changed.
/// Source: <https://learn.microsoft.com/azure/virtual-network/update-virtual-network-peering-address-space> (read
/// 2026-11-29).
fn unfinished(peering: &PeeringProperties, network: &str) -> Option<Gap> {
    let other = |text: &Option<String>, usual: &str| {
        text.as_deref().filter(|text| !text.eq_ignore_ascii_case(usual)).map(str::to_owned)
    };
    let remote = peering.remote_virtual_network.as_ref().map(|remote| remote.id.name()).unwrap_or_default();
    let why = match (
        &peering.peering_state,
        other(&peering.provisioning_state, "Succeeded"),
        other(&peering.peering_sync_level, "FullyInSync"),
    ) {
        (None, ..) => "it shows no state".to_owned(),
        (Some(state), ..) if !state.eq_ignore_ascii_case("Connected") => return None,
        (_, Some(state), _) => format!("its provisioning state is `{state}`"),
        (.., Some(level)) => format!("its sync level is `{level}`, so routes to new address ranges are missing"),
        _ => return None,
    };
    let what = format!("whether the peering of network `{network}` with `{remote}` carries this traffic: {why}");
    Some(Gap::pending(what, ClosedBy::Nothing).advise("synchronize the peering, then collect both networks again"))
}

/// Whether a gateway may bring routes that no table shows.
pub(crate) fn has_gateway(network: &Resource<VirtualNetwork>) -> bool {
    let peerings = &network.properties.virtual_network_peerings;
    network.properties.subnets.iter().any(|s| s.name().eq_ignore_ascii_case("GatewaySubnet"))
        || peerings.iter().any(|p| p.properties.use_remote_gateways == Some(true))
}

/// Whether addresses in `target` can be reached from `from`.
pub(crate) fn reach(estate: &Estate, from: &Place<'_>, target: &ResourceId) -> Reach {
    if from.network.id == *target {
        return Reach::Same;
    }
    let side = |network: &Resource<VirtualNetwork>, other: &ResourceId| {
        let peerings = network.properties.virtual_network_peerings.iter().map(|p| p.properties.clone());
        peerings.into_iter().find(|p| p.remote_virtual_network.as_ref().is_some_and(|r| r.id == *other))
    };
    let Some(near) = side(from.network, target) else {
        return match &from.more {
            Some(gap) => Reach::Unknown(gap.clone()),
            None => Reach::Not(format!("network `{}` is not peered with `{}`", from.network.name(), target.name())),
        };
    };
    if let Some(gap) = unfinished(&near, from.network.name()) {
        return Reach::Unknown(gap);
    }
    if !joined(&near) {
        let state = near.peering_state.as_deref().unwrap_or("without a state");
        return Reach::Not(format!("the peering with `{}` is {state} or does not allow access", target.name()));
    }
    if near.peer_complete_vnets == Some(false) {
        let what = format!("which subnets the peering with `{}` connects", target.name());
        return Reach::Unknown(
            Gap::undocumented(what).advise("compare `localSubnetNames` and `remoteSubnetNames` of the peering"),
        );
    }
    let far = match known(estate.get::<VirtualNetwork>(target), target) {
        Ok(network) => side(network, &from.network.id),
        Err(gap) => return Reach::Unknown(gap),
    };
    if let Some(gap) = far.as_ref().and_then(|far| unfinished(far, target.name())) {
        return Reach::Unknown(gap);
    }
    match far {
        Some(far) if joined(&far) => Reach::Peered,
        _ => Reach::Not(format!("the other side of the peering, in `{}`, is not connected", target.name())),
    }
}

/// Security admin rules of a network manager come before every security group and are not visible on it.
pub(crate) fn unseen_admin_rules(estate: &Estate, network: &ResourceId) -> Option<Gap> {
    const KIND: &str = "microsoft.network/networkmanagers";
    let subscription = network.subscription_scope()?;
    if let Some(gap) = estate.open::<NetworkManager>(&subscription, KIND) {
        return Some(gap);
    }
    let managed = estate.answers(&subscription, KIND).iter().any(|answer| !answer.ids.is_empty());
    managed.then(|| {
        let what = format!(
            "which security admin rules of the network manager take precedence over the rules of `{}`",
            network.name()
        );
        Gap::not_evaluated(what).advise("check the network manager's security admin configuration for this network")
    })
}
