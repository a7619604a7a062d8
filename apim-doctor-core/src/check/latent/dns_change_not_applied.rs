//! `latent.dns-change-not-applied`: the network's DNS servers changed and the instance still asks the old ones.

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
        code: "latent.dns-change-not-applied",
        summary: "the network's DNS servers changed and the instance still asks the old ones",
        severity: Severity::Warning,
        sources: [
            "https://learn.microsoft.com/azure/api-management/virtual-network-injection-resources",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, asks: &[String], configured: &[String], network: &ResourceId) -> Finding {
    let message = format!("the instance asks {}; network `{}` says {}", servers(asks), network.name(), servers(configured));
    ctx.finding(&CHECK, &ctx.case.path.resource, message)
}

fn servers(list: &[String]) -> String {
    if list.is_empty() { "Azure's DNS".to_owned() } else { list.join(", ") }
}
