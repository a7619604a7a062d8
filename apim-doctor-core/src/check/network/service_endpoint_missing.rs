//! Explains `network.service-endpoint-missing`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Finding, Safety};

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, subnet: &ResourceId) -> Finding {
    let service = ctx.subservice().service_endpoint();
    let message =
        format!("subnet `{}` has no service endpoint `{service}`, so its rule matches nothing", subnet.name());
    let mut finding = ctx.finding(subnet, message);
    let title = format!("add service endpoint `{service}` to subnet `{}`", subnet.name());
    finding.fixes =
        remedy::add_service_endpoint(ctx, subnet).map(|add| add.fix(title, Safety::Review)).into_iter().collect();
    finding.confirm = Some(remedy::audit_log(ctx, "`Forbidden` with a public address instead of one of the subnet"));
    finding
}
