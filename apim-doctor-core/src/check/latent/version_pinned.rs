//! Explains `latent.version-pinned`.

use crate::check::context::Context;
use crate::finding::{Finding, Safety};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, version: &str, newer: Option<&str>) -> Finding {
    let message = match newer {
        None => format!("`{}` names version `{version}`, so a new version is never fetched", ctx.case.path.label),
        Some(newer) => format!("`{}` names version `{version}`, but the vault has {newer}", ctx.case.path.label),
    };
    let mut finding = ctx.finding(&ctx.declared_in(), message);
    finding.leads = newer.is_some();
    if let Some(reference) = &ctx.diagnosis.reference {
        let url = format!("https://{}/{}/{}", reference.host, reference.kind, reference.name);
        let change = ctx.remedies().set_identifier(ctx, &url);
        finding.fixes.push(change.fix("remove the version from the identifier", Safety::Review));
    }
    finding
}
