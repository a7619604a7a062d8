//! Explains `dns.wrong-zone`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::dns;
use crate::eval::endpoint::TargetEndpoint;
use crate::finding::{Evidence, Finding, Safety};
use crate::knowledge::subservice::Subservice;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(
    ctx: &Context<'_, '_>,
    zone: &ResourceId,
    network: &ResourceId,
    endpoint: &TargetEndpoint,
) -> Finding {
    let right = ctx.case.estate.cloud.zone_of(ctx.subservice());
    let what = match ctx.subservice() {
        Subservice::Vault => "a vault".to_owned(),
        storage => format!("the {} service of a storage account", storage.group_id()),
    };
    let message = format!("zone `{}` is never used to resolve {what}; the correct zone is `{right}`", zone.name());
    let mut finding = ctx.finding(zone, message);
    finding.evidence.push(Evidence::new(format!("the zone is named `{}`", zone.name()), zone, "/name"));
    let change = dns::answer_privately(ctx, network, None, endpoint);
    let title =
        format!("use zone `{right}`, linked to network `{}`, for endpoint `{}`", network.name(), endpoint.id.name());
    finding.fixes = vec![change.fix(title, Safety::Review)];
    let wanted = dns::list(&dns::addresses(endpoint));
    finding.confirm = Some(dns::look_up(ctx, network, format!("a public address instead of {wanted}")));
    finding
}
