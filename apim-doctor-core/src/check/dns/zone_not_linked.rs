//! `dns.zone-not-linked`: the private DNS zone is not linked to the network that resolves.

use crate::base::ResourceId;
use crate::check::{Context, declare_check, dns, remedy};
use crate::eval::endpoint::TargetEndpoint;
use crate::finding::{Finding, Safety, Severity};

declare_check! {
    /// ## What it means
    ///
    /// The target keeps the public side out and has a private endpoint that the network reaches, but the network does
    /// not see the private zone with its address. A zone counts only for the networks it is linked to, and peering does
    /// not share it. What has to be linked is the network whose Azure DNS is asked: with DNS servers in a hub that is
    /// the hub.
    ///
    /// ## What you will see
    ///
    /// The name resolves to the vault's public address although the private endpoint is healthy, and the vault refuses
    /// with 403 (`ForbiddenByFirewall` or `ForbiddenByConnection`), which API Management words as missing GET
    /// permissions and an app as `AccessToKeyVaultDenied`. A storage account answers `AuthorizationFailure`.
    ///
    /// ## When this check stays quiet
    ///
    /// The target lets the network in by its public side as well. Not all zones of the subscriptions, or not all links
    /// of the zone, were read: there may be a link that was not seen, and the gate is unknown. A host name's
    /// certificate is not fetched from the network, so its DNS does not matter there.
    pub(crate) static CHECK = {
        code: "dns.zone-not-linked",
        summary: "the private DNS zone is not linked to the network that resolves",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration",
            "https://learn.microsoft.com/azure/dns/private-dns-virtual-network-links",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(
    ctx: &Context<'_, '_>,
    zone: Option<&ResourceId>,
    network: &ResourceId,
    endpoint: &TargetEndpoint,
) -> Finding {
    let (name, vault, noun) = (ctx.case.estate.cloud.zone_of(ctx.subservice()), ctx.vault_name(), ctx.noun());
    let message = match zone {
        Some(_) => format!(
            "zone `{name}` is not linked to network `{}`, which gets the public address of {noun} `{vault}`",
            network.name()
        ),
        None => format!(
            "there is no zone `{name}`, so network `{}` gets the public address of {noun} `{vault}`",
            network.name()
        ),
    };
    let mut finding = ctx.finding(&CHECK, network, message);
    let trusted = remedy::trust_as_well(ctx);
    let and_trusted = if trusted.is_some() { ", and allow trusted Microsoft services" } else { "" };
    let title = match zone {
        Some(_) => format!("link zone `{name}` to network `{}`{and_trusted}", network.name()),
        None => format!("make zone `{name}`, and link it to network `{}`{and_trusted}", network.name()),
    };
    // The zone answers for every target of its kind that the network asks for.
    let change = dns::answer_privately(ctx, network, zone, endpoint).and(trusted);
    finding.fixes = vec![change.fix(title, Safety::Review)];
    let wanted = dns::list(&dns::addresses(endpoint));
    finding.confirm = Some(dns::look_up(ctx, network, format!("a public address instead of {wanted}")));
    finding
}
