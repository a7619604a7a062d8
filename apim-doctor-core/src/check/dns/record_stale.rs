//! `dns.record-stale`: the record holds an address that no endpoint of the target has.

use std::net::IpAddr;

use crate::base::ResourceId;
use crate::check::{Context, declare_check, dns, remedy};
use crate::eval::endpoint::TargetEndpoint;
use crate::finding::{Command, Finding, Safety, Severity};

declare_check! {
    /// ## What it means
    ///
    /// The private zone answers with an address that none of the target's private endpoints has. An endpoint keeps its
    /// address as long as it lives and gets a new one when it is made again; a record that was written by hand does not
    /// follow. Several endpoints that write into one zone also overwrite each other's record.
    ///
    /// ## What you will see
    ///
    /// A timeout, where nothing listens at the address. `403 This TCP connection does not allow access to <host>`,
    /// where the private endpoint of another vault does.
    ///
    /// ## When this check stays quiet
    ///
    /// The address of an endpoint was not read: then the record may be right, and the gate is unknown. The same where
    /// the target has no private endpoint at all.
    pub(crate) static CHECK = {
        code: "dns.record-stale",
        summary: "the record holds an address that no endpoint of the vault has",
        app_summary: "the record holds an address that no endpoint of the target has",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/private-link-diagnostics",
            "https://learn.microsoft.com/azure/private-link/private-endpoint-overview",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(
    ctx: &Context<'_, '_>,
    record: &ResourceId,
    zone: &ResourceId,
    addresses: &[IpAddr],
    endpoint: &TargetEndpoint,
) -> Finding {
    let vault = ctx.vault_name();
    let (held, wanted) = (dns::list(addresses), dns::list(&dns::addresses(endpoint)));
    let name = record.name();
    let message = format!(
        "record `{name}` of zone `{}` holds {held}, not the endpoint's address of {} `{vault}`",
        zone.name(),
        ctx.noun()
    );
    let mut finding = ctx.finding(&CHECK, record, message);
    let title = format!("correct the record to {wanted}, the address of private endpoint `{}`", endpoint.id.name());
    finding.fixes = match dns::record(ctx, zone, endpoint).filter(|_| name.eq_ignore_ascii_case(&vault)) {
        Some(change) => vec![change.fix(title, Safety::Safe)],
        // A record for every name of the zone: one for this vault comes before it.
        None => vec![remedy::by_hand(
            format!("add a record `{vault}` with {wanted}, the address of private endpoint `{}`", endpoint.id.name()),
            dns::addresses(endpoint).iter().map(|address| {
                Command::new("az network private-dns record-set a add-record")
                    .named_as("--zone-name", zone)
                    .option("--record-set-name", &vault)
                    .option("--ipv4-address", address.to_string())
            }),
        )],
    };
    let network = dns::linked_network(ctx, zone);
    finding.confirm = network.map(|id| dns::look_up(ctx, &id, format!("{held} instead of {wanted}")));
    finding
}
