//! `firewall.gateway-trust-retired`: the gateway's trusted access ended on 2026-03-15.

use crate::check::{Context, declare_check, remedy};
use crate::finding::{Finding, Severity};
use crate::knowledge::trust::GATEWAY_RETIREMENT;

declare_check! {
    /// ## What it means
    ///
    /// A policy calls the vault while it handles a request. Until 2026-03-15 the gateway counted as a trusted service
    /// of the vault; since then, or since the owner set `…ManagedIdentity.DisableOverPrivilegedAccess`, it needs a
    /// network path. Named values, client certificates and host name certificates are still trusted: the control plane
    /// fetches those.
    ///
    /// ## What you will see
    ///
    /// A policy that worked for years gets `403` with `Client address is not authorized and caller is not a trusted
    /// service.` The request trace shows it; the named values of the same instance go on working.
    ///
    /// ## When this check stays quiet
    ///
    /// The gateway's subnet is allowed, the call goes through a private endpoint, or the firewall is off. An address
    /// rule for the gateway makes the gate unknown: calls within a region can show other addresses.
    pub(crate) static CHECK = {
        code: "firewall.gateway-trust-retired",
        summary: "the gateway's trusted access ended on 2026-03-15",
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
        "the gateway is no trusted service of vault `{vault}` any more; named values and certificates still are"
    );
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    finding.fixes = remedy::open_for_caller(ctx);
    finding.confirm = Some(remedy::audit_log(
        ctx,
        format!(
            "`Forbidden` from an address of the gateway, and nothing but that since {GATEWAY_RETIREMENT} or the switch"
        ),
    ));
    finding
}
