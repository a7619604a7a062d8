//! `network.service-endpoint-missing`: the subnet is in the target's rules and has no service endpoint.

use crate::base::ResourceId;
use crate::check::{Context, declare_check, remedy};
use crate::finding::{Finding, Safety, Severity};

declare_check! {
    /// ## What it means
    ///
    /// The target's firewall has a rule for the caller's subnet, but the subnet has no service endpoint
    /// `Microsoft.KeyVault`, or `Microsoft.Storage` for a storage account. Without it packets leave with a public
    /// address, the target cannot tell which subnet they come from, and the rule matches nothing. The rule of a vault
    /// could be made because `ignoreMissingVnetServiceEndpoint` skips the test.
    ///
    /// ## What you will see
    ///
    /// `Client address is not authorized and caller is not a trusted service.` from the vault (`ForbiddenByFirewall`),
    /// and from API Management its text about missing GET permissions. A Key Vault reference of an app shows
    /// `AccessToKeyVaultDenied`, a storage account answers `AuthorizationFailure`. The portal shows the subnet as
    /// allowed.
    ///
    /// ## When this check stays quiet
    ///
    /// The request gets in another way: the firewall is off, the trusted-services exception covers it, or the name
    /// resolves to a private endpoint. An address rule that may match makes the firewall gate unknown.
    pub(crate) static CHECK = {
        code: "network.service-endpoint-missing",
        summary: "the subnet is in the vault's rules and has no service endpoint",
        app_summary: "the subnet is in the target's rules and has no service endpoint",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/virtual-network/virtual-network-service-endpoints-overview",
            "https://learn.microsoft.com/azure/key-vault/general/network-security",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, subnet: &ResourceId) -> Finding {
    let service = ctx.subservice().service_endpoint();
    let message =
        format!("subnet `{}` has no service endpoint `{service}`, so its rule matches nothing", subnet.name());
    let mut finding = ctx.finding(&CHECK, subnet, message);
    let trusted = remedy::trust_as_well(ctx);
    let and_trusted = if trusted.is_some() { ", and allow trusted Microsoft services" } else { "" };
    let title = format!("add service endpoint `{service}` to subnet `{}`{and_trusted}", subnet.name());
    let add = remedy::add_service_endpoint(ctx, subnet).map(|add| add.and(trusted).fix(title, Safety::Review));
    finding.fixes = add.into_iter().collect();
    finding.confirm = Some(remedy::audit_log(ctx, "`Forbidden` with a public address instead of one of the subnet"));
    finding
}
