//! Explains `latent.version-pinned`.

use crate::check::context::Context;
use crate::finding::{Finding, Safety};

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, version: &str, newer: Option<&str>) -> Finding {
    let message = match newer {
        None => format!("`{}` names version `{version}`; a new version is never fetched", ctx.case.path.label),
        Some(newer) => format!("`{}` names version `{version}`, and the vault has {newer}", ctx.case.path.label),
    };
    let mut finding = ctx.finding(&ctx.declared_in(), message);
    finding.leads = newer.is_some();
    if let Some(reference) = &ctx.diagnosis.reference {
        let url = format!("https://{}/{}/{}", reference.host, reference.kind, reference.name);
        let change = ctx.remedies().set_identifier(ctx, &url);
        finding.fixes.push(change.fix("leave the version out of the identifier", Safety::Review));
    }
    finding
}
