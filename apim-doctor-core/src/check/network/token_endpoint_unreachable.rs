//! `network.token-endpoint-unreachable`: a rule or route stops the traffic to the sign-in endpoint.

use crate::base::ResourceId;
use crate::check::{Context, declare_check, remedy};
use crate::finding::{Finding, Severity};
use crate::path::reason::Block;

declare_check! {
    /// ## What it means
    ///
    /// An instance of API Management in a subnet gets the token for its managed identity through that subnet. A rule or
    /// a route stops the way to Microsoft Entra ID (service tag `AzureActiveDirectory`, port 443), so there is no token
    /// to show to the vault. The table of required rules calls this one optional; it is not, once a managed identity
    /// reads from Key Vault.
    ///
    /// ## What you will see
    ///
    /// `Authentication failed for Active Directory Tenant: 'https://login.microsoftonline.com/…' ClientId: '…'
    /// CorrelationId: '', exception: 'An error occurred while sending the request.'.` The vault never hears of it.
    ///
    /// ## When this check stays quiet
    ///
    /// The reference is a host name certificate, which the platform fetches from outside of the subnet; or an
    /// appliance, a gateway or security admin rules that were not read decide. The gate is then unknown and names them.
    pub(crate) static CHECK = {
        code: "network.token-endpoint-unreachable",
        summary: "a rule or route stops the traffic to the sign-in endpoint",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/api-management/virtual-network-reference",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, by: &Block) -> Finding {
    let message = format!("{} `{}` stops {} on port 443, so no token is issued", by.kind, by.rule, by.destination);
    let mut finding = ctx.finding(&CHECK, &by.resource, message);
    finding.fixes = remedy::unblock(ctx, by);
    finding.confirm = ctx.remedies().signs_in(ctx);
    finding
}

/// The instance's own check of the sign-in endpoint fails, and what stops it was not collected.
pub(crate) fn explain_check(ctx: &Context<'_, '_>, host: &str, way: Option<&ResourceId>) -> Finding {
    let instance = &ctx.case.path.resource;
    let message =
        format!("instance `{}` does not reach the sign-in endpoint `{host}`, by its own check", instance.name());
    let mut finding = ctx.finding(&CHECK, way.unwrap_or(instance), message);
    finding.fixes = vec![remedy::let_through(way, "AzureActiveDirectory")];
    finding.confirm = Some(remedy::network_checks(ctx, host));
    finding
}
