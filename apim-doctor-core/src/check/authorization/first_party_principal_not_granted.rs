//! Explains `authorization.first-party-principal-not-granted`.

use crate::base::Verdict;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, name: &str) -> Finding {
    let vault = ctx.vault_name();
    let message = match ctx.case.path.needs().is_empty() {
        true => format!("`{name}` reads the certificate, but has no access to vault `{vault}`"),
        false => format!(
            "`{name}` reads the keys and secrets of machine `{}` for its backups, but has no access to vault `{vault}`",
            ctx.case.path.label
        ),
    };
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    finding.fixes = remedy::grant_caller(ctx).into_iter().collect();
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}

/// Builds the finding for a principal that can read the secret but not the certificate.
pub(crate) fn explain_certificate(ctx: &Context<'_, '_>) -> Finding {
    let vault = ctx.vault_name();
    let message = format!(
        "`Microsoft Azure App Service` can get the secret from vault `{vault}`, but not the certificate; Azure's \
         documentation requires both"
    );
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    finding.evidence = ctx.evidence_of(Verdict::Pass);
    finding.fixes = remedy::grant_certificate_too(ctx).into_iter().collect();
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}
