//! What Resource Manager says when it deploys a template: its references, its rules, and its wrappers.

use crate::explain::family::{Cause, Family, Sign, Trait};
use crate::finding::{Code, WebPage};

const COMMON_ERRORS: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors",
    read_on: "2026-11-22",
};
const NOT_FOUND: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-not-found",
    read_on: "2026-11-22",
};
const NETWORK_SECURITY: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/key-vault/general/network-security", read_on: "2026-11-21" };
const LOCKS: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/storage/common/lock-account-resource", read_on: "2026-11-21" };
const FIRST_PARTY_THREAD: WebPage =
    WebPage { url: "https://github.com/Azure/bicep/issues/6859", read_on: "2026-11-21" };
const NULL_THREAD: WebPage =
    WebPage { url: "https://github.com/Azure/azure-powershell/issues/2074", read_on: "2026-11-21" };
const IDENTITY_THREAD: WebPage =
    WebPage { url: "https://github.com/MicrosoftDocs/azure-docs/issues/93950", read_on: "2026-11-21" };

pub(super) const FAMILIES: &[Family] = &[
    Family {
        id: "deployment.key-vault-secret-not-retrieved",
        forms: &[
            &["KeyVaultParameterReferenceSecretRetrieveFailed"],
            &["The secret of KeyVault parameter", "cannot be retrieved"],
            &["Access denied to first party service", "name=ARM"],
        ],
        generic: false,
        gates: &["authorization", "object", "firewall", "caller"],
        proves: &[],
        misleads: Some(
            "The caller and the issuer in it belong to Resource Manager, in a tenant of Microsoft: that does not mean \
             that the tenant is wrong.",
        ),
        causes: &[
            Cause::high(
                Code::AuthorizationTemplateDeploymentDisabled,
                "Resource Manager reads the secret itself, but the vault does not allow it: \
                 enabledForTemplateDeployment is off. This is the cause if the inner text is \"Access denied to first \
                 party service\".",
            ),
            Cause::medium(
                Code::ObjectMissing,
                "The secret or its version does not exist: the inner status is NotFound.",
            ),
            Cause::medium(
                Code::FirewallTrustedServicesOff,
                "The vault blocks other networks and its trusted-services exception is off, so the firewall blocks \
                 Resource Manager: the inner text names the client address.",
            ),
            Cause::low(
                Code::ObjectDisabled,
                "The secret is disabled, expired or not valid yet: the inner text says which.",
            ),
            Cause::low(
                Code::CallerOperatorLacksPermission,
                "The deploying principal needs Microsoft.KeyVault/vaults/deploy/action on the vault. Usually this has \
                 its own code.",
            ),
        ],
        samples: &[
            "{\"code\":\"KeyVaultParameterReferenceSecretRetrieveFailed\",\"message\":\"The secret of KeyVault \
             parameter 'adminPassword' cannot be retrieved. Http status code: 'Forbidden'. Error message: 'Access \
             denied to first party service. Caller: name=ARM;tid=a;appid=b'\"}",
            "The secret of KeyVault\n parameter 'sqlLogin' cannot be retr ieved. Http status code: 'NotFound'.",
        ],
        sources: &[FIRST_PARTY_THREAD, NETWORK_SECURITY],
    },
    Family {
        id: "deployment.key-vault-not-found",
        forms: &[&["KeyVaultParameterReferenceNotFound"], &["The specified KeyVault", "could not be found"]],
        generic: false,
        gates: &["target", "reference"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::TargetVaultNameWrong,
                "No vault has the id in the reference: the name, group or subscription is wrong. Or this deployment \
                 creates the vault: references are read before anything is created, so move the reference into a \
                 separate module.",
            ),
            Cause::medium(Code::TargetVaultDeleted, "The vault is soft-deleted. Check the deleted vaults."),
            Cause::low(Code::ReferenceSyntax, "The id in the parameter file is not a full resource id of a vault."),
        ],
        samples: &[
            "Code: KeyVaultParameterReferenceNotFound Message: The specified KeyVault \
             '/subscriptions/a/resourceGroups/rg-shop/providers/Microsoft.KeyVault/vaults/kv-shop' could not be found.",
            "(KeyVaultParameterReference\nNotFound)",
        ],
        sources: &[COMMON_ERRORS],
    },
    Family {
        id: "deployment.key-vault-deploy-action",
        forms: &[
            &["KeyVaultParameterReferenceAuthorizationFailed"],
            &["does not have permission to perform action", "KeyVault/vaults/deploy/action"],
            &["does not have authorization to perform action", "KeyVault/vaults/deploy/action"],
        ],
        generic: false,
        gates: &["caller", "authorization"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::CallerOperatorLacksPermission,
                "The deploying principal cannot use the vault in a deployment: it needs \
                 Microsoft.KeyVault/vaults/deploy/action on the vault, which roles for secrets do not contain.",
            ),
            Cause::low(
                Code::AuthorizationPropagationDelay,
                "The role was assigned only moments ago. Sign in again and repeat the deployment.",
            ),
        ],
        samples: &[
            "KeyVaultParameterReferenceAuthorizationFailed: The client 'pipeline' with object id 'a' does not have \
             permission to perform action 'MICROSOFT.KEYVAULT/VAULTS/DEPLOY/ACTION' on the specified KeyVault \
             resource '/subscriptions/b'.",
            "does not have permission to perform action 'Microsoft.Key\nVault/vaults/deploy/action'",
        ],
        sources: &[COMMON_ERRORS, FIRST_PARTY_THREAD],
    },
    Family {
        id: "deployment.parameter-null",
        forms: &[&["InvalidDeploymentParameterValue"], &["The value of deployment parameter", "is null"]],
        generic: false,
        gates: &["authorization", "object", "platform", "reference"],
        proves: &[],
        misleads: Some(
            "The text says that a value is missing, even if the parameter is a reference to a vault that returned \
             none.",
        ),
        causes: &[
            Cause::medium(
                Code::AuthorizationTemplateDeploymentDisabled,
                "The parameter is a reference to a vault that does not allow Resource Manager. Check \
                 enabledForTemplateDeployment, if the parameter file holds a reference.",
            ),
            Cause::medium(
                Code::ObjectMissing,
                "The reference names a secret that has no value, or none under this version.",
            ),
            Cause::medium(
                Code::ReferenceSyntax,
                "Neither a value nor a reference was given, or the file's reference block is malformed. This is the \
                 cause if the parameter is not related to a vault.",
            ),
            Cause::low(
                Code::PlatformServiceSide,
                "The tool that sends the request drops the reference, as some versions did. Deploy the same files \
                 with a different tool to check.",
            ),
        ],
        samples: &[
            "InvalidDeploymentParameterValue: The value of deployment parameter 'sqlLogin' is null. Please specify \
             the value or use the parameter reference. See https://aka.ms/resource-manager-parameter-files for \
             details.",
            "The value of deployment\nparameter 'secretKey' is nu ll.",
        ],
        sources: &[NULL_THREAD, COMMON_ERRORS],
    },
    Family {
        id: "deployment.linked-property-id",
        forms: &[&["LinkedInvalidPropertyId"], &["Property id", "is invalid. Expect fully qualified resource Id"]],
        generic: false,
        gates: &["reference", "target"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::ReferenceSyntax,
                "A property that expects a resource id contains something else: an empty value, a name, or a path \
                 that the shell has rewritten. The message names the property's path.",
            )
            .seen(&[Sign::up(Trait::Terraform, "a value that is not known yet arrives as an empty id")]),
            Cause::low(
                Code::ReferenceWrongIdentifierType,
                "The property expects a resource id, but a client id or an address was given.",
            ),
        ],
        samples: &[
            "Code=\"LinkedInvalidPropertyId\" Message=\"Property id 'subnet-a' at path \
             'properties.virtualNetworkConfiguration.subnetResourceId' is invalid. Expect fully qualified resource Id \
             that start with '/subscriptions/{subscriptionId}'.\"",
            "Property id '' at path 'identity' is invalid. Expect fully\n  qualified resource Id that sta",
        ],
        sources: &[COMMON_ERRORS],
    },
    Family {
        id: "deployment.identity-not-found",
        forms: &[&["The Resource", "Microsoft.ManagedIdentity/userAssignedIdentities/", "was not found"]],
        generic: false,
        gates: &["identity", "reference"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::IdentityCreatedInSameDeployment,
                "The template reads an identity before its resource exists. Deploy in two steps, or add the \
                 dependency and use an existing user-assigned identity.",
            )
            .seen(&[Sign::up(Trait::Deployment, "the identity is read while the template still runs")]),
            Cause::medium(
                Code::IdentityNotEnabled,
                "The resource exists, but has no identity. This is the cause if it existed before this deployment.",
            ),
            Cause::medium(
                Code::IdentityNotAssignedToHost,
                "No user-assigned identity with this name exists in this group.",
            ),
        ],
        samples: &[
            "ResourceNotFound: The Resource 'Microsoft.ManagedIdentity/userAssignedIdentities/id-gateway' under \
             resource group 'rg-shop' was not found.",
            "The Resource 'Microsoft.ManagedIdentity/userAssignedIdentities/\nid-shop' under resource group 'rg' \
             was not fou nd.",
        ],
        sources: &[IDENTITY_THREAD, NOT_FOUND],
    },
    Family {
        id: "deployment.resource-not-found",
        forms: &[
            &["The Resource '", "under resource group", "was not found"],
            &["(ResourceNotFound)"],
            &["code:ResourceNotFound"],
            &["code=ResourceNotFound"],
            &["ParentResourceNotFound"],
            &["Can not perform requested operation on nested resource"],
        ],
        generic: true,
        gates: &["target", "reference", "identity"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::TargetVaultNameWrong,
                "No resource with this name exists in this group and subscription; it need not be a vault. Check all \
                 three, and the subscription that you are signed in to.",
            ),
            Cause::medium(
                Code::ReferenceSyntax,
                "The template reads the resource before it is created: a missing dependency, or a reference without \
                 its scope. This is the cause if the resource exists afterwards.",
            )
            .seen(&[Sign::up(Trait::Deployment, "the order of the template decides")]),
            Cause::low(Code::TargetVaultDeleted, "It was deleted. A vault may still be recovered."),
            Cause::low(
                Code::IdentityCreatedInSameDeployment,
                "The missing object is the identity of a resource that is being created.",
            ),
        ],
        samples: &[
            "Code=ResourceNotFound; Message=The Resource 'Microsoft.KeyVault/vaults/kv-shop' under resource group \
             'rg-shop' was not found.",
            "{\"code\": \"ParentResourceNotFound\", \"message\": \"Can not perform requested\n operation on nested",
        ],
        sources: &[NOT_FOUND, COMMON_ERRORS],
    },
    Family {
        id: "deployment.disallowed-by-policy",
        forms: &[&["RequestDisallowedByPolicy"], &["was disallowed by policy"]],
        generic: false,
        gates: &["platform", "caller"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::CallerOperatorLacksPermission,
                "An Azure Policy with effect deny rejects the request; no role helps, and apim-doctor has no more \
                 specific code. The message names the policy: change the request to fit, or ask for an exemption.",
            ),
            Cause::medium(
                Code::PlatformFeatureUnsupported,
                "A service creates the rejected resource, so the request cannot be changed: the policy needs an \
                 exemption.",
            )
            .seen(&[Sign::up(Trait::Backup, "Azure Backup creates its own resource group and snapshots")]),
        ],
        samples: &[
            "{\"code\":\"RequestDisallowedByPolicy\",\"target\":\"kv-shop\",\"message\":\"Resource 'kv-shop' was \
             disallowed by policy. Policy identifiers: '[]'.\"}",
            "Resource 'stshop' was dis\nallowed by policy. Reasons: 'public access'",
        ],
        sources: &[COMMON_ERRORS],
    },
    Family {
        id: "deployment.scope-locked",
        forms: &[
            &["ScopeLocked"],
            &["because following scope(s) are locked"],
            &["Please remove the lock and try again"],
        ],
        generic: false,
        gates: &["caller", "platform"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::CallerOperatorLacksPermission,
                "A lock on the scope or above blocks the change, also for an owner; apim-doctor has no more specific \
                 code. A principal with permission to delete locks has to remove it for the change.",
            ),
            Cause::low(
                Code::PlatformFeatureUnsupported,
                "A read-only lock also blocks calls that change nothing, such as listing keys. This is the cause if \
                 the operation named is an action and no write or delete.",
            ),
        ],
        samples: &[
            "{\"code\":\"ScopeLocked\",\"message\":\"The scope '/subscriptions/a/resourceGroups/rg-shop' cannot \
             perform write operation because following scope(s) are locked: '/subscriptions/a/resourceGroups/rg-shop'. \
             Please remove the lock and try again.\"}",
            "cannot perform delete operation because following\n scope(s) are lock ed: '/subscr",
        ],
        sources: &[LOCKS],
    },
    Family {
        id: "deployment.provider-not-registered",
        forms: &[
            &["MissingSubscriptionRegistration"],
            &["The subscription is not registered to use namespace"],
            &["NoRegisteredProviderFound"],
            &["No registered resource provider found for location"],
        ],
        generic: false,
        gates: &["caller", "platform"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::CallerOperatorLacksPermission,
                "The subscription has not registered the resource provider named in the message. Register it: the \
                 deploying identity has no permission for that, or the tool does not do it automatically.",
            ),
            Cause::medium(
                Code::PlatformFeatureUnsupported,
                "The provider is registered, but does not offer this type, API version or region. This is the cause \
                 if the message lists the supported ones.",
            ),
        ],
        samples: &[
            "MissingSubscriptionRegistration: The subscription is not registered to use namespace \
             'Microsoft.ApiManagement'. See https://aka.ms/rps-not-found for how to register subscriptions.",
            "The subscription is not registered to use\n namespace 'Microsoft.DataProt",
        ],
        sources: &[COMMON_ERRORS],
    },
    Family {
        id: "deployment.failed",
        forms: &[
            &["At least one resource deployment operation failed"],
            &["code:DeploymentFailed"],
            &["code=DeploymentFailed"],
            &["(DeploymentFailed)"],
            &["The resource operation completed with terminal provisioning state"],
            &["ResourceDeploymentFailure"],
        ],
        generic: true,
        gates: &["platform", "caller"],
        proves: &[],
        misleads: Some(
            "The text only wraps another message. Read the details below it, or list the deployment's operations.",
        ),
        causes: &[],
        samples: &[
            "{\"code\":\"DeploymentFailed\",\"message\":\"At least one resource deployment operation failed. Please \
             list deployment operations for details.\"}",
            "At least one resource\ndeployment operation fai led.",
        ],
        sources: &[COMMON_ERRORS],
    },
    Family {
        id: "deployment.invalid-template-deployment",
        forms: &[&["InvalidTemplateDeployment"], &["is not valid according to the validation procedure"]],
        generic: true,
        gates: &["platform", "caller"],
        proves: &[],
        misleads: Some(
            "The text only wraps another message, which contains the result of the check before the \
                        deployment.",
        ),
        causes: &[],
        samples: &[
            "InvalidTemplateDeployment - The template deployment 'main' is not valid according to the validation \
             procedure. The tracking id is 'a'. See inner errors for details.",
            "The template deployment 'apim' is not valid according\n  to the validation proced ure.",
        ],
        sources: &[COMMON_ERRORS],
    },
];
