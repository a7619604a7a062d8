//! Explains `latent.dns-change-not-applied`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Evidence, Finding};

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, asks: &[String], configured: &[String], network: &ResourceId) -> Finding {
    let message =
        format!("the instance asks {}; network `{}` says {}", servers(asks), network.name(), servers(configured));
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    let instance = &ctx.case.path.resource;
    let says = format!("the network names {} as its DNS servers", servers(configured));
    finding.evidence.push(Evidence::new(says, network, "/properties/dhcpOptions/dnsServers"));
    let says = format!("the network status of the instance names {}", servers(asks));
    finding.evidence.push(Evidence::new(says, instance, ""));
    finding.fixes.push(remedy::by_hand(
        "apply the network configuration of the instance again; it can take a while",
        [Command::new("az apim apply-network-updates").named(instance)],
    ));
    finding.confirm = Some(Confirmation {
        run_from: "your own shell, with the right to read the instance".to_owned(),
        command: Command::rest("get", &format!("{instance}/networkstatus"), remedy::APIM)
            .query("[].networkStatus.dnsServers")
            .line(),
        expect: servers(asks),
    });
    finding
}

fn servers(list: &[String]) -> String {
    if list.is_empty() { "Azure's DNS".to_owned() } else { list.join(", ") }
}
