//! What Key Vault says, and what those who call it make of that.

use crate::explain::family::{Cause, Family, Sign, Trait};
use crate::finding::{Gate, Source};

const REST_ERRORS: Source =
    Source { url: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes", read_on: "2026-11-21" };
const COMMON_ERRORS: Source =
    Source { url: "https://learn.microsoft.com/azure/key-vault/general/common-error-codes", read_on: "2026-11-21" };
const NETWORK_SECURITY: Source =
    Source { url: "https://learn.microsoft.com/azure/key-vault/general/network-security", read_on: "2026-11-21" };
const DIAGNOSTICS: Source = Source {
    url: "https://learn.microsoft.com/azure/key-vault/general/private-link-diagnostics",
    read_on: "2026-11-21",
};
const RBAC: Source =
    Source { url: "https://learn.microsoft.com/azure/key-vault/general/rbac-guide", read_on: "2026-11-21" };
const ACCESS_DEFAULT: Source =
    Source { url: "https://learn.microsoft.com/azure/key-vault/general/access-control-default", read_on: "2026-11-21" };
const ABAC: Source =
    Source { url: "https://learn.microsoft.com/azure/key-vault/general/rbac-abac", read_on: "2026-11-21" };
const POLICY: Source =
    Source { url: "https://learn.microsoft.com/azure/key-vault/general/assign-access-policy", read_on: "2026-11-21" };
const TROUBLE: Source = Source {
    url: "https://learn.microsoft.com/azure/key-vault/general/troubleshooting-access-issues",
    read_on: "2026-11-21",
};
const AUTHENTICATION: Source =
    Source { url: "https://learn.microsoft.com/azure/key-vault/general/authentication", read_on: "2026-11-21" };
const SOFT_DELETE: Source =
    Source { url: "https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview", read_on: "2026-11-21" };
const SERVICE_ENDPOINTS: Source = Source {
    url: "https://learn.microsoft.com/azure/key-vault/general/overview-vnet-service-endpoints",
    read_on: "2026-11-21",
};
const PERIMETER: Source = Source {
    url: "https://learn.microsoft.com/azure/private-link/network-security-perimeter-concepts",
    read_on: "2026-11-21",
};
const GATEWAY_THREAD: Source =
    Source { url: "https://github.com/Azure/application-gateway-kubernetes-ingress/issues/872", read_on: "2026-11-21" };
const GATEWAY_VALIDATE_THREAD: Source =
    Source { url: "https://github.com/mspnp/aks-baseline/issues/262", read_on: "2026-11-21" };
const GATEWAY_IDENTITY_THREAD: Source =
    Source { url: "https://github.com/MicrosoftDocs/azure-docs/issues/59108", read_on: "2026-11-21" };
const CONTAINER_THREAD: Source =
    Source { url: "https://github.com/microsoft/azure-container-apps/issues/739", read_on: "2026-11-21" };
const CONTAINER_VALUE_THREAD: Source =
    Source { url: "https://github.com/microsoft/azure-container-apps/issues/930", read_on: "2026-11-21" };
const CLOSED_THREAD: Source =
    Source { url: "https://github.com/Azure/azure-rest-api-specs/issues/37960", read_on: "2026-11-21" };
const PRIVATE_LINK_THREAD: Source =
    Source { url: "https://github.com/Azure/azure-cli/issues/31406", read_on: "2026-11-21" };
const HOST_THREAD: Source = Source { url: "https://stackoverflow.com/a/66341460", read_on: "2026-11-21" };
const POLICY_THREAD: Source =
    Source { url: "https://github.com/Azure/azure-sdk-for-java/issues/8229", read_on: "2026-11-21" };
const PERMISSION_THREAD: Source =
    Source { url: "https://github.com/Azure/azure-libraries-for-net/issues/1067", read_on: "2026-11-21" };
const RBAC_THREAD: Source =
    Source { url: "https://github.com/pulumi/pulumi-azure-native/issues/890", read_on: "2026-11-21" };
const DISABLED_THREAD: Source =
    Source { url: "https://github.com/ansible-collections/azure/issues/1989", read_on: "2026-11-21" };
const PURGE_THREAD: Source =
    Source { url: "https://github.com/Azure/azure-rest-api-specs/issues/9222", read_on: "2026-11-21" };
const BARE_THREAD: Source =
    Source { url: "https://github.com/Azure/azure-sdk-for-net/issues/5121", read_on: "2026-11-21" };
const BARE_GO_THREAD: Source = Source {
    url: "https://github.com/SparebankenVest/azure-key-vault-to-kubernetes/issues/203",
    read_on: "2026-11-21",
};
const BARE_STATUS_THREAD: Source =
    Source { url: "https://github.com/Azure/AppConfiguration/issues/421", read_on: "2026-11-21" };
const NOT_FOUND_THREAD: Source =
    Source { url: "https://github.com/microsoft/Partner-Center-DotNet-Samples/issues/8", read_on: "2026-11-21" };
const SET_POLICY_THREAD: Source =
    Source { url: "https://github.com/MicrosoftLearning/AI-102-AIEngineer/issues/192", read_on: "2026-11-21" };
const PRIVATE_KEY_THREAD: Source =
    Source { url: "https://github.com/Azure/terraform-provider-azapi/issues/380", read_on: "2026-11-21" };
const EXPLORER_THREAD: Source =
    Source { url: "https://github.com/microsoft/AzureKeyVaultExplorer/issues/36", read_on: "2026-11-21" };

pub(super) const FAMILIES: &[Family] = &[
    Family {
        id: "key-vault.missing-token",
        forms: &[&["AKV10000"], &["Request is missing a Bearer or PoP token"]],
        generic: true,
        gates: &["identity", "network"],
        proves: &[Gate::Target, Gate::Dns],
        misleads: Some(
            "Most clients send their first call without a token to learn the tenant, so alone in a log this is no \
             fault. See what the next call got.",
        ),
        causes: &[
            Cause::medium(
                "identity.not-enabled",
                "The client sent no token because it has no identity to get one with.",
            ),
            Cause::low(
                "identity.client-id-not-specified",
                "The client could not choose between several identities. A message before this one then says so.",
            ),
            Cause::low(
                "network.token-endpoint-unreachable",
                "The client could not reach the sign-in endpoint. A timeout stands before this message then.",
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
            "It is a 403 like a missing permission. The network rules refused the call before any permission was \
             looked at.",
        ),
        causes: &[
            Cause::high(
                "firewall.source-not-allowed",
                "The vault admits chosen networks only, and the address it saw is in none of its rules. Compare the \
                 address in the message with the rules.",
            ),
            Cause::medium(
                "firewall.user-assigned-not-trusted",
                "The caller is API Management with a user-assigned identity, which the exception for trusted services \
                 does not cover.",
            )
            .seen(&[
                Sign::up(Trait::ApiManagement, "API Management with a user-assigned identity is no trusted service"),
                Sign::up(
                    Trait::UserAssigned,
                    "the exception does not cover a user-assigned identity of API Management",
                ),
                Sign::down(Trait::SystemAssigned, "the exception covers the system-assigned identity"),
            ]),
            Cause::medium(
                "firewall.consumer-not-on-trusted-list",
                "The exception is on, and the calling service, or this use of it, is not on the list of trusted \
                 services.",
            ),
            Cause::medium(
                "dns.zone-not-linked",
                "A private endpoint exists, and the caller resolved the public address instead. This is it where the \
                 address seen is public and the call should have been private.",
            )
            .seen(&[Sign::down(
                Trait::PrivateAddress,
                "the vault saw a private address, so the call did not go over the internet",
            )]),
            Cause::medium(
                "firewall.trusted-services-off",
                "The caller would be a trusted service, and the exception is off.",
            )
            .seen(&[Sign::up(Trait::SystemAssigned, "this identity would be trusted if the exception were on")]),
            Cause::low(
                "network.service-endpoint-missing",
                "The subnet is in the rules and has no service endpoint, so the vault sees a public address and not \
                 the subnet.",
            )
            .seen(&[Sign::down(
                Trait::PrivateAddress,
                "the vault saw the private address, so the service endpoint works",
            )]),
            Cause::low(
                "network.not-routed-through-vnet",
                "The app does not send this call through its network, so the vault sees an outbound address of the \
                 platform.",
            )
            .seen(&[Sign::down(Trait::PrivateAddress, "the call came from a network")]),
            Cause::low(
                "dns.not-forwarded",
                "The DNS server of the network does not forward to Azure DNS, so the private zone is not asked.",
            )
            .seen(&[Sign::down(Trait::PrivateAddress, "the call did not go to the public address over the internet")]),
            Cause::low(
                "firewall.gateway-trust-retired",
                "A policy of API Management relies on the trust of its gateway, which has ended.",
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
            "It is a 403 like a missing permission. The network rules refused the call before any permission was \
             looked at.",
        ),
        causes: &[
            Cause::high(
                "firewall.public-access-disabled",
                "Public access is off, so addresses and subnets in the rules do not count. The caller needs a private \
                 path or must be a trusted service.",
            ),
            Cause::medium(
                "firewall.consumer-not-on-trusted-list",
                "The exception is on, and the calling service, or this use of it, is not on the list.",
            )
            .seen(&[Sign::up(Trait::ContainerApps, "Container Apps is not trusted for this")]),
            Cause::medium(
                "dns.zone-not-linked",
                "A private endpoint exists, and the caller resolved the public address. See what the name resolves to \
                 where the caller runs.",
            ),
            Cause::medium(
                "firewall.user-assigned-not-trusted",
                "The caller is API Management with a user-assigned identity, which is not trusted.",
            )
            .seen(&[
                Sign::up(Trait::ApiManagement, "API Management with a user-assigned identity is no trusted service"),
                Sign::up(
                    Trait::UserAssigned,
                    "the exception does not cover a user-assigned identity of API Management",
                ),
                Sign::down(Trait::SystemAssigned, "the exception covers the system-assigned identity"),
            ]),
            Cause::low(
                "dns.not-forwarded",
                "The DNS server of the network does not forward to Azure DNS, so the private zone is not asked.",
            ),
            Cause::low(
                "network.not-routed-through-vnet",
                "The app has a network with a private path and does not send this call there.",
            ),
            Cause::low(
                "network.private-endpoint-not-approved",
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
            "It speaks of approval. More often the call never used the private link, because the name resolved to the \
             public address.",
        ),
        causes: &[
            Cause::high(
                "dns.zone-not-linked",
                "The call came over the public address. Where a private endpoint exists, the zone is missing or not \
                 linked to the network of the caller.",
            ),
            Cause::high(
                "firewall.public-access-disabled",
                "Public access is off and the caller has no private path at all, for example a laptop or a hosted \
                 agent.",
            ),
            Cause::medium(
                "firewall.trusted-services-off",
                "A trusted service called, and the vault does not let trusted services in: bypass is None.",
            )
            .seen(&[Sign::up(
                Trait::ApiManagement,
                "API Management would be trusted with its system-assigned identity",
            )]),
            Cause::medium(
                "dns.not-forwarded",
                "The DNS server of the network does not forward to Azure DNS, so the private zone is not asked.",
            ),
            Cause::low(
                "network.private-endpoint-not-approved",
                "The connection of the endpoint waits for approval, was rejected, or was removed.",
            ),
            Cause::low(
                "network.not-routed-through-vnet",
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
                "firewall.public-access-disabled",
                "Public access is off and the call came over the public address.",
            ),
            Cause::medium(
                "dns.zone-not-linked",
                "A private endpoint exists, and the caller resolved the public address.",
            ),
            Cause::medium(
                "firewall.trusted-services-off",
                "A trusted service called, and the vault does not let trusted services in.",
            ),
            Cause::low(
                "firewall.consumer-not-on-trusted-list",
                "The exception is on, and the calling service is not on the list.",
            ),
            Cause::low(
                "network.private-endpoint-not-approved",
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
            "It sounds like a blocked port. The call arrived, at an endpoint that does not belong to this vault.",
        ),
        causes: &[
            Cause::high(
                "dns.record-stale",
                "The name resolves to a private endpoint of another vault, or to an old one. Compare the address in \
                 the record with the endpoint of this vault.",
            ),
            Cause::low(
                "dns.wrong-zone",
                "A zone, a hosts file or a catch-all record sends several vaults to one address.",
            ),
            Cause::low(
                "network.private-endpoint-not-approved",
                "The endpoint was removed or rejected while its record stayed.",
            ),
        ],
        samples: &[
            "(Forbidden) This TCP connection does not allow access to kv-two.vault.azure.net",
            "403 Forbidden: This TCP connection does not\n allow access to kv-tw",
        ],
        sources: &[HOST_THREAD, DIAGNOSTICS],
    },
    Family {
        id: "key-vault.not-in-access-policies",
        forms: &[&["Caller was not found on any access policy"], &["was not found on any access policy"]],
        generic: false,
        gates: &["authorization", "identity"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network, Gate::Firewall],
        misleads: None,
        causes: &[
            Cause::high(
                "authorization.no-grant",
                "The vault uses access policies and none names the object id in the message. Add one for it.",
            ),
            Cause::medium(
                "authorization.policy-mode-ignores-roles",
                "A role was assigned, and the vault uses access policies, where roles on data have no effect.",
            ),
            Cause::medium(
                "authorization.wrong-principal-granted",
                "A policy exists for an application id or another object id. Compare it with the oid in the message.",
            ),
            Cause::medium(
                "identity.unexpected-identity",
                "The call was made with another identity than the one that has the policy.",
            ),
            Cause::low(
                "identity.replaced",
                "The resource was made again and has a new object id, and the policy names the old one.",
            ),
        ],
        samples: &[
            "Access denied. Caller was not found on any access policy.\r\nCaller: \
             appid=1;oid=2;numgroups=0;iss=https://sts.windows.net/3/\r\nVault: kv-east;location=uksouth",
            "Access denied. Caller was not fo\nund on any access policy. Caller: appid=4;oi",
        ],
        sources: &[POLICY, TROUBLE, POLICY_THREAD],
    },
    Family {
        id: "key-vault.permission-missing-in-policy",
        forms: &[
            &["does not have", "permission on key vault"],
            &["The user, group or application", "does not have secrets"],
            &["The user, group or application", "does not have certificates"],
            &["The user, group or application", "does not have keys"],
        ],
        generic: false,
        gates: &["authorization", "identity"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network, Gate::Firewall],
        misleads: None,
        causes: &[
            Cause::high(
                "authorization.no-grant",
                "The vault uses access policies and none gives this caller the permission that the message names.",
            ),
            Cause::high(
                "authorization.role-lacks-action",
                "The caller has a policy, and it lacks this permission: reading secrets, keys and certificates are \
                 three lists.",
            ),
            Cause::medium(
                "authorization.wrong-principal-granted",
                "The policy names an application id or another object id. Compare it with the oid in the message.",
            ),
            Cause::medium(
                "authorization.policy-mode-ignores-roles",
                "A role was assigned, and the vault uses access policies, where roles on data have no effect.",
            ),
            Cause::low(
                "identity.unexpected-identity",
                "The call was made with another identity than the one that has the policy.",
            ),
        ],
        samples: &[
            "The user, group or application 'appid=1;oid=2;numgroups=3;iss=https://sts.windows.net/4/' does not have \
             secrets get permission on key vault 'kv-hill;location=westus2'. For help resolving this issue, please \
             see https://go.microsoft.com/fwlink/?linkid=2125287",
            "does not have keys\n wrapKey permis\nsion on key vault 'kv-hil",
        ],
        sources: &[POLICY, TROUBLE, PERMISSION_THREAD],
    },
    Family {
        id: "key-vault.forbidden-by-policy",
        forms: &[&["ForbiddenByPolicy"]],
        generic: true,
        gates: &["authorization", "identity"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network, Gate::Firewall],
        misleads: None,
        causes: &[
            Cause::high(
                "authorization.no-grant",
                "The vault uses access policies and none gives this caller what it asks for.",
            ),
            Cause::medium(
                "authorization.role-lacks-action",
                "The caller has a policy without the permission for this operation.",
            ),
            Cause::medium(
                "authorization.policy-mode-ignores-roles",
                "A role was assigned, and the vault uses access policies.",
            ),
            Cause::low(
                "identity.unexpected-identity",
                "The call was made with another identity than the one that has the policy.",
            ),
        ],
        samples: &[
            "Inner error: {\"code\": \"ForbiddenByPolicy\"}",
            "StatusCode=403 Code=\"Forbidden\" InnerError={\"code\":\"Forbidden\nByPolicy\"}",
        ],
        sources: &[POLICY, TROUBLE],
    },
    Family {
        id: "key-vault.forbidden-by-rbac",
        forms: &[&["ForbiddenByRbac"], &["Caller is not authorized to perform action on resource"]],
        generic: false,
        gates: &["authorization", "identity"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network, Gate::Firewall],
        misleads: None,
        causes: &[
            Cause::high(
                "authorization.no-grant",
                "The vault is in RBAC mode and no role of the caller contains the action in the message at this \
                 vault.",
            )
            .seen(&[Sign::up(Trait::NoAssignment, "the vault found no assignment that fits")]),
            Cause::medium(
                "authorization.control-plane-role-only",
                "The caller is Owner, Contributor or Reader: these manage the vault and do not open what is in it.",
            )
            .seen(&[Sign::up(Trait::NoAssignment, "management roles do not count as assignments here")]),
            Cause::medium(
                "authorization.rbac-mode-ignores-access-policies",
                "The caller has an access policy, which has no effect in RBAC mode.",
            ),
            Cause::medium(
                "authorization.propagation-delay",
                "The role was assigned minutes ago. Try again before changing anything.",
            ),
            Cause::medium(
                "authorization.role-lacks-action",
                "The caller has a role for another kind of object or for less than this action.",
            ),
            Cause::medium(
                "authorization.wrong-principal-granted",
                "The role was given to another object id than the oid in the message.",
            ),
            Cause::low(
                "authorization.management-role-missing",
                "The request went through Resource Manager, where the keys of a vault need a management role.",
            )
            .seen(&[Sign::up(Trait::KeyThroughResourceManager, "a key is asked for through Resource Manager")]),
            Cause::low(
                "authorization.condition-not-met",
                "The role has a condition that leaves this object or action out.",
            )
            .seen(&[Sign::up(Trait::Assignment, "an assignment was found and did not allow the action")]),
            Cause::low(
                "authorization.denied",
                "A deny assignment applies: DenyAssignmentId in the message is not null.",
            )
            .seen(&[Sign::up(Trait::Assignment, "an assignment was found and did not allow the action")]),
            Cause::low(
                "authorization.scope-does-not-cover",
                "The role is held on another vault, or on one secret beside this one.",
            ),
            Cause::low(
                "authorization.group-grant-not-effective",
                "The role is held by a group, and the membership is not in the token yet.",
            ),
            Cause::low(
                "identity.unexpected-identity",
                "The call was made with another identity than the one that has the role.",
            ),
        ],
        samples: &[
            "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or \
             role definitions were changed recently, please observe propagation time.\r\nCaller: \
             appid=1;oid=2;iss=https://sts.windows.net/3/\r\nAction: \
             'Microsoft.KeyVault/vaults/secrets/getSecret/action'\r\nResource: \
             '/subscriptions/0/resourcegroups/r/providers/microsoft.keyvault/vaults/kv-l/secrets/db'\r\nAssignment: \
             (not found)\r\nDenyAssignmentId: null",
            "Inner error: {\"code\": \"ForbiddenByRbac\"}",
            "(Forbidden) Caller is not authorized to\n perform action on reso\nurce. If role assign",
        ],
        sources: &[RBAC, ABAC, ACCESS_DEFAULT, RBAC_THREAD],
    },
    Family {
        id: "key-vault.object-disabled",
        forms: &[
            &["SecretDisabled"],
            &["is not allowed on a disabled secret"],
            &["is not allowed on a disabled key"],
            &["is not allowed on a disabled certificate"],
        ],
        generic: false,
        gates: &["object"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network, Gate::Firewall, Gate::Identity, Gate::Authorization],
        misleads: Some("It is a 403 like a missing permission. The permission was there."),
        causes: &[Cause::high(
            "object.disabled",
            "The version that was asked for is disabled. Enable it, or refer to an enabled version. All gates \
                 before it let the call through.",
        )],
        samples: &[
            "(Forbidden) Operation get is not allowed on a disabled secret. Code: Forbidden Inner error: {\"code\": \
             \"SecretDisabled\"}",
            "Operation wrapKey is not al\nlowed on a disabled key.",
        ],
        sources: &[REST_ERRORS, DISABLED_THREAD],
    },
    Family {
        id: "key-vault.object-not-found",
        forms: &[
            &["was not found in this key vault"],
            &["SecretNotFound"],
            &["A secret with (name/id)"],
            &["A certificate with (name/id)"],
            &["A key with (name/id)"],
            &["code: CertificateNotFound"],
            &["(CertificateNotFound)"],
            &["code: KeyNotFound"],
            &["(KeyNotFound)"],
        ],
        generic: false,
        gates: &["object"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network, Gate::Firewall, Gate::Identity, Gate::Authorization],
        misleads: None,
        causes: &[Cause::high(
            "object.missing",
            "The vault has no such object or version: misspelt, never made here, made in another vault, or \
                 deleted. See the deleted objects of the vault too.",
        )],
        samples: &[
            "(SecretNotFound) A secret with (name/id) db-pass/0123456789abcdef was not found in this key vault. If \
             you recently deleted this secret you may be able to recover it using the correct recovery command.",
            "Code: CertificateNotFound",
            "A key with (name/id) disk-key was not fo\nund in this key vault. If you rec",
        ],
        sources: &[REST_ERRORS, COMMON_ERRORS, SOFT_DELETE],
    },
    Family {
        id: "key-vault.object-soft-deleted",
        forms: &[
            &["is currently in a deleted but recoverable state"],
            &["ObjectIsDeletedButRecoverable"],
            &["ObjectIsBeingDeleted"],
            &["is currently being deleted", "its name cannot be re"],
        ],
        generic: false,
        gates: &["object"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network, Gate::Firewall, Gate::Identity, Gate::Authorization],
        misleads: None,
        causes: &[Cause::high(
            "object.missing",
            "An object of this name was deleted and is kept until its retention ends. Recover it, purge it, or \
                 take another name.",
        )],
        samples: &[
            "(Conflict) Secret api-token is currently in a deleted but recoverable state, and its name cannot be \
             reused; in this state, the secret can only be recovered or purged.",
            "Certificate edge is currently in a del\neted but recoverable sta\nte, and its name",
            "Inner error: {\"code\": \"ObjectIsDeletedButRecoverable\"}",
        ],
        sources: &[SOFT_DELETE, PURGE_THREAD],
    },
    Family {
        id: "key-vault.forbidden-by-perimeter",
        forms: &[&["ForbiddenByNsp"], &["The request was forbidden by NSP policy"]],
        generic: false,
        gates: &["firewall"],
        proves: &[Gate::Target],
        misleads: None,
        causes: &[Cause::high(
            "firewall.perimeter-blocks",
            "The vault is in a network security perimeter that admits no such caller. Add an access rule to its \
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
    Family {
        id: "key-vault.throttled",
        forms: &[&["code: Throttled"], &["(Throttled)"], &["VaultRequestTypeLimitReached"]],
        generic: false,
        gates: &["platform"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network],
        misleads: None,
        causes: &[Cause::medium(
            "platform.service-side",
            "The vault got more requests than it serves in ten seconds. Keep what was read, and try again later \
                 with growing pauses.",
        )],
        samples: &[
            "(Throttled) Request was not processed because too many requests were received. Reason: \
             VaultRequestTypeLimitReached",
            "429 {\"error\":{\"code\":\"Throt\ntled\",\"message\":\"Req",
        ],
        sources: &[REST_ERRORS],
    },
    Family {
        id: "key-vault.name-taken",
        forms: &[
            &["VaultAlreadyExists"],
            &["The vault name", "is already in use"],
            &["vault with the same name already exists in deleted state"],
        ],
        generic: false,
        gates: &["target"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                "target.vault-deleted",
                "A deleted vault keeps its name until its retention ends. List the deleted vaults and recover or \
                 purge it.",
            ),
            Cause::medium(
                "target.vault-name-wrong",
                "The name is taken by a vault elsewhere: names of vaults are unique in a whole cloud.",
            ),
        ],
        samples: &[
            "(VaultAlreadyExists) The vault name 'kv-park' is already in use. Vault names are globally unique so it \
             is possible that the name is already taken.",
            "ConflictError: A vault with the same name\n already exists in deleted st\nate. You need to",
        ],
        sources: &[COMMON_ERRORS, SOFT_DELETE],
    },
    Family {
        id: "key-vault.purge-not-allowed",
        forms: &[
            &["Operation is not allowed", "Operation: \"purge\""],
            &["Operation \"purge\" is not allowed"],
            &["is not allowed because purge protection is enabled"],
        ],
        generic: false,
        gates: &["object", "authorization", "caller"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                "object.missing",
                "The object is deleted and purge protection or its recovery level keeps it until the retention ends. \
                 Recover it instead.",
            ),
            Cause::medium(
                "authorization.role-lacks-action",
                "The caller has a policy or a role that does not contain purge, which is granted on its own.",
            ),
            Cause::low(
                "caller.operator-lacks-permission",
                "The operator who cleans up has no right to purge deleted objects.",
            ),
        ],
        samples: &[
            "Operation is not allowed. Operation: \"purge\" VaultName: \"kv-park\" ObjectName: \"cert1\"",
            "Operation \"purge\" is not allo\nwed because purge protection is ena\nbled for this vault.",
        ],
        sources: &[SOFT_DELETE, PURGE_THREAD],
    },
    Family {
        id: "key-vault.bare-forbidden",
        forms: &[&["invalid status code 'Forbidden'"]],
        generic: true,
        gates: &["authorization", "firewall", "identity", "object"],
        proves: &[],
        misleads: Some(
            "The client left out the inner code of the answer, so the network rules and the permissions look the \
             same.",
        ),
        causes: &[
            Cause::high(
                "authorization.no-grant",
                "The caller has no policy or role for this operation. The inner code of the answer, where the client \
                 can print it, tells it from the others.",
            ),
            Cause::high(
                "firewall.source-not-allowed",
                "The network rules of the vault refuse the caller. See whether the vault allows all networks: if so, \
                 it is not this.",
            ),
            Cause::medium(
                "authorization.control-plane-role-only",
                "The caller is Owner or Contributor, which manage the vault and do not open what is in it.",
            ),
            Cause::medium(
                "identity.unexpected-identity",
                "The call is made with another identity than the one that was granted.",
            ),
            Cause::low(
                "firewall.consumer-not-on-trusted-list",
                "The calling service is not covered by the exception for trusted services.",
            ),
            Cause::low("object.disabled", "The object is disabled, which is a 403 too."),
        ],
        samples: &[
            "Microsoft.Azure.KeyVault.Models.KeyVaultErrorException: Operation returned an invalid status code \
             'Forbidden' at Microsoft.Azure.KeyVault.KeyVaultClient",
            "Get-AzKeyVaultSecret : Operation returned an\n invalid status code 'Forb\nidden'",
        ],
        sources: &[REST_ERRORS, TROUBLE, BARE_THREAD],
    },
    Family {
        id: "key-vault.bare-forbidden-go",
        forms: &[
            &["keyvault.BaseClient#", "StatusCode=403"],
            &["Failure responding to request: StatusCode=403", "vault.azure.net"],
        ],
        generic: true,
        gates: &["authorization", "firewall", "identity", "object"],
        proves: &[],
        misleads: Some("Without the text after it, the network rules and the permissions look the same."),
        causes: &[
            Cause::high(
                "authorization.no-grant",
                "The caller has no policy or role for this operation. The inner code of the answer tells it from the \
                 others.",
            ),
            Cause::high(
                "firewall.source-not-allowed",
                "The network rules of the vault refuse the caller, often a build agent or a laptop.",
            ),
            Cause::medium(
                "identity.unexpected-identity",
                "The call is made with another identity than the one that was granted, for example that of a node.",
            ),
            Cause::medium(
                "firewall.public-access-disabled",
                "Public access is off and the caller has no private path.",
            ),
            Cause::low("object.disabled", "The object is disabled, which is a 403 too."),
        ],
        samples: &[
            "keyvault.BaseClient#GetSecret: Failure responding to request: StatusCode=403 -- Original Error: \
             autorest/azure: error response cannot be parsed",
            "failed to get key: keyvault.BaseClient\n#GetKey: Failure respond\ning to request: StatusCode=403",
        ],
        sources: &[REST_ERRORS, TROUBLE, BARE_GO_THREAD],
    },
    Family {
        id: "key-vault.bare-status-403",
        forms: &[&["Service request failed", "Status: 403"]],
        generic: true,
        gates: &["authorization", "firewall", "identity", "object"],
        proves: &[],
        misleads: Some(
            "The client left out the content of the answer, so the network rules and the permissions look the same.",
        ),
        causes: &[
            Cause::high(
                "authorization.no-grant",
                "The caller has no policy or role for this operation. Print the content of the answer to see its \
                 inner code.",
            ),
            Cause::high(
                "firewall.source-not-allowed",
                "The network rules refuse the caller. See whether the target allows all networks: if so, it is not \
                 this.",
            ),
            Cause::medium(
                "identity.unexpected-identity",
                "The call is made with another identity than the one that was granted, for example by a second client \
                 in the same process.",
            ),
            Cause::medium(
                "firewall.public-access-disabled",
                "Public access is off and the caller has no private path.",
            ),
            Cause::low("object.disabled", "The object is disabled, which is a 403 too."),
        ],
        samples: &[
            "Azure.RequestFailedException: Service request failed. Status: 403 (Forbidden) Content: Headers: \
             x-ms-keyvault-region: westeurope",
            "Service request fai\nled.\r\nStatus: 403 (Forb\nidden)",
        ],
        sources: &[REST_ERRORS, TROUBLE, BARE_STATUS_THREAD],
    },
    Family {
        id: "key-vault.bare-not-found",
        forms: &[
            &["KeyVaultErrorException", "invalid status code 'NotFound'"],
            &["AzKeyVault", "invalid status code 'NotFound'"],
        ],
        generic: true,
        gates: &["object", "target"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high("object.missing", "The vault has no object or version of this name."),
            Cause::medium(
                "target.vault-name-wrong",
                "The address names another vault, or has a path that no vault serves.",
            ),
        ],
        samples: &[
            "KeyVaultErrorException: Operation returned an invalid status code 'NotFound' at \
             GetSecretWithHttpMessagesAsync",
            "Get-AzKeyVaultCertificate : Operation returned an invalid status\n code 'NotFo\nund'",
        ],
        sources: &[REST_ERRORS, NOT_FOUND_THREAD],
    },
    Family {
        id: "application-gateway.secret-access-denied",
        forms: &[
            &["Access denied for KeyVault Secret"],
            &["ApplicationGatewayKeyVaultSecretAccessDenied"],
            &["Make sure that Identity assigned to Application Gateway has access to the KeyVault"],
        ],
        generic: false,
        gates: &["firewall", "authorization", "dns", "object"],
        proves: &[],
        misleads: Some(
            "It names the identity of the gateway. A vault that refuses the network of the gateway gives the same \
             text.",
        ),
        causes: &[
            Cause::high(
                "firewall.source-not-allowed",
                "The vault admits chosen networks and the subnet of the gateway is not among them. If the vault \
                 allows all networks, it is not this.",
            ),
            Cause::high(
                "authorization.no-grant",
                "The user-assigned identity of the gateway has no right to get secrets.",
            ),
            Cause::medium(
                "firewall.trusted-services-off",
                "The vault does not let trusted services in, which the gateway relies on while it is configured.",
            ),
            Cause::medium(
                "authorization.rbac-mode-ignores-access-policies",
                "The identity has an access policy and the vault is in RBAC mode.",
            ),
            Cause::medium(
                "dns.zone-not-linked",
                "The vault is closed to the public and the network of the gateway does not resolve its private \
                 address.",
            ),
            Cause::low("authorization.propagation-delay", "The role was assigned in the same deployment."),
            Cause::low("object.disabled", "The secret version is disabled."),
        ],
        samples: &[
            "Access denied for KeyVault Secret 'https://kv-edge.vault.azure.net/secrets/site' for Application \
             Gateway '/subscriptions/0/resourceGroups/rg/providers/Microsoft.Network/applicationGateways/agw'. Make \
             sure that Identity assigned to Application Gateway has access to the KeyVault associated with secret.",
            "Code=\"ApplicationGatewayKeyVaultSecretAccessDenied\" Message=\"Acc\ness denied for KeyVa",
        ],
        sources: &[GATEWAY_THREAD, NETWORK_SECURITY, RBAC],
    },
    Family {
        id: "application-gateway.secret-validation",
        forms: &[&["while accessing and validating KeyVault Secrets"], &["ApplicationGatewayKeyVaultSecretException"]],
        generic: false,
        gates: &["authorization", "firewall", "dns", "object"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                "authorization.no-grant",
                "The user-assigned identity of the gateway has no right to get secrets.",
            ),
            Cause::medium(
                "firewall.source-not-allowed",
                "The vault admits chosen networks and the subnet of the gateway is not among them.",
            ),
            Cause::medium(
                "authorization.propagation-delay",
                "The role was assigned in the same deployment. Running it again then works.",
            )
            .seen(&[Sign::up(Trait::Deployment, "a deployment may assign the role and use it at once")]),
            Cause::medium(
                "dns.zone-not-linked",
                "The vault is closed to the public and the network of the gateway does not resolve its private \
                 address.",
            ),
            Cause::low("object.disabled", "The secret version is disabled."),
            Cause::low("object.missing", "The secret or the version does not exist any more."),
        ],
        samples: &[
            "Problem occured while accessing and validating KeyVault Secrets associated with Application Gateway \
             '/subscriptions/0/resourceGroups/rg/providers/Microsoft.Network/applicationGateways/agw'. See details \
             below:",
            "ApplicationGatewayKeyVaultSecretException: Problem occur\nred while accessing and val",
        ],
        sources: &[GATEWAY_VALIDATE_THREAD, NETWORK_SECURITY, RBAC],
    },
    Family {
        id: "application-gateway.identity-not-allowed",
        forms: &[&["key vault doesn't allow access to the managed id"]],
        generic: false,
        gates: &["authorization", "firewall"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                "authorization.no-grant",
                "The identity chosen for the listener has no right to get secrets in this vault.",
            ),
            Cause::medium(
                "authorization.rbac-mode-ignores-access-policies",
                "The identity has an access policy and the vault is in RBAC mode.",
            ),
            Cause::medium(
                "authorization.wrong-principal-granted",
                "Another identity has the right. Compare the one of the gateway with the grants.",
            ),
            Cause::low("firewall.source-not-allowed", "The vault refuses the network of the gateway or of the portal."),
        ],
        samples: &[
            "The key vault doesn't allow access to the managed identity. Please add the managed identity to the \
             access policies.",
            "Listener https: The key vault doesn't allow\n access to the managed id\nentity",
        ],
        sources: &[GATEWAY_IDENTITY_THREAD, RBAC, POLICY],
    },
    Family {
        id: "container-apps.secret-not-fetched",
        forms: &[
            &["unable to fetch secret", "using Managed identity"],
            &["Unable to get value using Managed identity"],
        ],
        generic: false,
        gates: &["firewall", "authorization", "identity", "dns", "network"],
        proves: &[],
        misleads: Some("It names the identity. Network rules that refuse the environment give the same text."),
        causes: &[
            Cause::high(
                "firewall.source-not-allowed",
                "The vault admits chosen networks and the subnet of the environment is not among them. If the vault \
                 allows all networks, it is not this.",
            ),
            Cause::high("authorization.no-grant", "The identity has no right to get secrets in this vault."),
            Cause::medium(
                "identity.created-in-same-deployment",
                "The app and its system-assigned identity are made at once, so nothing could be granted before.",
            )
            .seen(&[Sign::up(Trait::SystemAssigned, "this identity exists only after the app")]),
            Cause::medium(
                "firewall.public-access-disabled",
                "Public access is off and the environment has no private path.",
            ),
            Cause::medium(
                "dns.zone-not-linked",
                "A private endpoint exists and the network of the environment does not resolve its address.",
            ),
            Cause::low(
                "firewall.consumer-not-on-trusted-list",
                "The vault counts on trusted services, of which Container Apps is none.",
            ),
            Cause::low(
                "identity.not-assigned-to-host",
                "The identity in the setting of the secret is not attached to the app.",
            ),
            Cause::low("authorization.propagation-delay", "The role was assigned in the same deployment.")
                .seen(&[Sign::up(Trait::Deployment, "a deployment may assign the role and use it at once")]),
            Cause::low(
                "network.egress-blocked",
                "A route or a firewall on the way out of the environment drops the call.",
            ),
        ],
        samples: &[
            "Failed to update secrets: unable to fetch secret 'db' using Managed identity 'system'",
            "Field 'configuration.secrets' is invalid with details: 'Invalid value: \"db\": Unable to get value \
             using\n Managed identity \
             /subscriptions/0/resourcegroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-web for \
             secret db",
        ],
        sources: &[CONTAINER_THREAD, CONTAINER_VALUE_THREAD, NETWORK_SECURITY],
    },
    Family {
        id: "key-vault.policy-on-rbac-vault",
        forms: &[&["Cannot set policies to a vault with"]],
        generic: false,
        gates: &["authorization"],
        proves: &[],
        misleads: None,
        causes: &[Cause::high(
            "authorization.rbac-mode-ignores-access-policies",
            "The vault is in RBAC mode and takes no policies. Assign a role on the vault instead.",
        )],
        samples: &[
            "Cannot set policies to a vault with '--enable-rbac-authorization' specified",
            "ERROR: Cannot set policies to a va\nult with '--enable-rbac-auth",
        ],
        sources: &[ACCESS_DEFAULT, RBAC, SET_POLICY_THREAD],
    },
    Family {
        id: "key-vault.certificate-without-private-key",
        forms: &[&["must contain one private key"]],
        generic: false,
        gates: &["object"],
        proves: &[],
        misleads: None,
        causes: &[Cause::high(
            "object.wrong-format",
            "The file or the secret holds a certificate without its private key, or with several. Import a PFX \
                 with the chain and one exportable key.",
        )],
        samples: &[
            "(CertificateMustContainOnePrivateKey) Certificate must contain one private key",
            "InvalidCertificate: Certificate must con\ntain one private k\ney.",
        ],
        sources: &[PRIVATE_KEY_THREAD],
    },
    Family {
        id: "key-vault.explorer-denied",
        forms: &[
            &["not part of the appropriate security group"],
            &["Operation to access", "denied", "missing a certificate in CurrentUser"],
        ],
        generic: false,
        gates: &["authorization", "identity"],
        proves: &[],
        misleads: Some(
            "It guesses at certificates and groups of the tool. The vault refused the account that is signed in.",
        ),
        causes: &[
            Cause::high("authorization.no-grant", "The signed-in user has no policy or role in the vault."),
            Cause::medium(
                "identity.unexpected-identity",
                "Another account or tenant than the intended one is signed in.",
            ),
        ],
        samples: &[
            "Operation to access kv-ops (prod) denied. You are probably missing a certificate in CurrentUser\\My or \
             LocalMachine\\My stores, or you are not part of the appropriate security group.",
            "...stores, or you are not part of the\n appropriate secur\nity group.",
        ],
        sources: &[EXPLORER_THREAD, TROUBLE],
    },
];
