//! What resolvers, network clients and Azure Networking say, whatever the service behind the name.

use crate::explain::family::{Cause, Family, Sign, Trait};
use crate::finding::{Code, WebPage};

const DIAGNOSTICS: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/key-vault/general/private-link-diagnostics",
    read_on: "2026-11-21",
};
const PRIVATE_DNS: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/private-link/private-endpoint-dns", read_on: "2026-11-21" };
const NETWORK_SECURITY: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/key-vault/general/network-security", read_on: "2026-11-21" };
const BEHIND_FIREWALL: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/key-vault/general/access-behind-firewall",
    read_on: "2026-11-21",
};
const PRIVATELINK_THREAD: WebPage =
    WebPage { url: "https://github.com/external-secrets/external-secrets/issues/1998", read_on: "2026-11-21" };
const SUFFIX_THREAD: WebPage =
    WebPage { url: "https://github.com/MicrosoftDocs/azure-docs/issues/88200", read_on: "2026-11-21" };
const UNKNOWN_HOST_THREAD: WebPage =
    WebPage { url: "https://github.com/MicrosoftDocs/azure-docs/issues/59244", read_on: "2026-11-21" };
const SUBNET_THREAD: WebPage =
    WebPage { url: "https://github.com/Azure/avdaccelerator/issues/818", read_on: "2026-11-21" };
const RESERVED_THREAD: WebPage =
    WebPage { url: "https://github.com/MicrosoftDocs/azure-docs/issues/102958", read_on: "2026-11-21" };

