//! `dns.record-stale`: the record holds an address that no endpoint of the vault has.

use crate::base::ResourceId;
use crate::eval::endpoint::VaultEndpoint;
use std::net::IpAddr;
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
        code: "dns.record-stale",
        summary: "the record holds an address that no endpoint of the vault has",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/private-link-diagnostics",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, record: &ResourceId, zone: &ResourceId, addresses: &[IpAddr], endpoint: &VaultEndpoint) -> Finding {
    let _ = zone;
    let message = format!("record `{}` holds {}, which is no private endpoint of vault `{}`", record.name(), list(addresses), ctx.vault_name());
    ctx.finding(&CHECK, record, message)
}

fn list(addresses: &[IpAddr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
