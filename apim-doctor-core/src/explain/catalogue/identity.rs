//! What token services say: the metadata endpoint, the clients of it, Microsoft Entra, and a vault about a token.

use crate::explain::family::{Cause, Family};
use crate::finding::{Code, Gate, WebPage};

const REST_ERRORS: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes", read_on: "2026-11-21" };
const KV_AUTH: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/key-vault/general/authentication", read_on: "2026-11-21" };
const ENTRA: WebPage =
    WebPage { url: "https://learn.microsoft.com/entra/identity-platform/reference-error-codes", read_on: "2026-11-21" };
const AUDIENCE_THREAD: WebPage =
    WebPage { url: "https://github.com/MicrosoftDocs/azure-docs/issues/57950", read_on: "2026-11-21" };
const ISSUER_THREAD: WebPage =
    WebPage { url: "https://github.com/Azure/azure-sdk-for-js/issues/6221", read_on: "2026-11-21" };
const NOT_FOUND_THREAD: WebPage =
    WebPage { url: "https://github.com/Azure/azure-sdk-for-net/issues/46709", read_on: "2026-11-21" };
const MULTIPLE_THREAD: WebPage =
    WebPage { url: "https://github.com/Azure/azure-sdk-for-net/issues/21871", read_on: "2026-11-21" };
const CLIENT_ID_THREAD: WebPage =
    WebPage { url: "https://github.com/Azure/azure-sdk-for-net/issues/37100", read_on: "2026-11-21" };
const DELEGATED_THREAD: WebPage =
    WebPage { url: "https://github.com/Azure-Samples/azure-search-openai-demo/issues/2148", read_on: "2026-11-21" };
const NOT_ASSIGNED_THREAD: WebPage = WebPage {
    url: "https://github.com/AzureAD/microsoft-authentication-library-for-dotnet/issues/5423",
    read_on: "2026-11-21",
};
const TYPE_THREAD: WebPage =
    WebPage { url: "https://github.com/Azure/azure-rest-api-specs/issues/17650", read_on: "2026-11-21" };

