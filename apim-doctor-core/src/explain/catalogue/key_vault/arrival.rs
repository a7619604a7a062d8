//! What Key Vault says of where a request comes from: token, firewall, private endpoint, perimeter.

use crate::explain::catalogue::key_vault::sources::{COMMON_ERRORS, NETWORK_SECURITY, REST_ERRORS};
use crate::explain::family::{Cause, Family, Sign, Trait};
use crate::finding::{Code, Gate, WebPage};

const DIAGNOSTICS: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/key-vault/general/private-link-diagnostics",
    read_on: "2026-11-21",
};
const AUTHENTICATION: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/key-vault/general/authentication", read_on: "2026-11-21" };
const SERVICE_ENDPOINTS: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/key-vault/general/overview-vnet-service-endpoints",
    read_on: "2026-11-21",
};
const PERIMETER: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/private-link/network-security-perimeter-concepts",
    read_on: "2026-11-21",
};
const CLOSED_THREAD: WebPage =
    WebPage { url: "https://github.com/Azure/azure-rest-api-specs/issues/37960", read_on: "2026-11-21" };
const PRIVATE_LINK_THREAD: WebPage =
    WebPage { url: "https://github.com/Azure/azure-cli/issues/31406", read_on: "2026-11-21" };
const HOST_THREAD: WebPage = WebPage { url: "https://stackoverflow.com/a/66341460", read_on: "2026-11-21" };

