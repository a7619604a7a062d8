//! `latent.certificate-expires`: the certificate that is served ends soon, or has ended.

use jiff::Timestamp;
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
        code: "latent.certificate-expires",
        summary: "the certificate that is served ends soon, or has ended",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/api-management/configure-custom-domain",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, at: Timestamp) -> Finding {
    let message = format!("the certificate of `{}` {} at {at}", ctx.case.path.label, if at <= ctx.case.as_of { "ended" } else { "ends" });
    ctx.finding(&CHECK, &ctx.declared_in(), message)
}
