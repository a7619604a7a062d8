//! `dns.wrong-zone`: the records are in a zone with the wrong name.

use crate::base::ResourceId;
use crate::check::{Context, declare_check, dns};
use crate::eval::endpoint::TargetEndpoint;
use crate::finding::{Finding, Safety, Severity};
use crate::knowledge::subservice::Subservice;

declare_check! {
    /// ## What it means
    ///
    /// The private endpoint writes its records into a private zone whose name is never asked for. A vault's public name
    /// is an alias of `{vault}.privatelink.vaultcore.azure.net` (the other clouds have endings of their own), so the
    /// zone has to be called `privatelink.vaultcore.azure.net` exactly. `privatelink.vault.azure.net` looks right and
    /// does nothing. Each service of a storage account has a zone of its own: `privatelink.blob.core.windows.net`,
    /// `…file…`, `…queue…`, `…table…`.
    ///
    /// ## What you will see
    ///
    /// The name resolves to the vault's public address although the private endpoint is healthy, and the vault refuses
    /// with 403 (`ForbiddenByFirewall` or `ForbiddenByConnection`), which API Management words as missing GET
    /// permissions and an app as `AccessToKeyVaultDenied`. A storage account answers `AuthorizationFailure`.
    ///
    /// ## When this check stays quiet
    ///
    /// The target lets the network in by its public side as well, or the DNS zone group of the endpoint was not read.
    pub(crate) static CHECK = {
        code: "dns.wrong-zone",
        summary: "the records are in a zone with the wrong name",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/private-link-diagnostics",
            "https://learn.microsoft.com/azure/private-link/private-endpoint-dns",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(
    ctx: &Context<'_, '_>,
    zone: &ResourceId,
    network: &ResourceId,
    endpoint: &TargetEndpoint,
) -> Finding {
    let right = ctx.case.estate.cloud.zone_of(ctx.subservice());
    let what = match ctx.subservice() {
        Subservice::Vault => "a vault".to_owned(),
        storage => format!("the {} service of a storage account", storage.group_id()),
    };
    let message = format!("zone `{}` is never asked for {what}; `{right}` is", zone.name());
    let mut finding = ctx.finding(&CHECK, zone, message);
    let change = dns::answer_privately(ctx, network, None, endpoint);
    let title =
        format!("use zone `{right}`, linked to network `{}`, for endpoint `{}`", network.name(), endpoint.id.name());
    finding.fixes = vec![change.fix(title, Safety::Review)];
    let wanted = dns::list(&dns::addresses(endpoint));
    finding.confirm = Some(dns::look_up(ctx, network, format!("a public address instead of {wanted}")));
    finding
}
