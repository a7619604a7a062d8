//! `network.missing-subresource-endpoint`: no private endpoint for this service of the storage account.

use crate::base::ResourceId;
use crate::check::{Context, declare_check, remedy};
use crate::finding::{Finding, Severity};

declare_check! {
    /// ## What it means
    ///
    /// A private endpoint is for one service of a storage account: blob, file, queue or table. The account lets only private
    /// endpoints in, and it has some, but none for the service that is needed here. A Functions host uses blobs always, queues
    /// for blob and queue triggers, tables for diagnostics and Durable Functions; a content share is a file share.
    ///
    /// ## What you will see
    ///
    /// One storage client works and another fails: `No such host is known (<account>.queue.core.windows.net:443)`, or
    /// `AuthorizationFailure`: `This request is not authorized to perform this operation.`
    ///
    /// ## When this check stays quiet
    ///
    /// The account has no private endpoint in reach (then the firewall's own findings speak), or the account lets the public
    /// side in. An endpoint that was not read may be for any service.
    pub(crate) static CHECK = {
        code: "network.missing-subresource-endpoint",
        summary: "no private endpoint for this service of the storage account",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/storage/common/storage-private-endpoints",
            "https://learn.microsoft.com/azure/azure-functions/configure-networking-how-to",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, others: &[ResourceId]) -> Finding {
    let group = ctx.diagnosis.target.as_ref().map_or("", |target| target.subservice.group_id());
    let names = others.iter().map(|id| format!("`{}`", id.name())).collect::<Vec<_>>().join(", ");
    let account = ctx.vault_name();
    let message = format!("storage account `{account}` has no private endpoint for `{group}`, only {names}");
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    let network = remedy::origin_network(ctx);
    finding.fixes = vec![remedy::by_hand(
        format!("give storage account `{account}` a private endpoint for `{group}`"),
        remedy::private_endpoint(ctx, network.as_ref(), None),
    )];
    finding.confirm = Some(remedy::resolves_from_app(ctx, "no such name, or a public address"));
    finding
}
