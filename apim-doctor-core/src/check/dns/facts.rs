//! Facts that the DNS checks share: which DNS servers are used, which networks a zone is linked to, and what a name
//! resolves to.

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

/// Names whose DNS servers are used: the network's or the app's own.
pub(super) fn asker(ctx: &Context<'_, '_>, network: &ResourceId) -> String {
    match own_servers(ctx) {
        Some(_) => app_in_words(&ctx.case.path.resource),
        None => format!("network `{}`", network.name()),
    }
}

/// Title of the fix that replaces a custom DNS server.
pub(super) fn without(ctx: &Context<'_, '_>, network: &ResourceId, server: &str) -> String {
    let asker = asker(ctx, network);
    match own_servers(ctx) {
        Some(_) => format!(
            "make {asker} use the DNS servers of its network: names that only {server} knows stop \
                            resolving"
        ),
        None => format!("use Azure DNS in {asker}: names that only {server} knows stop resolving"),
    }
}

/// Where the app sets its own DNS servers.
pub(super) fn own_servers<'c>(ctx: &Context<'c, '_>) -> Option<&'c Locator> {
    let Origin::Subnet { integration: Some(integration), .. } = &ctx.case.path.origin else { return None };
    integration.dns_servers.as_ref().ok()?.own.as_ref().map(|(_, at)| at)
}

/// The public DNS suffix of the target, which a DNS server has to forward.
pub(super) fn suffix(ctx: &Context<'_, '_>) -> String {
    let cloud = &ctx.case.estate.cloud;
    match ctx.subservice() {
        Subservice::Vault => cloud.key_vault_suffix.clone(),
        storage => format!("{}.{}", storage.group_id(), cloud.storage_suffix),
    }
}

/// Command that shows what the name resolves to from the caller's network.
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

/// The endpoint's addresses; empty if they were not collected.
pub(super) fn addresses(endpoint: &TargetEndpoint) -> Vec<IpAddr> {
    endpoint.addresses.clone().unwrap_or_default()
}

/// Formats addresses as a comma-separated list.
pub(super) fn list(addresses: &[IpAddr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The network through which a zone answers: the caller's own if it is linked, else the first linked one.
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
