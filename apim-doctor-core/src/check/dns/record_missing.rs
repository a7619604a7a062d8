//! Explains `dns.record-missing`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::{dns, remedy};
use crate::eval::endpoint::TargetEndpoint;
use crate::finding::{Finding, Safety};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(
    ctx: &Context<'_, '_>,
    zone: &ResourceId,
    name: &str,
    endpoint: Option<&TargetEndpoint>,
) -> Finding {
    let message =
        format!("zone `{}` has no record for `{name}`, and DNS does not fall back to the public name", zone.name());
    let mut finding = ctx.finding(zone, message);
    let network = dns::linked_network(ctx, zone);
    match endpoint {
        Some(endpoint) => {
            let wanted = dns::list(&dns::addresses(endpoint));
            let title = format!("add a record with {wanted}, the address of private endpoint `{}`", endpoint.id.name());
            let change = dns::record(ctx, zone, endpoint);
            finding.fixes.extend(change.map(|change| change.fix(title, Safety::Safe)));
        }
        None => {
            finding.fixes.push(remedy::by_hand(
                format!(
                    "create a private endpoint for the {} in this network, with a DNS zone group for the zone",
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
