//! `latent.version-pinned`: the reference names a version, so rotation is never picked up.

use crate::check::{Context, declare_check};
use crate::finding::{Finding, Severity};

declare_check! {
    /// ## What it means
    ///
    /// TODO
    ///
    /// ## What you will see
    ///
    /// TODO
    ///
    /// ## When this check stays quiet
    ///
    /// TODO
    pub(crate) static CHECK = {
        code: "latent.version-pinned",
        summary: "the reference names a version, so rotation is never picked up",
        severity: Severity::Warning,
        sources: [
            "https://learn.microsoft.com/azure/api-management/api-management-howto-properties",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, version: &str) -> Finding {
    let message = format!("`{}` names version `{version}`; a new version is never fetched", ctx.case.path.label);
    ctx.finding(&CHECK, &ctx.declared_in(), message)
}
