//! What DNS checks have to know: whose servers are asked, which networks a zone is linked to, and what a name resolves to.

use std::net::IpAddr;

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy::app_in_words;
use crate::eval::endpoint::TargetEndpoint;
use crate::finding::{Command, Confirmation, Locator};
use crate::knowledge::subservice::Subservice;
use crate::model::Resource;
use crate::model::dns::VirtualNetworkLink;
use crate::path::Origin;

pub(super) const ZONE_LINKS: &str = "microsoft.network/privatednszones/virtualnetworklinks";

/// Whose DNS servers are asked: the network's, or an app's own.
pub(super) fn asker(ctx: &Context<'_, '_>, network: &ResourceId) -> String {
    match own_servers(ctx) {
        Some(_) => app_in_words(&ctx.case.path.resource),
        None => format!("network `{}`", network.name()),
    }
}

/// What doing without a DNS server of one's own means.
pub(super) fn without(ctx: &Context<'_, '_>, network: &ResourceId, server: &str) -> String {
    let asker = asker(ctx, network);
    match own_servers(ctx) {
        Some(_) => format!("let {asker} ask the DNS of its network: names that only {server} knows stop resolving"),
        None => format!("use Azure DNS in {asker}: names that only {server} knows stop resolving"),
    }
}

/// Where an app names DNS servers of its own.
pub(super) fn own_servers<'c>(ctx: &Context<'c, '_>) -> Option<&'c Locator> {
    let Origin::Subnet { integration: Some(integration), .. } = &ctx.case.path.origin else { return None };
    integration.dns_servers.as_ref().ok()?.own.as_ref().map(|(_, at)| at)
}

/// What public names of the target end in: what a DNS server has to forward.
pub(super) fn suffix(ctx: &Context<'_, '_>) -> String {
    let cloud = &ctx.case.estate.cloud;
    match ctx.subservice() {
        Subservice::Vault => cloud.key_vault_suffix.clone(),
        storage => format!("{}.{}", storage.group_id(), cloud.storage_suffix),
    }
}

/// How to see what the name resolves to, from where the caller asks.
pub(super) fn look_up(ctx: &Context<'_, '_>, network: &ResourceId, expect: impl Into<String>) -> Confirmation {
    let expect = expect.into();
    if let Some(probe) = ctx.remedies().resolves(ctx, &expect) {
        return probe;
    }
    let host = ctx.diagnosis.target.as_ref().map(|target| target.host.clone()).unwrap_or_default();
    Confirmation {
        run_from: format!("a machine in network `{}`", network.name()),
        command: Command::new("nslookup").host(&host).line(),
        expect,
    }
}

/// The addresses of an endpoint; empty where they were not read.
pub(super) fn addresses(endpoint: &TargetEndpoint) -> Vec<IpAddr> {
    endpoint.addresses.clone().unwrap_or_default()
}

/// Addresses as a list for people.
pub(super) fn list(addresses: &[IpAddr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The network whose link made a zone answer, as far as the caller's own is concerned.
pub(super) fn linked_network(ctx: &Context<'_, '_>, zone: &ResourceId) -> Option<ResourceId> {
    let Origin::Subnet { id, .. } = &ctx.case.path.origin else { return None };
    let own = id.parent()?;
    let is_linked = ctx.case.estate.links_of(&own).any(|link| link.parent().as_ref() == Some(zone));
    let any =
        || links_of(ctx, zone).first().and_then(|link| Some(link.properties.virtual_network.as_ref()?.id.clone()));
    if is_linked { Some(own) } else { any() }
}

pub(super) fn links_of<'e>(ctx: &Context<'_, 'e>, zone: &ResourceId) -> Vec<&'e Resource<VirtualNetworkLink>> {
    ctx.case.estate.list::<VirtualNetworkLink>(zone, ZONE_LINKS).items
}
