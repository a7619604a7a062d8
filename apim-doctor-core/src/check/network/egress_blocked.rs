//! `network.egress-blocked`: a rule or route stops the traffic to the vault.

use crate::check::{Context, declare_check, remedy};
use crate::finding::{Finding, Probe, Severity};
use crate::path::reason::Block;

declare_check! {
    /// ## What it means
    ///
    /// The instance is in a subnet, and a rule of a network security group or a route stops its packets to the vault on
    /// port 443. For a vault with a private endpoint the packets go to the endpoint's private address: a rule that
    /// allows service tag `AzureKeyVault` does not cover that address.
    ///
    /// ## What you will see
    ///
    /// No answer at all: the fetch times out, and nothing appears in the vault's audit log. Host name certificates are
    /// not affected, because the platform fetches those from outside of the subnet.
    ///
    /// ## When this check stays quiet
    ///
    /// The packets go to an appliance or a gateway whose rules were not read, a network manager may hold security admin
    /// rules, or a rule uses something that was not read. The gate is then unknown and says what to look at.
    pub(crate) static CHECK = {
        code: "network.egress-blocked",
        summary: "a rule or route stops the traffic to the vault",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview",
            "https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, by: &Block) -> Finding {
    let message = format!("{} `{}` stops {} on port 443", by.kind, by.rule, by.destination);
    let mut finding = ctx.finding(&CHECK, &by.resource, message);
    finding.fixes = remedy::unblock(ctx, by);
    let host = ctx.diagnosis.reference.as_ref().map(|r| r.host.clone()).unwrap_or_default();
    finding.confirm = Some(Probe {
        run_from: "a machine in the instance's subnet".to_owned(),
        command: format!(
            "curl --silent --show-error --max-time 10 --head {}",
            remedy::word(&format!("https://{host}/healthstatus"))
        ),
        expect: "a timeout; any HTTP status means that packets get through".to_owned(),
    });
    finding
}
