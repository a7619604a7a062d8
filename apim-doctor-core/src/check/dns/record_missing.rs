//! `dns.record-missing`: the linked private zone has no record for the target.

use crate::base::ResourceId;
use crate::check::{Context, declare_check, dns, remedy};
use crate::eval::endpoint::TargetEndpoint;
use crate::finding::{Finding, Safety, Severity};

declare_check! {
    /// ## What it means
    ///
    /// Once a vault, or a service of a storage account, has an approved private endpoint anywhere, its public name
    /// becomes an alias of its privatelink name. A network that is linked to the private zone asks that zone, and the
    /// zone's answer is final: without a record the name does not exist there, although everybody else resolves it. So
    /// a private endpoint in somebody else's network is enough to take the target's name away from this one. The record
    /// is written by the endpoint's DNS zone group. It is missing where the endpoint has none, or where the group
    /// writes into another zone of the same name.
    ///
    /// ## What you will see
    ///
    /// `The remote name could not be resolved: '<vault>.vault.azure.net'`, or `No such host is known`. From outside of
    /// the network the same name resolves.
    ///
    /// ## When this check stays quiet
    ///
    /// The link has `resolutionPolicy` `NxDomainRedirect` (*fallback to internet*): then the public address is the
    /// answer. The records of the zone were not read: then the gate is unknown.
    pub(crate) static CHECK = {
        code: "dns.record-missing",
        summary: "the linked private zone has no record for the vault",
        app_summary: "the linked private zone has no record for the target",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/private-link-diagnostics",
            "https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration",
            "https://learn.microsoft.com/azure/dns/private-dns-fallback",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(
    ctx: &Context<'_, '_>,
    zone: &ResourceId,
    name: &str,
    endpoint: Option<&TargetEndpoint>,
) -> Finding {
    let message = format!("zone `{}` has no record for `{name}`, and its answer is final", zone.name());
    let mut finding = ctx.finding(&CHECK, zone, message);
    let network = dns::linked_network(ctx, zone);
    match endpoint {
        Some(endpoint) => {
            let wanted = dns::list(&dns::addresses(endpoint));
            let title = format!("add the record, {wanted}, of private endpoint `{}`", endpoint.id.name());
            let change = dns::record(ctx, zone, endpoint);
            finding.fixes.extend(change.map(|change| change.fix(title, Safety::Safe)));
        }
        None => {
            finding.fixes.push(remedy::by_hand(
                format!(
                    "make a private endpoint of the {} in this network, with a DNS zone group for the zone",
                    ctx.noun()
                ),
                remedy::private_endpoint(ctx, network.as_ref(), Some(zone)),
            ));
        }
    }
    finding.fixes.extend(dns::fall_back(ctx, zone).filter(|_| endpoint.is_none()));
    finding.confirm = network.map(|id| dns::look_up(ctx, &id, "`Non-existent domain` (NXDOMAIN)"));
    finding
}
