//! Explains `dns.record-missing`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::{dns, remedy};
use crate::eval::endpoint::TargetEndpoint;
use crate::finding::{Finding, Safety};

/// Turns what was found into something a person can act on.
pub(crate) fn explain(
    ctx: &Context<'_, '_>,
    zone: &ResourceId,
    name: &str,
    endpoint: Option<&TargetEndpoint>,
) -> Finding {
    let message = format!("zone `{}` has no record for `{name}`, and its answer is final", zone.name());
    let mut finding = ctx.finding(zone, message);
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
