//! Explains `authorization.first-party-principal-not-granted`.

use crate::base::Verdict;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::Finding;

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, name: &str) -> Finding {
    let vault = ctx.vault_name();
    let message = format!("`{name}` reads the certificate, and nothing on vault `{vault}` lets it");
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    finding.fixes = remedy::grant_caller(ctx).into_iter().collect();
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}

/// The secret may be read, and the certificate itself may not.
pub(crate) fn explain_certificate(ctx: &Context<'_, '_>) -> Finding {
    let vault = ctx.vault_name();
    let message = format!(
        "`Microsoft Azure App Service` may get the secret from vault `{vault}`, but not the certificate; it is documented \
         to need both"
    );
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    finding.evidence = ctx.evidence_of(Verdict::Pass);
    finding.fixes = remedy::grant_certificate_too(ctx).into_iter().collect();
    finding.confirm = remedy::grants_of_caller(ctx);
    finding
}
