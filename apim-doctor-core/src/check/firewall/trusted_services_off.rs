//! `firewall.trusted-services-off`: the trusted-services exception is off.

use crate::check::{Context, declare_check, remedy};
use crate::finding::{Finding, Severity};
use crate::knowledge::trust::Trust;

declare_check! {
    /// ## What it means
    ///
    /// The vault's firewall is on and its exception for trusted Microsoft services is off (`bypass` is `None`). That
    /// exception would cover this call: API Management calls with its system-assigned identity, or App Service fetches
    /// a certificate of an app.
    ///
    /// ## What you will see
    ///
    /// `Failed to access KeyVault Secret … Check if Managed Identity of Type: SystemAssigned … has GET permissions on
    /// secrets in the KeyVault Access Policies.` Permissions have nothing to do with it. With public access off, the
    /// vault itself says `Connection is not an approved private link and caller was ignored because bypass is not set
    /// to 'AzureServices'`.
    ///
    /// ## When this check stays quiet
    ///
    /// The request gets in another way. A host name certificate, and a certificate of an app, has no other: neither a
    /// private endpoint nor a subnet rule helps it, because the platform fetches it. A rule in `ipRules` may let the
    /// control plane in: the gate is then unknown and this is only a suspicion. That is not so for a range that is
    /// private, reserved, shared by carriers or for documentation, nor for one that Azure publishes as another
    /// service's. A perimeter in force overrides the exception and has a finding of its own.
    pub(crate) static CHECK = {
        code: "firewall.trusted-services-off",
        summary: "the trusted-services exception is off",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/network-security",
            "https://learn.microsoft.com/azure/api-management/breaking-changes/trusted-service-connectivity-retirement-march-2026",
        ],
        app_sources: [
            "https://learn.microsoft.com/azure/key-vault/general/overview-vnet-service-endpoints",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let vault = ctx.vault_name();
    let user_assigned = ctx.case.trust(ctx.diagnosis.principal.as_ref()) == Some(Trust::UserAssigned);
    let message = match user_assigned {
        false => format!("vault `{vault}` does not let trusted Microsoft services in, and this call would be one"),
        true => format!(
            "vault `{vault}` does not allow trusted Microsoft services; this call would be one only with the \
             system-assigned identity"
        ),
    };
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    let covered = match user_assigned {
        false => remedy::trust_if_covered(ctx),
        true => remedy::use_system_assigned(ctx),
    };
    finding.fixes = covered.into_iter().chain(remedy::let_subnet_in(ctx)).collect();
    finding.confirm = Some(remedy::audit_log(ctx, "`Forbidden` from an address that is in none of the vault's rules"));
    finding
}
