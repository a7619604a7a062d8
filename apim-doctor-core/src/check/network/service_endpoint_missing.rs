//! Explains `network.service-endpoint-missing`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Finding, Safety};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, subnet: &ResourceId) -> Finding {
    let service = ctx.subservice().service_endpoint();
    let message = format!(
        "subnet `{}` has no service endpoint `{service}`, so the rule for this subnet has no effect",
        subnet.name()
    );
    let mut finding = ctx.finding(subnet, message);
    let trusted = remedy::trust_as_well(ctx);
    let and_trusted = if trusted.is_some() { ", and allow trusted Microsoft services" } else { "" };
    let title = format!("add service endpoint `{service}` to subnet `{}`{and_trusted}", subnet.name());
    let add = remedy::add_service_endpoint(ctx, subnet).map(|add| add.and(trusted).fix(title, Safety::Review));
    finding.fixes = add.into_iter().collect();
    finding.confirm = Some(remedy::audit_log(ctx, "`Forbidden` with a public address instead of a subnet address"));
    finding
}
