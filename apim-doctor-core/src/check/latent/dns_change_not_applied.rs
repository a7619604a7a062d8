//! `latent.dns-change-not-applied`: the network's DNS servers changed and the instance still asks the old ones.

use crate::base::ResourceId;
use crate::check::{Context, declare_check, remedy};
use crate::finding::{Command, Evidence, Finding, Probe, Severity};

declare_check! {
    /// ## What it means
    ///
    /// The DNS servers of the virtual network were changed, and the instance still asks the old ones. It takes up the
    /// new ones only when its network configuration is applied again.
    ///
    /// ## What you will see
    ///
    /// Names resolve on every machine in the network and not for the instance, or resolve to another address there:
    /// `The remote name could not be resolved`.
    ///
    /// ## When this check stays quiet
    ///
    /// The instance's own network status was not recorded, or it agrees with the network.
    pub(crate) static CHECK = {
        code: "latent.dns-change-not-applied",
        summary: "the network's DNS servers changed and the instance still asks the old ones",
        severity: Severity::Warning,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/api-management/virtual-network-injection-resources",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, asks: &[String], configured: &[String], network: &ResourceId) -> Finding {
    let message =
        format!("the instance asks {}; network `{}` says {}", servers(asks), network.name(), servers(configured));
    let mut finding = ctx.finding(&CHECK, &ctx.case.path.resource, message);
    let instance = &ctx.case.path.resource;
    let says = format!("the network names {} as its DNS servers", servers(configured));
    finding.evidence.push(Evidence::new(says, network, "/properties/dhcpOptions/dnsServers"));
    let says = format!("the network status of the instance names {}", servers(asks));
    finding.evidence.push(Evidence::new(says, instance, ""));
    finding.fixes.push(remedy::by_hand(
        "apply the network configuration of the instance again; it can take a while",
        [Command::new("az apim apply-network-updates").named(instance)],
    ));
    finding.confirm = Some(Probe {
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
