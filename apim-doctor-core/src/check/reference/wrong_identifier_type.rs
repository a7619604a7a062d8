//! Explains `reference.wrong-identifier-type`.

use crate::base::Verdict;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Finding, Safety};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, kind: &str, suggestion: Option<&str>) -> Finding {
    let what = match kind {
        "certificates" => "a certificate",
        "keys" => "a key",
        _ => "a managed HSM",
    };
    let label = &ctx.case.path.label;
    let service = ctx.service();
    let message = match ctx.cause.verdict {
        Verdict::Unknown => format!("`{label}` refers to {what}, which {service} is not documented to accept"),
        _ => format!("`{label}` refers to {what}, but {service} accepts only the identifier of a secret"),
    };
    let mut finding = ctx.finding(&ctx.declared_in(), message);
    if let Some(url) = suggestion {
        let title = format!("refer to the certificate's secret, `{url}`");
        finding.fixes = vec![ctx.remedies().set_identifier(ctx, url).fix(title, Safety::Safe)];
        finding.confirm = Some(Confirmation {
            run_from: "a shell with permission to read the vault's certificates".to_owned(),
            command: Command::new("az keyvault certificate show")
                .option("--vault-name", remedy::vault_word(ctx))
                .option("--name", remedy::object_word(ctx))
                .and("--query sid --output tsv")
                .line(),
            expect: format!("the identifier of the certificate's secret: `{url}` with a version"),
        });
        return finding;
    }
    finding.fixes = vec![remedy::by_hand(
        format!("store the certificate or the value in a vault, and refer to its secret: {what} cannot be read"),
        [super::put(ctx)],
    )];
    finding
}
