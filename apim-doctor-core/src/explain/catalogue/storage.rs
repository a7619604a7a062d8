//! What storage accounts say when they refuse, or when their name leads nowhere.

use crate::explain::family::{Cause, Family, Sign, Trait};
use crate::finding::{Code, Gate, WebPage};

const ERROR_CODES: WebPage = WebPage {
    url: "https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes",
    read_on: "2026-11-21",
};
const SAS_CODES: WebPage =
    WebPage { url: "https://learn.microsoft.com/rest/api/storageservices/sas-error-codes", read_on: "2026-11-21" };
const TERRAFORM_FIREWALL: WebPage =
    WebPage { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/828", read_on: "2026-11-21" };
const QUEUE_ENDPOINT: WebPage =
    WebPage { url: "https://github.com/Azure/azure-functions-host/issues/9496", read_on: "2026-11-21" };
const OWNER_ONLY: WebPage =
    WebPage { url: "https://github.com/Azure/azure-sdk-for-net/issues/15279", read_on: "2026-11-21" };
const KEYS_ON_CONSUMPTION: WebPage =
    WebPage { url: "https://github.com/Azure/azure-functions-host/issues/10050", read_on: "2026-11-21" };
const KEY_ACCESS: WebPage =
    WebPage { url: "https://github.com/MicrosoftDocs/azure-docs/pull/127508", read_on: "2026-11-21" };
const UNKNOWN_HOST: WebPage =
    WebPage { url: "https://github.com/MicrosoftDocs/azure-docs/issues/119601", read_on: "2026-11-21" };
const CONTENT_SETTINGS: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/azure-functions/functions-app-settings", read_on: "2026-11-21" };

const TERRAFORM_SHARE: WebPage =
    WebPage { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/10990", read_on: "2026-11-29" };

pub(super) const FAMILIES: &[Family] = &[
    Family {
        id: "storage.authorization-permission-mismatch",
        forms: &[
            &["This request is not authorized to perform this operation using this permission"],
            &["not authorized to perform this operation using this perm"],
            &["AuthorizationPermissionMismatch"],
        ],
        generic: false,
        gates: &["authorization"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network],
        misleads: None,
        causes: &[
            Cause::high(
                Code::AuthorizationControlPlaneRoleOnly,
                "Owner, Contributor and Reader manage the account but give no access to its data. Check whether the \
                 caller has any role named Storage ... Data ...: if it does not, this is the cause.",
            ),
            Cause::medium(
                Code::AuthorizationNoGrant,
                "The caller has no role on the account. List its assignments on the account and above.",
            )
            .seen(&[Sign::up(Trait::NoAssignment, "the text says that no assignment was found")]),
            Cause::medium(
                Code::AuthorizationRoleLacksAction,
                "The caller has a data role, but not for this service or operation: a reader role for a write, a blob \
                 role for a queue or a table, or a shared access signature without this permission.",
            )
            .seen(&[
                Sign::up(
                    Trait::OtherStorageService,
                    "the call is to queues, tables or files, which have separate roles",
                ),
                Sign::up(Trait::Assignment, "an assignment was found, so a role exists but is not sufficient"),
            ]),
            Cause::medium(
                Code::AuthorizationPropagationDelay,
                "The role was assigned only minutes ago: data roles take up to ten minutes. No change is needed.",
            ),
            Cause::low(
                Code::AuthorizationScopeDoesNotCover,
                "The role is assigned on a different account or container.",
            ),
            Cause::low(
                Code::AuthorizationWrongPrincipalGranted,
                "The role was assigned to an id other than the caller's.",
            ),
            Cause::low(Code::AuthorizationConditionNotMet, "The assignment has a condition that excludes this object."),
        ],
        samples: &[
            "This request is not authorized to perform this operation using this \
            permission.\nRequestId:1a2b3c4d-101e-0001-7777-aabbcc000000\nTime:2026-03-04T05:06:07.1234567Z\nStatus: \
            403\nErrorCode: AuthorizationPermissionMismatch",
            "RESPONSE 403: 403 This request is not authorized to perform this operation using\n  this permission.",
            "<Error><Code>AuthorizationPermissionMismatch</Code><Message>This request is not autho",
        ],
        sources: &[ERROR_CODES, SAS_CODES, OWNER_ONLY],
    },
    Family {
        id: "storage.perimeter",
        forms: &[
            &["This request is not authorized by network security perimeter"],
            &["not authorized by network security perimeter to perform this operation"],
        ],
        generic: false,
        gates: &["firewall"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network],
        misleads: None,
        causes: &[
            Cause::high(
                Code::FirewallPerimeterBlocks,
                "The account is in an enforced network security perimeter, or is set to SecuredByPerimeter, and no rule \
                 allows this caller. The trusted-services exception has no effect there.",
            ),
            Cause::medium(
                Code::FirewallConsumerNotOnTrustedList,
                "The caller relied on being a trusted service, which a perimeter ignores.",
            ),
        ],
        samples: &[
            "This request is not authorized by network security perimeter to perform this \
            operation.\nRequestId:5e6f\nErrorCode: AuthorizationFailure",
            "403 This request is not authorized by network secur\nity perimeter to",
        ],
        sources: &[ERROR_CODES],
    },
    Family {
        id: "storage.authorization-failure",
        forms: &[
            &["This request is not authorized to perform this operation."],
            &["not authorized to perform this operation.", "AuthorizationFailure"],
            &["AuthorizationFailure"],
            &["ErrorCode=403 This request is not authorized"],
        ],
        generic: false,
        gates: &["firewall", "network", "dns", "authorization"],
        proves: &[Gate::Target],
        misleads: Some(
            "The text is about authorization, but without the words \"using this permission\" the cause is usually \
             the account's network rules. More roles do not help then.",
        ),
        causes: &[
            Cause::high(
                Code::FirewallSourceNotAllowed,
                "The account allows only selected networks, and the caller's address or subnet is not among them. \
                 Compare the caller's outbound address with the rules; creating a container or reading its properties \
                 from outside fails in the same way.",
            )
            .seen(&[
                Sign::up(Trait::PublicAddress, "the caller's address is public: the rules would have to contain it"),
                Sign::up(
                    Trait::Terraform,
                    "Terraform calls the data plane from where it runs, a laptop or a build agent",
                ),
            ]),
            Cause::medium(
                Code::NetworkMissingSubresourceEndpoint,
                "A different service of the same account works: each of blob, queue, table and file needs its own \
                 private endpoint, and calls to a service without one go to the public address and are blocked.",
            )
            .seen(&[
                Sign::up(
                    Trait::OtherStorageService,
                    "the client is for queues, tables or files, which are often forgotten",
                ),
                Sign::up(Trait::AppService, "the host of a Function App also uses queues and tables"),
            ]),
            Cause::medium(
                Code::FirewallPublicAccessDisabled,
                "Public network access is disabled: address rules have no effect, and only private endpoints are \
                 accepted.",
            ),
            Cause::medium(
                Code::DnsZoneNotLinked,
                "There is a private endpoint, but the caller resolves the public address. Resolve the host on the \
                 caller's machine.",
            )
            .seen(&[Sign::up(Trait::PublicAddress, "the caller arrived over the public address")]),
            Cause::medium(
                Code::NetworkNotRoutedThroughVnet,
                "The app has a network path, but does not send this traffic through it.",
            )
            .seen(&[Sign::up(Trait::AppService, "an app uses its public addresses unless its traffic is routed")]),
            Cause::medium(
                Code::FirewallConsumerNotOnTrustedList,
                "The caller is a service of Azure, but not one that the trusted-services exception covers, or not \
                 with this identity or for this use.",
            ),
            Cause::low(Code::FirewallTrustedServicesOff, "The exception would cover the caller, but it is off."),
            Cause::low(
                Code::AuthorizationNoGrant,
                "If the account allows all networks, the remaining cause is a signature or identity without \
                 permission.",
            ),
        ],
        samples: &[
            "Azure.RequestFailedException: This request is not authorized to perform this \
            operation.\nRequestId:aaaa1111-0003-0002-0001-bbbbcccc0000\nStatus: 403 (This request is not authorized to \
            perform this operation.)\nErrorCode: AuthorizationFailure",
            "Error: retrieving Container \"state\": unexpected status 403 (403 This request is not\n authorized to \
            perform this operation.) with AuthorizationFailure: This requ",
            "{\"odata.error\":{\"code\":\"AuthorizationFailure\",\"message\":{\"lang\":\"en-US\"",
        ],
        sources: &[ERROR_CODES, TERRAFORM_FIREWALL, QUEUE_ENDPOINT],
    },
    Family {
        id: "storage.container-properties-refused",
        forms: &[
            &["containers.Client#GetProperties", "StatusCode=403"],
            &["containers.Client#Create", "StatusCode=403"],
            &["blobs.Client#", "StatusCode=403"],
            &["shares.Client#", "StatusCode=403"],
            &["queues.Client#", "StatusCode=403"],
            &["tables.Client#", "StatusCode=403"],
            &["storage: service returned error: StatusCode=403"],
        ],
        generic: true,
        gates: &["firewall", "network", "dns", "authorization"],
        proves: &[Gate::Target],
        misleads: None,
        causes: &[
            Cause::high(
                Code::FirewallSourceNotAllowed,
                "Terraform reads containers, queues and shares over the data plane from the machine that it runs on. \
                 That machine is usually outside the networks that the account allows.",
            ),
            Cause::medium(
                Code::FirewallPublicAccessDisabled,
                "Public access to the account is disabled: Terraform has to run inside the network.",
            ),
            Cause::medium(
                Code::AuthorizationControlPlaneRoleOnly,
                "If the account allows the machine, the caller can manage the account but not read its data. The code \
                 after the status is then AuthorizationPermissionMismatch.",
            ),
            Cause::medium(
                Code::DnsZoneNotLinked,
                "The machine is inside the network, but resolves the public address.",
            ),
        ],
        samples: &[
            "Error: containers.Client#GetProperties: Failure responding to request: StatusCode=403 -- Original Error: \
            autorest/azure: error response cannot be parsed: \"\" error: EOF",
            "queues.Client#GetServiceProperties: Failure responding to request: Status\n Code=403 -- Original",
        ],
        sources: &[TERRAFORM_FIREWALL],
    },
    Family {
        id: "storage.anonymous-access-off",
        forms: &[&["PublicAccessNotPermitted"], &["Public access is not permitted on this storage account"]],
        generic: false,
        gates: &["caller"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network],
        misleads: Some("The firewall is not the cause: the request had no credential."),
        causes: &[Cause::high(
            Code::CallerAnonymousAccessOff,
            "The request has no `Authorization` header and no signature, and the account allows no anonymous access.",
        )],
        samples: &[
            "Public access is not permitted on this storage account.\nErrorCode:PublicAccessNotPermitted",
            "<Code>PublicAccessNot\nPermitted</Code>",
        ],
        sources: &[ERROR_CODES],
    },
    Family {
        id: "storage.content-share-creation",
        forms: &[
            &["Creation of storage file share failed with", "(403) Forbidden"],
            &["Creation of storage file share failed with", "403"],
        ],
        generic: false,
        gates: &["network", "firewall", "authorization"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::NetworkNotRoutedThroughVnet,
                "The account blocks other networks, and the request that creates the content share does not go \
                 through the app's network: the app is not integrated yet, or does not route its content share there.",
            ),
            Cause::high(
                Code::FirewallSourceNotAllowed,
                "The account allows only selected networks, and neither the app nor its plan is among them.",
            ),
            Cause::medium(Code::FirewallPublicAccessDisabled, "Public access of the account is disabled."),
            Cause::low(
                Code::AuthorizationSharedKeyDisabled,
                "A content share is opened with an account key, but account keys are disabled.",
            ),
        ],
        samples: &[
            "Creation of storage file share failed with: 'The remote server returned an error: (403) Forbidden.'. Please \
             check if the storage account is accessible.",
            "Creation of storage file sha\nre failed with: 'The remote server returned an error: (403) Forbidden.'",
        ],
        sources: &[TERRAFORM_SHARE, CONTENT_SETTINGS],
    },
    Family {
        id: "storage.key-access-off",
        forms: &[
            &["Key based authentication is not permitted on this storage account"],
            &["KeyBasedAuthenticationNotPermitted"],
            &["Key based authentication is not permitted"],
        ],
        generic: false,
        gates: &["authorization", "platform", "caller"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network],
        misleads: None,
        causes: &[
            Cause::high(
                Code::AuthorizationSharedKeyDisabled,
                "The caller uses an account key or a signature derived from one, but the account does not accept \
                 account keys. Use an identity with a data role, or allow account keys again.",
            ),
            Cause::medium(
                Code::PlatformFeatureUnsupported,
                "The content share of a Consumption or Elastic Premium plan works only with an account key: such an \
                 app cannot use an account that does not accept account keys.",
            )
            .seen(&[Sign::up(
                Trait::ContentShare,
                "the text names the content share, which does not support an identity",
            )]),
            Cause::low(
                Code::CallerBackupUsesAccountKey,
                "The backup of API Management was started with an account key.",
            )
            .seen(&[Sign::up(
                Trait::ApiManagement,
                "the text names API Management, whose backup can use an identity instead",
            )]),
        ],
        samples: &[
            "unexpected status 403 (403 Key based authentication is not permitted on this storage account.) with \
            KeyBasedAuthenticationNotPermitted",
            "ERROR CODE: KeyBasedAuthentication\nNotPermitted",
        ],
        sources: &[KEY_ACCESS, KEYS_ON_CONSUMPTION],
    },
    Family {
        id: "storage.authentication-failed",
        forms: &[
            &["Server failed to authenticate the request. Make sure the value of Authorization header is formed \
                correctly"],
            &["Make sure the value of the Authorization header is formed correctly including the signature"],
            &["Server failed to authenticate the request", "AuthenticationFailed"],
            &["AuthenticationFailed", "Server failed to authenticate the request"],
            &["Signature did not match. String to sign used was"],
            &["Signature not valid in the specified time frame"],
            &["Signature fields not well formed"],
        ],
        generic: false,
        gates: &["authorization", "identity", "reference"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network],
        misleads: None,
        causes: &[
            Cause::high(
                Code::ReferenceSyntax,
                "The key or signature in the setting is not valid for the account: it is truncated, encoded twice, \
                 rotated, from another account, or a Key Vault reference that was not resolved. The detail line shows \
                 whether the signature or its time is wrong.",
            ),
            Cause::medium(
                Code::AuthorizationSharedKeyDisabled,
                "The account does not accept account keys; usually the text then says that key based authentication \
                 is not permitted.",
            ),
            Cause::medium(
                Code::IdentityWrongAudience,
                "A token was sent instead of a signature, but its audience is not storage.",
            ),
            Cause::low(Code::IdentityWrongTenant, "A token was sent that a tenant other than the account's issued."),
        ],
        samples: &[
            "Server failed to authenticate the request. Make sure the value of Authorization header is formed \
            correctly including the signature.\nErrorCode: AuthenticationFailed\nAuthenticationErrorDetail: The MAC \
            signature found in the HTTP request 'abc=' is not the same as any computed signature.",
            "<Code>AuthenticationFailed</Code><Message>Server failed to authenti\ncate the request.",
            "Signature not valid in the specified time frame: Start [Mon, 02 Mar 2026 08:00:00 GMT] - Expiry [Mon, 02 \
            Mar 2026 09:00:00 GMT]",
        ],
        sources: &[ERROR_CODES, SAS_CODES],
    },
    Family {
        id: "storage.signature-mismatch",
        forms: &[
            &["not authorized to perform this operation using this source IP"],
            &["not authorized to perform this operation using this protocol"],
            &["not authorized to perform this operation using this service"],
            &["not authorized to perform this operation using this resource type"],
            &["AuthorizationSourceIPMismatch"],
            &["AuthorizationProtocolMismatch"],
            &["AuthorizationServiceMismatch"],
            &["AuthorizationResourceTypeMismatch"],
        ],
        generic: false,
        gates: &["authorization", "firewall"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network],
        misleads: None,
        causes: &[
            Cause::high(
                Code::AuthorizationRoleLacksAction,
                "The shared access signature itself excludes this request: it is for a different service, resource \
                 type or protocol.",
            ),
            Cause::medium(
                Code::FirewallSourceNotAllowed,
                "The signature is limited to addresses that do not include the caller's. The message then mentions \
                 the source IP; the account's own rules are not the cause.",
            ),
        ],
        samples: &[
            "This request is not authorized to perform this operation using this source IP 203.0.113.7.",
            "403 This request is not authorized to perform this operation\n using this resource type. ErrorCode: \
            AuthorizationResourceTypeMis",
        ],
        sources: &[SAS_CODES],
    },
    Family {
        id: "storage.invalid-authentication-info",
        forms: &[
            &["InvalidAuthenticationInfo"],
            &["NoAuthenticationInformation"],
            &["Server failed to authenticate the request. Please refer to the information in the www-authenticate \
                header"],
        ],
        generic: false,
        gates: &["identity", "authorization"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network],
        misleads: None,
        causes: &[
            Cause::high(
                Code::IdentityWrongTenant,
                "The token was issued by a tenant other than the one that the account trusts. The detail says that \
                 the issuer did not match.",
            ),
            Cause::medium(
                Code::IdentityWrongAudience,
                "The token has a different audience, often management.azure.com. The detail says that the audience \
                 did not match.",
            ),
            Cause::low(
                Code::IdentityNotEnabled,
                "No token was sent, because the caller has no identity to get one with.",
            ),
        ],
        samples: &[
            "Status: 401 (Server failed to authenticate the request. Please refer to the information in the \
            www-authenticate header.)\nErrorCode: InvalidAuthenticationInfo\nAuthenticationErrorDetail: Issuer \
            validation failed. Issuer did not match.",
            "RESPONSE 401: ERROR CODE: NoAuthentication\nInformation",
        ],
        sources: &[ERROR_CODES],
    },
    Family {
        id: "storage.account-disabled",
        forms: &[&["AccountIsDisabled"], &["The specified account is disabled"]],
        generic: false,
        gates: &["target", "platform"],
        proves: &[Gate::Dns, Gate::Network],
        misleads: None,
        causes: &[
            Cause::high(
                Code::PlatformServiceSide,
                "The account is disabled, usually because its subscription is disabled (spending limit, payment, \
                 policy). Check the state of the subscription.",
            ),
            Cause::low(
                Code::TargetVaultNameWrong,
                "The setting names a different account, in a disabled subscription.",
            ),
        ],
        samples: &[
            "Status: 403 (The specified account is disabled.)\nErrorCode: AccountIsDisabled",
            "<Error><Code>AccountIsDis\nabled</Code><Mess",
        ],
        sources: &[ERROR_CODES],
    },
    Family {
        id: "storage.not-there",
        forms: &[
            &["ShareNotFound"],
            &["The specified share does not exist"],
            &["ContainerNotFound"],
            &["The specified container does not exist"],
            &["QueueNotFound"],
            &["The specified queue does not exist"],
            &["BlobNotFound"],
            &["The specified blob does not exist"],
            &["ShareBeingDeleted"],
            &["The specified resource does not exist", "RequestId"],
            &["ErrorCode: ResourceNotFound", "AuthenticationErrorDetail"],
            &["The specified resource does not exist", "ErrorCode: ResourceNotFound"],
        ],
        generic: false,
        gates: &["target", "object", "authorization"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::TargetContentShareMissing,
                "The account answered, but has no such share or container. For an app that skips the check of its \
                 content share, the share has to exist first.",
            )
            .seen(&[Sign::up(Trait::ContentShare, "the text names the content share's setting")]),
            Cause::medium(
                Code::ObjectMissing,
                "The name is misspelled or in the wrong case, or the object was deleted.",
            ),
            Cause::medium(
                Code::TargetVaultNameWrong,
                "The name is correct, but the account is wrong: compare the host with the intended one.",
            ),
            Cause::low(
                Code::AuthorizationNoGrant,
                "A container that does not allow anonymous access also appears as not found.",
            ),
        ],
        samples: &[
            "Status: 404 (The specified share does not exist.)\nErrorCode: ShareNotFound",
            "The specified container does not\n exist. RequestId:0f0f",
            "Creation of storage file share failed with: The specified resource does not \
            exist.\nRequestId:77aa\nErrorCode: ResourceNotFound",
        ],
        sources: &[ERROR_CODES, CONTENT_SETTINGS],
    },
    Family {
        id: "storage.host-unknown",
        forms: &[
            &["No such host is known", ".core.windows.net"],
            &["no such host", ".core."],
            &[".core.windows.net", "no such host"],
            &["Name or service not known", ".core.windows.net"],
            &["could not be resolved", ".core.windows.net"],
            &["UnknownHostException", ".core.windows.net"],
            &["ENOTFOUND", ".core.windows.net"],
            &["nodename nor servname provided", ".core.windows.net"],
            &["can't find", ".core.windows.net", "NXDOMAIN"],
        ],
        generic: false,
        gates: &["target", "dns"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::TargetVaultNameWrong,
                "No account with that name exists: it is misspelled or deleted, or its kind does not have this \
                 service (an account for blobs only has no tables). Confirmed if public DNS does not know the name.",
            )
            .seen(&[Sign::up(
                Trait::OtherStorageService,
                "the host is for queues, tables or files, which not every kind of account has",
            )]),
            Cause::medium(
                Code::DnsNameUnresolved,
                "The name exists in public DNS, but the caller's name server does not know it.",
            ),
            Cause::medium(
                Code::DnsRecordMissing,
                "The network has a private zone for this service, but the zone has no record for the account.",
            )
            .seen(&[Sign::up(Trait::PrivateLinkName, "the private zone was queried")]),
            Cause::medium(
                Code::DnsNotForwarded,
                "The network's own name server has the zone and does not forward to Azure DNS.",
            ),
            Cause::low(Code::TargetWrongCloud, "The host's suffix belongs to another cloud."),
        ],
        samples: &[
            "Azure.RequestFailedException: No such host is known. (stordersprod.queue.core.windows.net:443)",
            "dial tcp: lookup sttfstate01.blob.core.windows.net on 10.20.0.4:53: no such\n host",
            "System.Net.Http.HttpRequestException: Name or service not known (stx.table.core.windows.net:443)",
        ],
        sources: &[UNKNOWN_HOST],
    },
];