pub(super) const FAMILIES: &[Family] = &[
    Family {
        id: "identity.invalid-audience",
        forms: &[&["AKV10022"], &["Invalid audience. Expected https://vault"]],
        generic: false,
        gates: &["identity", "target"],
        proves: &[Gate::Dns, Gate::Network],
        misleads: None,
        causes: &[
            Cause::high(
                Code::IdentityWrongAudience,
                "The token was requested for a service other than Key Vault. The message shows the audience found: an \
                 audience of Resource Manager or Graph means that the wrong resource or scope is set.",
            ),
            Cause::low(
                Code::TargetWrongCloud,
                "The audience found is for Key Vault in another cloud. Compare the suffixes of the expected audience \
                 and the one found.",
            ),
        ],
        samples: &[
            "(Unauthorized) AKV10022: Invalid audience. Expected https://vault.azure.net, found: \
             https://graph.microsoft.com.",
            "401 AKV10022: Invalid audience. Expected https://vault.usgov\n   cloudapi.net, found: https://vault.azu",
        ],
        sources: &[REST_ERRORS, AUDIENCE_THREAD],
    },
    Family {
        id: "identity.invalid-issuer",
        forms: &[&["AKV10032"], &["Invalid issuer. Expected one of https://sts."]],
        generic: false,
        gates: &["identity"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network],
        misleads: None,
        causes: &[
            Cause::high(
                Code::IdentityWrongTenant,
                "The token comes from a tenant that the vault does not trust. Compare the issuer found with the \
                 tenant id of the vault, and set the tenant on the credential.",
            ),
            Cause::medium(
                Code::IdentityReplaced,
                "The subscription moved to another tenant and the vault kept the old one. This is the cause if the \
                 issuer found is the tenant that holds the subscription today.",
            ),
            Cause::low(
                Code::IdentityUnexpectedIdentity,
                "A different account than intended was signed in, for example a guest in its home tenant or the login \
                 of a build agent.",
            ),
        ],
        samples: &[
            "AKV10032: Invalid issuer. Expected one of \
             https://sts.windows.net/aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb/, found \
             https://sts.windows.net/cccccccc-0000-1111-2222-dddddddddddd/.",
            "{\"error\":{\"code\":\"Unauthorized\",\"message\":\"AKV10032: Invalid\n issuer. Expected one of \
             https://sts.windo",
        ],
        sources: &[REST_ERRORS, KV_AUTH, ISSUER_THREAD],
    },
    Family {
        id: "identity.metadata-identity-not-found",
        forms: &[
            &["invalid_request", "Identity not found"],
            &["error_description: Identity not found"],
            &["Error Description: Identity not found"],
        ],
        generic: false,
        gates: &["identity"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::IdentityNotAssignedToHost,
                "The requested identity is not attached to the machine or app that runs the code. Compare the client \
                 id in the request with the attached ones.",
            ),
            Cause::high(
                Code::IdentityNotEnabled,
                "No client id was given, and the host has no system-assigned identity. This is the cause if the \
                 request names no identity.",
            ),
            Cause::medium(
                Code::IdentityUnexpectedIdentity,
                "The code was not intended to use the identity of its host: on a build agent or a virtual machine a \
                 chain of credentials reaches the metadata endpoint before the intended one.",
            ),
            Cause::low(
                Code::IdentityReplaced,
                "The identity was deleted and recreated, so its client id is new, but the setting or a cache has the \
                 old one.",
            ),
        ],
        samples: &[
            "Status: 400 (Bad Request) Content: {\"error\":\"invalid_request\",\"error_description\":\"Identity not \
             found\"}",
            "MSI token request failed: invalid_request\n  Error Description:\n  Identity not found, Timestamp: \
             2026-05-01",
        ],
        sources: &[NOT_FOUND_THREAD, KV_AUTH],
    },
    Family {
        id: "identity.multiple-user-assigned",
        forms: &[&["Multiple user assigned identities exist"]],
        generic: false,
        gates: &["identity"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::IdentityClientIdNotSpecified,
                "The host has several user-assigned identities, but the request selects none. Set the client id in \
                 the code, in AZURE_CLIENT_ID or in the driver.",
            ),
            Cause::low(
                Code::IdentityNotEnabled,
                "The system-assigned identity was intended, but is disabled. If it were enabled, a request without a \
                 client id would use it.",
            ),
        ],
        samples: &[
            "{\"error\":\"invalid_request\",\"error_description\":\"Multiple user assigned identities exist, please \
             specify the clientId / resourceId of the identity in the token request\"}",
            "adal: Refresh request failed. Status Code = 400. Multiple user assigned ident\nities exist, please spec",
        ],
        sources: &[MULTIPLE_THREAD],
    },
    Family {
        id: "identity.no-user-assigned-found",
        forms: &[
            &["No User Assigned or Delegated Managed Identity found"],
            &["No User Assigned Managed Identity found for specified"],
        ],
        generic: false,
        gates: &["identity"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::IdentityNotAssignedToHost,
                "The identity of the given id is not attached to this app or container. Compare AZURE_CLIENT_ID, or \
                 the id in the code, with the attached identities.",
            ),
            Cause::medium(
                Code::IdentityIdKindMismatch,
                "The id exists, but is of a different kind, for example an object id instead of a client id.",
            ),
            Cause::low(
                Code::IdentityReplaced,
                "The identity was recreated under the same name and the setting has the old client id.",
            ),
        ],
        samples: &[
            "ManagedIdentityCredential: App Service managed identity configuration error: 400 No User Assigned or \
             Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.",
            "{\"statusCode\":400,\"message\":\"No User Assigned or Delegated Managed\r\n Identity found for spec",
        ],
        sources: &[DELEGATED_THREAD],
    },
    Family {
        id: "identity.requested-identity-not-assigned",
        forms: &[
            &["requested identity isn't assigned to this resource"],
            &["requested identity has not been assigned to this resource"],
            &["identity has not been assigned to this resource"],
            &["Managed Identity is not assigned to this resource"],
        ],
        generic: false,
        gates: &["identity"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::IdentityNotAssignedToHost,
                "The host's token service does not know the identity. Check which identities the resource has, and \
                 which id the client requests.",
            ),
            Cause::medium(
                Code::IdentityNotEnabled,
                "The resource has no identity, so a request for the system-assigned identity fails.",
            ),
            Cause::medium(
                Code::IdentityIdKindMismatch,
                "The client was given an object id or a resource id as a client id.",
            ),
            Cause::medium(
                Code::IdentityUnexpectedIdentity,
                "A chain of credentials used the identity of its host although a different credential was intended, \
                 for example on a build agent.",
            ),
        ],
        samples: &[
            "ManagedIdentityCredential authentication unavailable. The requested identity has not been assigned to \
             this resource. Status: 400 (Bad Request)",
            "ManagedIdentityCredential authentication failed. the requested\n  identity isn't assigned to this \
             res\nource ---",
            "[Managed Identity] Authentication unavailable. Either the requested identity has not been assigned to \
             this resource, or other errors could be pres",
        ],
        sources: &[NOT_ASSIGNED_THREAD, NOT_FOUND_THREAD],
    },
    Family {
        id: "identity.no-client-id",
        forms: &[&["No ClientId was specified"]],
        generic: false,
        gates: &["identity"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::IdentityClientIdNotSpecified,
                "The client requests a user-assigned identity without selecting one. Set its client id in the code or \
                 in AZURE_CLIENT_ID.",
            ),
            Cause::medium(
                Code::IdentityNotEnabled,
                "No identity was selected because the system-assigned identity was intended, but it is not enabled.",
            ),
        ],
        samples: &[
            "ManagedIdentityCredential authentication failed: No ClientId was specified. Status: 400",
            "Azure.Identity.AuthenticationFailedException: No Client\nId was specified. For more information",
        ],
        sources: &[CLIENT_ID_THREAD],
    },
    Family {
        id: "identity.no-endpoint",
        forms: &[
            &["No managed identity endpoint found"],
            &["ManagedIdentityCredential authentication unavailable, no managed identity endpoint"],
        ],
        generic: false,
        gates: &["identity"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::IdentityNotEnabled,
                "The environment has no token service: the identity is disabled, or the app was not restarted after \
                 it was turned on.",
            ),
            Cause::medium(
                Code::IdentityUnexpectedIdentity,
                "The code runs on a machine without a managed identity, such as a laptop or a hosted agent, and \
                 should use a different credential there.",
            ),
        ],
        samples: &[
            "ManagedIdentityCredential authentication unavailable. No Managed Identity endpoint found.",
            "CredentialUnavailableError: ManagedIdentityCredential authentication\n unavailable. No managed \
             ident\nity endpoint found. Tried",
        ],
        sources: &[KV_AUTH, NOT_FOUND_THREAD],
    },
    Family {
        id: "identity.type-without-user-assigned",
        forms: &[
            &["non-UserAssigned identity type should not contain", "userAssignedIdentities"],
            &["non-UserAssigned identity type should not"],
            &["Failed to perform resource identity operation"],
        ],
        generic: false,
        gates: &["identity", "caller"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::IdentityNotAssignedToHost,
                "The request lists user-assigned identities, but its type excludes them. Set the type to \
                 \"UserAssigned\" or \"SystemAssigned, UserAssigned\", or send no list.",
            ),
            Cause::low(
                Code::IdentityNotEnabled,
                "The type in the request is None or missing, so the list is not allowed.",
            ),
            Cause::low(
                Code::CallerOperatorLacksPermission,
                "If the inner answer is about permissions, not about the format, the operator has no permission to \
                 assign this identity.",
            ),
        ],
        samples: &[
            "Failed to perform resource identity operation. Status: 'BadRequest'. Response: \
             '{\"error\":{\"code\":\"BadRequest\",\"message\":\"The request format was unexpected, a non-UserAssigned \
             identity type should not contain: userAssignedIdentities\"}}'",
            "code=FailedIdentityOperation Identity operation for resource failed with error Failed to perform\n \
             resource identity operation. Status: Bad",
        ],
        sources: &[TYPE_THREAD],
    },
    Family {
        id: "identity.application-not-in-tenant",
        forms: &[&["AADSTS700016"], &["Application with identifier", "was not found in the directory"]],
        generic: false,
        gates: &["identity"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::IdentityWrongTenant,
                "The sign-in uses a tenant in which the application does not exist. Compare the directory in the \
                 message with the tenant of the application.",
            ),
            Cause::medium(
                Code::IdentityIdKindMismatch,
                "The id in the message is not an application id: it is an object id or a secret id.",
            ),
            Cause::medium(
                Code::IdentityReplaced,
                "The application or the identity was deleted and recreated, and the setting has the old id.",
            ),
        ],
        samples: &[
            "AADSTS700016: Application with identifier '11111111-2222-3333-4444-555555555555' was not found in the \
             directory 'Contoso'.",
            "unauthorized_client: AADSTS700\n016: Application with ident",
        ],
        sources: &[ENTRA],
    },
    Family {
        id: "identity.invalid-client-secret",
        forms: &[&["AADSTS7000215"], &["Invalid client secret provided"]],
        generic: false,
        gates: &["identity"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::IdentityIdKindMismatch,
                "The id of the secret was given instead of its value. A value is longer and is not a GUID.",
            ),
            Cause::medium(
                Code::IdentityReplaced,
                "The secret was renewed, or the application was recreated, and the setting has the old value.",
            ),
            Cause::low(
                Code::IdentityUnexpectedIdentity,
                "The secret belongs to an application other than the one in the message.",
            ),
        ],
        samples: &[
            "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the \
             client secret value, not the client secret ID.",
            "invalid_client: AADSTS70002\n15: Invalid client sec",
        ],
        sources: &[ENTRA],
    },
    Family {
        id: "identity.tenant-not-found",
        forms: &[&["AADSTS90002"], &["AADSTS900021"], &["AADSTS900023"]],
        generic: false,
        gates: &["identity", "target"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(Code::IdentityWrongTenant, "The tenant id or name in the setting is wrong or empty."),
            Cause::medium(
                Code::TargetWrongCloud,
                "The tenant exists in another cloud: the sign-in endpoint and the tenant belong to different clouds.",
            ),
        ],
        samples: &[
            "AADSTS90002: Tenant 'aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb' not found. Check to make sure you have the \
             correct tenant ID and are signing into the correct cloud.",
            "invalid_request: AADSTS9000\n2: Tenant 'contoso.example' not fou",
        ],
        sources: &[ENTRA],
    },
    Family {
        id: "identity.resource-not-in-tenant",
        forms: &[
            &["AADSTS500011"],
            &["AADSTS50001:"],
            &["The resource principal named", "was not found in the tenant"],
        ],
        generic: false,
        gates: &["identity", "target"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::IdentityWrongAudience,
                "The requested resource or scope does not exist: it is misspelled, lacks https, or is the URL of a \
                 single vault instead of the service.",
            ),
            Cause::medium(Code::IdentityWrongTenant, "The resource exists, but not in this tenant."),
            Cause::low(
                Code::TargetWrongCloud,
                "The resource has the suffix of a different cloud than the sign-in endpoint.",
            ),
        ],
        samples: &[
            "AADSTS500011: The resource principal named https://kv-orders.vault.azure.net was not found in the \
             tenant named Contoso.",
            "invalid_resource: AADSTS5000\n11: The resource princ",
        ],
        sources: &[ENTRA],
    },
    Family {
        id: "identity.invalid-scope",
        forms: &[
            &["AADSTS70011:"],
            &["AADSTS1002012"],
            &["Client credential flows must have a scope value with /.default"],
        ],
        generic: false,
        gates: &["identity"],
        proves: &[],
        misleads: None,
        causes: &[Cause::high(
            Code::IdentityWrongAudience,
            "The scope does not have the form that this flow requires. A service requests \
             https://vault.azure.net/.default, with the suffix of its cloud.",
        )],
        samples: &[
            "AADSTS1002012: The provided value for scope https://vault.azure.net is not valid. Client credential \
             flows must have a scope value with /.default suffixed to the resource identifier.",
            "AADSTS70011: The provided request must include a 'scope' input\n parameter. The provided value for",
        ],
        sources: &[ENTRA],
    },
    Family {
        id: "identity.federation-mismatch",
        forms: &[&["AADSTS70021"], &["AADSTS70025"]],
        generic: false,
        gates: &["identity"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::IdentityNotAssignedToHost,
                "The identity has no federated credential for this workload. Compare issuer, subject and audience in \
                 the message with the credentials of the identity.",
            ),
            Cause::medium(
                Code::IdentityUnexpectedIdentity,
                "The workload runs under a different service account, branch or environment than the federated one, \
                 or uses a different client id.",
            ),
            Cause::low(Code::IdentityReplaced, "The cluster was recreated and has a new issuer URL."),
        ],
        samples: &[
            "AADSTS70021: No matching federated identity record found for presented assertion. Assertion Issuer: \
             https://oidc.example/1. Assertion Subject: system:serviceaccount:shop:web.",
            "AADSTS700213: No matching federated identity record\n found for presented assertion subject 'repo:con",
        ],
        sources: &[ENTRA],
    },
    Family {
        id: "identity.user-not-in-tenant",
        forms: &[&["AADSTS50020:"], &["User account", "from identity provider", "does not exist in tenant"]],
        generic: false,
        gates: &["identity"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::IdentityWrongTenant,
                "The account belongs to another tenant and is not a guest in this one.",
            ),
            Cause::medium(Code::IdentityUnexpectedIdentity, "A different account than intended is signed in."),
        ],
        samples: &[
            "AADSTS50020: User account 'sam@fabrikam.example' from identity provider 'https://sts.windows.net/1/' \
             does not exist in tenant 'Contoso'.",
            "AADSTS50020: User acc\nount {EmailHidden} from identity prov",
        ],
        sources: &[ENTRA],
    },
];
