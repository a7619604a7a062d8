//! `latent.gateway-trust-retires`: the gateway's trusted access ends.

use crate::check::{Context, declare_check, remedy};
use crate::finding::{Finding, Severity};

declare_check! {
    /// ## What it means
    ///
    /// A policy calls the vault while it handles a request, and gets in only because the gateway counts as a trusted
    /// service. That ends on 2026-03-15 for all instances; those created since 2025-12-01 never had it. Named values,
    /// client certificates and host name certificates are not affected.
    ///
    /// ## What you will see
    ///
    /// Nothing yet. From that day on the policy gets `403` with `Client address is not authorized and caller is not a
    /// trusted service.` Azure Advisor shows "Disable trusted service connectivity in API Management".
    ///
    /// ## When this check stays quiet
    ///
    /// The gateway has a network path of its own, the firewall is off, or the trust has ended already: that is
    /// `firewall.gateway-trust-retired`.
    pub(crate) static CHECK = {
        code: "latent.gateway-trust-retires",
        summary: "the gateway's trusted access ends",
        severity: Severity::Warning,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/api-management/breaking-changes/trusted-service-connectivity-retirement-march-2026",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, on: &str) -> Finding {
    let message = format!("the call is let in only as a trusted service; that ends on {on}");
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    finding.fixes = remedy::open_for_caller(ctx);
    finding
}
