//! What Azure role-based access control says when a role is used, assigned or defined.

use crate::explain::family::{Cause, Family, Sign, Trait};
use crate::finding::{Code, WebPage};

const TROUBLESHOOTING: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/role-based-access-control/troubleshooting",
    read_on: "2026-11-21",
};
const LIMITS: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/role-based-access-control/troubleshoot-limits",
    read_on: "2026-11-21",
};
const DENY_ASSIGNMENTS: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/role-based-access-control/deny-assignments",
    read_on: "2026-11-21",
};
const CUSTOM_ROLES: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/role-based-access-control/custom-roles", read_on: "2026-11-21" };
const DEPLOYMENT_ERRORS: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors",
    read_on: "2026-11-22",
};
const REPLICATION_THREAD: WebPage =
    WebPage { url: "https://github.com/Azure/avdaccelerator/issues/99", read_on: "2026-11-21" };
const UPDATE_THREAD: WebPage =
    WebPage { url: "https://github.com/Azure/CanadaPubSecALZ/issues/181", read_on: "2026-11-21" };

pub(super) const FAMILIES: &[Family] = &[
    Family {
        id: "roles.principal-not-found",
        forms: &[
            &["PrincipalNotFound"],
            &["Principal", "does not exist in the directory"],
            &["Check that you have the correct principal ID"],
            &["might be related to a replication delay"],
            &["set the role assignment principalType property to a value"],
        ],
        generic: false,
        gates: &["authorization", "identity"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::AuthorizationPropagationDelay,
                "A new principal is not known everywhere in the directory yet, and the assignment does not set \
                 principalType. If the identity comes from the same deployment, this is the cause: set principalType \
                 to ServicePrincipal.",
            )
            .seen(&[
                Sign::up(Trait::Deployment, "a template often creates the identity and its assignment together"),
                Sign::up(Trait::Terraform, "one run often creates the identity and its assignment"),
            ]),
            Cause::medium(
                Code::AuthorizationWrongPrincipalGranted,
                "The id is not a principal's object id: it is a client id, or the object id of the app registration. \
                 If a second attempt some minutes later also fails, compare it with the service principal's object \
                 id.",
            ),
            Cause::low(
                Code::IdentityReplaced,
                "The principal was deleted or its resource recreated, but the template still contains the old id.",
            ),
            Cause::low(
                Code::IdentityWrongTenant,
                "The principal is in a tenant other than the subscription's: the message names the directory that was \
                 searched.",
            ),
        ],
        samples: &[
            "{\"code\":\"PrincipalNotFound\",\"message\":\"Principal 11111111222233334444555555555555 does not exist \
             in the directory 66666666-7777-8888-9999-aaaaaaaaaaaa.\"}",
            "ERROR: Principal 0a1b2c3d does not\n  exist in the directory contoso. Check that you have the correct \
             princip",
            "... this error might be related to a replication\ndelay. In this case, set the role assignment",
        ],
        sources: &[TROUBLESHOOTING, REPLICATION_THREAD],
    },
    Family {
        id: "roles.principal-type-mismatch",
        forms: &[
            &["UnmatchedPrincipalType"],
            &["has type", "which is different from specified Princi"],
            &["Principals of type", "cannot validly be used in role assignments"],
        ],
        generic: false,
        gates: &["authorization", "caller"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::AuthorizationWrongPrincipalGranted,
                "The object id belongs to a different type of object than the assignment states: an app registration \
                 instead of its service principal, or a group instead of a user. Look the id up in the directory.",
            ),
            Cause::low(
                Code::CallerOperatorLacksPermission,
                "The id may be correct and only principalType wrong in the request. The request is wrong; no \
                 permission is missing; apim-doctor has no more specific code.",
            ),
        ],
        samples: &[
            "Code=\"UnmatchedPrincipalType\" Message=\"The PrincipalId '11111111222233334444555555555555' has type \
             'Group' , which is different from specified PrinciaplType 'ServicePrincipal'.\"",
            "Principals of type Application cannot\n  validly be used in role assignments.",
        ],
        sources: &[TROUBLESHOOTING],
    },
    Family {
        id: "roles.assignment-update-not-permitted",
        forms: &[
            &["RoleAssignmentUpdateNotPermitted"],
            &["principal ID, and scope are not allowed to be updated"],
            &["Tenant ID, application ID, principal ID"],
        ],
        generic: false,
        gates: &["authorization", "identity"],
        proves: &[],
        misleads: Some(
            "The text mentions an update, but usually the request creates a new assignment, and an older one with the \
             same name exists.",
        ),
        causes: &[
            Cause::high(
                Code::AuthorizationOrphanedAssignment,
                "An assignment with this name exists for another principal, usually a deleted one. List the \
                 assignments at the scope, and find one whose principal is unknown.",
            ),
            Cause::medium(
                Code::IdentityReplaced,
                "The resource was recreated and has a new principal, but the assignment's name is derived from names \
                 that did not change. Also derive the name from the principal id.",
            ),
            Cause::low(
                Code::AuthorizationWrongPrincipalGranted,
                "Two assignments in the templates share one name. This is the cause if the older one's principal \
                 still exists.",
            ),
        ],
        samples: &[
            "{ \"code\": \"RoleAssignmentUpdateNotPermitted\", \"message\": \"Tenant ID, application ID, principal \
             ID, and scope are not allowed to be updated.\" }",
            "Status Message: Tenant ID, application ID,\n principal ID, and scope are not allowed to be upd",
        ],
        sources: &[TROUBLESHOOTING, UPDATE_THREAD],
    },
    Family {
        id: "roles.assignment-exists",
        forms: &[&["RoleAssignmentExists"], &["The role assignment already exists"]],
        generic: false,
        gates: &["authorization", "platform"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::medium(
                Code::AuthorizationOrphanedAssignment,
                "The same role, principal and scope are already assigned under another name, by hand or by an earlier \
                 run. It may be in use: keep it, import it, or delete it and use one fixed name.",
            ),
            Cause::medium(
                Code::AuthorizationPropagationDelay,
                "The first attempt succeeded, and the client retried before it could see the result. This is the \
                 cause if the assignment was created within the same run.",
            )
            .seen(&[Sign::up(Trait::Terraform, "its client retries while a new principal is not known yet")]),
        ],
        samples: &[
            "RoleAssignmentExists: The role assignment already exists. The ID of the existing role assignment is \
             0123456789abcdef0123456789abcdef.",
            "Status=409 Code=\"RoleAssignmentExists\" Message=\"The role\n assignment already ex",
        ],
        sources: &[TROUBLESHOOTING],
    },
    Family {
        id: "roles.limit-exceeded",
        forms: &[
            &["RoleAssignmentLimitExceeded"],
            &["No more role assignments can be created"],
            &["RoleDefinitionLimitExceeded"],
            &["No more role definitions can be created"],
        ],
        generic: false,
        gates: &["platform", "authorization"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::PlatformFeatureUnsupported,
                "A fixed limit was reached: 4000 role assignments in a subscription, 500 in a management group, or \
                 5000 custom roles in a tenant. Assign to groups, or at a higher scope.",
            ),
            Cause::medium(
                Code::AuthorizationOrphanedAssignment,
                "Assignments of deleted principals also count. First remove those whose principal is unknown.",
            ),
        ],
        samples: &[
            "No more role assignments can be created (code: RoleAssignmentLimitExceeded)",
            "Role definition limit exceeded. No more role definitions\ncan be created (code: RoleDefin",
        ],
        sources: &[LIMITS, TROUBLESHOOTING],
    },
    Family {
        id: "roles.definition-in-use",
        forms: &[&["RoleDefinitionHasAssignments"], &["There are existing role assignments referencing role"]],
        generic: false,
        gates: &["authorization"],
        proves: &[],
        misleads: None,
        causes: &[Cause::high(
            Code::AuthorizationOrphanedAssignment,
            "Assignments still use the custom role, perhaps at a scope that you do not see, or for deleted \
             principals. Delete them before the role.",
        )],
        samples: &[
            "There are existing role assignments referencing role (code: RoleDefinitionHasAssignments)",
            "RoleDefinitionHas\nAssignments",
        ],
        sources: &[LIMITS, TROUBLESHOOTING],
    },
    Family {
        id: "roles.definition-missing",
        forms: &[&["RoleDefinitionDoesNotExist"], &["The specified role definition with ID", "does not exist"]],
        generic: false,
        gates: &["reference", "authorization"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::ReferenceWrongIdentifierType,
                "The id is not a role id in this tenant: a mistyped GUID, a name instead of the GUID, or a custom \
                 role of another tenant. Look up the GUID in the list of roles.",
            ),
            Cause::medium(
                Code::AuthorizationPropagationDelay,
                "A new custom role can be unknown for some minutes. If the role is listed now, try again.",
            ),
            Cause::low(
                Code::AuthorizationScopeDoesNotCover,
                "A custom role can be assigned only at or below its assignable scopes. Compare them with the scope.",
            ),
        ],
        samples: &[
            "Code=\"RoleDefinitionDoesNotExist\" Message=\"The specified role definition with ID \
             '0123456789abcdef0123456789abcdef' does not exist.\"",
            "The specified role definition\n   with ID 'abc' does not exist",
        ],
        sources: &[CUSTOM_ROLES, TROUBLESHOOTING],
    },
    Family {
        id: "roles.invalid-action",
        forms: &[
            &["InvalidActionOrNotAction"],
            &["does not match any of the actions supported by the providers"],
            &["InvalidDataActionOrNotDataAction"],
        ],
        generic: false,
        gates: &["reference", "platform"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::ReferenceSyntax,
                "The custom role names an action that no resource provider offers: it is misspelled, or it is a data \
                 action in the list of actions. Compare it with the provider's list of operations.",
            ),
            Cause::medium(
                Code::PlatformFeatureUnsupported,
                "Some actions are checked but not published, so a role cannot name them. This is the cause if the \
                 same name is in an answer of Azure. A wildcard or a built-in role helps.",
            ),
        ],
        samples: &[
            "Status=400 Code=\"InvalidActionOrNotAction\" Message=\"'Microsoft.ApiManagement/service/bakup/action' \
             does not match any of the actions supported by the providers.\"",
            "'Microsoft.KeyVault/vaults/secret/read' does not match any\n of the actions supported by the providers",
        ],
        sources: &[CUSTOM_ROLES],
    },
    Family {
        id: "roles.last-admin-assignment",
        forms: &[&["Cannot delete the last RBAC admin assignment"]],
        generic: false,
        gates: &["platform", "caller"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::PlatformFeatureUnsupported,
                "By design, the last Owner of a subscription cannot be removed. Assign another one first.",
            ),
            Cause::low(
                Code::CallerOperatorLacksPermission,
                "There may be other owners that you cannot see. A user with permissions at a higher scope can list \
                 and remove them.",
            ),
        ],
        samples: &[
            "Cannot delete the last RBAC admin assignment",
            "az role assignment delete: Cannot delete the\n last RBAC admin assignment.",
        ],
        sources: &[TROUBLESHOOTING],
    },
    Family {
        id: "roles.directory-lookup-refused",
        forms: &[&["Insufficient privileges to complete the operation"]],
        generic: false,
        gates: &["caller", "authorization"],
        proves: &[],
        misleads: Some(
            "The directory refuses the lookup, not the resource's role-based access control: more permissions on the \
             subscription do not help.",
        ),
        causes: &[
            Cause::high(
                Code::CallerOperatorLacksPermission,
                "The command looks up the assignee in the directory, but its principal cannot read the directory. \
                 Give the object id and the principal type to avoid the lookup.",
            ),
            Cause::low(
                Code::AuthorizationNoGrant,
                "The application itself calls Microsoft Graph without consent for it. This is the cause if no role is \
                 being assigned.",
            ),
        ],
        samples: &[
            "Insufficient privileges to complete the operation.",
            "{\"odata.error\":{\"code\":\"Authorization_RequestDenied\",\"message\":{\"lang\":\"en\",\"value\":\
             \"Insufficient privileges to\n complete the operation.\"}}}",
        ],
        sources: &[TROUBLESHOOTING],
    },
    Family {
        id: "roles.authorization-failed",
        forms: &[
            &["does not have authorization", "to perform action", "over scope"],
            &["does not have authorization to perform action"],
            &["or the scope is invalid. If access was recently granted"],
            &["(AuthorizationFailed)"],
            &["code:AuthorizationFailed"],
            &["code=AuthorizationFailed"],
        ],
        generic: false,
        gates: &["authorization", "caller", "identity", "target"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::CallerOperatorLacksPermission,
                "The client in the message has no role with this action at this scope. Client, action and scope are \
                 in the text: if the client is a person or a pipeline, this is the cause.",
            ),
            Cause::medium(
                Code::AuthorizationManagementRoleMissing,
                "The client is an identity of a resource: it calls a Resource Manager operation, for which data roles \
                 have no effect.",
            )
            .seen(&[Sign::up(
                Trait::KeyThroughResourceManager,
                "reading a key through Resource Manager requires a management role, regardless of access to the vault",
            )]),
            Cause::medium(
                Code::AuthorizationPropagationDelay,
                "The role was assigned only minutes ago, or the token is older than the assignment. Sign in again and \
                 retry.",
            ),
            Cause::medium(
                Code::AuthorizationScopeDoesNotCover,
                "A role with the action is assigned, but not at or above the scope in the message.",
            ),
            Cause::low(
                Code::AuthorizationRoleLacksAction,
                "A role is assigned here, but without this action: a Reader role does not cover POST operations.",
            ),
            Cause::low(
                Code::IdentityUnexpectedIdentity,
                "The object id in the message is not the one with access: the call uses a different identity.",
            ),
            Cause::low(
                Code::AuthorizationConditionNotMet,
                "The assignment has a condition that excludes this. Newer texts mention it: \"or an ABAC condition \
                 not fulfilled\".",
            ),
            Cause::low(
                Code::TargetVaultNameWrong,
                "A scope that does not exist causes the same text. Check its subscription, group and name.",
            ),
        ],
        samples: &[
            "The client 'pipeline' with object id '11111111-2222-3333-4444-555555555555' does not have authorization \
             to perform action 'Microsoft.ApiManagement/service/backup/action' over scope \
             '/subscriptions/66666666-7777-8888-9999-aaaaaaaaaaaa/resourceGroups/rg-shop' or the scope is invalid. \
             If access was recently granted, please refresh your credentials.",
            "(AuthorizationFailed) The client 'x' with obj",
            "does not have authorization or an ABAC condition\nnot fulfilled to perform action \
             'Microsoft.Authorization/roleAssignments/write' over scope '/subscriptions/a'",
        ],
        sources: &[TROUBLESHOOTING, DEPLOYMENT_ERRORS],
    },
    Family {
        id: "roles.linked-authorization-failed",
        forms: &[
            &["LinkedAuthorizationFailed"],
            &["does not have permission to perform action", "on the linked scope"],
            &["is not authorized to access linked subscription"],
        ],
        generic: false,
        gates: &["caller", "authorization", "identity", "target"],
        proves: &[],
        misleads: Some(
            "The first action and scope in the text are allowed. The missing permission is named after \"however\": a \
             different action on a linked resource.",
        ),
        causes: &[
            Cause::high(
                Code::CallerOperatorLacksPermission,
                "The deploying principal can change the resource, but cannot use a linked resource: assign an \
                 identity, join a subnet or a public address. Grant the action named last on the scope named last.",
            ),
            Cause::medium(
                Code::AuthorizationManagementRoleMissing,
                "The same cause, but the client is the identity of a resource that acts automatically, such as a \
                 policy remediation.",
            ),
            Cause::medium(
                Code::IdentityWrongTenant,
                "The linked resource is in a subscription of another tenant. This is the cause if the text mentions \
                 the current tenant.",
            ),
            Cause::low(
                Code::TargetVaultNameWrong,
                "The linked resource does not exist under that id; it need not be a vault. The text then says that \
                 the linked scope is invalid.",
            ),
        ],
        samples: &[
            "LinkedAuthorizationFailed: The client 'a' with object id 'b' has permission to perform action \
             'Microsoft.ApiManagement/service/write' on scope '/subscriptions/c'; however, it does not have \
             permission to perform action(s) 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action' on the \
             linked scope(s) '/subscriptions/d' or the linked scope(s) are invalid.",
            "however, it does not have permission to perform action 'Microsoft.Network/virtualNetworks/subnets/join/\
             action' on\n the linked scope(s) '/subscr",
        ],
        sources: &[DEPLOYMENT_ERRORS, TROUBLESHOOTING],
    },
    Family {
        id: "roles.deny-assignment",
        forms: &[&["DenyAssignmentAuthorizationFailed"], &["access is denied because of the deny assignment"]],
        generic: false,
        gates: &["authorization", "caller"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::AuthorizationDenied,
                "A role allows the action, but a deny assignment overrides it; more roles do not help. It comes from \
                 a managed application, a deployment stack or a blueprint: exclude the principal or the action there.",
            ),
            Cause::low(
                Code::CallerOperatorLacksPermission,
                "The resource belongs to a managed resource group that only its service can change. Change it through \
                 that service.",
            ),
        ],
        samples: &[
            "The client 'func-shop' with object id 'a' has permission to perform action \
             'Microsoft.KeyVault/vaults/write' on scope '/subscriptions/b'; however, the access is denied because of \
             the deny assignment with name 'System deny assignment' and Id 'c' at scope '/subscriptions/b'.",
            "DenyAssignment\nAuthorizationFailed",
        ],
        sources: &[DENY_ASSIGNMENTS],
    },
];
