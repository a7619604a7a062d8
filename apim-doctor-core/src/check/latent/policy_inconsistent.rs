//! Explains `latent.policy-inconsistent`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Evidence, Finding};
use crate::path::reason::Item;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, item: &Item, policy: Option<&ResourceId>) -> Finding {
    let name = policy.map(|policy| format!(" `{}`", policy.name())).unwrap_or_default();
    let message = format!("`{}` does not follow its policy{name} as it is now", item.label);
    let at = Evidence::new("policyInconsistent is true", &item.id, "/properties/extendedInfo/policyInconsistent");
    let mut finding = ctx.beside(&item.id, message, at);
    let apply = remedy::set_policy_of(ctx, item, policy);
    finding.fixes = vec![remedy::by_hand("apply the policy to the item again", [apply])];
    finding.confirm = Some(remedy::shows_item(item, "properties.extendedInfo.policyInconsistent", "`true`"));
    finding
}
