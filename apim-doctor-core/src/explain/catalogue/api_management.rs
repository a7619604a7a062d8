//! What API Management says about Key Vault, identities and its network.

use crate::explain::family::{Cause, Family, Sign, Trait};
use crate::finding::{Gate, Source};

const DOMAIN: Source =
    Source { url: "https://learn.microsoft.com/azure/api-management/configure-custom-domain", read_on: "2026-11-21" };
const NAMED_VALUES: Source = Source {
    url: "https://learn.microsoft.com/azure/api-management/api-management-howto-properties",
    read_on: "2026-11-21",
};
const NETWORK_SECURITY: Source =
    Source { url: "https://learn.microsoft.com/azure/key-vault/general/network-security", read_on: "2026-11-21" };
const IDENTITY: Source = Source {
    url: "https://learn.microsoft.com/azure/api-management/api-management-howto-use-managed-service-identity",
    read_on: "2026-11-21",
};
const NETWORK: Source =
    Source { url: "https://learn.microsoft.com/azure/api-management/virtual-network-reference", read_on: "2026-11-21" };
const NOT_ENABLED: Source =
    Source { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/7909", read_on: "2026-11-21" };
const NOT_ENABLED_SPEC: Source =
    Source { url: "https://github.com/Azure/azure-rest-api-specs/issues/10288", read_on: "2026-11-21" };
const NOT_ENABLED_USER_ASSIGNED: Source =
    Source { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/18323", read_on: "2026-11-21" };
const CLIENT_ID: Source = Source { url: "https://github.com/Azure/apiops/issues/257", read_on: "2026-11-21" };
const CLIENT_ID_TERRAFORM: Source =
    Source { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/30117", read_on: "2026-11-21" };
const SECRETS_TYPE: Source =
    Source { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/3635", read_on: "2026-11-21" };
const NO_SOURCE: Source =
    Source { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/5874", read_on: "2026-11-21" };
const NO_SOURCE_MIXED: Source =
    Source { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/11290", read_on: "2026-11-21" };
const IDENTITY_VALUES: Source =
    Source { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/10335", read_on: "2026-11-21" };
const IDENTITY_VALUES_MERGED: Source =
    Source { url: "https://github.com/Azure/terraform-provider-azapi/issues/682", read_on: "2026-11-21" };
const TOKEN_ENDPOINT: Source = Source { url: "https://github.com/Azure/apiops/issues/432", read_on: "2026-11-21" };
const MANAGEMENT_ENDPOINT: Source =
    Source { url: "https://github.com/Azure/azure-rest-api-specs/issues/10289", read_on: "2026-11-21" };
const MANAGEMENT_ENDPOINT_EDITOR: Source =
    Source { url: "https://github.com/microsoft/vscode-apimanagement/issues/239", read_on: "2026-11-21" };
const ACTIVATION: Source =
    Source { url: "https://github.com/Azure-Samples/graphrag-accelerator/issues/134", read_on: "2026-11-21" };
const VALUE_NOT_SECRET: Source =
    Source { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/26150", read_on: "2026-11-21" };
const VALUE_NOT_FOUND: Source =
    Source { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/26661", read_on: "2026-11-21" };
const VALUE_NOT_FOUND_AGAIN: Source =
    Source { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/26078", read_on: "2026-11-21" };
const VALUE_DERIVED: Source =
    Source { url: "https://github.com/Azure/azure-powershell/issues/15494", read_on: "2026-11-21" };
const IDENTITY_LATER: Source =
    Source { url: "https://github.com/MicrosoftDocs/azure-docs/issues/93950", read_on: "2026-11-21" };
const PRIVATE_KEY: Source =
    Source { url: "https://github.com/Azure/api-management-policy-snippets/issues/55", read_on: "2026-11-21" };
const PLAIN_SECRET: Source =
    Source { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/18047", read_on: "2026-11-21" };
const BACKUP: Source = Source { url: "https://github.com/Azure/azure-powershell/issues/23411", read_on: "2026-11-21" };
const BACKUP_WRAPPER: Source =
    Source { url: "https://github.com/arcus-azure/arcus.scripting/issues/426", read_on: "2026-11-21" };

const SECRET_FLAG: Source =
    Source { url: "https://github.com/microsoft/planetary-computer-tasks/pull/42", read_on: "2026-11-29" };
const PINNED: Source =
    Source { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/13193", read_on: "2026-11-29" };
const BACKUP_POLL: Source =
    Source { url: "https://github.com/Azure/azure-powershell/issues/26536", read_on: "2026-11-29" };

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
            "It names GET permissions in the access policies whatever kept the instance from the secret: a vault that \
             refuses the network, or one in RBAC mode whose policies mean nothing, gives the same text.",
        ),
        causes: &[
            Cause::high(
                "firewall.user-assigned-not-trusted",
                "The vault's firewall lets API Management in as a trusted service with its system-assigned identity \
                only. Check whether the vault allows all networks: if it does not, this comes first.",
            )
            .seen(&[
                Sign::up(
                    Trait::UserAssigned,
                    "the message names a user-assigned identity, which the exception for trusted services does not \
                    cover",
                ),
                Sign::down(
                    Trait::SystemAssigned,
                    "the message names the system-assigned identity, which the exception covers",
                ),
            ]),
            Cause::medium(
                "authorization.no-grant",
                "Nothing grants the object id in the message. Compare it with the policies, or with the roles where \
                the vault is in RBAC mode.",
            )
            .seen(&[Sign::up(
                Trait::SystemAssigned,
                "a trusted service passes the firewall, so a missing grant is likelier",
            )]),
            Cause::medium(
                "authorization.rbac-mode-ignores-access-policies",
                "The vault is in RBAC mode: the policy that the message asks for has no effect there.",
            ),
            Cause::medium(
                "firewall.trusted-services-off",
                "The vault refuses other networks and does not let trusted services in.",
            )
            .seen(&[Sign::up(Trait::SystemAssigned, "this identity would be trusted if the exception were on")]),
            Cause::low(
                "firewall.source-not-allowed",
                "The vault admits chosen networks, and the instance is in none of them.",
            ),
            Cause::low("object.missing", "The secret or the version does not exist any more."),
            Cause::low("dns.name-unresolved", "The vault's name is not resolved where the instance fetches from."),
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
            "It is also said where a user-assigned identity is attached: the setting names none, so the \
             system-assigned one is meant.",
        ),
        causes: &[
            Cause::high(
                "identity.not-enabled",
                "The service has no system-assigned identity, and the host name or value does not name another. Look \
                 at the service's identity: if it is empty, enable one first.",
            ),
            Cause::medium(
                "identity.client-id-not-specified",
                "Only a user-assigned identity is attached and its client id is missing from the setting.",
            )
            .seen(&[Sign::up(Trait::UserAssigned, "a user-assigned identity is named elsewhere in the text")]),
            Cause::medium(
                "identity.created-in-same-deployment",
                "The service and its host name from Key Vault are created in one request: the system-assigned identity \
                 is there only afterwards.",
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
                "identity.id-kind-mismatch",
                "The id is a principal (object) id, or that of the system-assigned identity, where the client id of a \
                 user-assigned one is asked for. Compare it with the service's principalId; for the system-assigned \
                 identity leave the property out.",
            ),
            Cause::medium(
                "identity.not-assigned-to-host",
                "It is a client id, but the identity is not attached to this service. Look for it among the service's \
                 user-assigned identities.",
            ),
            Cause::low(
                "identity.replaced",
                "The identity was deleted and made again: its client id is another one now.",
            ),
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
                "reference.wrong-identifier-type",
                "The identifier has /certificates/ or /keys/ in its path. Take the secret identifier of the same \
                 certificate: same name, with /secrets/.",
            ),
            Cause::low(
                "reference.syntax",
                "The identifier is not a whole one: without a path, or with a part missing.",
            ),
        ],
        samples: &[
            "Code=\"InvalidParameters\" Message=\"Invalid parameter: ApiManagement service only accepts KeyVault \
            Secrets type. Provided: https://kv-a.vault.azure.net/certificates/site\"",
            "ApiManagement service only acce\npts KeyVault Secrets ty\npe.",
        ],
        sources: &[SECRETS_TYPE, DOMAIN],
    },
    Family {
        id: "apim.host-name-without-certificate",
        forms: &[
            &["encodedCertificate or keyVaultId should be provided"],
            &["EncodedCertificate or keyVaultId or freeCertificateKeyVaultId should be provided"],
            &["should be provided to retrieve the custom SSL certificate"],
        ],
        generic: false,
        gates: &["reference", "caller"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                "reference.syntax",
                "A host name in the request carries no certificate source any more. Two tools often manage host names \
                 side by side, for example Terraform's block inside the service and its resource for custom domains: \
                 the request of the one drops what the other set. Look at every host name in the request.",
            ),
            Cause::low(
                "caller.operator-lacks-permission",
                "The tool sends back what it has read, and its operator does not get to see the source.",
            ),
        ],
        samples: &[
            "Code=\"InvalidParameters\" Message=\"Invalid parameter: Either encodedCertificate or keyVaultId should be \
            provided to retrieve the custom SSL certificate for type: DeveloperPortal and hostname : dev.example.org\"",
            "Invalid parameter: EncodedCertificate or keyVaultId or\n freeCertificateKeyVaultId should be provided",
        ],
        sources: &[NO_SOURCE, NO_SOURCE_MIXED],
    },
    Family {
        id: "apim.invalid-identity-values",
        forms: &[&["InvalidIdentityValues"], &["Invalid value for the identities", "userAssignedIdentities"]],
        generic: false,
        gates: &["identity", "caller"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                "identity.id-kind-mismatch",
                "Each identity is given by its resource id with an empty object as value. The request carries ids \
                 instead, often principalId and clientId that a tool read before and sends back.",
            ),
            Cause::medium(
                "identity.not-assigned-to-host",
                "The resource id is of an identity that does not exist under that name, or not any more.",
            ),
        ],
        samples: &[
            "\"code\": \"InvalidIdentityValues\", \"message\": \"Invalid value for the identities \
            '/subscriptions/0000/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-gw'. \
            The 'UserAssignedIdentities' property keys should only be empty json objects",
            "Status=400 Code=\"InvalidIdentity\n  Values\"",
        ],
        sources: &[IDENTITY_VALUES, IDENTITY_VALUES_MERGED],
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
            "It says that authentication failed, while nobody was asked: where the correlation id is empty, no answer \
             came back from the sign-in endpoint.",
        ),
        causes: &[
            Cause::high(
                "network.token-endpoint-unreachable",
                "The instance gets no answer from login.microsoftonline.com. Look at the outbound rules of its subnet \
                 (AzureActiveDirectory, 443) and at its route table.",
            ),
            Cause::medium(
                "network.egress-blocked",
                "A rule, route or appliance drops more than sign-in: then other dependencies fail in the network \
                 status of the service too.",
            ),
            Cause::medium("dns.name-unresolved", "The network's name server does not resolve the sign-in host."),
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
        id: "apim.management-endpoint-unreachable",
        forms: &[
            &["Failed to connect to management endpoint", ":3443"],
            &["Failed to connect to management endpoint", "for a service deployed in a Virtual Network"],
            &["Failed to connect to management endpoint"],
            &["ManagementApiRequestFailed"],
        ],
        generic: false,
        gates: &["network", "dns"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                "network.egress-blocked",
                "Traffic between the control plane and the instance is dropped: inbound 3443 from ApiManagement is not \
                 allowed on the subnet, or a route table sends the answer another way than the question came. Look at \
                 the inbound rules first, then at the routes.",
            ),
            Cause::low(
                "dns.name-unresolved",
                "The tool runs inside the network and does not resolve the management host.",
            ),
        ],
        samples: &[
            "ManagementApiRequestFailed: Failed to connect to management endpoint \
            gw-east.management.azure-api.net:3443 for a service deployed in a Virtual Network. Make sure to follow \
            guidance at https://aka.ms/apim-vnet-common-issues",
            "Failed to connect to management end\npoint x.management.azure-api.us:34",
        ],
        sources: &[MANAGEMENT_ENDPOINT, MANAGEMENT_ENDPOINT_EDITOR, NETWORK],
    },
    Family {
        id: "apim.activation-failed",
        forms: &[
            &["Unable to activate API service at this time"],
            &["requirements for setting up vnet injection are met"],
        ],
        generic: false,
        gates: &["network", "dns", "platform"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                "network.egress-blocked",
                "The instance does not reach what it needs to start (storage, SQL, Key Vault, monitoring), or the \
                 control plane does not reach it. Compare the subnet's rules and routes with the list for networks.",
            ),
            Cause::medium(
                "dns.name-unresolved",
                "The network's name server does not resolve the names of those services.",
            ),
            Cause::medium(
                "network.service-endpoint-missing",
                "Traffic is forced through an appliance, and the subnet has no service endpoints to go around it.",
            ),
            Cause::low("platform.service-side", "Everything is as it should be: the same request passes later."),
        ],
        samples: &[
            "\"code\":\"ActivationFailed\",\"message\":\"Unable to activate API service at this time. Please make sure \
            the all the requirements for setting up vnet injection are met as specified in the doc \
            https://aka.ms/apimvnet.\"",
            "Unable to activate API\n service at this time. Please make su",
        ],
        sources: &[ACTIVATION, NETWORK],
    },
    Family {
        id: "apim.named-value-secret-flag",
        forms: &[
            &["One or more fields contain incorrect values", "Invalid field 'secret' specified"],
            &["Invalid field 'secret' specified"],
        ],
        generic: false,
        gates: &["reference", "caller"],
        proves: &[],
        misleads: None,
        causes: &[Cause::high(
            "reference.syntax",
            "A named value that comes from Key Vault has to be marked as secret: set `secret` to true beside `keyVault`.",
        )],
        samples: &[
            "ValidationError: One or more fields contain incorrect values: Details=[{\"code\":\"ValidationError\",\
             \"message\":\"Invalid field 'secret' specified\",\"target\":\"secret\"}]",
            "Invalid field 'sec\nret' specified",
        ],
        sources: &[VALUE_NOT_SECRET, SECRET_FLAG],
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
            "latent.version-pinned",
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
        id: "apim.backup-not-awaited",
        forms: &[
            &["Backup-AzApiManagement", "Long running operation failed with status 'Forbidden'"],
            &["Restore-AzApiManagement", "Long running operation failed with status 'Forbidden'"],
        ],
        generic: false,
        gates: &["caller"],
        proves: &[],
        misleads: Some("The backup itself may have been written: what failed is to ask for its result."),
        causes: &[Cause::high(
            "caller.operator-lacks-permission",
            "The caller may start the operation and may not read its result: its role lacks the read action of \
             `Microsoft.ApiManagement/service/operationresults`.",
        )],
        samples: &[
            "Backup-AzApiManagement: Long running operation failed with status 'Forbidden'. Additional Info:''",
            "Restore-AzApiManagement : Long running opera\ntion failed with status 'Forbidden'",
        ],
        sources: &[BACKUP_POLL],
    },
    Family {
        id: "apim.fields-incorrect",
        forms: &[
            &["ValidationError: One or more fields contain incorrect values:"],
            &["ValidationError", "One or more fields contain incorrect values"],
            &["One or more fields contain incorrect values"],
        ],
        generic: true,
        gates: &["reference", "caller"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                "reference.syntax",
                "Nothing is said of the field. For a named value from Key Vault, secret has to be true next to \
                 keyVault; look at that first, then at the identifier and at the characters in the name.",
            ),
            Cause::medium(
                "reference.wrong-identifier-type",
                "The identifier is that of a certificate or a key instead of a secret.",
            ),
        ],
        samples: &[
            "unexpected status 400 (400 Bad Request) with error: ValidationError: One or more fields contain incorrect \
            values:",
            "{\"code\":\"ValidationError\",\"message\":\"One or more fie\nlds contain incorrect \
            values:\",\"details\":[]}",
        ],
        sources: &[VALUE_NOT_SECRET],
    },
    Family {
        id: "apim.named-value-not-found",
        forms: &[&["ResourceNotFound", "NamedValue not found"], &["NamedValue not found"]],
        generic: false,
        gates: &["firewall", "authorization", "reference"],
        proves: &[],
        misleads: Some(
            "It reads as if the value had been lost. It was never made: the creation failed later, mostly because the \
             secret could not be read.",
        ),
        causes: &[
            Cause::high(
                "firewall.user-assigned-not-trusted",
                "The value comes from a vault that refuses other networks and is read with a user-assigned identity. \
                 Read the result of the asynchronous operation: it carries the real message.",
            )
            .seen(&[Sign::down(Trait::SystemAssigned, "the system-assigned identity is covered by the exception")]),
            Cause::high("authorization.no-grant", "The identity has no right to read the secret."),
            Cause::medium(
                "authorization.propagation-delay",
                "The grant was made in the same run, a moment before the value.",
            )
            .seen(&[Sign::up(Trait::Terraform, "grant and value are often made in one run")]),
            Cause::medium("reference.syntax", "The value has keyVault but not secret: true."),
        ],
        samples: &[
            "retrieving Named Value (Service: \"gw\" Named Value: \"db\"): unexpected status 404 with error: \
            ResourceNotFound: NamedValue not found.",
            "ResourceNotFound: Named\nValue not found",
        ],
        sources: &[VALUE_NOT_FOUND, VALUE_NOT_FOUND_AGAIN],
    },
    Family {
        id: "apim.named-value-derived",
        forms: &[&["Operation not allowed for keyVault derived NamedValue"], &["keyVault derived NamedValue"]],
        generic: false,
        gates: &["caller", "platform"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                "platform.feature-unsupported",
                "An older tool or api-version asks for the value of a named value that lives in Key Vault, which \
                 cannot be done. Key Vault itself is not in question: take a newer tool.",
            ),
            Cause::low(
                "caller.operator-lacks-permission",
                "A newer tool is used, and its operator may not list values.",
            ),
        ],
        samples: &[
            "Operation not allowed for keyVault derived NamedValue with id 'payments-key'.",
            "Get-AzApiManagementNamedValue: Operation not allowed for keyVault de\nrived NamedValue with",
        ],
        sources: &[VALUE_DERIVED],
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
                "identity.created-in-same-deployment",
                "The template reads the system-assigned identity before the resource that carries it is finished. It \
                 works against an instance that exists already; make the grant depend on the resource.",
            ),
            Cause::medium(
                "identity.not-enabled",
                "The resource is there, but without a system-assigned identity. Look at its identity.",
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
                "reference.wrong-identifier-type",
                "A policy reads the certificate under /certificates/, which gives the public part only. Under \
                 /secrets/ the same name gives the private key too.",
            ),
            Cause::medium(
                "object.wrong-format",
                "It is read under /secrets/, but was imported without its key, or with a key that may not be exported.",
            ),
        ],
        samples: &[
            "authentication-certificate (0.412 ms) { \"message\": \"Certificate does not have private key\" }",
            "CertificateException: Certificate does not\n have private key.",
        ],
        sources: &[PRIVATE_KEY],
    },
    Family {
        id: "apim.custom-domain-wait",
        forms: &[
            &["waiting for creation/update of \"Custom Domain\""],
            &["waiting for creation/update of Custom Domain"],
            &["creating/updating \"Custom Domain\""],
            &["waiting for the creation/update of Custom Domain"],
        ],
        generic: true,
        gates: &["object", "firewall", "authorization"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                "object.wrong-format",
                "Terraform only says that it waited. Where nothing follows, the secret is mostly no certificate with \
                 its key: its content type has to be application/x-pkcs12.",
            ),
            Cause::medium(
                "firewall.user-assigned-not-trusted",
                "The vault refuses other networks, and the host name reads it with a user-assigned identity.",
            )
            .seen(&[Sign::up(Trait::UserAssigned, "the text names a user-assigned identity")]),
            Cause::medium("authorization.no-grant", "The identity has no right to read the certificate's secret."),
            Cause::low("authorization.propagation-delay", "The grant was made in the same run."),
        ],
        samples: &[
            "Error: waiting for creation/update of \"Custom Domain\" (API Management Service: \"gw-7\" / Resource \
            Group: \"edge\"): Code=\"InternalError\"",
            "waiting for creation/update of \"Custom\n  Domain\" (Custom Dom",
        ],
        sources: &[PLAIN_SECRET, DOMAIN],
    },
    Family {
        id: "apim.backup-bad-request",
        forms: &[
            &["AzApiManagement", "Operation returned an invalid status code 'BadRequest'"],
            &["Operation returned an invalid status code 'BadRequest'"],
            &["Operation returned an invalid status code BadRequest"],
        ],
        generic: true,
        gates: &["caller", "authorization", "firewall"],
        proves: &[],
        misleads: Some("It says nothing of storage, while it is the access to the storage account that fails."),
        causes: &[
            Cause::high(
                "caller.backup-uses-account-key",
                "The backup or restore of API Management was started with an account key or a signature. Give the \
                 service's identity Storage Blob Data Contributor and pass the access type for identities.",
            )
            .seen(&[Sign::up(
                Trait::ApiManagement,
                "API Management is named, and its backup fails like this with keys",
            )]),
            Cause::medium(
                "authorization.shared-key-disabled",
                "A key is used and the account refuses keys. Look at allowSharedKeyAccess.",
            ),
            Cause::medium(
                "authorization.no-grant",
                "An identity is used already, and it has no data role on the account or container.",
            ),
            Cause::medium(
                "firewall.consumer-not-on-trusted-list",
                "The account admits chosen networks, and the backup comes from the control plane without being \
                 trusted: it is so with the service's own identity only.",
            ),
        ],
        samples: &[
            "Backup-AzApiManagement : Operation returned an invalid status code 'BadRequest'",
            "Restore-AzApiManagement: Operation returned an inval\nid status code 'BadRequest'\nAt line:1 char:1",
        ],
        sources: &[BACKUP, BACKUP_WRAPPER],
    },
    Family {
        id: "apim.backup-storage-access",
        forms: &[
            &["AzApiManagement", "This request is not authorized to perform this operation"],
            &["AzApiManagement", "AuthorizationPermissionMismatch"],
            &["AzApiManagement", "KeyBasedAuthenticationNotPermitted"],
            &["AzApiManagement", "Key based authentication is not permitted"],
        ],
        generic: false,
        gates: &["caller", "authorization", "firewall"],
        proves: &[Gate::Target],
        misleads: None,
        causes: &[
            Cause::high(
                "caller.backup-uses-account-key",
                "The backup is started with an account key, which the account or the service turns down. The access \
                 type for identities avoids it.",
            ),
            Cause::medium(
                "authorization.no-grant",
                "The identity that the backup names has no Storage Blob Data Contributor on the account. The text then \
                 mostly has the words \"using this permission\".",
            ),
            Cause::medium(
                "firewall.consumer-not-on-trusted-list",
                "The account's network rules refuse the control plane. The text then lacks those words.",
            ),
        ],
        samples: &[
            "Backup-AzApiManagement: This request is not authorized to perform this operation using this permission.",
            "Restore-AzApiManagement : Key based authenti\ncation is not permitted on this storage account.",
        ],
        sources: &[BACKUP, BACKUP_WRAPPER],
    },
    Family {
        id: "apim.host-name-not-supported",
        forms: &[
            &["NotSupported", "hostnameConfigurations"],
            &["NotSupported", "managed certificate"],
            &["certificateStatus", "NotSupported"],
        ],
        generic: false,
        gates: &["platform", "caller"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                "platform.feature-unsupported",
                "The service takes no free managed certificates at present, or not in this tier. Take a certificate \
                 from Key Vault.",
            ),
            Cause::medium(
                "platform.service-side",
                "The request sends back certificateStatus or other values that are for reading only; leave them out.",
            ),
        ],
        samples: &[
            "{\"code\":\"NotSupported\",\"message\":\"...\",\"target\":\"hostnameConfigurations\"}",
            "Error: NotSupported: creating a managed certifi\ncate is",
        ],
        sources: &[DOMAIN],
    },
];
