//! `dns.wrong-zone`: the records are in a zone with the wrong name.

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
        code: "dns.wrong-zone",
        summary: "the records are in a zone with the wrong name",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/private-link-diagnostics",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, zone: &ResourceId, network: &ResourceId, endpoint: &VaultEndpoint) -> Finding {
    let _ = network;
    let _ = endpoint;
    let message = format!("zone `{}` is never asked for a vault; `{}` is", zone.name(), ctx.case.estate.cloud.vault_zone);
    ctx.finding(&CHECK, zone, message)
}
