//! `firewall.consumer-not-on-trusted-list`: the trusted-services exception does not cover this call.

use crate::check::{Context, declare_check, remedy};
use crate::finding::{Finding, Severity};

declare_check! {
    /// ## What it means
    ///
    /// A policy calls the vault while it handles a request. The vault's firewall is on and lets trusted services in,
    /// but the gateway of an instance created on or after 2025-12-01 never was one. Named values, client certificates
    /// and host name certificates of the same instance are covered: the control plane fetches those.
    ///
    /// ## What you will see
    ///
    /// The policy gets `403` with `Client address is not authorized and caller is not a trusted service.`, or, with
    /// public access off, `Public network access is disabled and request is not from a trusted service nor via an
    /// approved private link.` The request trace shows it.
    ///
    /// ## When this check stays quiet
    ///
    /// The gateway has a way of its own: its subnet is allowed or it reaches a private endpoint. Without the day the
    /// instance was created it is not known whether the exception covered it. An address rule for the gateway makes the
    /// gate unknown.
    pub(crate) static CHECK = {
        code: "firewall.consumer-not-on-trusted-list",
        summary: "the trusted-services exception does not cover this call",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/api-management/breaking-changes/trusted-service-connectivity-retirement-march-2026",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let vault = ctx.vault_name();
    let message = format!(
        "the exception of vault `{vault}` is on and does not cover the gateway of an instance created since 2025-12-01"
    );
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    finding.fixes = remedy::open_for_gateway(ctx);
    finding.confirm = Some(remedy::audit_log(&vault, "`Forbidden` from an address of the gateway"));
    finding
}
