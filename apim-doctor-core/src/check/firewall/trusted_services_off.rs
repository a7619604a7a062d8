//! Explains `firewall.trusted-services-off`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;
use crate::knowledge::trust::Trust;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let (vault, noun) = (ctx.vault_name(), ctx.noun());
    let user_assigned = ctx.case.trust(ctx.diagnosis.principal.as_ref()) == Some(Trust::UserAssigned);
    let message = match user_assigned {
        false => format!("{noun} `{vault}` does not allow trusted Microsoft services, which would cover this call"),
        true => format!(
            "{noun} `{vault}` does not allow trusted Microsoft services, which would cover this call only with the \
             system-assigned identity"
        ),
    };
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    let covered = match user_assigned {
        false => remedy::trust_if_covered(ctx),
        true => ctx.remedies().use_system_assigned(ctx),
    };
    finding.fixes = covered.into_iter().chain(remedy::let_subnet_in(ctx)).collect();
    finding.confirm =
        Some(remedy::audit_log(ctx, format!("`Forbidden` from an address that no rule of the {noun} allows")));
    finding
}
