//! What API Management says when it fetches from Key Vault, or signs in for that.

use crate::explain::catalogue::api_management::sources::{DOMAIN, NETWORK};
use crate::explain::family::{Cause, Family, Sign, Trait};
use crate::finding::{Code, WebPage};

const NAMED_VALUES: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/api-management/api-management-howto-properties",
    read_on: "2026-11-21",
};
const NETWORK_SECURITY: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/key-vault/general/network-security", read_on: "2026-11-21" };
const IDENTITY: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/api-management/api-management-howto-use-managed-service-identity",
    read_on: "2026-11-21",
};
const NOT_ENABLED: WebPage =
    WebPage { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/7909", read_on: "2026-11-21" };
const NOT_ENABLED_SPEC: WebPage =
    WebPage { url: "https://github.com/Azure/azure-rest-api-specs/issues/10288", read_on: "2026-11-21" };
const NOT_ENABLED_USER_ASSIGNED: WebPage =
    WebPage { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/18323", read_on: "2026-11-21" };
const CLIENT_ID: WebPage = WebPage { url: "https://github.com/Azure/apiops/issues/257", read_on: "2026-11-21" };
const CLIENT_ID_TERRAFORM: WebPage =
    WebPage { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/30117", read_on: "2026-11-21" };
const SECRETS_TYPE: WebPage =
    WebPage { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/3635", read_on: "2026-11-21" };
const TOKEN_ENDPOINT: WebPage = WebPage { url: "https://github.com/Azure/apiops/issues/432", read_on: "2026-11-21" };
const VALUE_NOT_FOUND: WebPage =
    WebPage { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/26661", read_on: "2026-11-21" };
const VALUE_NOT_FOUND_AGAIN: WebPage =
    WebPage { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/26078", read_on: "2026-11-21" };
const IDENTITY_LATER: WebPage =
    WebPage { url: "https://github.com/MicrosoftDocs/azure-docs/issues/93950", read_on: "2026-11-21" };
const PRIVATE_KEY: WebPage =
    WebPage { url: "https://github.com/Azure/api-management-policy-snippets/issues/55", read_on: "2026-11-21" };
const PINNED: WebPage =
    WebPage { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/13193", read_on: "2026-11-29" };

pub(super) const FAMILIES: &[Family] = &[
    Family {
        id: "apim.key-vault-secret-access",
        forms: &[
            &["Failed to access KeyVault Secret", "using Managed Service Identity of Api Management service"],
            &["Failed to access KeyVault Secret", "has GET permissions on secrets in the KeyVault Access Policies"],
            &["Check if Managed Identity of Type:", "has GET permissions on secrets in the KeyVault Access Policies"],
            &["Failed to access KeyVault Secret"],
        ],
        generic: false,
        gates: &["firewall", "authorization", "network", "dns", "object"],
        proves: &[],
        misleads: Some(
            "The text blames GET permissions in the access policies for every failure: a vault that blocks the \
             network, or one that uses role assignments and ignores access policies, causes the same text.",
        ),
        causes: &[
            Cause::high(
                Code::FirewallUserAssignedNotTrusted,
                "The vault firewall trusts API Management only with its system-assigned identity. Check whether the \
                 vault allows all networks: if it does not, this is the first cause.",
            )
            .seen(&[
                Sign::up(
                    Trait::UserAssigned,
                    "the message names a user-assigned identity, which the trusted-services exception does not cover",
                ),
                Sign::down(
                    Trait::SystemAssigned,
                    "the message names the system-assigned identity, which the exception covers",
                ),
            ]),
            Cause::medium(
                Code::AuthorizationNoGrant,
                "The object id in the message has no access. Compare it with the access policies, or with the role \
                 assignments if the vault uses them.",
            )
            .seen(&[Sign::up(
                Trait::SystemAssigned,
                "a trusted service passes the firewall, so a missing grant is likelier",
            )]),
            Cause::medium(
                Code::AuthorizationRbacModeIgnoresAccessPolicies,
                "The vault uses role assignments: the policy that the message asks for has no effect there.",
            ),
            Cause::medium(
                Code::FirewallTrustedServicesOff,
                "The vault blocks other networks and does not allow trusted services.",
            )
            .seen(&[Sign::up(Trait::SystemAssigned, "this identity would be trusted if the exception were on")]),
            Cause::low(
                Code::FirewallSourceNotAllowed,
                "The vault allows only selected networks, and the instance is in none of them.",
            ),
            Cause::low(Code::ObjectMissing, "The secret or the version no longer exists."),
            Cause::low(Code::DnsNameUnresolved, "The vault's name does not resolve from the instance."),
        ],
        samples: &[
            "Failed to access KeyVault Secret \
            https://kv-shop.vault.azure.net/secrets/gateway-tls/0123456789abcdef0123456789abcdef using Managed Service \
            Identity of Api Management service. Check if Managed Identity of Type: UserAssigned, ClientId: \
            11111111-2222-3333-4444-555555555555 and ObjectId: 66666666-7777-8888-9999-aaaaaaaaaaaa has GET \
            permissions on secrets in the KeyVault Access Policies.",
            "... Failed to access KeyVault\n   Secret https://other.vault.usgovcloudapi.net/secrets/x using Managed \
            Service Identity of Api Management serv",
        ],
        sources: &[DOMAIN, NAMED_VALUES, NETWORK_SECURITY],
    },
    Family {
        id: "apim.identity-not-enabled",
        forms: &[
            &["Managed Service Identity", "is not enabled on the service, which is required to access KeyVault"],
            &["Managed Service Identity", "is not enabled on the service"],
            &["is not enabled on the service, which is required to access KeyVault"],
        ],
        generic: false,
        gates: &["identity"],
        proves: &[],
        misleads: Some(
            "The text also appears if a user-assigned identity is attached: the setting does not select it, so the \
             system-assigned identity is used.",
        ),
        causes: &[
            Cause::high(
                Code::IdentityNotEnabled,
                "The service has no system-assigned identity, and the host name or value does not select another one. \
                 Check the service's identity: if it is empty, enable one first.",
            ),
            Cause::medium(
                Code::IdentityClientIdNotSpecified,
                "Only a user-assigned identity is attached, but its client id is missing in the setting.",
            )
            .seen(&[Sign::up(Trait::UserAssigned, "the text names a user-assigned identity")]),
            Cause::medium(
                Code::IdentityCreatedInSameDeployment,
                "The service and its host name from Key Vault are created in one request: the system-assigned \
                 identity exists only afterwards.",
            )
            .seen(&[
                Sign::up(Trait::Terraform, "the service is created and configured in one run"),
                Sign::up(Trait::Deployment, "the service is created and configured in one template"),
            ]),
        ],
        samples: &[
            "Code=\"InvalidOperation\" Message=\"Managed Service Identity (http://aka.ms/apimmsi) is not enabled on \
            the service, which is required to access KeyVault https://kv-edge.vault.azure.net/secrets/wildcard\"",
            "Managed Service Identity (http://aka.ms/apimmsi) is not en\n  abled on the service, which is requ",
        ],
        sources: &[NOT_ENABLED, NOT_ENABLED_SPEC, NOT_ENABLED_USER_ASSIGNED],
    },
    Family {
        id: "apim.identity-client-id-unknown",
        forms: &[
            &["Can not find Managed Identity with provided IdentityClientId"],
            &["Managed Identity with provided IdentityClientId"],
        ],
        generic: false,
        gates: &["identity"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::IdentityIdKindMismatch,
                "The id is a principal (object) id or belongs to the system-assigned identity, but the setting \
                 expects the client id of a user-assigned identity. Compare it with the service's principalId. For \
                 the system-assigned identity, remove the property.",
            ),
            Cause::medium(
                Code::IdentityNotAssignedToHost,
                "The id is a client id, but its identity is not attached to this service. Check the service's \
                 user-assigned identities.",
            ),
            Cause::low(Code::IdentityReplaced, "The identity was deleted and recreated: its client id has changed."),
        ],
        samples: &[
            "{\"code\":\"ValidationError\",\"target\":\"identityClientId\",\"message\":\"Can not find Managed Identity \
            with provided IdentityClientId : 0a0a0a0a-1b1b-2c2c-3d3d-4e4e4e4e4e4e. For more information please see \
            aka.ms/apimmsi.\"}",
            "Can not find Managed Identity\n    with provided Identity\n    ClientId :",
        ],
        sources: &[CLIENT_ID, CLIENT_ID_TERRAFORM, NAMED_VALUES],
    },
    Family {
        id: "apim.only-secrets-type",
        forms: &[
            &["ApiManagement service only accepts KeyVault Secrets type"],
            &["only accepts KeyVault Secrets type"],
        ],
        generic: false,
        gates: &["reference", "object"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::ReferenceWrongIdentifierType,
                "The identifier has /certificates/ or /keys/ in its path. Use the secret identifier of the same \
                 certificate: the same name, with /secrets/.",
            ),
            Cause::low(Code::ReferenceSyntax, "The identifier is incomplete: its path or a part of it is missing."),
        ],
        samples: &[
            "Code=\"InvalidParameters\" Message=\"Invalid parameter: ApiManagement service only accepts KeyVault \
            Secrets type. Provided: https://kv-a.vault.azure.net/certificates/site\"",
            "ApiManagement service only acce\npts KeyVault Secrets ty\npe.",
        ],
        sources: &[SECRETS_TYPE, DOMAIN],
    },
    Family {
        id: "apim.token-request-failed",
        forms: &[
            &["Authentication failed for Active Directory Tenant", "ClientId", "CorrelationId"],
            &["Authentication failed for Active Directory Tenant"],
        ],
        generic: false,
        gates: &["network", "dns"],
        proves: &[],
        misleads: Some(
            "The text says that authentication failed, but the request never arrived: an empty correlation id means \
             that the sign-in endpoint did not answer.",
        ),
        causes: &[
            Cause::high(
                Code::NetworkTokenEndpointUnreachable,
                "The instance gets no answer from login.microsoftonline.com. Check the outbound rules of its subnet \
                 (AzureActiveDirectory, 443) and its route table.",
            ),
            Cause::medium(
                Code::NetworkEgressBlocked,
                "A rule, route or appliance blocks more than sign-in: then the service's network status shows other \
                 failing dependencies too.",
            ),
            Cause::medium(Code::DnsNameUnresolved, "The network's name server does not resolve the sign-in host."),
        ],
        samples: &[
            "Authentication failed for Active Directory Tenant: \
            'https://login.microsoftonline.com/9f9f9f9f-0000-1111-2222-333333333333' ClientId: \
            'abababab-0000-1111-2222-333333333333' CorrelationId: '', exception: 'An error occurred while sending the \
            request.'.",
            "Authentication failed for Active Direc\ntory Tenant: 'https://login.microsoftonline.us/x' Cli",
        ],
        sources: &[TOKEN_ENDPOINT, NETWORK],
    },
    Family {
        id: "apim.version-pinned",
        forms: &[
            &["Hostname keyvault certificate version", "prevents certificate from being refreshed"],
            &["this prevents certificate from being refreshed when its update in keyvault"],
        ],
        generic: false,
        gates: &["reference"],
        proves: &[],
        misleads: None,
        causes: &[Cause::high(
            Code::LatentVersionPinned,
            "The identifier of the host name's certificate names a version, so the next certificate is never fetched.",
        )],
        samples: &[
            "Hostname keyvault certificate version, this prevents certificate from being refreshed when its update in \
             keyvault. Update hostname certificate to ensure its successful rotation",
            "this prevents certificate from being re\nfreshed when its update in keyvault",
        ],
        sources: &[PINNED],
    },
    Family {
        id: "apim.named-value-not-found",
        forms: &[&["ResourceNotFound", "NamedValue not found"], &["NamedValue not found"]],
        generic: false,
        gates: &["firewall", "authorization", "reference"],
        proves: &[],
        misleads: Some(
            "The text suggests that the value was lost, but it was never created: the creation failed later, usually \
             because the secret could not be read.",
        ),
        causes: &[
            Cause::high(
                Code::FirewallUserAssignedNotTrusted,
                "The value comes from a vault that blocks other networks, and is read with a user-assigned identity. \
                 Read the result of the asynchronous operation, which contains the real message.",
            )
            .seen(&[Sign::down(Trait::SystemAssigned, "the system-assigned identity is covered by the exception")]),
            Cause::high(Code::AuthorizationNoGrant, "The identity does not have permission to read the secret."),
            Cause::medium(
                Code::AuthorizationPropagationDelay,
                "Access was granted in the same run, just before the value was created.",
            )
            .seen(&[Sign::up(Trait::Terraform, "the grant and the value are often created in one run")]),
            Cause::medium(Code::ReferenceSyntax, "The value has keyVault but not secret: true."),
        ],
        samples: &[
            "retrieving Named Value (Service: \"gw\" Named Value: \"db\"): unexpected status 404 with error: \
            ResourceNotFound: NamedValue not found.",
            "ResourceNotFound: Named\nValue not found",
        ],
        sources: &[VALUE_NOT_FOUND, VALUE_NOT_FOUND_AGAIN],
    },
    Family {
        id: "apim.identity-not-yet-there",
        forms: &[
            &["Microsoft.ManagedIdentity/Identities Not found"],
            &["Microsoft.ManagedIdentity/Identities/default", "not found"],
            &["Microsoft.ManagedIdentity/Identities", "was not found"],
        ],
        generic: false,
        gates: &["identity", "caller"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::IdentityCreatedInSameDeployment,
                "The template reads the system-assigned identity before its resource is complete. It works for an \
                 existing instance. Make the grant depend on the resource.",
            ),
            Cause::medium(
                Code::IdentityNotEnabled,
                "The resource exists, but has no system-assigned identity. Check its identity.",
            ),
        ],
        samples: &[
            "Deployment template validation failed: Microsoft.ManagedIdentity/Identities Not found",
            "The Resource 'Microsoft.ManagedIdentity/Identities/default' under resource group 'rg-edge' was not\n \
            found.",
        ],
        sources: &[IDENTITY_LATER, IDENTITY],
    },
    Family {
        id: "apim.certificate-without-private-key",
        forms: &[&["Certificate does not have private key"]],
        generic: false,
        gates: &["reference", "object"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::ReferenceWrongIdentifierType,
                "A policy reads the certificate under /certificates/, which returns only the public part. The same \
                 name under /secrets/ also returns the private key.",
            ),
            Cause::medium(
                Code::ObjectWrongFormat,
                "The certificate is read under /secrets/, but was imported without its private key or with a \
                 non-exportable key.",
            ),
        ],
        samples: &[
            "authentication-certificate (0.412 ms) { \"message\": \"Certificate does not have private key\" }",
            "CertificateException: Certificate does not\n have private key.",
        ],
        sources: &[PRIVATE_KEY],
    },
];
