//! Explains `latent.control-plane-address-in-rules`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let message = format!(
        "`ipRules` of vault `{}` may contain an address of {}'s control plane; such a rule is not supported, and the \
         addresses change",
        ctx.vault_name(),
        ctx.service()
    );
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    let switch = || {
        let mut fix = ctx.remedies().use_system_assigned(ctx)?;
        // The finding is about the vault: several instances may need the fix.
        fix.title = format!(
            "use the system-assigned identity of `{}`, which the trusted-services exception covers",
            ctx.case.path.resource.name()
        );
        Some(fix)
    };
    finding.fixes = remedy::trust_if_covered(ctx).or_else(switch).into_iter().collect();
    finding.confirm = Some(remedy::audit_log(ctx, "success from an address that is in `ipRules`"));
    finding
}
