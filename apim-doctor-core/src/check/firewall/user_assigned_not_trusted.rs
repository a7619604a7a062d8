//! Explains `firewall.user-assigned-not-trusted`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;

/// Builds the finding: message, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, works_by_line_of_sight: bool) -> Finding {
    let identity = ctx.diagnosis.principal.as_ref().map(|p| p.resource.name()).unwrap_or_default();
    let vault = ctx.vault_name();
    let message = match works_by_line_of_sight {
        false => format!(
            "the firewall of vault `{vault}` blocks user-assigned identity `{identity}`; the error message about GET \
             permissions is misleading"
        ),
        true => format!(
            "user-assigned identity `{identity}` is documented not to work while the firewall of vault `{vault}` is on"
        ),
    };
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    finding.fixes = remedy::use_system_assigned(ctx).into_iter().collect();
    finding.confirm = Some(remedy::audit_log(ctx, "`Forbidden` from an address that no rule of the vault allows"));
    finding
}
