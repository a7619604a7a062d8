//! `network.not-routed-through-vnet`: the traffic does not go through the network that the vault lets in.

use crate::base::ResourceId;
use crate::check::{Context, declare_check, remedy};
use crate::finding::{Command, Finding, Safety, Severity};

declare_check! {
    /// ## What it means
    ///
    /// An instance of API Management runs in several locations, and each fetches for itself. The vault lets in the
    /// subnet of one location; this one is in no virtual network, so its requests arrive from a public address that no
    /// rule names.
    ///
    /// An app sends into its subnet only what it is told to: private addresses and service endpoints always, everything
    /// with `outboundVnetRouting.applicationTraffic` (before: `vnetRouteAllEnabled`), its content share with
    /// `contentShareTraffic` (`WEBSITE_CONTENTOVERVNET`). On Linux a Key Vault reference reaches a private endpoint
    /// only with all traffic routed.
    ///
    /// ## What you will see
    ///
    /// It works in one region and fails in another. The vault answers `Client address is not authorized and caller is
    /// not a trusted service.` (`ForbiddenByFirewall`) to the location without a network. A Key Vault reference of an
    /// app shows `AccessToKeyVaultDenied`; an app whose content share is not mounted answers `HTTP 500`.
    ///
    /// ## When this check stays quiet
    ///
    /// All locations are in networks, or the trusted-services exception lets the request in from anywhere. A host name
    /// certificate is fetched by the platform, so the network of a location plays no part for it. An app that is
    /// connected to no network at all is refused by the firewall, which has findings of its own.
    pub(crate) static CHECK = {
        code: "network.not-routed-through-vnet",
        summary: "the traffic does not go through the network that the vault lets in",
        app_summary: "the traffic does not go through the network that the target lets in",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/api-management/virtual-network-injection-resources",
            "https://learn.microsoft.com/azure/app-service/configure-vnet-integration-routing",
            "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references",
        ],
    }
}

/// The same of an app that leaves around its subnet.
pub(crate) fn explain_app(ctx: &Context<'_, '_>, subnet: &ResourceId) -> Finding {
    let app = remedy::app_in_words(&ctx.case.path.resource);
    let (noun, name) = (ctx.noun(), ctx.vault_name());
    let message = format!("{app} does not send this through subnet `{}` to {noun} `{name}`", subnet.name());
    let mut finding = ctx.finding(&CHECK, &ctx.case.path.resource, message);
    let title = format!("route this traffic of {app} into its subnet");
    finding.fixes =
        remedy::route_into_subnet(ctx).map(|change| change.fix(title, Safety::Review)).into_iter().collect();
    finding.confirm = Some(remedy::resolves_from_app(ctx, "a private address, which the app does not reach"));
    finding
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, location: &str, subnet: &ResourceId) -> Finding {
    let message = format!(
        "a location that fetches `{location}` is in no network; the vault lets in only subnet `{}`",
        subnet.name()
    );
    let mut finding = ctx.finding(&CHECK, &ctx.case.path.resource, message);
    finding.fixes = remedy::trust_if_covered(ctx).into_iter().collect();
    finding.fixes.push(remedy::by_hand(
        "put the location in a subnet of its own, and let that subnet through the vault's firewall",
        [
            Command::new("az apim show").named(&ctx.case.path.resource).and("--query additionalLocations"),
            Command::new("az keyvault network-rule add").named(&ctx.vault_or_instance()).and("--subnet SUBNET_ID"),
        ],
    ));
    finding.confirm = Some(remedy::audit_log(ctx, "`Forbidden` from the public address of that location"));
    finding
}
