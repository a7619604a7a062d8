//! `network.egress-blocked`: a rule or route stops the traffic to the vault or storage account.

use crate::base::ResourceId;
use crate::check::{Context, declare_check, remedy};
use crate::finding::{Command, Finding, Probe, Severity};
use crate::path::reason::Block;

declare_check! {
    /// ## What it means
    ///
    /// The caller sends from a subnet, and a rule of a network security group or a route stops its packets to the vault
    /// or storage account on port 443; a content share needs port 445 as well. For a target with a private endpoint the
    /// packets go to the endpoint's private address: a rule that allows service tag `AzureKeyVault` or `Storage` does
    /// not cover that address. Without one they go to a public address, which a rule that denies `Internet` covers.
    ///
    /// Rules and routes of a subnet count only for what an app sends into it (`network.not-routed-through-vnet`).
    ///
    /// A service endpoint policy of the subnet does the same to storage: with one, the subnet's service endpoint leads to
    /// the accounts, resource groups and subscriptions that a policy names, and to no others.
    ///
    /// ## What you will see
    ///
    /// No answer at all: the fetch times out, and nothing appears in the target's log. A Key Vault reference may show
    /// `FetchTimedOut`; a Functions host does not start. Host name certificates of API Management and certificates of
    /// apps are not affected, because the platform fetches those from outside of the subnet.
    ///
    /// ## When this check stays quiet
    ///
    /// The packets go to an appliance or a gateway whose rules were not read, a network manager may hold security admin
    /// rules, or a rule uses something that was not read. The gate is then unknown and says what to look at.
    pub(crate) static CHECK = {
        code: "network.egress-blocked",
        summary: "a rule or route stops the traffic to the vault",
        app_summary: "a rule or route stops the traffic to the target",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview",
            "https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview",
            "https://learn.microsoft.com/azure/virtual-network/virtual-network-service-endpoint-policies-overview",
        ],
        app_sources: [
            "https://learn.microsoft.com/azure/app-service/overview-vnet-integration",
            "https://learn.microsoft.com/azure/app-service/configure-vnet-integration-routing",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, by: &Block) -> Finding {
    let message = format!("{} `{}` stops {} on port {}", by.kind, by.rule, by.destination, by.port);
    let mut finding = ctx.finding(&CHECK, &by.resource, message);
    finding.fixes = remedy::unblock(ctx, by);
    let host = ctx.diagnosis.reference.as_ref().map(|r| r.host.clone()).unwrap_or_default();
    let own = ctx.remedies().connects(ctx, &host, by.port, "a timeout, and no connection");
    finding.confirm = Some(own.unwrap_or_else(|| {
        Probe {
            run_from: format!("a machine in the {}'s subnet", ctx.case.path.caller()),
            command: Command::new("curl --silent --show-error --max-time 10 --head")
                .url("https://", &host, "/healthstatus")
                .line(),
            expect: "a timeout; any HTTP status means that packets get through".to_owned(),
        }
    }));
    finding
}

/// The instance's own check of the target fails, and what stops it was not collected.
pub(crate) fn explain_check(ctx: &Context<'_, '_>, host: &str, way: Option<&ResourceId>) -> Finding {
    let instance = &ctx.case.path.resource;
    let message = format!("instance `{}` does not reach `{host}`, by its own check", instance.name());
    let mut finding = ctx.finding(&CHECK, way.unwrap_or(instance), message);
    finding.fixes = vec![remedy::let_through(way, ctx.subservice().service_tag())];
    finding.confirm = Some(remedy::network_checks(ctx, host));
    finding
}
