//! Explains `dns.record-stale`.

use std::net::IpAddr;

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::{dns, remedy};
use crate::eval::endpoint::TargetEndpoint;
use crate::finding::{Command, Finding, Safety};

/// Builds the finding: message, evidence, fixes and confirmation.
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
        "record `{name}` of zone `{}` has address {held}, which is not the private endpoint's address of {} `{vault}`",
        zone.name(),
        ctx.noun()
    );
    let mut finding = ctx.finding(record, message);
    let title = format!("correct the record to {wanted}, the address of private endpoint `{}`", endpoint.id.name());
    finding.fixes = match dns::record(ctx, zone, endpoint).filter(|_| name.eq_ignore_ascii_case(&vault)) {
        Some(change) => vec![change.fix(title, Safety::Safe)],
        // A wildcard record: a record for this vault takes precedence over it.
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
