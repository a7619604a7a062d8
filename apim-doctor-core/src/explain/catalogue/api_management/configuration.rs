//! What API Management says of its own configuration and network.

use crate::explain::catalogue::api_management::sources::{DOMAIN, NETWORK};
use crate::explain::family::{Cause, Family, Sign, Trait};
use crate::finding::{Code, WebPage};

const NO_SOURCE: WebPage =
    WebPage { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/5874", read_on: "2026-11-21" };
const NO_SOURCE_MIXED: WebPage =
    WebPage { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/11290", read_on: "2026-11-21" };
const IDENTITY_VALUES: WebPage =
    WebPage { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/10335", read_on: "2026-11-21" };
const IDENTITY_VALUES_MERGED: WebPage =
    WebPage { url: "https://github.com/Azure/terraform-provider-azapi/issues/682", read_on: "2026-11-21" };
const MANAGEMENT_ENDPOINT: WebPage =
    WebPage { url: "https://github.com/Azure/azure-rest-api-specs/issues/10289", read_on: "2026-11-21" };
const MANAGEMENT_ENDPOINT_EDITOR: WebPage =
    WebPage { url: "https://github.com/microsoft/vscode-apimanagement/issues/239", read_on: "2026-11-21" };
const ACTIVATION: WebPage =
    WebPage { url: "https://github.com/Azure-Samples/graphrag-accelerator/issues/134", read_on: "2026-11-21" };
const VALUE_NOT_SECRET: WebPage =
    WebPage { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/26150", read_on: "2026-11-21" };
const VALUE_DERIVED: WebPage =
    WebPage { url: "https://github.com/Azure/azure-powershell/issues/15494", read_on: "2026-11-21" };
const PLAIN_SECRET: WebPage =
    WebPage { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/18047", read_on: "2026-11-21" };
const SECRET_FLAG: WebPage =
    WebPage { url: "https://github.com/microsoft/planetary-computer-tasks/pull/42", read_on: "2026-11-29" };

pub(super) const FAMILIES: &[Family] = &[
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
                Code::ReferenceSyntax,
                "A host name in the request no longer has a certificate source. Often two tools manage the host \
                 names, for example Terraform's block inside the service and its resource for custom domains, and the \
                 request of one removes the values of the other. Check every host name in the request.",
            ),
            Cause::low(
                Code::CallerOperatorLacksPermission,
                "The tool sends back what it read, but its operator cannot read the certificate source.",
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
                Code::IdentityIdKindMismatch,
                "Each identity must be its resource id with an empty object as the value. The request contains other \
                 ids, often principalId and clientId that a tool read before and sends back.",
            ),
            Cause::medium(
                Code::IdentityNotAssignedToHost,
                "The resource id belongs to an identity that does not exist, or no longer exists, under that name.",
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
                Code::NetworkEgressBlocked,
                "Traffic between the control plane and the instance is dropped: inbound 3443 from ApiManagement is \
                 not allowed on the subnet, or a route table sends the answer through a different route than the \
                 request. Check the inbound rules first, then the routes.",
            ),
            Cause::low(
                Code::DnsNameUnresolved,
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
                Code::NetworkEgressBlocked,
                "The instance cannot reach the services that it needs to start (storage, SQL, Key Vault, monitoring), \
                 or the control plane cannot reach the instance. Compare the subnet's rules and routes with the list \
                 for networks.",
            ),
            Cause::medium(
                Code::DnsNameUnresolved,
                "The network's name server does not resolve the names of those services.",
            ),
            Cause::medium(
                Code::NetworkServiceEndpointMissing,
                "Traffic is forced through an appliance, and the subnet has no service endpoints to go around it.",
            ),
            Cause::low(Code::PlatformServiceSide, "The configuration is correct: the same request succeeds later."),
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
            Code::ReferenceSyntax,
            "A named value that comes from Key Vault has to be marked as secret: set `secret` to true together with \
             `keyVault`.",
        )],
        samples: &[
            "ValidationError: One or more fields contain incorrect values: Details=[{\"code\":\"ValidationError\",\
             \"message\":\"Invalid field 'secret' specified\",\"target\":\"secret\"}]",
            "Invalid field 'sec\nret' specified",
        ],
        sources: &[VALUE_NOT_SECRET, SECRET_FLAG],
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
                Code::ReferenceSyntax,
                "The text does not name the field. For a named value from Key Vault, secret has to be true together \
                 with keyVault. Check that first, then the identifier and the characters in the name.",
            ),
            Cause::medium(
                Code::ReferenceWrongIdentifierType,
                "The identifier names a certificate or a key instead of a secret.",
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
        id: "apim.named-value-derived",
        forms: &[&["Operation not allowed for keyVault derived NamedValue"], &["keyVault derived NamedValue"]],
        generic: false,
        gates: &["caller", "platform"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::PlatformFeatureUnsupported,
                "An older tool or api-version requests the value of a named value that is stored in Key Vault, which \
                 is not possible. Key Vault itself is not the cause: use a newer tool.",
            ),
            Cause::low(
                Code::CallerOperatorLacksPermission,
                "The tool is new enough, but its operator cannot list values.",
            ),
        ],
        samples: &[
            "Operation not allowed for keyVault derived NamedValue with id 'payments-key'.",
            "Get-AzApiManagementNamedValue: Operation not allowed for keyVault de\nrived NamedValue with",
        ],
        sources: &[VALUE_DERIVED],
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
                Code::ObjectWrongFormat,
                "Terraform reports only that it waited. If no other text follows, the secret is usually not a \
                 certificate with its private key: its content type has to be application/x-pkcs12.",
            ),
            Cause::medium(
                Code::FirewallUserAssignedNotTrusted,
                "The vault blocks other networks, and the host name uses a user-assigned identity.",
            )
            .seen(&[Sign::up(Trait::UserAssigned, "the text names a user-assigned identity")]),
            Cause::medium(
                Code::AuthorizationNoGrant,
                "The identity does not have permission to read the certificate's secret.",
            ),
            Cause::low(Code::AuthorizationPropagationDelay, "Access was granted in the same run."),
        ],
        samples: &[
            "Error: waiting for creation/update of \"Custom Domain\" (API Management Service: \"gw-7\" / Resource \
            Group: \"edge\"): Code=\"InternalError\"",
            "waiting for creation/update of \"Custom\n  Domain\" (Custom Dom",
        ],
        sources: &[PLAIN_SECRET, DOMAIN],
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
                Code::PlatformFeatureUnsupported,
                "The service takes no free managed certificates at present, or not in this tier. Use a certificate \
                 from Key Vault.",
            ),
            Cause::medium(
                Code::PlatformServiceSide,
                "The request contains certificateStatus or other read-only values. Remove them.",
            ),
        ],
        samples: &[
            "{\"code\":\"NotSupported\",\"message\":\"...\",\"target\":\"hostnameConfigurations\"}",
            "Error: NotSupported: creating a managed certifi\ncate is",
        ],
        sources: &[DOMAIN],
    },
];
