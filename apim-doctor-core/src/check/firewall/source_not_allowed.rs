//! `firewall.source-not-allowed`: no rule of the vault's firewall lets the source in.

use crate::check::{Context, declare_check, remedy};
use crate::finding::{Finding, Severity};

declare_check! {
    /// ## What it means
    ///
    /// The vault's firewall is on, and neither its subnet rules nor its address rules name the place the gateway calls
    /// from. A subnet rule counts only for requests over a service endpoint of exactly that subnet.
    ///
    /// ## What you will see
    ///
    /// `Client address is not authorized and caller is not a trusted service.` with the line `Client address: …`
    /// (`ForbiddenByFirewall`). The address in that line is the one the vault saw.
    ///
    /// ## When this check stays quiet
    ///
    /// An address rule may match: calls within a region can arrive from other addresses than the instance shows, so the
    /// gate is then unknown. A call that the trusted-services exception would cover has a finding of its own.
    pub(crate) static CHECK = {
        code: "firewall.source-not-allowed",
        summary: "no rule of the vault's firewall lets the source in",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/network-security",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let vault = ctx.vault_name();
    let message = format!("no rule of vault `{vault}` lets in where the call comes from");
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    finding.fixes = remedy::open_for_gateway(ctx);
    finding.confirm =
        Some(remedy::audit_log(&vault, "`Forbidden` from an address that is in none of the vault's rules"));
    finding
}
