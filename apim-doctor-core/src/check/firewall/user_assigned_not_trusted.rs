//! Explains `firewall.user-assigned-not-trusted`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;

/// Builds the finding: message, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, works_by_line_of_sight: bool) -> Finding {
    let identity = ctx.diagnosis.principal.as_ref().map(|p| p.resource.name()).unwrap_or_default();
    let (vault, noun) = (ctx.vault_name(), ctx.noun());
    let message = match works_by_line_of_sight {
        false if ctx.case.path.backup.is_some() => format!(
            "the firewall of storage account `{vault}` is documented to allow backups only with the system-assigned \
             identity, not with user-assigned identity `{identity}`"
        ),
        false => format!(
            "the firewall of vault `{vault}` blocks user-assigned identity `{identity}`; the error message about GET \
             permissions is misleading"
        ),
        true => format!(
            "user-assigned identity `{identity}` is documented not to work while the firewall of vault `{vault}` is on"
        ),
    };
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    finding.fixes = ctx.remedies().use_system_assigned(ctx).into_iter().collect();
    finding.confirm =
        Some(remedy::audit_log(ctx, format!("`Forbidden` from an address that no rule of the {noun} allows")));
    finding
}
