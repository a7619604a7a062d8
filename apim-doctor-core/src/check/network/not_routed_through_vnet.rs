//! Explains `network.not-routed-through-vnet`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Finding, Safety};

/// Builds the finding for an app whose traffic bypasses its subnet.
pub(crate) fn explain_app(ctx: &Context<'_, '_>, subnet: &ResourceId) -> Finding {
    let app = remedy::app_in_words(&ctx.case.path.resource);
    let (noun, name) = (ctx.noun(), ctx.vault_name());
    let message = format!("{app} does not send its traffic to {noun} `{name}` through subnet `{}`", subnet.name());
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    let title = format!("route this traffic of {app} through its subnet");
    finding.fixes =
        remedy::route_into_subnet(ctx).map(|change| change.fix(title, Safety::Review)).into_iter().collect();
    finding.confirm = Some(remedy::resolves_from_app(ctx, "a private address, which the app cannot reach"));
    finding
}

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, location: &str, subnet: &ResourceId) -> Finding {
    let message = format!(
        "location `{location}` is not in a virtual network, and the vault allows only subnet `{}`",
        subnet.name()
    );
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    finding.fixes = remedy::trust_if_covered(ctx).into_iter().collect();
    finding.fixes.push(remedy::by_hand(
        "deploy the location into a dedicated subnet, and allow that subnet in the vault firewall",
        [
            Command::new("az apim show").named(&ctx.case.path.resource).and("--query additionalLocations"),
            Command::new("az keyvault network-rule add").named(&ctx.vault_or_instance()).and("--subnet SUBNET_ID"),
        ],
    ));
    finding.confirm = Some(remedy::audit_log(ctx, "`Forbidden` from the public address of that location"));
    finding
}