pub(super) const FAMILIES: &[Family] = &[
    Family {
        id: "network.privatelink-name-in-certificate",
        forms: &[
            &["certificate is valid for", "not", "privatelink."],
            &["certificate is not valid for", "privatelink."],
            &["does not match certificate's altnames", "privatelink."],
            &["No subject alternative", "matching", "privatelink."],
            &["Certificate for", "privatelink.", "doesn't match any of the subject alternative names"],
            &["no alternative certificate subject name matches target host name", "privatelink."],
            &["hostname", "privatelink.", "doesn't match"],
        ],
        generic: false,
        gates: &["dns"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::DnsPrivatelinkNameUsed,
                "The client calls the target by its privatelink name, for which no certificate is valid. Use the \
                 public name: it resolves to the private address automatically if the zone is linked.",
            ),
            Cause::low(
                Code::DnsWrongZone,
                "A proxy or a DNS rule rewrites the public name into the privatelink one before the client connects.",
            ),
        ],
        samples: &[
            "Get \"https://kv-blue.privatelink.vaultcore.azure.net/secrets/a\": x509: certificate is valid for \
             vault.azure.net, *.vault.azure.net, *.vaultcore.azure.net, not kv-blue.privatelink.vaultcore.azure.net",
            "SSLCertVerificationError: Hostname mismatch, certificate is not valid for\n \
             'stblue.privatelink.blob.core.windo",
        ],
        sources: &[PRIVATELINK_THREAD, PRIVATE_DNS],
    },
    Family {
        id: "network.nxdomain-vaultcore",
        forms: &[
            &["server can't find", ".vaultcore.azure.net: NXDOMAIN"],
            &["server can't find", ".vaultcore.usgovcloudapi.net: NXDOMAIN"],
            &["server can't find", ".vaultcore.azure.cn: NXDOMAIN"],
        ],
        generic: false,
        gates: &["dns", "target"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::DnsWrongZone,
                "The name asked for is under the vaultcore domain, which is not the domain of a vault's name: a \
                 forwarder, a rule or the client uses the wrong suffix. Forward the domain of the public vault name.",
            )
            .seen(&[Sign::down(
                Trait::PrivateLinkName,
                "the name asked for is the privatelink one, which is the right zone",
            )]),
            Cause::medium(Code::DnsRecordMissing, "The private zone is linked, but has no record for this vault.")
                .seen(&[Sign::up(
                    Trait::PrivateLinkName,
                    "the requested name is the one that the private zone should contain",
                )]),
            Cause::medium(
                Code::TargetVaultNameWrong,
                "No vault of this name exists, or it was purged. The public vault name does not resolve on the \
                 internet either.",
            ),
            Cause::low(Code::DnsNotForwarded, "The DNS server does not forward to Azure DNS."),
        ],
        samples: &[
            "** server can't find kv-pay.vaultcore.azure.net: NXDOMAIN",
            "Server: 10.1.0.4\n** server can't find kv-pay.privatelink.vault\ncore.azure.net: NXDOMAIN",
        ],
        sources: &[SUFFIX_THREAD, PRIVATE_DNS, DIAGNOSTICS],
    },
    Family {
        id: "network.nxdomain",
        forms: &[
            &["server can't find", "NXDOMAIN"],
            &["status: NXDOMAIN"],
            &["can't find", "Non-existent domain"],
            &["can't find", "NXDOMAIN"],
        ],
        generic: true,
        gates: &["dns", "target"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::DnsRecordMissing,
                "A private zone of the parent name is linked where the caller resolves, and it has no record for the \
                 target. This is the cause if a public resolver knows the name.",
            ),
            Cause::high(
                Code::TargetVaultNameWrong,
                "The name does not exist: it is misspelled, or the target was never created or was purged. A public \
                 resolver does not know it either.",
            ),
            Cause::medium(
                Code::DnsWrongZone,
                "The zone or the forwarder has the wrong name, so the query goes to a server that does not know the answer.",
            ),
            Cause::medium(Code::DnsNotForwarded, "The network's DNS server does not forward the name to Azure DNS."),
            Cause::low(Code::TargetWrongCloud, "The name has the suffix of another cloud."),
        ],
        samples: &[
            "** server can't find kv-pay.vault.azure.net: NXDOMAIN",
            ";; ->>HEADER<<- opcode: QUERY, status: NXDO\nMAIN, id: 4242",
            "*** dc01.corp.example can't find kv-pay.vault.azure.net: Non-existent domain",
        ],
        sources: &[DIAGNOSTICS, PRIVATE_DNS, SUFFIX_THREAD],
    },
    Family {
        id: "network.name-unresolved",
        forms: &[
            &["UnknownHostException"],
            &["No such host"],
            &["The remote name could not be resolved"],
            &["getaddrinfo failed"],
            &["getaddrinfo ENOTFOUND"],
            &["getaddrinfo EAI_AGAIN"],
            &["code: ENOTFOUND"],
            &["queryA ENOTFOUND"],
            &["Name or service not known"],
            &["nodename nor servname provided"],
            &["Could not resolve host"],
            &["Temporary failure in name resolution"],
            &["NameResolutionError"],
            &["Failed to resolve host"],
            &["Name does not resolve"],
        ],
        generic: false,
        gates: &["dns", "target"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::DnsNameUnresolved,
                "The caller's resolver returns no address. Query the name on the caller's machine: common causes \
                 are custom DNS without forwarding, or a new name that is not known yet.",
            ),
            Cause::high(
                Code::TargetVaultNameWrong,
                "The name is misspelled, empty, quoted, or does not exist. A public resolver does not know it either.",
            ),
            Cause::medium(
                Code::DnsRecordMissing,
                "A private zone of the parent name is linked where the caller resolves, and it has no record for the \
                 target. This is the cause if a public resolver knows the name.",
            )
            .seen(&[Sign::up(Trait::PrivateLinkName, "the privatelink name has no record at this resolver")]),
            Cause::medium(
                Code::DnsNotForwarded,
                "The network's DNS server answers itself instead of forwarding to Azure DNS.",
            ),
            Cause::low(
                Code::DnsPrivatelinkNameUsed,
                "The client uses the privatelink name, which resolves only in networks that are linked to the zone.",
            )
            .seen(&[Sign::up(Trait::PrivateLinkName, "the client uses the privatelink name")]),
            Cause::low(
                Code::TargetWrongCloud,
                "The name has the suffix of another cloud than the one the target is in.",
            ),
        ],
        samples: &[
            "java.net.UnknownHostException: kv-green.vault.azure.net: Name or service not known",
            "dial tcp: lookup kv-green.vault.azure.net on 10.2.0.10:53: no such host",
            "System.Net.Http.HttpRequestException: No such host\n is known. (kv-green.vault.azure.net:443)",
            "Error: getaddrinfo ENOTFOUND kv-green.vau",
            "The remote name could not be\n resolved: 'kv-green.vault.azure.net'",
        ],
        sources: &[UNKNOWN_HOST_THREAD, DIAGNOSTICS, PRIVATE_DNS],
    },
    Family {
        id: "network.sign-in-unreachable",
        forms: &[
            &["endpoints_resolution_error"],
            &["getaddrinfo ENOTFOUND login."],
            &["Could not resolve host: login."],
            &["lookup login.", "no such host"],
            &["No such host is known", "login.microsoftonline"],
            &["Failed to resolve", "login.microsoftonline"],
            &["Post", "login.microsoftonline", "i/o timeout"],
            &["Post", "login.microsoftonline", "connection refused"],
            &["Post", "login.microsoftonline", "connection reset"],
            &["host=login.microsoftonline", "Max retries exceeded"],
            &["Connection to login.microsoftonline", "timed out"],
            &["Connect to login.microsoftonline", "failed"],
        ],
        generic: false,
        gates: &["network", "dns"],
        proves: &[],
        misleads: Some("The text suggests an account problem, but the sign-in service was never reached."),
        causes: &[
            Cause::high(
                Code::NetworkTokenEndpointUnreachable,
                "The call goes to the sign-in endpoint, so no token was issued, and the target got no request. Allow \
                 AzureActiveDirectory on port 443 out of the caller's network.",
            ),
            Cause::medium(
                Code::DnsNameUnresolved,
                "The name of the sign-in endpoint does not resolve: the network's DNS server does not forward to the \
                 internet.",
            ),
        ],
        samples: &[
            "dial tcp: lookup login.microsoftonline.com on 10.3.0.4:53: no such host",
            "HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Max retries\n exceeded with url: \
             /common/discovery/instance",
            "ClientAuthError: endpoints_resolution_error: Error: could not resolve endp",
        ],
        sources: &[BEHIND_FIREWALL],
    },
    Family {
        id: "network.subnet-without-service-endpoint",
        forms: &[
            &["SubnetsHaveNoServiceEndpointsConfigured"],
            &["do not have ServiceEndpoints for", "resources configured"],
            &["subnet's ServiceEndpoints collection before trying to ACL"],
        ],
        generic: false,
        gates: &["network"],
        proves: &[],
        misleads: None,
        causes: &[Cause::high(
            Code::NetworkServiceEndpointMissing,
            "A rule names a subnet that lacks the service endpoint of the target. Add the endpoint to that subnet, or \
             remove the subnet from the rule and use a private endpoint.",
        )],
        samples: &[
            "SubnetsHaveNoServiceEndpointsConfigured: Subnets snet-app of virtual network \
             /subscriptions/0000/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/vnet-app do not \
             have ServiceEndpoints for Microsoft.KeyVault resources configured. Add Microsoft.KeyVault to subnet's \
             ServiceEndpoints collection before trying to ACL Microsoft.KeyVault resources to these subnets.",
            "Code=\"SubnetsHaveNoService\nEndpointsConfigured\" Message=\"Subnets snet-a",
        ],
        sources: &[SUBNET_THREAD, NETWORK_SECURITY],
    },
    Family {
        id: "network.virtual-network-operation",
        forms: &[&["Operation on Virtual Network could not be performed"]],
        generic: true,
        gates: &["network", "caller"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::NetworkServiceEndpointMissing,
                "The rules of the target name a subnet without its service endpoint. The inner message then says \
                 SubnetsHaveNoServiceEndpointsConfigured.",
            ),
            Cause::medium(
                Code::CallerOperatorLacksPermission,
                "The operator has no permission to join the subnet to a service (joinViaServiceEndpoint). The inner \
                 message is then about authorization.",
            ),
        ],
        samples: &[
            "VirtualNetworkNotValid: Operation on Virtual Network could not be performed. StatusCode: 400 \
             (BadRequest). Error Code: SubnetsHaveNoServ",
            "ERROR: Operation on Virtual\n Network could not be performed. StatusCode: 403 (Forbidden)",
        ],
        sources: &[SUBNET_THREAD, NETWORK_SECURITY],
    },
    Family {
        id: "network.reserved-zone-name",
        forms: &[&["The Private DNS zone name", "is not permitted"], &["is not permitted as it is a reserved"]],
        generic: false,
        gates: &["dns"],
        proves: &[],
        misleads: None,
        causes: &[Cause::high(
            Code::DnsWrongZone,
            "A private zone cannot have the whole domain of a service. Use the privatelink zone of the service, or a \
             zone of one full host name.",
        )],
        samples: &[
            "The Private DNS zone name 'vault.azure.net' is not permitted as it is a reserved Azure infrastructure \
             domain",
            "BadRequest: The Private DNS zone\n name 'azurewebsites.net' is not permit\nted as it is a res",
        ],
        sources: &[RESERVED_THREAD, PRIVATE_DNS],
    },
    Family {
        id: "network.no-connection",
        forms: &[
            &["dial tcp", "i/o timeout"],
            &["dial tcp", "connection refused"],
            &["dial tcp", "connectex"],
            &["read tcp", "connection reset by peer"],
            &["ETIMEDOUT"],
            &["ECONNREFUSED"],
            &["ECONNRESET"],
            &["ConnectTimeoutError"],
            &["ConnectTimeoutException"],
            &["connected party did not properly respond after a period of time"],
            &["target machine actively refused it"],
            &["An existing connection was forcibly closed by the remote host"],
            &["vault.azure.net", "timed out"],
            &["vault.azure.net", "connection refused"],
            &["vault.azure.net", "connection reset"],
            &["Connect to", "vault.azure.net", "failed"],
        ],
        generic: true,
        gates: &["network", "dns"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::NetworkEgressBlocked,
                "A network security group, a route to an appliance, or a proxy drops or closes the connection. Test \
                 the port from the caller's network.",
            ),
            Cause::high(
                Code::NetworkEndpointUnreachable,
                "The name resolves to a private address that the caller's network cannot reach. Check what it \
                 resolves to there.",
            )
            .seen(&[Sign::up(Trait::PrivateLinkName, "a private endpoint is used")]),
            Cause::medium(
                Code::DnsRecordStale,
                "The name resolves to a private address that no longer belongs to an endpoint.",
            ),
            Cause::medium(
                Code::NetworkNotRoutedThroughVnet,
                "The address is private, but the app does not send this traffic through its network.",
            )
            .seen(&[Sign::up(Trait::AppService, "an app must be integrated with the network and route there")]),
            Cause::low(
                Code::NetworkPrivateEndpointNotApproved,
                "The private endpoint at that address is pending or was rejected.",
            ),
        ],
        samples: &[
            "Get \"https://kv-red.vault.azure.net/secrets/db?api-version=7.4\": dial tcp 10.4.1.5:443: i/o timeout",
            "Error: connect ETIMEDOUT 10.4.1.5:443",
            "HTTPSConnectionPool(host='kv-red.vault.azure.net', port=443): Read tim\ned out. (read timeout=10)",
            "A connection attempt failed because the\n connected party did not properly respond after a period of \
             ti\nme, or established connection failed",
        ],
        sources: &[DIAGNOSTICS, NETWORK_SECURITY, BEHIND_FIREWALL],
    },
];
