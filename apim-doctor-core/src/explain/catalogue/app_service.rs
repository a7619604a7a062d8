//! What App Service and Azure Functions say about Key Vault references, their storage and their certificates.

use crate::explain::family::{Cause, Family, Sign, Trait};
use crate::finding::{Gate, Source};

const REFERENCES: Source = Source {
    url: "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references",
    read_on: "2026-11-21",
};
const IDENTITY: Source =
    Source { url: "https://learn.microsoft.com/azure/app-service/overview-managed-identity", read_on: "2026-11-21" };
const SETTINGS: Source =
    Source { url: "https://learn.microsoft.com/azure/azure-functions/functions-app-settings", read_on: "2026-11-21" };
const CERTIFICATE: Source = Source {
    url: "https://azure.github.io/AppService/2016/05/24/Deploying-Azure-Web-App-Certificate-through-Key-Vault.html",
    read_on: "2026-11-21",
};
const CERTIFICATE_GRANT: Source =
    Source { url: "https://github.com/MicrosoftDocs/azure-docs/issues/49371", read_on: "2026-11-21" };
const CERTIFICATE_PRINCIPAL: Source =
    Source { url: "https://github.com/MicrosoftDocs/azure-docs/issues/92147", read_on: "2026-11-21" };
const CERTIFICATE_FIREWALL: Source =
    Source { url: "https://github.com/MicrosoftDocs/azure-docs/pull/125826", read_on: "2026-11-21" };
const NO_IDENTITY: Source =
    Source { url: "https://github.com/Azure/Azure-Functions/issues/1795", read_on: "2026-11-21" };
const GROUP_GRANT: Source =
    Source { url: "https://github.com/Azure/Azure-Functions/issues/1947", read_on: "2026-11-21" };
const READER_ROLE: Source =
    Source { url: "https://github.com/Azure/Azure-Functions/issues/1291", read_on: "2026-11-21" };
const STOPPED: Source =
    Source { url: "https://github.com/Azure/azure-functions-host/issues/10899", read_on: "2026-11-21" };
const EMPTY_SECRET: Source = Source {
    url: "https://vatsalyagoel.com/the-empty-secret-that-broke-every-azure-function-key-vault-reference",
    read_on: "2026-11-21",
};
const RAW_VALUE: Source =
    Source { url: "https://github.com/MicrosoftDocs/azure-docs/issues/55420", read_on: "2026-11-21" };
const RAW_VALUE_LATER: Source =
    Source { url: "https://github.com/Azure/azure-functions-host/issues/8009", read_on: "2026-11-21" };
