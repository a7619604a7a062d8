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
use crate::check::context::Context;
use crate::check::remedy::app_in_words;
use crate::eval::endpoint::TargetEndpoint;
use crate::finding::{Command, Locator, Probe};
use crate::knowledge::subservice::Subservice;
use crate::model::Resource;
use crate::model::dns::VirtualNetworkLink;
use crate::path::Origin;

use repair::{answer_privately, fall_back, record, use_azure_dns};

const ZONE_LINKS: &str = "microsoft.network/privatednszones/virtualnetworklinks";

/// Whose DNS servers are asked: the network's, or an app's own.
fn asker(ctx: &Context<'_, '_>, network: &ResourceId) -> String {
    match own_servers(ctx) {
        Some(_) => app_in_words(&ctx.case.path.resource),
        None => format!("network `{}`", network.name()),
    }
}

/// What doing without a DNS server of one's own means.
fn without(ctx: &Context<'_, '_>, network: &ResourceId, server: &str) -> String {
    let asker = asker(ctx, network);
    match own_servers(ctx) {
        Some(_) => format!("let {asker} ask the DNS of its network: names that only {server} knows stop resolving"),
        None => format!("use Azure DNS in {asker}: names that only {server} knows stop resolving"),
    }
}

/// Where an app names DNS servers of its own.
fn own_servers<'c>(ctx: &Context<'c, '_>) -> Option<&'c Locator> {
    let Origin::Subnet { integration: Some(integration), .. } = &ctx.case.path.origin else { return None };
    integration.dns_servers.as_ref().ok()?.own.as_ref().map(|(_, at)| at)
}

/// What public names of the target end in: what a DNS server has to forward.
fn suffix(ctx: &Context<'_, '_>) -> String {
    let cloud = &ctx.case.estate.cloud;
    match ctx.subservice() {
        Subservice::Vault => cloud.key_vault_suffix.clone(),
        storage => format!("{}.{}", storage.group_id(), cloud.storage_suffix),
    }
}

/// How to see what the name resolves to, from where the caller asks.
fn look_up(ctx: &Context<'_, '_>, network: &ResourceId, expect: impl Into<String>) -> Probe {
    let expect = expect.into();
    if let Some(probe) = ctx.remedies().resolves(ctx, &expect) {
        return probe;
    }
    let host = ctx.diagnosis.target.as_ref().map(|target| target.host.clone()).unwrap_or_default();
    Probe {
        run_from: format!("a machine in network `{}`", network.name()),
        command: Command::new("nslookup").host(&host).line(),
        expect,
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

/// The network whose link made a zone answer, as far as the caller's own is concerned.
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
