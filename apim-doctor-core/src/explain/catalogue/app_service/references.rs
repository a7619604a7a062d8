//! What App Service says of Key Vault references, and of certificates that it fetches.

use crate::explain::catalogue::app_service::sources::STOPPED;
use crate::explain::family::{Cause, Family, Sign, Trait};
use crate::finding::{Code, Gate, WebPage};

const REFERENCES: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references",
    read_on: "2026-11-21",
};
const IDENTITY: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/app-service/overview-managed-identity", read_on: "2026-11-21" };
const CERTIFICATE: WebPage = WebPage {
    url: "https://azure.github.io/AppService/2016/05/24/Deploying-Azure-Web-App-Certificate-through-Key-Vault.html",
    read_on: "2026-11-21",
};
const CERTIFICATE_GRANT: WebPage =
    WebPage { url: "https://github.com/MicrosoftDocs/azure-docs/issues/49371", read_on: "2026-11-21" };
const CERTIFICATE_PRINCIPAL: WebPage =
    WebPage { url: "https://github.com/MicrosoftDocs/azure-docs/issues/92147", read_on: "2026-11-21" };
const CERTIFICATE_FIREWALL: WebPage =
    WebPage { url: "https://github.com/MicrosoftDocs/azure-docs/pull/125826", read_on: "2026-11-21" };
const NO_IDENTITY: WebPage =
    WebPage { url: "https://github.com/Azure/Azure-Functions/issues/1795", read_on: "2026-11-21" };
const GROUP_GRANT: WebPage =
    WebPage { url: "https://github.com/Azure/Azure-Functions/issues/1947", read_on: "2026-11-21" };
const READER_ROLE: WebPage =
    WebPage { url: "https://github.com/Azure/Azure-Functions/issues/1291", read_on: "2026-11-21" };
const EMPTY_SECRET: WebPage = WebPage {
    url: "https://vatsalyagoel.com/the-empty-secret-that-broke-every-azure-function-key-vault-reference",
    read_on: "2026-11-21",
};
const RAW_VALUE: WebPage =
    WebPage { url: "https://github.com/MicrosoftDocs/azure-docs/issues/55420", read_on: "2026-11-21" };
const RAW_VALUE_LATER: WebPage =
    WebPage { url: "https://github.com/Azure/azure-functions-host/issues/8009", read_on: "2026-11-21" };