const CREATE_SITE: Source =
    Source { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/7434", read_on: "2026-11-21" };
const CREATE_SITE_HOST: Source =
    Source { url: "https://github.com/Azure/azure-functions-host/issues/7094", read_on: "2026-11-21" };
const CONTENT_SHARE: Source =
    Source { url: "https://github.com/Azure/azure-functions-host/issues/8992", read_on: "2026-11-21" };
const CONTENT_SHARE_SPEC: Source =
    Source { url: "https://github.com/Azure/azure-rest-api-specs/issues/9947", read_on: "2026-11-21" };
const STORAGE_URI: Source =
    Source { url: "https://github.com/MicrosoftDocs/azure-docs/issues/29204", read_on: "2026-11-21" };
const LOGS_CONFIGURATION: Source =
    Source { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/16301", read_on: "2026-11-21" };
const STATUS_DISPLAY: Source =
    Source { url: "https://github.com/Azure/Azure-Functions/issues/2248", read_on: "2026-11-21" };
const HOST_RUNTIME: Source =
    Source { url: "https://github.com/Azure/Azure-Functions/issues/1950", read_on: "2026-11-21" };
const RECREATED: Source = Source { url: "https://github.com/Azure/Azure-Functions/issues/719", read_on: "2026-11-21" };
const HOST_FILE: Source = Source { url: "https://github.com/Azure/Azure-Functions/issues/1349", read_on: "2026-11-21" };
const LISTENER: Source =
    Source { url: "https://github.com/MicrosoftDocs/azure-docs/issues/119601", read_on: "2026-11-21" };
const UNREACHABLE: Source =
    Source { url: "https://github.com/Azure/Azure-Functions/issues/2225", read_on: "2026-11-21" };
const NOT_RUNNING: Source =
    Source { url: "https://github.com/Azure/azure-functions-host/issues/4011", read_on: "2026-11-21" };

const HOST_KEYS: Source = Source { url: "https://github.com/Azure/azure-functions-host", read_on: "2026-11-29" };
const PACKAGE: Source = Source {
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
        misleads: Some("It proposes to keep keys in files. The host still has no storage that it can use."),
        causes: &[
            Cause::high(
                "reference.syntax",
                "`AzureWebJobsStorage` is missing or empty, or holds neither a connection string nor the settings of \
                 an identity. Look at what the settings and the connection strings of the app hold.",
            ),
            Cause::medium(
                "identity.not-enabled",
                "The storage is reached with an identity (`AzureWebJobsStorage__accountName`), and the app has none.",
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
                "firewall.source-not-allowed",
                "The account admits chosen networks only, and the app asks for its package from another one.",
            ),
            Cause::medium(
                "authorization.no-grant",
                "The identity that fetches the package has no role such as Storage Blob Data Reader on the container.",
            ),
            Cause::medium(
                "identity.not-enabled",
                "The address has no signature (or its signature has ended), and no identity is set to fetch with.",
            ),
            Cause::low("firewall.public-access-disabled", "Public access is off and the app has no private way."),
        ],
        samples: &[
            "Failed to download package from https://stx.blob.core.windows.net/releases/app.zip. HTTP status: 403",
            "Failed to download package fr\nom https://stx.blob.core.windows.net/rel/a.zip. HTTP status: 403",
        ],
        sources: &[PACKAGE],
    },
    Family {
        id: "app.reference-no-identity",
        forms: &[
            &["reference was not able to be resolved because site Managed Identity not enabled"],
            &["site Managed Identity not enabled"],
            &["MSINotEnabled"],
        ],
        generic: false,
        gates: &["identity"],
        proves: &[],
        misleads: Some(
            "It says that no identity is enabled, also where a user-assigned one is attached: references use the \
             system-assigned identity until another is selected.",
        ),
        causes: &[
            Cause::high(
                "identity.reference-identity-not-selected",
                "A user-assigned identity is attached, and keyVaultReferenceIdentity is empty, set in siteConfig only, \
                 or still SystemAssigned. Look at that property of the site and of the slot.",
            )
            .seen(&[Sign::up(Trait::UserAssigned, "a user-assigned identity is named in the text")]),
            Cause::high(
                "identity.not-enabled",
                "The app, or this slot of it, has no identity at all. Look at its identity: each slot has its own.",
            )
            .seen(&[Sign::down(Trait::UserAssigned, "an identity is attached")]),
            Cause::medium(
                "identity.not-assigned-to-host",
                "keyVaultReferenceIdentity names an identity that is not, or no longer, attached to the app.",
            ),
            Cause::low(
                "identity.created-in-same-deployment",
                "The references were read before the identity was there. It goes away at the next fetch.",
            )
            .seen(&[Sign::up(Trait::Deployment, "the app is made by a template, settings and identity at once")]),
        ],
        samples: &[
            "Error details\nReference was not able to be resolved because site Managed Identity not enabled.",
            "\"status\": \"MSINotEnabled\", \"vaultName\": \"kv-orders\"",
            "Key Vault reference was not able to be resolved because site Managed Ident\nity not enabled",
        ],
        sources: &[NO_IDENTITY, REFERENCES, IDENTITY],
    },
    Family {
        id: "app.reference-denied",
        forms: &[
            &["site was denied access to Key Vault reference"],
            &["AccessToKeyVaultDenied"],
            &["Key Vault reference was not able to be resolved because site was denied"],
        ],
        generic: false,
        gates: &["authorization", "firewall", "network", "dns", "identity"],
        proves: &[Gate::Reference, Gate::Target],
        misleads: Some(
            "It reads like a missing permission, and it is also the status where the vault's network rules refuse the \
             app. App Service is no trusted service for references. A stopped app shows it as well.",
        ),
        causes: &[
            Cause::high(
                "authorization.no-grant",
                "The identity that resolves references has neither Get on secrets nor Key Vault Secrets User. Key \
                Vault Reader does not suffice.",
            ),
            Cause::medium(
                "authorization.group-grant-not-effective",
                "The role is held through a group only, and the identity's token does not know of the membership yet. \
                 Another app in the same group can work. Assign the role to the identity itself.",
            ),
            Cause::medium(
                "firewall.consumer-not-on-trusted-list",
                "The vault refuses other networks and the app has no path into one: the exception for trusted services \
                 does not cover references. Look at the vault's network rules before the roles.",
            ),
            Cause::medium(
                "network.not-routed-through-vnet",
                "The app is in a network but not all its traffic is, which a private endpoint needs on Linux.",
            ),
            Cause::medium(
                "dns.zone-not-linked",
                "The vault has a private endpoint, and the app's network does not resolve it.",
            ),
            Cause::medium(
                "authorization.rbac-mode-ignores-access-policies",
                "The grant is an access policy and the vault is in RBAC mode, or the other way round.",
            ),
            Cause::medium(
                "identity.unexpected-identity",
                "The slot's own identity asks, or another one is selected for references than the one that was \
                granted.",
            ),
            Cause::low("identity.replaced", "The app was made again and the grant still names its former identity."),
            Cause::low(
                "authorization.propagation-delay",
                "The grant is new. References are read again within a day, or on a refresh.",
            ),
        ],
        samples: &[
            "Key Vault reference was not able to be resolved because site was denied access to Key Vault reference's \
            vault.",
            "Status: AccessToKeyVault\n  Denied",
            "\"details\":\"Reference was not able to be resolved because site was denied access to Key Vault \
            reference\\u0027s vault.\"",
        ],
        sources: &[GROUP_GRANT, READER_ROLE, STOPPED, REFERENCES],
    },
    Family {
        id: "app.reference-vault-not-found",
        forms: &[
            &["status: VaultNotFound"],
            &["with error: VaultNotFound"],
            &["@Microsoft.KeyVault", "VaultNotFound"],
            &["VaultNotFound"],
        ],
        generic: false,
        gates: &["target", "dns"],
        proves: &[Gate::Reference],
        misleads: None,
        causes: &[
            Cause::high(
                "target.vault-name-wrong",
                "The name in the reference is of no vault: misspelt, with the domain in VaultName, or purged.",
            ),
            Cause::medium("target.vault-deleted", "The vault was deleted. Look among the deleted vaults."),
            Cause::medium(
                "dns.name-unresolved",
                "The vault is there, and the app's network does not resolve its name.",
            ),
            Cause::low("target.wrong-cloud", "The host in SecretUri belongs to another cloud."),
        ],
        samples: &[
            "\"status\":\"VaultNotFound\",\"vaultName\":\"kv-oders\"",
            "Unable to resolve setting: Db with error: Vault\nNotFound.",
        ],
        sources: &[REFERENCES],
    },
    Family {
        id: "app.reference-secret-not-found",
        forms: &[
            &["status: SecretNotFound"],
            &["with error: SecretNotFound"],
            &["@Microsoft.KeyVault", "SecretNotFound"],
            &["SecretVersionNotFound"],
        ],
        generic: false,
        gates: &["object", "reference"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network],
        misleads: None,
        causes: &[
            Cause::high(
                "object.missing",
                "The vault answered: the secret, or the version that the reference pins, is not there. List the \
                 deleted secrets too. Without a version the newest one is taken.",
            ),
            Cause::medium("object.disabled", "Its newest version is disabled, not valid yet or expired."),
            Cause::low(
                "reference.wrong-identifier-type",
                "The reference names a certificate or a key; their value is read as a secret of the same name.",
            ),
        ],
        samples: &[
            "\"reference\": \"@Microsoft.KeyVault(SecretUri=https://kv-a.vault.azure.net/secrets/db/)\", \"status\": \
            \"SecretNotFound\"",
            "status: SecretVersionNot\nFound",
        ],
        sources: &[REFERENCES],
    },
    Family {
        id: "app.reference-syntax",
        forms: &[
            &["status: InvalidSyntax"],
            &["setting:", "with error: InvalidSyntax"],
            &["@Microsoft.KeyVault", "InvalidSyntax"],
        ],
        generic: false,
        gates: &["reference"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                "reference.syntax",
                "The value is no valid reference. It has to be the whole value: SecretUri with https and /secrets/, or \
                 VaultName and SecretName with a semicolon between them.",
            ),
            Cause::medium("reference.wrong-identifier-type", "SecretUri names a certificate or a key."),
        ],
        samples: &["\"status\": \"InvalidSyntax\"", "@Microsoft.KeyVault(SecretUri=kv-a/secrets/db) Invalid\nSyntax"],
        sources: &[REFERENCES],
    },
    Family {
        id: "app.reference-other-reasons",
        forms: &[
            &["status: OtherReasons"],
            &["with error: OtherReasons"],
            &["@Microsoft.KeyVault", "OtherReasons"],
            &["Reference was not able to be resolved."],
            &["Reference was not able to be resolved", "OtherReasons"],
        ],
        generic: true,
        gates: &["platform", "object", "identity", "network"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                "object.wrong-format",
                "One secret with an empty value makes other references of the same app fail like this. Look for a \
                 secret without a value among all that the app names; a template can make one.",
            ),
            Cause::medium("identity.replaced", "No token was got: the identity was deleted, made again or moved."),
            Cause::medium("platform.service-side", "The platform failed. Refresh the references and look again."),
            Cause::low(
                "network.token-endpoint-unreachable",
                "All traffic goes into the network, and sign-in is not let out of it.",
            ),
        ],
        samples: &[
            "{\"status\":\"OtherReasons\",\"details\":\"Reference was not able to be resolved.\"}",
            "Unable to resolve setting: ApiKey with error: Other\nReasons.",
        ],
        sources: &[EMPTY_SECRET, REFERENCES],
    },
    Family {
        id: "app.reference-timed-out",
        forms: &[
            &["status: FetchTimedOut"],
            &["with error: FetchTimedOut"],
            &["@Microsoft.KeyVault", "FetchTimedOut"],
            &["reference", "FetchTimedOut"],
        ],
        generic: false,
        gates: &["network", "dns", "platform"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                "network.egress-blocked",
                "No answer came: a rule, a route or an appliance drops the app's traffic to the vault on 443.",
            ),
            Cause::medium(
                "network.endpoint-unreachable",
                "The name resolves to a private address that the app's network has no way to.",
            ),
            Cause::medium("dns.record-stale", "The record points at an address that no endpoint has any more."),
            Cause::low("platform.service-side", "The vault was busy. Refresh the references."),
        ],
        samples: &["\"status\": \"FetchTimedOut\"", "Key Vault reference: Fetch\nTimedOut"],
        sources: &[REFERENCES],
    },
    Family {
        id: "app.reference-unauthorized-client",
        forms: &[
            &["status: UnauthorizedClient"],
            &["with error: UnauthorizedClient"],
            &["@Microsoft.KeyVault", "UnauthorizedClient"],
            &["reference", "UnauthorizedClient"],
        ],
        generic: false,
        gates: &["identity"],
        proves: &[Gate::Reference],
        misleads: None,
        causes: &[
            Cause::high(
                "identity.replaced",
                "Sign-in turned the identity down: it was deleted and made again, or its principal is disabled.",
            ),
            Cause::medium("identity.wrong-tenant", "The vault trusts another tenant than the identity's."),
            Cause::low("identity.not-assigned-to-host", "The identity for references is not attached to the app."),
        ],
        samples: &["\"status\": \"UnauthorizedClient\"", "Key Vault reference status Unauthorized\nClient"],
        sources: &[REFERENCES, IDENTITY],
    },
    Family {
        id: "app.reference-unresolved-value",
        forms: &[&["@Microsoft.KeyVault(SecretUri="], &["@Microsoft.KeyVault(VaultName="], &["@Microsoft.KeyVault("]],
        generic: true,
        gates: &["identity", "authorization", "firewall", "network", "dns", "object", "reference", "target"],
        proves: &[],
        misleads: Some(
            "The application complains of a bad value. The value is the reference itself, which is handed over as it \
             stands where it cannot be resolved.",
        ),
        causes: &[
            Cause::high(
                "identity.not-enabled",
                "The app or its slot has no identity, so no reference is resolved. The status of the reference tells.",
            ),
            Cause::medium("authorization.no-grant", "The identity may not read the secret: AccessToKeyVaultDenied."),
            Cause::medium(
                "identity.reference-identity-not-selected",
                "Only a user-assigned identity is attached and it is not selected for references: MSINotEnabled.",
            )
            .seen(&[Sign::up(Trait::UserAssigned, "a user-assigned identity is named in the text")]),
            Cause::medium(
                "firewall.consumer-not-on-trusted-list",
                "The vault refuses other networks: AccessToKeyVaultDenied as well.",
            ),
            Cause::medium("reference.syntax", "There is no status at all: the text is not taken for a reference."),
            Cause::low("object.missing", "The secret is not there: SecretNotFound."),
            Cause::low("target.vault-name-wrong", "The vault is not there: VaultNotFound."),
            Cause::low("dns.zone-not-linked", "The vault's private endpoint is not resolved."),
            Cause::low("network.not-routed-through-vnet", "The app's traffic does not go through its network."),
        ],
        samples: &[
            "System.FormatException: The connection string \
            '@Microsoft.KeyVault(SecretUri=https://kv-b.vault.azure.net/secrets/sb/)' has an invalid format",
            "DB_PASSWORD=@Microsoft.Key\nVault(VaultName=kv-b;SecretName=db)",
        ],
        sources: &[RAW_VALUE, RAW_VALUE_LATER, REFERENCES],
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
                "platform.content-share-validation",
                "The request checks the content share before the reference can be resolved, and fails by default. \
                 Create the share first and set WEBSITE_SKIP_CONTENTSHARE_VALIDATION to 1 in the same request.",
            ),
            Cause::medium(
                "identity.reference-identity-not-selected",
                "The check is skipped or past, and the identity for references is not the one that is attached. The \
                 status after \"with error\" is MSINotEnabled then.",
            )
            .seen(&[Sign::up(Trait::UserAssigned, "a user-assigned identity is named in the text")]),
            Cause::medium(
                "authorization.no-grant",
                "The identity may not read the secret. The status is AccessToKeyVaultDenied then.",
            ),
            Cause::medium(
                "authorization.propagation-delay",
                "Identity, grant and settings come in one deployment, and the grant does not count yet.",
            )
            .seen(&[Sign::up(Trait::Deployment, "all of it is made by one template")]),
            Cause::medium(
                "firewall.consumer-not-on-trusted-list",
                "The vault refuses other networks, and references are not covered by the exception.",
            ),
            Cause::low("network.not-routed-through-vnet", "The app has no network yet while it is being made."),
        ],
        samples: &[
            "\"ExtendedCode\":\"04603\",\"Message\":\"Unable to resolve Azure Files Settings from Key Vault. Details: \
            Unable to resolve setting: WEBSITE_CONTENTAZUREFILECONNECTIONSTRING with error: OtherReasons.\"",
            "Unable to resolve Azure Files Set\ntings from Key Vau\nlt.",
        ],
        sources: &[CONTENT_SHARE, CONTENT_SHARE_SPEC, SETTINGS],
    },
    Family {
        id: "app.reference-on-create",
        forms: &[
            &["Cannot specify key vault references not referencing User Assigned Identity on Create Site"],
            &["key vault references not referencing User Assigned Identity"],
        ],
        generic: false,
        gates: &["identity", "platform"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                "identity.created-in-same-deployment",
                "The app is being made, and its system-assigned identity comes into being with it: no reference can \
                 use it yet. Set the value in a second step, or use a user-assigned identity that has its grant.",
            ),
            Cause::medium(
                "identity.reference-identity-not-selected",
                "A user-assigned identity is attached in the request, but not selected for references on the site.",
            )
            .seen(&[Sign::up(Trait::UserAssigned, "a user-assigned identity is in the request")]),
            Cause::low(
                "platform.content-share-validation",
                "Identity and selection are right, and the content share's setting still cannot be a reference here.",
            ),
        ],
        samples: &[
            "{\"ExtendedCode\":\"01033\",\"Message\":\"The parameter 'WEBSITE_CONTENTAZUREFILECONNECTIONSTRING' has an \
            invalid value. Details: Cannot specify key vault references not referencing User Assigned Identity on \
            Create Site.\"}",
            "Cannot specify key vault refer\nences not referencing User Assigned Iden\ntity on Cre",
        ],
        sources: &[CREATE_SITE, CREATE_SITE_HOST, REFERENCES],
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
                "reference.syntax",
                "The content share's connection string is cut, quoted or of another form. Look at the setting as it \
                 arrives, not as it was written.",
            ),
            Cause::medium(
                "platform.content-share-validation",
                "It is a Key Vault reference, and the request checks it before it is resolved.",
            )
            .seen(&[Sign::up(Trait::ContentShare, "the content share's setting is named")]),
            Cause::low("target.vault-name-wrong", "It names an account that does not exist."),
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
            "It names the configuration of logs, which is not at fault: this is the call that needs the app's content \
             share, and the share's connection string cannot be resolved or its account not be reached.",
        ),
        causes: &[
            Cause::high(
                "platform.content-share-validation",
                "The content share's connection string is a Key Vault reference that does not resolve now, as with an \
                 app that has been stopped for days. Start the app, wait for the reference, deploy.",
            ),
            Cause::medium(
                "network.not-routed-through-vnet",
                "The storage account refuses other networks, and content traffic does not go through the app's \
                network.",
            ),
            Cause::medium("firewall.source-not-allowed", "The storage account or the vault refuses the app's network."),
            Cause::medium("authorization.no-grant", "The identity may not read the secret of the connection string."),
            Cause::low("target.content-share-missing", "The share is not there any more."),
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
        id: "app.reference-status-unknown",
        forms: &[&["The portal is not able to confirm the status of your Key Vault reference"]],
        generic: false,
        gates: &["platform", "caller"],
        proves: &[],
        misleads: Some("It is about what the portal can show. The reference itself may well be resolved."),
        causes: &[
            Cause::high(
                "platform.service-side",
                "The status is not reported, while the app gets its values; it is so for some plans. Look at the value \
                 from inside the app, or ask the API for the status.",
            ),
            Cause::low(
                "caller.operator-lacks-permission",
                "Whoever looks may not read the app's configuration. Another user sees the status then.",
            ),
        ],
        samples: &[
            "The portal is not able to confirm the status of your Key Vault reference at this time. You can view the \
            status",
            "The portal is not able to con\nfirm the status of your Key Vault reference",
        ],
        sources: &[STATUS_DISPLAY],
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
            "It is said for whatever was asked (keys, a list of functions). The host did not start or does not answer, \
             mostly because it cannot reach its storage.",
        ),
        causes: &[
            Cause::high(
                "network.egress-blocked",
                "A rule or route of the app's subnet drops what the host needs: storage above all. Look at the \
                outbound rules of that subnet.",
            ),
            Cause::medium(
                "firewall.source-not-allowed",
                "The storage account admits chosen networks, and the app's is not among them.",
            ),
            Cause::medium(
                "authorization.shared-key-disabled",
                "The host's connection string has a key, and the account refuses keys or has another one.",
            ),
            Cause::medium(
                "authorization.no-grant",
                "The host connects with an identity that lacks the data roles for blobs, queues or tables.",
            ),
            Cause::low(
                "identity.not-enabled",
                "AzureWebJobsStorage is a reference or needs an identity, and none is there.",
            ),
            Cause::low("platform.service-side", "The host was starting. Ask again in a minute."),
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
            "It says nothing of its cause. Look at the status of the app's references and at its host's log.",
        ),
        causes: &[
            Cause::medium(
                "identity.replaced",
                "An app that was deleted and made again under its name has a new identity; the grants name the former \
                 one, and its references do not resolve.",
            ),
            Cause::medium(
                "authorization.no-grant",
                "The identity may not read the secrets that the settings name, so the app starts with bad values.",
            ),
            Cause::medium("network.egress-blocked", "The host does not reach its storage or the vault."),
            Cause::medium("firewall.source-not-allowed", "Storage or vault refuse the app's network."),
            Cause::medium(
                "platform.content-share-validation",
                "The check of the content share is skipped and the share or its connection string is wrong.",
            )
            .seen(&[Sign::up(Trait::ContentShare, "the content share's setting is named")]),
            Cause::low("platform.service-side", "The service failed by itself. Ask again."),
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
            "It looks like file permissions. The folder is a share in a storage account that the app cannot reach or \
             open.",
        ),
        causes: &[
            Cause::high(
                "network.not-routed-through-vnet",
                "The account refuses other networks and content traffic takes the public way: turn on \
                 contentShareTraffic (formerly WEBSITE_CONTENTOVERVNET).",
            ),
            Cause::medium(
                "network.missing-subresource-endpoint",
                "The account has a private endpoint for blobs and none for files.",
            ),
            Cause::medium("firewall.source-not-allowed", "The account's rules do not have the app's subnet."),
            Cause::medium("network.egress-blocked", "Port 445 or 443 to the account is dropped in the app's subnet."),
            Cause::medium("dns.zone-not-linked", "The zone for files is not linked to the app's network."),
            Cause::low(
                "authorization.shared-key-disabled",
                "The share opens with a key only, and the account refuses keys.",
            ),
            Cause::low("target.content-share-missing", "The share is not there."),
        ],
        samples: &[
            "System.Private.CoreLib: Access to the path 'D:\\home\\site\\wwwroot\\host.json' is denied.",
            "UnauthorizedAccessException: Access to the path 'C:\\home\\site\\www\nroot\\host.json' is den\nied.",
        ],
        sources: &[HOST_FILE, SETTINGS],
    },
    Family {
        id: "app.certificate-no-access",
        forms: &[
            &["The service does not have access to", "Key Vault"],
            &["The service does not have access to", "vaults/"],
            &["The service does not have access to"],
        ],
        generic: false,
        gates: &["authorization", "firewall", "platform"],
        proves: &[],
        misleads: Some(
            "The service is App Service itself, not the app: its own principal reads the certificate, and grants to \
             the app's identity or to the user do not count.",
        ),
        causes: &[
            Cause::high(
                "authorization.first-party-principal-not-granted",
                "The principal Microsoft Azure App Service (for certificates bought there: \
                 Microsoft.Azure.CertificateRegistration) has no grant on the vault. Its object id differs from tenant \
                 to tenant.",
            ),
            Cause::medium(
                "authorization.wrong-principal-granted",
                "There is a grant, and it holds the application id where the object id belongs.",
            ),
            Cause::medium(
                "firewall.trusted-services-off",
                "The principal has its grant, and the vault refuses other networks without letting trusted services \
                 in.",
            ),
            Cause::medium(
                "authorization.rbac-mode-ignores-access-policies",
                "The grant is an access policy, and the vault is in RBAC mode.",
            ),
            Cause::low(
                "platform.feature-unsupported",
                "The portal's page could not deal with vaults in RBAC mode in the past.",
            ),
        ],
        samples: &[
            "The service does not have access to \
            '/subscriptions/1111/resourcegroups/rg-web/providers/microsoft.keyvault/vaults/kv-web' Key Vault. Please \
            make sure that you have granted necessary permissions to the service to perform the request operation.",
            "The service does not have\n access to",
        ],
        sources: &[CERTIFICATE, CERTIFICATE_GRANT, CERTIFICATE_PRINCIPAL, CERTIFICATE_FIREWALL],
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
                "firewall.source-not-allowed",
                "The host does not start without its storage, and the account's rules keep it out. Test from the app's \
                 console whether the account answers.",
            ),
            Cause::medium("network.egress-blocked", "The app's subnet lets nothing out to the account."),
            Cause::medium(
                "target.content-share-missing",
                "The account or its content share was deleted, or the setting names another.",
            )
            .seen(&[Sign::up(Trait::ContentShare, "the content share's setting is named")]),
            Cause::medium(
                "authorization.shared-key-disabled",
                "The connection string has a key that was rotated, or the account refuses keys.",
            ),
            Cause::medium(
                "network.missing-subresource-endpoint",
                "Blobs have a private endpoint; queues, tables or files have none.",
            ),
            Cause::low("platform.service-side", "Many apps at once are unreachable: look at the service's health."),
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
                "target.vault-name-wrong",
                "What the trigger listens to is not found under the name in its connection. The text after this one \
                 says more: an unknown host means name or name server.",
            ),
            Cause::medium("dns.name-unresolved", "The host is right, and the app's network does not resolve it."),
            Cause::medium(
                "authorization.no-grant",
                "It was reached and refused: a 403 with \"using this permission\" follows.",
            ),
            Cause::medium(
                "firewall.source-not-allowed",
                "It was reached and refused: a 403 without those words follows.",
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
