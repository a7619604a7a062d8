//! `dns.not-forwarded`: the network's own DNS server does not ask Azure.

use crate::base::ResourceId;
use crate::check::{Context, declare_check, dns, remedy};
use crate::eval::endpoint::TargetEndpoint;
use crate::finding::{Command, Finding, Probe, Safety, Severity};

declare_check! {
    /// ## What it means
    ///
    /// The target keeps the public side out and has a private endpoint that the network reaches, but the network asks a
    /// DNS server of its own, or an app names one (`dnsConfiguration`, `WEBSITE_DNS_SERVER`), and that server was
    /// recorded not to answer with the endpoint's address. Private zones are seen only by questions that reach Azure
    /// DNS (168.63.129.16) from a linked network. The server has to forward the public ending, in the public cloud
    /// `vault.azure.net`, or `blob.core.windows.net` and its like for a storage account, and not the `privatelink` one.
    /// A server outside of Azure cannot reach 168.63.129.16: it forwards to a DNS resolver or a forwarder in a linked
    /// network.
    ///
    /// ## What you will see
    ///
    /// With a public answer, the vault refuses with 403 (`ForbiddenByFirewall` or `ForbiddenByConnection`), which API
    /// Management words as missing GET permissions and an app as `AccessToKeyVaultDenied`. A storage account answers
    /// `AuthorizationFailure`. With no answer, `The remote name could not be resolved`.
    ///
    /// ## When this check stays quiet
    ///
    /// Nobody recorded what the server answers from the caller's subnet: the gate is then unknown and says what to run.
    /// An inbound endpoint of a DNS private resolver counts as Azure DNS of the resolver's network.
    pub(crate) static CHECK = {
        code: "dns.not-forwarded",
        summary: "the network's own DNS server does not ask Azure",
        app_summary: "the DNS server that is asked does not ask Azure",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration",
            "https://learn.microsoft.com/azure/api-management/virtual-network-injection-resources",
            "https://learn.microsoft.com/azure/key-vault/general/private-link-service",
        ],
        app_sources: [
            "https://learn.microsoft.com/azure/app-service/overview-name-resolution",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, server: &str, network: &ResourceId, endpoint: &TargetEndpoint) -> Finding {
    let (suffix, asker) = (dns::suffix(ctx), dns::asker(ctx, network));
    let message = format!("DNS server {server} of {asker} does not forward `{suffix}` to Azure DNS");
    let mut finding = ctx.finding(&CHECK, network, message);
    let host = ctx.diagnosis.target.as_ref().map(|target| target.host.clone()).unwrap_or_default();
    finding.fixes = vec![remedy::by_hand(
        format!("make DNS server {server} forward `{suffix}` to 168.63.129.16, or to a resolver in a linked network"),
        [Command::comment("in PowerShell of a Windows DNS server in Azure").then(
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
    finding.confirm = Some(Probe {
        run_from: format!("a machine in network `{}`", network.name()),
        command: Command::new("nslookup").host(&host).host(server).line(),
        expect: format!("another answer than {wanted}, the address of private endpoint `{}`", endpoint.id.name()),
    });
    finding
}
