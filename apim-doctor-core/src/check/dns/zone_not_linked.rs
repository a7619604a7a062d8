//! Explains `dns.zone-not-linked`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::dns;
use crate::check::remedy;
use crate::eval::endpoint::TargetEndpoint;
use crate::finding::{Finding, Safety};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(
    ctx: &Context<'_, '_>,
    zone: Option<&ResourceId>,
    network: &ResourceId,
    endpoint: &TargetEndpoint,
) -> Finding {
    let (name, vault, noun) = (ctx.case.estate.cloud.zone_of(ctx.subservice()), ctx.vault_name(), ctx.noun());
    let message = match zone {
        Some(_) => format!(
            "zone `{name}` is not linked to network `{}`, which therefore resolves {noun} `{vault}` to its public \
             address",
            network.name()
        ),
        None => format!(
            "zone `{name}` does not exist, so network `{}` resolves {noun} `{vault}` to its public address",
            network.name()
        ),
    };
    let mut finding = ctx.finding(network, message);
    let trusted = remedy::trust_as_well(ctx);
    let and_trusted = if trusted.is_some() { ", and allow trusted Microsoft services" } else { "" };
    let title = match zone {
        Some(_) => format!("link zone `{name}` to network `{}`{and_trusted}", network.name()),
        None => format!("create zone `{name}` and link it to network `{}`{and_trusted}", network.name()),
    };
    // The zone answers for every target of its kind that the network asks for.
    let change = dns::answer_privately(ctx, network, zone, endpoint).and(trusted);
    finding.fixes = vec![change.fix(title, Safety::Review)];
    let wanted = dns::list(&dns::addresses(endpoint));
    finding.confirm = Some(dns::look_up(ctx, network, format!("a public address instead of {wanted}")));
    finding
}
