//! `firewall.perimeter-blocks`: a network security perimeter keeps the call out.

use crate::base::ResourceId;
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
        code: "firewall.perimeter-blocks",
        summary: "a network security perimeter keeps the call out",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/private-link/network-security-perimeter-transition",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, association: Option<&ResourceId>) -> Finding {
    let message = match association { Some(id) => format!("the perimeter around vault `{}` (`{}`) decides who gets in", ctx.vault_name(), id.name()), None => format!("vault `{}` is set to obey a perimeter and is in none, so only private endpoints get in", ctx.vault_name()) };
    ctx.finding(&CHECK, &ctx.vault_or_instance(), message)
}
