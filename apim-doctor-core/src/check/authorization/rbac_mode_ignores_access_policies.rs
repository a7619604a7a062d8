//! Explains `authorization.rbac-mode-ignores-access-policies`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::check::words::caller;
use crate::finding::{Evidence, Finding};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, entry: usize) -> Finding {
    let message = format!(
        "vault `{}` uses role assignments; access policy {} for {} has no effect",
        ctx.vault_name(),
        entry + 1,
        caller(ctx)
    );
    let vault = ctx.vault_or_instance();
    let mut finding = ctx.finding(&vault, message);
    let at = format!("/properties/accessPolicies/{entry}");
    finding.evidence.push(Evidence::new("this access policy is ignored", &vault, at));
    finding.fixes = remedy::grant_caller(ctx).into_iter().collect();
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}
