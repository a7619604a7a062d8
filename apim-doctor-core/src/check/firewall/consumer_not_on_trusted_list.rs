//! `firewall.consumer-not-on-trusted-list`: the trusted-services exception does not cover this call.

use crate::check::{Context, declare_check, remedy};
use crate::finding::{Finding, Severity};
use crate::knowledge::trust::TrustRule;

declare_check! {
    /// ## What it means
    ///
    /// The target's firewall is on and lets trusted services in, and this caller is none of them.
    ///
    /// An app is never covered, neither for Key Vault references nor for what its code and the Functions host send, and
    /// whichever identity it uses: App Service is a trusted service of Key Vault for deploying certificates to apps
    /// only. An app needs a network path.
    ///
    /// A policy of API Management calls the vault while it handles a request. The gateway of an instance created on or
    /// after 2025-12-01 never was a trusted service. Named values, client certificates and host name certificates of
    /// the same instance are covered: the control plane fetches those.
    ///
    /// ## What you will see
    ///
    /// A Key Vault reference of an app shows `AccessToKeyVaultDenied`, which is also its word for missing permissions.
    /// A storage account answers `AuthorizationFailure`: `This request is not authorized to perform this operation.`
    ///
    /// A policy gets `403` with `Client address is not authorized and caller is not a trusted service.`, or, with
    /// public access off, `Public network access is disabled and request is not from a trusted service nor via an
    /// approved private link.` The request trace shows it.
    ///
    /// ## When this check stays quiet
    ///
    /// The caller has a way of its own: its subnet is allowed or it reaches a private endpoint. Without the day an
    /// instance was created it is not known whether the exception covered its gateway. An address rule for the caller
    /// makes the gate unknown.
    pub(crate) static CHECK = {
        code: "firewall.consumer-not-on-trusted-list",
        summary: "the trusted-services exception does not cover this call",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/api-management/breaking-changes/trusted-service-connectivity-retirement-march-2026",
        ],
        app_sources: [
            "https://learn.microsoft.com/azure/key-vault/general/overview-vnet-service-endpoints",
            "https://learn.microsoft.com/azure/storage/common/storage-network-security",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let (vault, noun) = (ctx.vault_name(), ctx.noun());
    let path = ctx.case.path;
    let (covered, caller) = match path.trust {
        TrustRule::Gateway { .. } => ("the gateway of an instance created since 2025-12-01", "gateway"),
        TrustRule::AnyIdentity { .. } | TrustRule::SystemAssigned | TrustRule::Never => {
            (path.caller_kind().facts().one, path.caller())
        }
    };
    let message = format!("the exception of {noun} `{vault}` is on and does not cover {covered}");
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    finding.fixes = remedy::open_for_caller(ctx);
    finding.confirm = Some(remedy::audit_log(ctx, format!("`Forbidden` from an address of the {caller}")));
    finding
}
