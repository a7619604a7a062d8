//! What the Functions host and the platform say of their storage.

use crate::explain::catalogue::app_service::sources::STOPPED;
use crate::explain::family::{Cause, Family, Sign, Trait};
use crate::finding::{Code, WebPage};

const SETTINGS: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/azure-functions/functions-app-settings", read_on: "2026-11-21" };
const CONTENT_SHARE: WebPage =
    WebPage { url: "https://github.com/Azure/azure-functions-host/issues/8992", read_on: "2026-11-21" };
const CONTENT_SHARE_SPEC: WebPage =
    WebPage { url: "https://github.com/Azure/azure-rest-api-specs/issues/9947", read_on: "2026-11-21" };
const STORAGE_URI: WebPage =
    WebPage { url: "https://github.com/MicrosoftDocs/azure-docs/issues/29204", read_on: "2026-11-21" };
const LOGS_CONFIGURATION: WebPage =
    WebPage { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/16301", read_on: "2026-11-21" };
const HOST_RUNTIME: WebPage =
    WebPage { url: "https://github.com/Azure/Azure-Functions/issues/1950", read_on: "2026-11-21" };
const RECREATED: WebPage =
    WebPage { url: "https://github.com/Azure/Azure-Functions/issues/719", read_on: "2026-11-21" };
const HOST_FILE: WebPage =
    WebPage { url: "https://github.com/Azure/Azure-Functions/issues/1349", read_on: "2026-11-21" };
const LISTENER: WebPage =
    WebPage { url: "https://github.com/MicrosoftDocs/azure-docs/issues/119601", read_on: "2026-11-21" };
const UNREACHABLE: WebPage =
    WebPage { url: "https://github.com/Azure/Azure-Functions/issues/2225", read_on: "2026-11-21" };
const NOT_RUNNING: WebPage =
    WebPage { url: "https://github.com/Azure/azure-functions-host/issues/4011", read_on: "2026-11-21" };
const HOST_KEYS: WebPage = WebPage { url: "https://github.com/Azure/azure-functions-host", read_on: "2026-11-29" };
const PACKAGE: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/azure-functions/run-functions-from-deployment-package",
    read_on: "2026-11-29",
};

