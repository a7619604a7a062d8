//! `firewall.public-access-disabled`: public access is off and the call has no private way.

use crate::check::{Context, declare_check, remedy};
use crate::finding::{Finding, Severity};

declare_check! {
    /// ## What it means
    ///
    /// `publicNetworkAccess` of the vault or storage account is `Disabled`: address and subnet rules count for nothing,
    /// and only private endpoints get in. This call arrives at the public endpoint. A private endpoint of a storage
    /// account is for one service: one for `blob` does not help a call to `queue`.
    ///
    /// ## What you will see
    ///
    /// `Public network access is disabled and request is not from a trusted service nor via an approved private link.`,
    /// or `Connection is not an approved private link and caller was ignored because bypass is not set to
    /// 'AzureServices' and PublicNetworkAccess is set to 'Disabled'.` Both carry the code `ForbiddenByConnection`. A
    /// Key Vault reference of an app shows `AccessToKeyVaultDenied`. A storage account answers `AuthorizationFailure`.
    ///
    /// ## When this check stays quiet
    ///
    /// The name resolves to an approved private endpoint, or the trusted-services exception covers the call and is on.
    /// Where only that exception is missing, its own finding leads. Where DNS hides a private endpoint, the DNS gate
    /// says so.
    pub(crate) static CHECK = {
        code: "firewall.public-access-disabled",
        summary: "public access is off and the call has no private way",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/network-security",
        ],
        app_sources: [
            "https://learn.microsoft.com/azure/storage/common/storage-network-security",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let (vault, noun) = (ctx.vault_name(), ctx.noun());
    let message = format!("public access to {noun} `{vault}` is off, and the call arrives by its public side");
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    finding.fixes = remedy::open_for_caller(ctx);
    finding.confirm = Some(remedy::audit_log(ctx, "`Forbidden` from a public address"));
    finding
}
