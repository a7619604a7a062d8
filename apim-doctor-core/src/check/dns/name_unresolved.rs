//! Explains `dns.name-unresolved`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::{dns, remedy};
use crate::finding::{Command, Confirmation, Finding, Safety};

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, server: &str, rcode: &str, network: &ResourceId) -> Finding {
    let vault = ctx.vault_name();
    let (asker, noun) = (dns::asker(ctx, network), ctx.noun());
    let message = format!("DNS server {server} of {asker} answers {rcode} for {noun} `{vault}`, which exists");
    let mut finding = ctx.finding(network, message);
    let host = ctx.diagnosis.target.as_ref().map(|target| target.host.clone()).unwrap_or_default();
    let zone = dns::suffix(ctx);
    finding.fixes = vec![remedy::by_hand(
        format!("make DNS server {server} forward `{zone}` to Azure DNS, 168.63.129.16, or to the internet"),
        [Command::comment("to see whether it does").then(Command::new("nslookup").host(&host).host(server))],
    )];
    let azure = dns::use_azure_dns(ctx, network);
    finding.fixes.extend(azure.map(|change| {
        let title = dns::without(ctx, network, server);
        change.fix(title, Safety::Review)
    }));
    finding.confirm = Some(Confirmation {
        run_from: format!("a machine in network `{}`", network.name()),
        command: Command::new("nslookup").host(&host).host(server).line(),
        expect: format!("{rcode}, where `nslookup {host} 168.63.129.16` gives an address"),
    });
    finding
}

/// Something says that the name does not resolve at the origin, and the servers' answers were not collected.
pub(crate) fn explain_told(ctx: &Context<'_, '_>, network: Option<&ResourceId>) -> Finding {
    let host = ctx.diagnosis.target.as_ref().map(|target| target.host.clone()).unwrap_or_default();
    let place = network.map_or_else(|| "the caller".to_owned(), |network| format!("network `{}`", network.name()));
    let message = format!("`{host}` did not resolve from {place}, by what was said of the last access");
    let subject = network.unwrap_or(&ctx.case.path.resource);
    let mut finding = ctx.finding(subject, message);
    let zone = dns::suffix(ctx);
    finding.fixes = vec![remedy::by_hand(
        format!("make the DNS servers that the caller asks forward `{zone}` to Azure DNS, 168.63.129.16"),
        [Command::comment("to see whether they do").then(Command::new("nslookup").host(&host))],
    )];
    finding.confirm = Some(Confirmation {
        run_from: format!("a machine in {place}, or the console of the caller"),
        command: Command::new("nslookup").host(&host).line(),
        expect: "NXDOMAIN or a timeout, where `nslookup` from elsewhere gives an address".to_owned(),
    });
    finding
}
