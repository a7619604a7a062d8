//! Explains `authorization.wrong-principal-granted`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Evidence, Finding};
use crate::path::Credential;
use crate::path::reason::OtherGrant;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, grant: &OtherGrant) -> Finding {
    let is = match &ctx.case.path.credential {
        Credential::FirstParty(party) if party.app_id(&ctx.case.estate.cloud.name) == Some(grant.granted.as_str()) => {
            format!("the application id of `{}`, not its object id in this tenant", party.name)
        }
        _ => grant.is.clone(),
    };
    let message = format!("access to {} `{}` is granted to `{}`: {is}", ctx.noun(), ctx.vault_name(), grant.granted);
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    let (resource, pointer) = &grant.at;
    let says = format!("this grant names `{}`", grant.granted);
    finding.evidence.push(Evidence::new(says, resource, pointer.clone()));
    finding.fixes = remedy::grant_caller(ctx).into_iter().collect();
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}
