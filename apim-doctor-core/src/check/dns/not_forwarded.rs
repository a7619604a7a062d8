//! Explains `dns.not-forwarded`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::{dns, remedy};
use crate::eval::endpoint::TargetEndpoint;
use crate::finding::{Command, Confirmation, Finding, Safety};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, server: &str, network: &ResourceId, endpoint: &TargetEndpoint) -> Finding {
    let (suffix, asker) = (dns::suffix(ctx), dns::asker(ctx, network));
    let message = format!("DNS server {server} of {asker} does not forward `{suffix}` to Azure DNS");
    let mut finding = ctx.finding(network, message);
    let host = ctx.diagnosis.target.as_ref().map(|target| target.host.clone()).unwrap_or_default();
    finding.fixes = vec![remedy::by_hand(
        format!("make DNS server {server} forward `{suffix}` to 168.63.129.16, or to a resolver in a linked network"),
        [Command::comment("in PowerShell on a Windows DNS server in Azure").then(
            Command::new("Add-DnsServerConditionalForwarderZone -Name")
                .powershell(&suffix)
                .and("-MasterServers 168.63.129.16"),
        )],
    )];
    let azure = dns::use_azure_dns(ctx, network);
    finding.fixes.extend(azure.map(|change| {
        let private = dns::answer_privately(ctx, network, None, endpoint);
        let title = dns::without(ctx, network, server);
        change.and(Some(private)).fix(title, Safety::Review)
    }));
    let wanted = dns::list(&dns::addresses(endpoint));
    finding.confirm = Some(Confirmation {
        run_from: format!("a machine in network `{}`", network.name()),
        command: Command::new("nslookup").host(&host).host(server).line(),
        expect: format!("an answer other than {wanted}, the address of private endpoint `{}`", endpoint.id.name()),
    });
    finding
}
