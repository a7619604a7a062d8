//! Explains `dns.name-unresolved`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::{dns, remedy};
use crate::finding::{Command, Confirmation, Finding, Safety};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, server: &str, rcode: &str, network: &ResourceId) -> Finding {
    let vault = ctx.vault_name();
    let (asker, noun) = (dns::asker(ctx, network), ctx.noun());
    let message = format!("DNS server {server} of {asker} returns {rcode} for {noun} `{vault}`, although it exists");
    let mut finding = ctx.finding(network, message);
    let host = ctx.diagnosis.target.as_ref().map(|target| target.host.clone()).unwrap_or_default();
    let zone = dns::suffix(ctx);
    finding.fixes = vec![remedy::by_hand(
        format!("make DNS server {server} forward `{zone}` to Azure DNS, 168.63.129.16, or to the internet"),
        [Command::comment("shows whether it does").then(Command::new("nslookup").host(&host).host(server))],
    )];
    let azure = dns::use_azure_dns(ctx, network);
    finding.fixes.extend(azure.map(|change| {
        let title = dns::without(ctx, network, server);
        change.fix(title, Safety::Review)
    }));
    finding.confirm = Some(Confirmation {
        run_from: format!("a machine in network `{}`", network.name()),
        command: Command::new("nslookup").host(&host).host(server).line(),
        expect: format!("{rcode}, while `nslookup {host} 168.63.129.16` returns an address"),
    });
    finding
}

/// Builds the finding for a name that, according to an error, does not resolve at the origin; the DNS servers' answers
/// were not collected.
pub(crate) fn explain_told(ctx: &Context<'_, '_>, network: Option<&ResourceId>) -> Finding {
    let host = ctx.diagnosis.target.as_ref().map(|target| target.host.clone()).unwrap_or_default();
    let place = network.map_or_else(|| "the caller".to_owned(), |network| format!("network `{}`", network.name()));
    let message = format!("`{host}` did not resolve from {place}, according to the error of the last access");
    let subject = network.unwrap_or(&ctx.case.path.resource);
    let mut finding = ctx.finding(subject, message);
    let zone = dns::suffix(ctx);
    finding.fixes = vec![remedy::by_hand(
        format!("make the caller's DNS servers forward `{zone}` to Azure DNS, 168.63.129.16"),
        [Command::comment("shows whether they do").then(Command::new("nslookup").host(&host))],
    )];
    finding.confirm = Some(Confirmation {
        run_from: format!("a machine in {place}, or the caller's console"),
        command: Command::new("nslookup").host(&host).line(),
        expect: "NXDOMAIN or a timeout, while `nslookup` elsewhere returns an address".to_owned(),
    });
    finding
}