const CREATE_SITE: WebPage =
    WebPage { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/7434", read_on: "2026-11-21" };
const CREATE_SITE_HOST: WebPage =
    WebPage { url: "https://github.com/Azure/azure-functions-host/issues/7094", read_on: "2026-11-21" };
const STATUS_DISPLAY: WebPage =
    WebPage { url: "https://github.com/Azure/Azure-Functions/issues/2248", read_on: "2026-11-21" };

pub(super) const FAMILIES: &[Family] = &[
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
            "The text says that no identity is enabled, even if a user-assigned identity is attached: references use \
             the system-assigned identity until another one is selected.",
        ),
        causes: &[
            Cause::high(
                Code::IdentityReferenceIdentityNotSelected,
                "A user-assigned identity is attached, and keyVaultReferenceIdentity is empty, set in siteConfig \
                 only, or still SystemAssigned. Check that property of the site and of the slot.",
            )
            .seen(&[Sign::up(Trait::UserAssigned, "the text names a user-assigned identity")]),
            Cause::high(
                Code::IdentityNotEnabled,
                "The app, or this slot, has no identity. Check its identity: each slot has its own.",
            )
            .seen(&[Sign::down(Trait::UserAssigned, "an identity is attached")]),
            Cause::medium(
                Code::IdentityNotAssignedToHost,
                "keyVaultReferenceIdentity names an identity that is not, or no longer, attached to the app.",
            ),
            Cause::low(
                Code::IdentityCreatedInSameDeployment,
                "The references were fetched before the identity existed. The next fetch resolves this.",
            )
            .seen(&[Sign::up(Trait::Deployment, "a template creates the app, its settings and its identity at once")]),
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
            "The text suggests a missing permission, but App Service also reports it if the vault's network rules \
             block the app. Key Vault does not trust App Service for references. A stopped app also shows it.",
        ),
        causes: &[
            Cause::high(
                Code::AuthorizationNoGrant,
                "The identity that resolves references has neither Get for secrets nor Key Vault Secrets User. Key \
                 Vault Reader is not sufficient.",
            ),
            Cause::medium(
                Code::AuthorizationGroupGrantNotEffective,
                "The role is assigned only to a group, and the identity's token does not contain the membership yet. \
                 Another app in the same group may work. Assign the role to the identity itself.",
            ),
            Cause::medium(
                Code::FirewallConsumerNotOnTrustedList,
                "The vault blocks other networks, and the app has no allowed network path: the trusted-services \
                 exception does not cover references. Check the vault's network rules before the roles.",
            ),
            Cause::medium(
                Code::NetworkNotRoutedThroughVnet,
                "The app is integrated with a network, but does not route all its traffic there, which a private \
                 endpoint requires on Linux.",
            ),
            Cause::medium(
                Code::DnsZoneNotLinked,
                "The vault has a private endpoint, but the app's network does not resolve its address.",
            ),
            Cause::medium(
                Code::AuthorizationRbacModeIgnoresAccessPolicies,
                "The grant is an access policy and the vault uses role assignments, or the other way round.",
            ),
            Cause::medium(
                Code::IdentityUnexpectedIdentity,
                "The slot uses its own identity, or the identity selected for references is not the one with access.",
            ),
            Cause::low(Code::IdentityReplaced, "The app was recreated and the grant still names its former identity."),
            Cause::low(
                Code::AuthorizationPropagationDelay,
                "The grant is new. References are fetched again within a day, or on a refresh.",
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
                Code::TargetVaultNameWrong,
                "No vault has the name in the reference: it is misspelled, VaultName contains the domain, or the \
                 vault was purged.",
            ),
            Cause::medium(Code::TargetVaultDeleted, "The vault was deleted. Check the deleted vaults."),
            Cause::medium(
                Code::DnsNameUnresolved,
                "The vault exists, but its name does not resolve in the app's network.",
            ),
            Cause::low(Code::TargetWrongCloud, "The host in SecretUri belongs to another cloud."),
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
                Code::ObjectMissing,
                "The vault answered: the secret, or the version that the reference pins, does not exist. Also list \
                 the deleted secrets. Without a version, the newest one is used.",
            ),
            Cause::medium(Code::ObjectDisabled, "Its newest version is disabled, not valid yet or expired."),
            Cause::low(
                Code::ReferenceWrongIdentifierType,
                "The reference names a certificate or a key; their values are read as secrets of the same name.",
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
                Code::ReferenceSyntax,
                "The value is not a valid reference. The reference must be the whole value: SecretUri with https and \
                 /secrets/, or VaultName and SecretName with a semicolon between them.",
            ),
            Cause::medium(Code::ReferenceWrongIdentifierType, "SecretUri names a certificate or a key."),
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
                Code::ObjectWrongFormat,
                "One secret with an empty value makes other references of the same app fail like this. Check whether \
                 one of the app's secrets has no value; a template can create such a secret.",
            ),
            Cause::medium(
                Code::IdentityReplaced,
                "App Service could not get a token: the identity was deleted, recreated or moved.",
            ),
            Cause::medium(Code::PlatformServiceSide, "The platform failed. Refresh the references and check again."),
            Cause::low(
                Code::NetworkTokenEndpointUnreachable,
                "All traffic goes into the network, which blocks sign-in.",
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
                Code::NetworkEgressBlocked,
                "The vault did not answer: a rule, a route or an appliance blocks the app's traffic to the vault on \
                 port 443.",
            ),
            Cause::medium(
                Code::NetworkEndpointUnreachable,
                "The name resolves to a private address that the app's network cannot reach.",
            ),
            Cause::medium(Code::DnsRecordStale, "The record has an address that no longer belongs to an endpoint."),
            Cause::low(Code::PlatformServiceSide, "The vault was busy. Refresh the references."),
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
                Code::IdentityReplaced,
                "Sign-in rejected the identity: it was deleted and recreated, or its principal is disabled.",
            ),
            Cause::medium(Code::IdentityWrongTenant, "The vault trusts a tenant other than the identity's."),
            Cause::low(Code::IdentityNotAssignedToHost, "The identity for references is not attached to the app."),
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
            "The application reports a wrong value. The value is the text of the reference, which the app gets if the \
             reference cannot be resolved.",
        ),
        causes: &[
            Cause::high(
                Code::IdentityNotEnabled,
                "The app or its slot has no identity, so no reference is resolved. Check the status of the reference.",
            ),
            Cause::medium(Code::AuthorizationNoGrant, "The identity cannot read the secret: AccessToKeyVaultDenied."),
            Cause::medium(
                Code::IdentityReferenceIdentityNotSelected,
                "Only a user-assigned identity is attached and it is not selected for references: MSINotEnabled.",
            )
            .seen(&[Sign::up(Trait::UserAssigned, "the text names a user-assigned identity")]),
            Cause::medium(
                Code::FirewallConsumerNotOnTrustedList,
                "The vault blocks other networks: also AccessToKeyVaultDenied.",
            ),
            Cause::medium(
                Code::ReferenceSyntax,
                "A status is missing: App Service does not recognize the text as a reference.",
            ),
            Cause::low(Code::ObjectMissing, "The secret does not exist: SecretNotFound."),
            Cause::low(Code::TargetVaultNameWrong, "The vault does not exist: VaultNotFound."),
            Cause::low(Code::DnsZoneNotLinked, "The vault's name does not resolve to its private endpoint."),
            Cause::low(Code::NetworkNotRoutedThroughVnet, "The app's traffic does not go through its network."),
        ],
        samples: &[
            "System.FormatException: The connection string \
            '@Microsoft.KeyVault(SecretUri=https://kv-b.vault.azure.net/secrets/sb/)' has an invalid format",
            "DB_PASSWORD=@Microsoft.Key\nVault(VaultName=kv-b;SecretName=db)",
        ],
        sources: &[RAW_VALUE, RAW_VALUE_LATER, REFERENCES],
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
                Code::IdentityCreatedInSameDeployment,
                "The app is being created together with its system-assigned identity, so no reference can use the \
                 identity yet. Set the value in a second step, or use a user-assigned identity that already has \
                 access.",
            ),
            Cause::medium(
                Code::IdentityReferenceIdentityNotSelected,
                "A user-assigned identity is attached in the request, but not selected for references on the site.",
            )
            .seen(&[Sign::up(Trait::UserAssigned, "the request contains a user-assigned identity")]),
            Cause::low(
                Code::PlatformContentShareValidation,
                "The identity and its selection are correct, but the content share's setting cannot be a reference \
                 here.",
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
        id: "app.reference-status-unknown",
        forms: &[&["The portal is not able to confirm the status of your Key Vault reference"]],
        generic: false,
        gates: &["platform", "caller"],
        proves: &[],
        misleads: Some("The text is about what the portal can show. The reference itself may be resolved."),
        causes: &[
            Cause::high(
                Code::PlatformServiceSide,
                "The status is not reported, but the app gets its values; this happens on some plans. Check the value \
                 inside the app, or query the API for the status.",
            ),
            Cause::low(
                Code::CallerOperatorLacksPermission,
                "The signed-in user cannot read the app's configuration. Another user may see the status.",
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
            "The service is App Service itself, not the app: its own principal reads the certificate, so access for \
             the app's identity or the user does not help.",
        ),
        causes: &[
            Cause::high(
                Code::AuthorizationFirstPartyPrincipalNotGranted,
                "The principal Microsoft Azure App Service (for certificates bought there: \
                 Microsoft.Azure.CertificateRegistration) has no grant on the vault. Its object id differs from tenant \
                 to tenant.",
            ),
            Cause::medium(
                Code::AuthorizationWrongPrincipalGranted,
                "A grant exists, but it names the application id instead of the object id.",
            ),
            Cause::medium(
                Code::FirewallTrustedServicesOff,
                "The principal has access, but the vault blocks other networks and does not allow trusted services.",
            ),
            Cause::medium(
                Code::AuthorizationRbacModeIgnoresAccessPolicies,
                "The grant is an access policy, and the vault uses role assignments.",
            ),
            Cause::low(
                Code::PlatformFeatureUnsupported,
                "In the past, the portal's page did not support vaults that use role assignments.",
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
];
