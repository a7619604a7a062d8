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
                "A host name in the request carries no certificate source any more. Two tools often manage host names \
                 side by side, for example Terraform's block inside the service and its resource for custom domains: \
                 the request of the one drops what the other set. Look at every host name in the request.",
            ),
            Cause::low(
                Code::CallerOperatorLacksPermission,
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
                Code::IdentityIdKindMismatch,
                "Each identity is given by its resource id with an empty object as value. The request carries ids \
                 instead, often principalId and clientId that a tool read before and sends back.",
            ),
            Cause::medium(
                Code::IdentityNotAssignedToHost,
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
                "Traffic between the control plane and the instance is dropped: inbound 3443 from ApiManagement is not \
                 allowed on the subnet, or a route table sends the answer another way than the question came. Look at \
                 the inbound rules first, then at the routes.",
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
                "The instance does not reach what it needs to start (storage, SQL, Key Vault, monitoring), or the \
                 control plane does not reach it. Compare the subnet's rules and routes with the list for networks.",
            ),
            Cause::medium(
                Code::DnsNameUnresolved,
                "The network's name server does not resolve the names of those services.",
            ),
            Cause::medium(
                Code::NetworkServiceEndpointMissing,
                "Traffic is forced through an appliance, and the subnet has no service endpoints to go around it.",
            ),
            Cause::low(Code::PlatformServiceSide, "Everything is as it should be: the same request passes later."),
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
                "Nothing is said of the field. For a named value from Key Vault, secret has to be true next to \
                 keyVault; look at that first, then at the identifier and at the characters in the name.",
            ),
            Cause::medium(
                Code::ReferenceWrongIdentifierType,
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
        id: "apim.named-value-derived",
        forms: &[&["Operation not allowed for keyVault derived NamedValue"], &["keyVault derived NamedValue"]],
        generic: false,
        gates: &["caller", "platform"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::PlatformFeatureUnsupported,
                "An older tool or api-version asks for the value of a named value that lives in Key Vault, which \
                 cannot be done. Key Vault itself is not in question: take a newer tool.",
            ),
            Cause::low(
                Code::CallerOperatorLacksPermission,
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
                "Terraform only says that it waited. Where nothing follows, the secret is mostly no certificate with \
                 its key: its content type has to be application/x-pkcs12.",
            ),
            Cause::medium(
                Code::FirewallUserAssignedNotTrusted,
                "The vault refuses other networks, and the host name reads it with a user-assigned identity.",
            )
            .seen(&[Sign::up(Trait::UserAssigned, "the text names a user-assigned identity")]),
            Cause::medium(Code::AuthorizationNoGrant, "The identity has no right to read the certificate's secret."),
            Cause::low(Code::AuthorizationPropagationDelay, "The grant was made in the same run."),
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
                "The service takes no free managed certificates at present, or not in this tier. Take a certificate \
                 from Key Vault.",
            ),
            Cause::medium(
                Code::PlatformServiceSide,
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
