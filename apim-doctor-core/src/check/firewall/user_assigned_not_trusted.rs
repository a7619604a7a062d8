//! `firewall.user-assigned-not-trusted`: only the kind of identity is in the way.

use crate::check::{Context, declare_check, remedy};
use crate::finding::{Finding, Severity};

declare_check! {
    /// ## What it means
    ///
    /// The vault's firewall is on and API Management calls with a user-assigned identity. The exception for trusted
    /// Microsoft services covers API Management only when it calls with its system-assigned identity. The firewall
    /// answers before Key Vault looks at permissions, so no access policy and no role can change the result.
    ///
    /// ## What you will see
    ///
    /// `Failed to access KeyVault Secret … Check if Managed Identity of Type: UserAssigned … has GET permissions on
    /// secrets in the KeyVault Access Policies.` The permissions are fine: API Management prints this text for every
    /// refusal of the vault, and never says that the firewall was the one that refused.
    ///
    /// ## When this check stays quiet
    ///
    /// The firewall is off, or the call arrives through a private endpoint or an allowed subnet. In the last two
    /// cases a named value or client certificate may work although it is documented not to: the gate is then unknown.
    /// Where `ipRules` holds an address that may be the control plane's, nothing certain can be said either. Where the
    /// exception is off as well, another identity alone does not help: `firewall.trusted-services-off` then comes first.
    pub(crate) static CHECK = {
        code: "firewall.user-assigned-not-trusted",
        summary: "the trusted-services exception does not cover a user-assigned identity",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/api-management/api-management-howto-use-managed-service-identity",
            "https://learn.microsoft.com/azure/key-vault/general/overview-vnet-service-endpoints",
            "https://stackoverflow.com/questions/70924786",
        ],
    }
}

/// Turns what the firewall gate found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, works_by_line_of_sight: bool) -> Finding {
    let identity = ctx.diagnosis.principal.as_ref().map(|p| p.resource.name()).unwrap_or_default();
    let vault = ctx.vault_name();
    let message = match works_by_line_of_sight {
        false => format!(
            "the firewall of vault `{vault}` keeps out user-assigned identity `{identity}`; the message about GET \
             permissions misleads"
        ),
        true => format!(
            "user-assigned identity `{identity}` is documented not to work while the firewall of vault `{vault}` is on"
        ),
    };
    let mut finding = ctx.finding(&CHECK, &ctx.case.path.resource, message);
    finding.fixes = remedy::use_system_assigned(ctx).into_iter().collect();
    finding.confirm = Some(remedy::audit_log(ctx, "`Forbidden` from an address that is in none of the vault's rules"));
    finding
}
