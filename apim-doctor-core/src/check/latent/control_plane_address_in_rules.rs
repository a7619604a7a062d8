//! `latent.control-plane-address-in-rules`: an address rule may be what lets the control plane in.

use crate::check::{Context, declare_check, remedy};
use crate::finding::{Finding, Severity};

declare_check! {
    /// ## What it means
    ///
    /// The firewall would refuse the control plane of API Management, or App Service that fetches a certificate, and
    /// `ipRules` hold an address that may be one it calls from. Users report that this works, with a user-assigned
    /// identity too. It is not supported, and those addresses change.
    ///
    /// ## What you will see
    ///
    /// It works until the address changes; then `Failed to access KeyVault Secret … has GET permissions on secrets in
    /// the KeyVault Access Policies.` comes at a refresh, without any change of yours.
    ///
    /// ## When this check stays quiet
    ///
    /// The trusted-services exception covers the call, so the rule is not needed. Addresses of the gateway in `ipRules`
    /// never help the control plane and are not mistaken for it. With public access off, `ipRules` do not count at all.
    pub(crate) static CHECK = {
        code: "latent.control-plane-address-in-rules",
        summary: "an address rule may be what lets the control plane in",
        severity: Severity::Warning,
        read_on: "2026-11-21",
        sources: [
            "https://github.com/MicrosoftDocs/azure-docs/issues/113840",
            "https://learn.microsoft.com/azure/api-management/virtual-network-reference",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let message = format!(
        "`ipRules` of vault `{}` may hold an address of {}'s control plane; that is not supported, and addresses change",
        ctx.vault_name(),
        ctx.service()
    );
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    let switch = || {
        let mut fix = remedy::use_system_assigned(ctx)?;
        // The finding is the vault's: several instances may have to change.
        fix.title = format!(
            "use the system-assigned identity of `{}`, which the trusted-services exception covers",
            ctx.case.path.resource.name()
        );
        Some(fix)
    };
    finding.fixes = remedy::trust_if_covered(ctx).or_else(switch).into_iter().collect();
    finding.confirm = Some(remedy::audit_log(ctx, "success from an address that is in `ipRules`"));
    finding
}