pub(super) const FAMILIES: &[Family] = &[
    Family {
        id: "key-vault.missing-token",
        forms: &[&["AKV10000"], &["Request is missing a Bearer or PoP token"]],
        generic: true,
        gates: &["identity", "network"],
        proves: &[Gate::Target, Gate::Dns],
        misleads: Some(
            "Most clients send their first call without a token to learn the tenant, so this alone in a log is not a \
             fault. Check the answer to the next call.",
        ),
        causes: &[
            Cause::medium(
                Code::IdentityNotEnabled,
                "The client sent no token because it has no identity to get one with.",
            ),
            Cause::low(
                Code::IdentityClientIdNotSpecified,
                "The client could not choose between several identities. An earlier message then says so.",
            ),
            Cause::low(
                Code::NetworkTokenEndpointUnreachable,
                "The client could not reach the sign-in endpoint. An earlier message then shows a timeout.",
            ),
        ],
        samples: &[
            "(Unauthorized) AKV10000: Request is missing a Bearer or PoP token.",
            "{\"error\":{\"code\":\"Unauthorized\",\"message\":\"AKV10000: Request is missing\n a Bearer or",
        ],
        sources: &[REST_ERRORS, AUTHENTICATION],
    },
    Family {
        id: "key-vault.forbidden-by-firewall",
        forms: &[
            &["ForbiddenByFirewall"],
            &["Client address", "is not authorized and caller is not a trusted service"],
        ],
        generic: false,
        gates: &["firewall", "dns", "network"],
        proves: &[Gate::Target],
        misleads: Some(
            "The 403 looks like a missing permission, but the network rules refused the call before any permission \
             was checked.",
        ),
        causes: &[
            Cause::high(
                Code::FirewallSourceNotAllowed,
                "The vault allows only selected networks, and the address that it saw is in none of its rules. \
                 Compare the address in the message with the rules.",
            ),
            Cause::medium(
                Code::FirewallUserAssignedNotTrusted,
                "The caller is API Management with a user-assigned identity, which the trusted-services exception \
                 does not cover.",
            )
            .seen(&[
                Sign::up(Trait::ApiManagement, "API Management with a user-assigned identity is not a trusted service"),
                Sign::up(
                    Trait::UserAssigned,
                    "the exception does not cover a user-assigned identity of API Management",
                ),
                Sign::down(Trait::SystemAssigned, "the exception covers the system-assigned identity"),
            ]),
            Cause::medium(
                Code::FirewallConsumerNotOnTrustedList,
                "The exception is on, but the calling service, or this use of it, is not a trusted service.",
            ),
            Cause::medium(
                Code::DnsZoneNotLinked,
                "A private endpoint exists, but the caller resolved the public address instead. This is the cause if \
                 the address seen is public and the call should have been private.",
            )
            .seen(&[Sign::down(
                Trait::PrivateAddress,
                "the vault saw a private address, so the call did not go over the internet",
            )]),
            Cause::medium(
                Code::FirewallTrustedServicesOff,
                "The caller would be a trusted service, and the exception is off.",
            )
            .seen(&[Sign::up(Trait::SystemAssigned, "this identity would be trusted if the exception were on")]),
            Cause::low(
                Code::NetworkServiceEndpointMissing,
                "The rules contain the subnet, but it has no service endpoint, so the vault sees a public address \
                 instead of the subnet.",
            )
            .seen(&[Sign::down(
                Trait::PrivateAddress,
                "the vault saw the private address, so the service endpoint works",
            )]),
            Cause::low(
                Code::NetworkNotRoutedThroughVnet,
                "The app does not send this call through its network, so the vault sees an outbound address of the \
                 platform.",
            )
            .seen(&[Sign::down(Trait::PrivateAddress, "the call came from a network")]),
            Cause::low(
                Code::DnsNotForwarded,
                "The network's DNS server does not forward to Azure DNS, so the private zone is not asked.",
            )
            .seen(&[Sign::down(Trait::PrivateAddress, "the call did not go to the public address over the internet")]),
            Cause::low(
                Code::FirewallGatewayTrustRetired,
                "An API Management policy relies on the trusted access of the gateway, which has ended.",
            ),
        ],
        samples: &[
            "(Forbidden) Client address is not authorized and caller is not a trusted service.\r\nClient address: \
             203.0.113.7\r\nCaller: appid=1;oid=2;iss=https://sts.windows.net/3/\r\nVault: \
             kv-north;location=westeurope\r\nCode: Forbidden\nInner error: {\"code\": \"ForbiddenByFirewall\"}",
            "Client address (198.51.100.9) is not authorized\n and caller is not a trusted ser\nvice",
            "...\"innererror\":{\"code\":\"ForbiddenBy\nFirewall\"}}",
        ],
        sources: &[REST_ERRORS, COMMON_ERRORS, NETWORK_SECURITY, SERVICE_ENDPOINTS, DIAGNOSTICS],
    },
    Family {
        id: "key-vault.public-access-disabled",
        forms: &[
            &["Public network access is disabled and request is not from a trusted service"],
            &["request is not from a trusted service nor via an approved private link"],
            &["Public access is disabled and the request was not made from a trusted service"],
        ],
        generic: false,
        gates: &["firewall", "dns", "network"],
        proves: &[Gate::Target],
        misleads: Some(
            "The 403 looks like a missing permission, but the network rules refused the call before any permission \
             was checked.",
        ),
        causes: &[
            Cause::high(
                Code::FirewallPublicAccessDisabled,
                "Public access is disabled, so address and subnet rules have no effect. The caller needs a private \
                 endpoint or must be a trusted service.",
            ),
            Cause::medium(
                Code::FirewallConsumerNotOnTrustedList,
                "The exception is on, and the calling service, or this use of it, is not on the list.",
            )
            .seen(&[Sign::up(Trait::ContainerApps, "Container Apps is not trusted for this")]),
            Cause::medium(
                Code::DnsZoneNotLinked,
                "A private endpoint exists, but the caller resolved the public address. See what the name resolves to \
                 on the caller's machine.",
            ),
            Cause::medium(
                Code::FirewallUserAssignedNotTrusted,
                "The caller is API Management with a user-assigned identity, which is not trusted.",
            )
            .seen(&[
                Sign::up(Trait::ApiManagement, "API Management with a user-assigned identity is not a trusted service"),
                Sign::up(
                    Trait::UserAssigned,
                    "the exception does not cover a user-assigned identity of API Management",
                ),
                Sign::down(Trait::SystemAssigned, "the exception covers the system-assigned identity"),
            ]),
            Cause::low(
                Code::DnsNotForwarded,
                "The network's DNS server does not forward to Azure DNS, so the private zone is not asked.",
            ),
            Cause::low(
                Code::NetworkNotRoutedThroughVnet,
                "The app has a network with a private path and does not send this call there.",
            ),
            Cause::low(
                Code::NetworkPrivateEndpointNotApproved,
                "The connection of the private endpoint waits for approval or was rejected.",
            ),
        ],
        samples: &[
            "Public network access is disabled and request is not from a trusted service nor via an approved private \
             link.\r\nCaller: appid=1;oid=2;iss=https://sts.windows.net/3/\r\nVault: kv-south;location=northeurope",
            "Status=403 Code=\"Forbidden\" Message=\"Public network access is dis\nabled and request is not from a \
             trusted serv\nice nor via",
        ],
        sources: &[NETWORK_SECURITY, DIAGNOSTICS, CLOSED_THREAD],
    },
    Family {
        id: "key-vault.not-approved-private-link",
        forms: &[&["Connection is not an approved private link"], &["caller was ignored because bypass is not set to"]],
        generic: false,
        gates: &["dns", "firewall", "network"],
        proves: &[Gate::Target],
        misleads: Some(
            "The text mentions approval, but usually the call did not use the private endpoint, because the name \
             resolved to the public address.",
        ),
        causes: &[
            Cause::high(
                Code::DnsZoneNotLinked,
                "The call used the public address. If a private endpoint exists, its zone is missing or not linked to \
                 the caller's network.",
            ),
            Cause::high(
                Code::FirewallPublicAccessDisabled,
                "Public access is disabled and the caller has no private path at all, for example a laptop or a \
                 hosted agent.",
            ),
            Cause::medium(
                Code::FirewallTrustedServicesOff,
                "The caller is a trusted service, but the vault does not allow trusted services: bypass is None.",
            )
            .seen(&[Sign::up(
                Trait::ApiManagement,
                "API Management would be trusted with its system-assigned identity",
            )]),
            Cause::medium(
                Code::DnsNotForwarded,
                "The network's DNS server does not forward to Azure DNS, so the private zone is not asked.",
            ),
            Cause::low(
                Code::NetworkPrivateEndpointNotApproved,
                "The connection of the endpoint waits for approval, was rejected, or was removed.",
            ),
            Cause::low(
                Code::NetworkNotRoutedThroughVnet,
                "The app has a network with a private path and does not send this call there.",
            ),
        ],
        samples: &[
            "Connection is not an approved private link and caller was ignored because bypass is not set to \
             'AzureServices' and PublicNetworkAccess is set to 'Disabled'.\r\nVault: kv-west;location=eastus",
            "(Forbidden) Connection is not an\n approved private li\nnk and caller was ign",
        ],
        sources: &[NETWORK_SECURITY, DIAGNOSTICS, PRIVATE_LINK_THREAD],
    },
    Family {
        id: "key-vault.forbidden-by-connection",
        forms: &[&["ForbiddenByConnection"]],
        generic: true,
        gates: &["firewall", "dns", "network"],
        proves: &[Gate::Target],
        misleads: None,
        causes: &[
            Cause::high(
                Code::FirewallPublicAccessDisabled,
                "Public access is disabled and the call came over the public address.",
            ),
            Cause::medium(
                Code::DnsZoneNotLinked,
                "A private endpoint exists, but the caller resolved the public address.",
            ),
            Cause::medium(
                Code::FirewallTrustedServicesOff,
                "A trusted service called, and the vault does not allow trusted services.",
            ),
            Cause::low(
                Code::FirewallConsumerNotOnTrustedList,
                "The exception is on, and the calling service is not on the list.",
            ),
            Cause::low(
                Code::NetworkPrivateEndpointNotApproved,
                "The connection of the private endpoint is not approved.",
            ),
        ],
        samples: &[
            "Code: Forbidden Inner error: { \"code\": \"ForbiddenByConnection\" }",
            "[ForbiddenBy\nConnection (Forbidden)]",
        ],
        sources: &[NETWORK_SECURITY, DIAGNOSTICS],
    },
    Family {
        id: "key-vault.other-host-on-connection",
        forms: &[&["This TCP connection does not allow access to"]],
        generic: false,
        gates: &["dns", "network"],
        proves: &[],
        misleads: Some(
            "The text suggests a blocked port, but the call arrived at a private endpoint that does not belong to \
             this vault.",
        ),
        causes: &[
            Cause::high(
                Code::DnsRecordStale,
                "The name resolves to a private endpoint of another vault, or to an old one. Compare the address in \
                 the record with the endpoint of this vault.",
            ),
            Cause::low(
                Code::DnsWrongZone,
                "A zone, a hosts file or a wildcard record resolves several vaults to one address.",
            ),
            Cause::low(
                Code::NetworkPrivateEndpointNotApproved,
                "The endpoint was removed or rejected, but its record remained.",
            ),
        ],
        samples: &[
            "(Forbidden) This TCP connection does not allow access to kv-two.vault.azure.net",
            "403 Forbidden: This TCP connection does not\n allow access to kv-tw",
        ],
        sources: &[HOST_THREAD, DIAGNOSTICS],
    },
    Family {
        id: "key-vault.forbidden-by-perimeter",
        forms: &[&["ForbiddenByNsp"], &["The request was forbidden by NSP policy"]],
        generic: false,
        gates: &["firewall"],
        proves: &[Gate::Target],
        misleads: None,
        causes: &[Cause::high(
            Code::FirewallPerimeterBlocks,
            "The vault is in a network security perimeter that does not allow this caller. Add an access rule to its \
             profile, or use a private endpoint.",
        )],
        samples: &[
            "[ForbiddenByNsp (Forbidden)] The request was forbidden by NSP policy. Caller: \
             name=KeyVault/ManagementPlane;appid=1;oid=2",
            "code: ForbiddenByNsp",
            "The request was for\nbidden by NSP pol\nicy. Caller: na",
        ],
        sources: &[PERIMETER, NETWORK_SECURITY],
    },
];
