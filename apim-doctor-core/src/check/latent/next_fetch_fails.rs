//! `latent.next-fetch-fails`: it works from the cache, and the next fetch fails.

use crate::check::{Context, declare_check, remedy};
use crate::finding::{Finding, Severity};

declare_check! {
    /// ## What it means
    ///
    /// The reference's status is good, and the path is broken by what was read. An app keeps the value it fetched for up to 24
    /// hours. The next fetch, at the latest then or at the next change of a setting, fails for the reason that the failing gate
    /// shows.
    ///
    /// ## What you will see
    ///
    /// Nothing, until then. Afterwards the status turns bad, and the app gets the text of the reference itself instead of the
    /// secret.
    ///
    /// ## When this check stays quiet
    ///
    /// No gate fails for certain.
    pub(crate) static CHECK = {
        code: "latent.next-fetch-fails",
        summary: "it works from the cache, and the next fetch fails",
        severity: Severity::Warning,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let message =
        format!("`{}` still works from the cache; its next fetch, within 24 hours, fails", ctx.case.path.label);
    let mut finding = ctx.finding(&CHECK, &ctx.declared_in(), message);
    finding.fixes = vec![remedy::by_hand("repair what the failing gate shows before the next fetch", [])];
    finding.confirm = remedy::reference_status(ctx, "`Resolved`");
    finding
}
