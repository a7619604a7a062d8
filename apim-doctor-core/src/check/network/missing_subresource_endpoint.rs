//! Explains `network.missing-subresource-endpoint`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, others: &[ResourceId]) -> Finding {
    let group = ctx.diagnosis.target.as_ref().map_or("", |target| target.subservice.group_id());
    let names = others.iter().map(|id| format!("`{}`", id.name())).collect::<Vec<_>>().join(", ");
    let account = ctx.vault_name();
    let message = format!(
        "storage account `{account}` has no private endpoint for `{group}`; its private endpoints \
                           are {names}"
    );
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    let network = remedy::origin_network(ctx);
    finding.fixes = vec![remedy::by_hand(
        format!("create a private endpoint for `{group}` of storage account `{account}`"),
        remedy::private_endpoint(ctx, network.as_ref(), None),
    )];
    finding.confirm = Some(remedy::resolves_from_app(ctx, "NXDOMAIN, or a public address"));
    finding
}
