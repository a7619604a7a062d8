//! What does its name resolve to?

pub(crate) mod name_unresolved;
pub(crate) mod not_forwarded;
pub(crate) mod privatelink_name_used;
pub(crate) mod record_missing;
pub(crate) mod record_stale;
mod repair;
pub(crate) mod wrong_zone;
pub(crate) mod zone_not_linked;

use std::net::IpAddr;

use crate::base::ResourceId;
use crate::check::Context;
use crate::eval::endpoint::TargetEndpoint;
use crate::finding::Probe;
use crate::model::Resource;
use crate::model::dns::VirtualNetworkLink;
use crate::path::Origin;

use repair::{answer_privately, fall_back, record, use_azure_dns};

const ZONE_LINKS: &str = "microsoft.network/privatednszones/virtualnetworklinks";

/// How to see what the name resolves to, from where the instance asks.
fn look_up(ctx: &Context<'_, '_>, network: &ResourceId, expect: impl Into<String>) -> Probe {
    let host = ctx.diagnosis.target.as_ref().map(|target| target.host.clone()).unwrap_or_default();
    Probe {
        run_from: format!("a machine in network `{}`", network.name()),
        command: format!("nslookup {host}"),
        expect: expect.into(),
    }
}

/// The addresses of an endpoint; empty where they were not read.
fn addresses(endpoint: &TargetEndpoint) -> Vec<IpAddr> {
    endpoint.addresses.clone().unwrap_or_default()
}

/// Addresses as a list for people.
fn list(addresses: &[IpAddr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The network whose link made a zone answer, as far as the instance's own is concerned.
fn linked_network(ctx: &Context<'_, '_>, zone: &ResourceId) -> Option<ResourceId> {
    let Origin::Subnet { id, .. } = &ctx.case.path.origin else { return None };
    let own = id.parent()?;
    let is_linked = ctx.case.estate.links_of(&own).any(|link| link.parent().as_ref() == Some(zone));
    let any =
        || links_of(ctx, zone).first().and_then(|link| Some(link.properties.virtual_network.as_ref()?.id.clone()));
    if is_linked { Some(own) } else { any() }
}

fn links_of<'e>(ctx: &Context<'_, 'e>, zone: &ResourceId) -> Vec<&'e Resource<VirtualNetworkLink>> {
    ctx.case.estate.list::<VirtualNetworkLink>(zone, ZONE_LINKS).items
}
