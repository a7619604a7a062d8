//! `firewall.source-not-allowed`: no rule of the target's firewall lets the source in.

use crate::check::{Context, declare_check, remedy};
use crate::finding::{Finding, Severity};

declare_check! {
    /// ## What it means
    ///
    /// The firewall of the vault or storage account is on, and neither its subnet rules nor its address rules name the
    /// place the call comes from. A subnet rule counts only for requests over a service endpoint of exactly that
    /// subnet.
    ///
    /// An app that is connected to no network calls from addresses that it shares with others; a Key Vault reference
    /// may be fetched from yet another one, so an address rule is no way to let it in. Consumption, Free and Shared
    /// plans cannot be connected to a network. A storage account ignores address rules for callers of its own region.
    ///
    /// ## What you will see
    ///
    /// `Client address is not authorized and caller is not a trusted service.` with the line `Client address: …`
    /// (`ForbiddenByFirewall`). The address in that line is the one the vault saw. A Key Vault reference of an app
    /// shows `AccessToKeyVaultDenied`. A storage account answers `AuthorizationFailure`.
    ///
    /// ## When this check stays quiet
    ///
    /// An address rule may match: calls within a region can arrive from other addresses than the caller shows, so the
    /// gate is then unknown. A call that the trusted-services exception would cover has a finding of its own.
    pub(crate) static CHECK = {
        code: "firewall.source-not-allowed",
        summary: "no rule of the vault's firewall lets the source in",
        app_summary: "no rule of the target's firewall lets the source in",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/network-security",
        ],
        app_sources: [
            "https://learn.microsoft.com/azure/storage/common/storage-network-security",
            "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references",
            "https://learn.microsoft.com/azure/azure-functions/functions-networking-options",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let (vault, noun) = (ctx.vault_name(), ctx.noun());
    let message = format!("no rule of {noun} `{vault}` lets in where the call comes from");
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    finding.fixes = remedy::open_for_caller(ctx);
    finding.confirm =
        Some(remedy::audit_log(ctx, format!("`Forbidden` from an address that is in none of the {noun}'s rules")));
    finding
}
