//! Explains `latent.dns-change-not-applied`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Evidence, Finding};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, asks: &[String], configured: &[String], network: &ResourceId) -> Finding {
    let message = format!(
        "the instance uses DNS servers {}, but network `{}` is set to {}",
        servers(asks),
        network.name(),
        servers(configured)
    );
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    let instance = &ctx.case.path.resource;
    let says = format!("the network's DNS servers are {}", servers(configured));
    finding.evidence.push(Evidence::new(says, network, "/properties/dhcpOptions/dnsServers"));
    let says = format!("the instance's network status shows {}", servers(asks));
    finding.evidence.push(Evidence::new(says, instance, ""));
    finding.fixes.push(remedy::by_hand(
        "apply the instance's network configuration again; this can take a while",
        [Command::new("az apim apply-network-updates").named(instance)],
    ));
    finding.confirm = Some(Confirmation {
        run_from: "your own shell, with permission to read the instance".to_owned(),
        command: Command::rest("get", &format!("{instance}/networkstatus"), remedy::APIM)
            .query("[].networkStatus.dnsServers")
            .line(),
        expect: servers(asks),
    });
    finding
}

fn servers(list: &[String]) -> String {
    if list.is_empty() { "Azure DNS".to_owned() } else { list.join(", ") }
}
