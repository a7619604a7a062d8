//! Explains `network.not-routed-through-vnet`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Finding, Safety};

/// The same of an app that leaves around its subnet.
pub(crate) fn explain_app(ctx: &Context<'_, '_>, subnet: &ResourceId) -> Finding {
    let app = remedy::app_in_words(&ctx.case.path.resource);
    let (noun, name) = (ctx.noun(), ctx.vault_name());
    let message = format!("{app} does not send this through subnet `{}` to {noun} `{name}`", subnet.name());
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    let title = format!("route this traffic of {app} into its subnet");
    finding.fixes =
        remedy::route_into_subnet(ctx).map(|change| change.fix(title, Safety::Review)).into_iter().collect();
    finding.confirm = Some(remedy::resolves_from_app(ctx, "a private address, which the app does not reach"));
    finding
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, location: &str, subnet: &ResourceId) -> Finding {
    let message = format!(
        "location `{location}` is not in a virtual network, and the vault allows only subnet `{}`",
        subnet.name()
    );
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    finding.fixes = remedy::trust_if_covered(ctx).into_iter().collect();
    finding.fixes.push(remedy::by_hand(
        "put the location in a subnet of its own, and let that subnet through the vault's firewall",
        [
            Command::new("az apim show").named(&ctx.case.path.resource).and("--query additionalLocations"),
            Command::new("az keyvault network-rule add").named(&ctx.vault_or_instance()).and("--subnet SUBNET_ID"),
        ],
    ));
    finding.confirm = Some(remedy::audit_log(ctx, "`Forbidden` from the public address of that location"));
    finding
}