pub(super) const FAMILIES: &[Family] = &[
    Family {
        id: "app.host-without-storage",
        forms: &[
            &["Secret initialization from Blob storage failed due to missing"],
            &["missing both an Azure Storage connection string and a SAS connection uri"],
        ],
        generic: false,
        gates: &["reference", "identity"],
        proves: &[],
        misleads: Some("The text suggests storing keys in files, but the host would still have no usable storage."),
        causes: &[
            Cause::high(
                Code::ReferenceSyntax,
                "`AzureWebJobsStorage` is missing or empty, or contains neither a connection string nor \
                 identity-based settings. Check the app's settings and connection strings.",
            ),
            Cause::medium(
                Code::IdentityNotEnabled,
                "The connection uses an identity (`AzureWebJobsStorage__accountName`), but the app has none.",
            ),
        ],
        samples: &[
            "Secret initialization from Blob storage failed due to missing both an Azure Storage connection string and \
             a SAS connection uri. For Blob Storage, please provide at least one of these.",
            "due to missing both an Azure Storage connection str\ning and a SAS connection uri",
        ],
        sources: &[HOST_KEYS, SETTINGS],
    },
    Family {
        id: "app.package-download",
        forms: &[
            &["Failed to download package from", "HTTP status: 403"],
            &["Failed to download package from", "403"],
            &["Failed to download package from", "AuthorizationFailure"],
        ],
        generic: false,
        gates: &["firewall", "authorization", "identity", "network"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::FirewallSourceNotAllowed,
                "The account allows only selected networks, and the app fetches its package from another network.",
            ),
            Cause::medium(
                Code::AuthorizationNoGrant,
                "The identity that fetches the package has no role such as Storage Blob Data Reader on the container.",
            ),
            Cause::medium(
                Code::IdentityNotEnabled,
                "The URL has no signature or an expired one, and no identity is selected for the fetch.",
            ),
            Cause::low(
                Code::FirewallPublicAccessDisabled,
                "Public access is disabled, and the app has no private route.",
            ),
        ],
        samples: &[
            "Failed to download package from https://stx.blob.core.windows.net/releases/app.zip. HTTP status: 403",
            "Failed to download package fr\nom https://stx.blob.core.windows.net/rel/a.zip. HTTP status: 403",
        ],
        sources: &[PACKAGE],
    },
    Family {
        id: "app.content-share-reference",
        forms: &[
            &["Unable to resolve Azure Files Settings from Key Vault"],
            &["Unable to resolve setting: WEBSITE_CONTENTAZUREFILECONNECTIONSTRING"],
        ],
        generic: false,
        gates: &["platform", "identity", "authorization", "firewall", "network"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::PlatformContentShareValidation,
                "The request checks the content share before the reference can be resolved, and fails by default. \
                 Create the share first and set WEBSITE_SKIP_CONTENTSHARE_VALIDATION to 1 in the same request.",
            ),
            Cause::medium(
                Code::IdentityReferenceIdentityNotSelected,
                "The check is skipped or already passed, but the identity selected for references is not attached. \
                 The status after \"with error\" is then MSINotEnabled.",
            )
            .seen(&[Sign::up(Trait::UserAssigned, "a user-assigned identity is named in the text")]),
            Cause::medium(
                Code::AuthorizationNoGrant,
                "The identity cannot read the secret. The status is then AccessToKeyVaultDenied.",
            ),
            Cause::medium(
                Code::AuthorizationPropagationDelay,
                "One deployment contains the identity, the grant and the settings, and the grant is not effective yet.",
            )
            .seen(&[Sign::up(Trait::Deployment, "one template creates all of them")]),
            Cause::medium(
                Code::FirewallConsumerNotOnTrustedList,
                "The vault blocks other networks, and the trusted-services exception does not cover references.",
            ),
            Cause::low(
                Code::NetworkNotRoutedThroughVnet,
                "The app is not connected to a network while it is being created.",
            ),
        ],
        samples: &[
            "\"ExtendedCode\":\"04603\",\"Message\":\"Unable to resolve Azure Files Settings from Key Vault. Details: \
            Unable to resolve setting: WEBSITE_CONTENTAZUREFILECONNECTIONSTRING with error: OtherReasons.\"",
            "Unable to resolve Azure Files Set\ntings from Key Vau\nlt.",
        ],
        sources: &[CONTENT_SHARE, CONTENT_SHARE_SPEC, SETTINGS],
    },
    Family {
        id: "app.storage-uri-invalid",
        forms: &[&["The storage URI is invalid"]],
        generic: false,
        gates: &["reference", "platform", "target"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::ReferenceSyntax,
                "The content share's connection string is truncated, quoted or malformed. Check the stored value of \
                 the setting, not the template.",
            ),
            Cause::medium(
                Code::PlatformContentShareValidation,
                "The setting is a Key Vault reference, and the request checks it before it is resolved.",
            )
            .seen(&[Sign::up(Trait::ContentShare, "the text names the content share's setting")]),
            Cause::low(
                Code::TargetVaultNameWrong,
                "The connection string names a storage account that does not exist.",
            ),
        ],
        samples: &[
            "{\"Code\":\"BadRequest\",\"Message\":\"The storage URI is invalid.\",\"ExtendedCode\":\"04203\"}",
            "BadRequest - The storage U\nRI is invalid.",
        ],
        sources: &[STORAGE_URI, SETTINGS],
    },
    Family {
        id: "app.logs-configuration-failed",
        forms: &[
            &["logs configuration for", "500"],
            &["Code: InternalServerError, Message: null, Target: null"],
            &["ErrorEntity: {Code: InternalServerError"],
        ],
        generic: false,
        gates: &["platform", "authorization", "firewall", "network", "target"],
        proves: &[],
        misleads: Some(
            "The text names the logs configuration, which is not the cause: this call needs the app's content share, \
             but the share's connection string cannot be resolved or its storage account cannot be reached.",
        ),
        causes: &[
            Cause::high(
                Code::PlatformContentShareValidation,
                "The content share's connection string is a Key Vault reference that does not resolve now, for \
                 example because the app has been stopped for days. Start the app, wait until the reference is \
                 resolved, then deploy.",
            ),
            Cause::medium(
                Code::NetworkNotRoutedThroughVnet,
                "The storage account blocks other networks, and content share traffic does not go through the app's \
                 network.",
            ),
            Cause::medium(Code::FirewallSourceNotAllowed, "The storage account or the vault blocks the app's network."),
            Cause::medium(Code::AuthorizationNoGrant, "The identity cannot read the secret of the connection string."),
            Cause::low(Code::TargetContentShareMissing, "The share no longer exists."),
        ],
        samples: &[
            "reading logs configuration for Windows App Service (Subscription: \"0000\" Site Name: \"func-pay\"): \
            unexpected status 500 (500 Internal Server Error) with response: \
            {\"Code\":\"InternalServerError\",\"Message\":null,\"Target\":null}",
            "{\"Code\":\"Internal\nServerError\",\"Message\":null,\"Target\":null,\"Details\":[{\"Message\":null}",
        ],
        sources: &[STOPPED, LOGS_CONFIGURATION],
    },
    Family {
        id: "app.host-runtime-error",
        forms: &[
            &["Encountered an error (", ") from host runtime"],
            &["Encountered an error (InternalServerError)"],
            &["Encountered an error (ServiceUnavailable)"],
        ],
        generic: false,
        gates: &["network", "identity", "authorization", "firewall", "platform"],
        proves: &[],
        misleads: Some(
            "The text appears for every request (keys, a list of functions). The host did not start or does not \
             answer, usually because it cannot reach its storage.",
        ),
        causes: &[
            Cause::high(
                Code::NetworkEgressBlocked,
                "A rule or route of the app's subnet blocks traffic that the host needs, usually to storage. Check \
                 the outbound rules of that subnet.",
            ),
            Cause::medium(
                Code::FirewallSourceNotAllowed,
                "The storage account allows only selected networks, and the app's is not one of them.",
            ),
            Cause::medium(
                Code::AuthorizationSharedKeyDisabled,
                "The host's connection string has an account key, but the account does not accept account keys or has \
                 a different key.",
            ),
            Cause::medium(
                Code::AuthorizationNoGrant,
                "The host connects with an identity that lacks the data roles for blobs, queues or tables.",
            ),
            Cause::low(
                Code::IdentityNotEnabled,
                "AzureWebJobsStorage is a reference or needs an identity, but the app has none.",
            ),
            Cause::low(Code::PlatformServiceSide, "The host was starting. Try again in a minute."),
        ],
        samples: &[
            "Failed to list keys: Encountered an error (InternalServerError) from host runtime.",
            "Encountered an error (BadGateway) from host\n runtime.",
        ],
        sources: &[HOST_RUNTIME],
    },
    Family {
        id: "app.internal-server-error",
        forms: &[&["Internal Server Error"], &["InternalServerError"]],
        generic: true,
        gates: &["identity", "network", "authorization", "firewall", "platform"],
        proves: &[],
        misleads: Some(
            "The text does not show the cause. Check the status of the app's references and the log of its host.",
        ),
        causes: &[
            Cause::medium(
                Code::IdentityReplaced,
                "An app that was deleted and recreated under the same name has a new identity. The grants still name \
                 the old one, so its references do not resolve.",
            ),
            Cause::medium(
                Code::AuthorizationNoGrant,
                "The identity cannot read the secrets that the settings name, so the app starts with wrong values.",
            ),
            Cause::medium(Code::NetworkEgressBlocked, "The host cannot reach its storage or the vault."),
            Cause::medium(Code::FirewallSourceNotAllowed, "The storage account or the vault blocks the app's network."),
            Cause::medium(
                Code::PlatformContentShareValidation,
                "The check of the content share is skipped and the share or its connection string is wrong.",
            )
            .seen(&[Sign::up(Trait::ContentShare, "the text names the content share's setting")]),
            Cause::low(Code::PlatformServiceSide, "The service failed. Try again."),
        ],
        samples: &["HTTP/1.1 500 Internal Server Error", "500: Internal Ser\nver Error"],
        sources: &[RECREATED, SETTINGS],
    },
    Family {
        id: "app.host-file-denied",
        forms: &[
            &["Access to the path", "wwwroot", "host.json", "is denied"],
            &["Access to the path", "host.json", "is denied"],
            &["Access to the path", "home", "site", "wwwroot", "is denied"],
        ],
        generic: false,
        gates: &["network", "firewall", "dns", "authorization", "target"],
        proves: &[],
        misleads: Some(
            "The text suggests file permissions, but the folder is a share in a storage account that the app cannot \
             reach or open.",
        ),
        causes: &[
            Cause::high(
                Code::NetworkNotRoutedThroughVnet,
                "The account blocks other networks, and content share traffic uses the public route: turn on \
                 contentShareTraffic (formerly WEBSITE_CONTENTOVERVNET).",
            ),
            Cause::medium(
                Code::NetworkMissingSubresourceEndpoint,
                "The account has a private endpoint for blobs, but not for files.",
            ),
            Cause::medium(Code::FirewallSourceNotAllowed, "The account's rules do not allow the app's subnet."),
            Cause::medium(Code::NetworkEgressBlocked, "The app's subnet blocks port 445 or 443 to the account."),
            Cause::medium(Code::DnsZoneNotLinked, "The private DNS zone for files is not linked to the app's network."),
            Cause::low(
                Code::AuthorizationSharedKeyDisabled,
                "The share can be opened only with an account key, but the account does not accept account keys.",
            ),
            Cause::low(Code::TargetContentShareMissing, "The share does not exist."),
        ],
        samples: &[
            "System.Private.CoreLib: Access to the path 'D:\\home\\site\\wwwroot\\host.json' is denied.",
            "UnauthorizedAccessException: Access to the path 'C:\\home\\site\\www\nroot\\host.json' is den\nied.",
        ],
        sources: &[HOST_FILE, SETTINGS],
    },
    Family {
        id: "app.runtime-unreachable",
        forms: &[
            &["Azure Functions runtime is unreachable"],
            &["Functions runtime is unreachable"],
            &["Function host is not running"],
            &["We are not able to reach the Azure Functions runtime"],
            &["We were not able to load some functions in the list due to errors"],
        ],
        generic: false,
        gates: &["network", "firewall", "target", "authorization", "platform"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::FirewallSourceNotAllowed,
                "The host does not start without its storage, and the account's rules block it. Test from the app's \
                 console whether the account answers.",
            ),
            Cause::medium(Code::NetworkEgressBlocked, "The app's subnet blocks traffic to the account."),
            Cause::medium(
                Code::TargetContentShareMissing,
                "The account or its content share was deleted, or the setting names a different one.",
            )
            .seen(&[Sign::up(Trait::ContentShare, "the text names the content share's setting")]),
            Cause::medium(
                Code::AuthorizationSharedKeyDisabled,
                "The connection string has a rotated account key, or the account does not accept account keys.",
            ),
            Cause::medium(
                Code::NetworkMissingSubresourceEndpoint,
                "There is a private endpoint for blobs, but not for queues, tables or files.",
            ),
            Cause::low(
                Code::PlatformServiceSide,
                "Many apps are unreachable at the same time: check the service health.",
            ),
        ],
        samples: &[
            "Azure Functions Runtime is unreachable. Click here for details on storage configuration.",
            "Function host is not run\nning.",
        ],
        sources: &[UNREACHABLE, NOT_RUNNING],
    },
    Family {
        id: "app.listener-not-started",
        forms: &[
            &["The listener for function", "was unable to start"],
            &["The listener for function", "unable to start"],
        ],
        generic: true,
        gates: &["target", "dns", "authorization", "firewall"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::TargetVaultNameWrong,
                "The trigger's connection names a host or object that was not found. The text that follows shows \
                 more: an unknown host means a wrong name or a DNS problem.",
            ),
            Cause::medium(
                Code::DnsNameUnresolved,
                "The host name is correct, but does not resolve in the app's network.",
            ),
            Cause::medium(
                Code::AuthorizationNoGrant,
                "The target answered with a refusal: a 403 with \"using this permission\" follows.",
            ),
            Cause::medium(
                Code::FirewallSourceNotAllowed,
                "The target answered with a refusal: a 403 without those words follows.",
            ),
        ],
        samples: &[
            "The listener for function 'Functions.OnOrder' was unable to start.",
            "[Error] The listener for function 'NightlyImport' was un\nable to start. Azure.Core: Service request \
            failed.",
        ],
        sources: &[LISTENER],
    },
];
