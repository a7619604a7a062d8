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
                "Resource Manager reads the secret itself, and the vault does not let it: enabledForTemplateDeployment \
                 is off. This is so where the inner text is \"Access denied to first party service\".",
            ),
            Cause::medium(Code::ObjectMissing, "The secret or its version is not there: the inner status is NotFound."),
            Cause::medium(
                Code::FirewallTrustedServicesOff,
                "The vault refuses other networks and its exception for trusted services is off, so Resource Manager \
                 stays outside: the inner text names the client address.",
            ),
            Cause::low(Code::ObjectDisabled, "The secret is disabled or out of its time: the inner text says so."),
            Cause::low(
                Code::CallerOperatorLacksPermission,
                "Who deploys needs Microsoft.KeyVault/vaults/deploy/action on the vault. Mostly that has its own code.",
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
                "No vault has the id of the reference: a wrong name, group or subscription. Or it is made by this very \
                 deployment: references are read before anything is created, so move it to a module of its own.",
            ),
            Cause::medium(
                Code::TargetVaultDeleted,
                "The vault was deleted and waits for its recovery. Look among the deleted vaults.",
            ),
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
                "Who deploys may not use the vault in a deployment: the right is \
                 Microsoft.KeyVault/vaults/deploy/action on the vault, and the roles on its secrets do not contain it.",
            ),
            Cause::low(
                Code::AuthorizationPropagationDelay,
                "The role was assigned a moment ago. Sign in again and deploy once more.",
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
            "It says that a value is missing, also where the parameter is a reference to a vault that gave none.",
        ),
        causes: &[
            Cause::medium(
                Code::AuthorizationTemplateDeploymentDisabled,
                "The parameter is a reference to a vault that does not let Resource Manager in. Check \
                 enabledForTemplateDeployment, if the parameter file holds a reference.",
            ),
            Cause::medium(
                Code::ObjectMissing,
                "The reference names a secret that has no value, or none under this version.",
            ),
            Cause::medium(
                Code::ReferenceSyntax,
                "No value and no reference was given, or the file's reference block is malformed. This is so if the \
                 parameter has nothing to do with a vault.",
            ),
            Cause::low(
                Code::PlatformServiceSide,
                "The tool that sends the request drops the reference, as some versions did. Deploy the same files \
                 with another tool to see.",
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
                "A property that takes a resource id holds something else: it is empty, a name, or a path that the \
                 shell has rewritten. The message names the property's path.",
            )
            .seen(&[Sign::up(Trait::Terraform, "a value that is not known yet arrives as an empty id")]),
            Cause::low(
                Code::ReferenceWrongIdentifierType,
                "The property takes the resource id, and a client id or an address was given.",
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
                "The template reads an identity before the resource that brings it exists. Deploy in two steps, or \
                 add the dependency and use a user-assigned identity that is there before.",
            )
            .seen(&[Sign::up(Trait::Deployment, "the identity is read while the template still runs")]),
            Cause::medium(
                Code::IdentityNotEnabled,
                "The resource exists and has no identity. This is so if it was there before this deployment.",
            ),
            Cause::medium(
                Code::IdentityNotAssignedToHost,
                "The user-assigned identity that is named does not exist, in this group, under this name.",
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
                "Nothing has this name in this group and subscription; the resource need not be a vault. Check all \
                 three, and the subscription that you are signed in to.",
            ),
            Cause::medium(
                Code::ReferenceSyntax,
                "The template reads the resource before it is created: a missing dependency, or a reference without \
                 its scope. This is so if the resource exists afterwards.",
            )
            .seen(&[Sign::up(Trait::Deployment, "the order of the template decides")]),
            Cause::low(Code::TargetVaultDeleted, "It was deleted. A vault may still be recovered."),
            Cause::low(
                Code::IdentityCreatedInSameDeployment,
                "What is not found is the identity of a resource that is being created.",
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
                "An Azure Policy with effect deny refuses what the request contains; no role helps, and the taxonomy \
                 has no closer code. The message names the policy: change the request to fit, or ask for an exemption.",
            ),
            Cause::medium(
                Code::PlatformFeatureUnsupported,
                "A service creates the refused resource, so the request cannot be changed: the policy needs an \
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
                "A lock on the scope or above refuses the change, also to an owner; the taxonomy has no closer code. \
                 Who may delete locks removes it for the time of the change.",
            ),
            Cause::low(
                Code::PlatformFeatureUnsupported,
                "A read-only lock also refuses calls that change nothing, such as listing keys. This is so if the \
                 operation named is an action and no write or delete.",
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
                 deploying identity may not, or the tool does not do it automatically.",
            ),
            Cause::medium(
                Code::PlatformFeatureUnsupported,
                "The provider is registered and does not offer this type, API version or region. This is so if the \
                 message lists the supported ones.",
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
            "It only wraps another message. Read the details below it, or list the deployment's operations.",
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
        misleads: Some("It only wraps another message: what the check before the deployment found stands inside it."),
        causes: &[],
        samples: &[
            "InvalidTemplateDeployment - The template deployment 'main' is not valid according to the validation \
             procedure. The tracking id is 'a'. See inner errors for details.",
            "The template deployment 'apim' is not valid according\n  to the validation proced ure.",
        ],
        sources: &[COMMON_ERRORS],
    },
];
