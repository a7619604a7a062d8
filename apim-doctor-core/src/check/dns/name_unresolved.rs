//! `dns.name-unresolved`: the target's name does not resolve.

use crate::base::ResourceId;
use crate::check::{Context, declare_check, dns, remedy};
use crate::finding::{Command, Finding, Probe, Safety, Severity};

declare_check! {
    /// ## What it means
    ///
    /// The network that the caller sends from asks DNS servers of its own, or an app names some (`dnsConfiguration`,
    /// `WEBSITE_DNS_SERVER`), and one of them was recorded to answer that there is no such name. The vault or storage
    /// account exists and has no private endpoint here, so its public name should resolve. The server does not ask the
    /// internet's DNS, or it holds a zone of its own that covers these names.
    ///
    /// ## What you will see
    ///
    /// `The remote name could not be resolved: '<vault>.vault.azure.net'`, or `No such host is known`. What status a
    /// Key Vault reference of an app shows then is not documented.
    ///
    /// ## When this check stays quiet
    ///
    /// Nobody recorded what the server answers from the caller's subnet: the gate is then unknown. If the target has a
    /// private endpoint that the network reaches, `dns.not-forwarded` speaks; if a private zone gives the answer,
    /// `dns.record-missing` does.
    pub(crate) static CHECK = {
        code: "dns.name-unresolved",
        summary: "the vault's name does not resolve",
        app_summary: "the target's name does not resolve",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration",
            "https://learn.microsoft.com/azure/api-management/virtual-network-injection-resources",
        ],
        app_sources: [
            "https://learn.microsoft.com/azure/app-service/overview-name-resolution",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, server: &str, rcode: &str, network: &ResourceId) -> Finding {
    let vault = ctx.vault_name();
    let (asker, noun) = (dns::asker(ctx, network), ctx.noun());
    let message = format!("DNS server {server} of {asker} answers {rcode} for {noun} `{vault}`, which exists");
    let mut finding = ctx.finding(&CHECK, network, message);
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
    finding.confirm = Some(Probe {
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
    let mut finding = ctx.finding(&CHECK, subject, message);
    let zone = dns::suffix(ctx);
    finding.fixes = vec![remedy::by_hand(
        format!("make the DNS servers that the caller asks forward `{zone}` to Azure DNS, 168.63.129.16"),
        [Command::comment("to see whether they do").then(Command::new("nslookup").host(&host))],
    )];
    finding.confirm = Some(Probe {
        run_from: format!("a machine in {place}, or the console of the caller"),
        command: Command::new("nslookup").host(&host).line(),
        expect: "NXDOMAIN or a timeout, where `nslookup` from elsewhere gives an address".to_owned(),
    });
    finding
}
