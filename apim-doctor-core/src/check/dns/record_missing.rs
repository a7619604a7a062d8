//! `dns.record-missing`: the linked private zone has no record for the vault.

use crate::base::ResourceId;
use crate::eval::endpoint::VaultEndpoint;
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
        code: "dns.record-missing",
        summary: "the linked private zone has no record for the vault",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/private-link-diagnostics",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, zone: &ResourceId, name: &str, endpoint: Option<&VaultEndpoint>) -> Finding {
    let _ = endpoint;
    let message = format!("zone `{}` has no record for `{name}`, and its answer is final", zone.name());
    ctx.finding(&CHECK, zone, message)
}
