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
                "A new principal is not yet known everywhere in the directory, and the assignment does not say its \
                 principalType. If the identity comes from the same deployment, this is it: set principalType to \
                 ServicePrincipal.",
            )
            .seen(&[
                Sign::up(Trait::Deployment, "a template often creates the identity and its assignment in one go"),
                Sign::up(Trait::Terraform, "one run often creates the identity and its assignment"),
            ]),
            Cause::medium(
                Code::AuthorizationWrongPrincipalGranted,
                "The id is not the object id of a principal: it is the client id, or the object id of the app \
                 registration. If a second try some minutes later fails too, compare it with the service principal's object id.",
            ),
            Cause::low(
                Code::IdentityReplaced,
                "The principal was deleted or its resource recreated, and the template still holds the old id.",
            ),
            Cause::low(
                Code::IdentityWrongTenant,
                "The principal lives in another tenant than the subscription: the message names the directory that \
                 was searched.",
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
                "The object id belongs to a thing of another kind than the assignment says: an app registration \
                 instead of its service principal, or a group instead of a user. Look the id up in the directory.",
            ),
            Cause::low(
                Code::CallerOperatorLacksPermission,
                "The id may be right and only principalType wrong in the request. That is the request's fault and no \
                 missing right; the taxonomy has no closer code.",
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
            "It speaks of an update, but what was asked for is mostly a new assignment: an older one with the same \
             name is in the way.",
        ),
        causes: &[
            Cause::high(
                Code::AuthorizationOrphanedAssignment,
                "An assignment with this name exists for another principal, mostly one that was deleted. List the \
                 assignments of the scope and look for one whose principal is unknown.",
            ),
            Cause::medium(
                Code::IdentityReplaced,
                "The resource was recreated and has a new principal, while the assignment's name is made from names \
                 that stayed the same. Make the name from the principal id as well.",
            ),
            Cause::low(
                Code::AuthorizationWrongPrincipalGranted,
                "Two assignments in the templates share one name. This is so when the older one's principal is alive.",
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
                "The same role, principal and scope are already assigned under another name, by hand or by an \
                 earlier run. It need not be orphaned: keep it, import it, or delete it and use one fixed name.",
            ),
            Cause::medium(
                Code::AuthorizationPropagationDelay,
                "A first try went through and the client tried again before it could see the result. This is so if \
                 the assignment was created within the same run.",
            )
            .seen(&[Sign::up(Trait::Terraform, "its client tries again while a new principal is not yet known")]),
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
                "A fixed limit is reached: 4000 role assignments in a subscription, 500 in a management group, or 5000 \
                 custom roles in a tenant. Assign to groups, or at a higher scope.",
            ),
            Cause::medium(
                Code::AuthorizationOrphanedAssignment,
                "Assignments of deleted principals count too. Remove those whose principal is unknown first.",
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
            "Assignments still use the custom role, perhaps at a scope that you do not see, or for principals that \
             are gone. Delete them before the role.",
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
                "The id is not that of a role here: a mistyped GUID, a name where the GUID belongs, or a custom role \
                 of another tenant. Look the GUID up in the list of roles.",
            ),
            Cause::medium(
                Code::AuthorizationPropagationDelay,
                "A custom role made a moment ago can be unknown for some minutes. If the role is listed now, try \
                 again.",
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
                "The custom role names an action that no resource provider offers: misspelt, or a data action put \
                 among the actions. Compare it with the provider's list of operations.",
            ),
            Cause::medium(
                Code::PlatformFeatureUnsupported,
                "Some actions are checked but not published, so a role cannot name them. This is so if the same name \
                 stands in an answer of Azure; a wildcard or a built-in role helps.",
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
                "The last Owner of a subscription cannot be removed, by design. Assign another one first.",
            ),
            Cause::low(
                Code::CallerOperatorLacksPermission,
                "Other owners may exist that you cannot see. Somebody with rights above can list and remove them.",
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
            "It is the directory that refuses a look-up, not the role-based access control of the resource: more \
             rights on the subscription do not help.",
        ),
        causes: &[
            Cause::high(
                Code::CallerOperatorLacksPermission,
                "The command looks the assignee up in the directory and its principal may not read there. Give the \
                 object id and the principal type, then no look-up is made.",
            ),
            Cause::low(
                Code::AuthorizationNoGrant,
                "The application itself calls Microsoft Graph and has no consent for it. This is so if no role is \
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
                "The client in the message holds no role with this action at this scope. Take client, action and \
                 scope from the text: if the client is a person or a pipeline, this is it.",
            ),
            Cause::medium(
                Code::AuthorizationManagementRoleMissing,
                "The client is an identity of a resource: what it calls is an operation of Resource Manager, for \
                 which roles on data do not count.",
            )
            .seen(&[Sign::up(
                Trait::KeyThroughResourceManager,
                "a key asked for through Resource Manager needs a management role, whatever the vault grants",
            )]),
            Cause::medium(
                Code::AuthorizationPropagationDelay,
                "The role was granted some minutes ago, or the token is older than the grant. Sign in again and try \
                 once more.",
            ),
            Cause::medium(
                Code::AuthorizationScopeDoesNotCover,
                "A role with the action is held, but beside the scope in the message and not at or above it.",
            ),
            Cause::low(
                Code::AuthorizationRoleLacksAction,
                "A role is held here, but without this action: a Reader role does not cover what POST does.",
            ),
            Cause::low(
                Code::IdentityUnexpectedIdentity,
                "The object id in the message is not the one that you granted: the call is made as somebody else.",
            ),
            Cause::low(
                Code::AuthorizationConditionNotMet,
                "The assignment has a condition that leaves this out. Newer texts say so: \"or an ABAC condition not \
                 fulfilled\".",
            ),
            Cause::low(
                Code::TargetVaultNameWrong,
                "A scope that does not exist gives the same text. Check subscription, group and name in it, be it a \
                 vault or another resource.",
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
            "The first action and scope in it are allowed. What is missing is named after \"however\": another action \
             on another resource, to which this one refers.",
        ),
        causes: &[
            Cause::high(
                Code::CallerOperatorLacksPermission,
                "Who deploys may change the resource but not use what it refers to: assign an identity, join a subnet \
                 or a public address. Grant the action named last on the scope named last.",
            ),
            Cause::medium(
                Code::AuthorizationManagementRoleMissing,
                "The same, where the client is the identity of a resource that acts automatically, such as a policy's \
                 remediation.",
            ),
            Cause::medium(
                Code::IdentityWrongTenant,
                "The resource referred to is in a subscription of another tenant. This is so if the text speaks of \
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
                "A role allows the action and a deny assignment takes it away; more roles do not help. It comes from \
                 a managed application, a deployment stack or a blueprint: exclude the principal or the action there.",
            ),
            Cause::low(
                Code::CallerOperatorLacksPermission,
                "The resource belongs to a managed group that only its service may change. Then change it through \
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
