//! Advice about roles and access policies.

use crate::explain::advice::command::{Command, Subject, directory, lock, role, scope_get, stack, storage, vault};
use crate::explain::advice::entry::{
    ACCOUNT, ASSIGN, Advice, Confirm, Fix, GRANT, Line, POLICIES, REFRESH_NAMED_VALUE, REFRESH_REFERENCES, ROLES,
    SET_POLICY, graph, own, run, settings, under_policies, under_roles, when,
};
use crate::explain::situation::Model;
use crate::finding::Code;

/// What the caller may do, in the way that the target uses.
const HELD: [Confirm; 2] = [
    own(ROLES, "no role that allows the operation").under(Model::Roles),
    own(POLICIES, "nothing, or not the permission that the operation needs").under(Model::Policies),
];

const EVERYWHERE: Command =
    role("assignment list --assignee {objectId} --all --query \"[].{role:roleDefinitionName, scope:scope}\"");

const DEFINITION: Command = role(
    "definition list --name \"ROLE\" --query \"[].permissions[].{actions:actions, notActions:notActions, \
     dataActions:dataActions, notDataActions:notDataActions}\"",
);

const DELETE_ASSIGNMENT: Command = role("assignment delete --ids ASSIGNMENT_ID");

/// A first-party application, and what it may do.
const FIRST_PARTY_ROLES: Command = role(
    "assignment list --assignee {firstParty} --scope {scope} --include-inherited --query \"[].roleDefinitionName\"",
);

const FIRST_PARTY: Command = directory("sp show --id {firstParty} --query \"{objectId:id, name:displayName}\"");

const NO_LONGER_THERE: Command = role(
    "assignment list --scope {scope} --query \"[?principalName==''].{id:id, principal:principalId, \
     role:roleDefinitionName}\"",
);

const ADD_ROLE: &[Line] = &[run(ASSIGN)];

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::AuthorizationNoGrant,
        title: "give the caller access to the target: a role, or an access policy if the vault uses them",
        confirm: &HELD,
        fixes: &[
            Fix::of(Subject::Vault, "give the caller access to the vault, in the way that the vault uses", GRANT),
            Fix::of(Subject::Storage, "assign the caller a data role on the storage account", GRANT),
            Fix::of(Subject::Anything, "assign the caller a role that allows the operation", GRANT),
        ],
    },
    Advice {
        code: Code::AuthorizationWrongPrincipalGranted,
        title: "give access to the object id of the caller's service principal, and remove the wrong grant",
        confirm: &[
            graph(
                directory("sp show --id {clientId} --query \"{objectId:id, clientId:appId, name:displayName}\""),
                "the caller's object id; the grant names its client id, or a different object id",
            ),
            own(ROLES, "nothing for the caller's object id").under(Model::Roles),
            own(
                vault("show --name {vault} --query \"properties.accessPolicies[].objectId\""),
                "the client id, or an id that is not the caller's object id",
            )
            .under(Model::Policies),
        ],
        fixes: &[Fix::any(&[
            under_roles(ASSIGN),
            under_policies(SET_POLICY),
            under_roles(DELETE_ASSIGNMENT).labelled("remove the wrong one"),
            under_policies(vault("delete-policy --name {vault} --object-id WRONG_OBJECT_ID"))
                .labelled("remove the wrong one"),
        ])],
    },
    Advice {
        code: Code::AuthorizationFirstPartyPrincipalNotGranted,
        title: "give access to the principal of the Microsoft service that makes the call; other clouds have other ids",
        confirm: &[
            own(FIRST_PARTY_ROLES, "nothing").under(Model::Roles),
            graph(FIRST_PARTY, "its object id in this tenant, which has no role and no access policy"),
        ],
        fixes: &[
            Fix::of(
                Subject::App,
                "give access to App Service's principal, which the command finds by its application id; other clouds have \
                 other ids",
                &[
                    under_roles(role(
                        "assignment create --assignee {firstParty} --role \"Key Vault Certificate User\" --scope {scope}",
                    ).also(Subject::Vault)),
                    under_policies(vault(
                        "set-policy --name {vault} --spn {firstParty} --secret-permissions get --certificate-permissions \
                         get",
                    )),
                ],
            ),
            Fix::of(
                Subject::RecoveryVault,
                "give access to Backup Management Service, which the command finds by its application id; other clouds \
                 have other ids",
                &[
                    under_roles(role(
                        "assignment create --assignee {firstParty} --role \"Key Vault Administrator\" --scope {scope}",
                    ).also(Subject::Vault)),
                    under_policies(vault(
                        "set-policy --name {vault} --spn {firstParty} --secret-permissions get list backup \
                         --key-permissions get list backup",
                    )),
                ],
            ),
            Fix::any(&[
                under_roles(role("assignment create --assignee APPLICATION_ID --role \"{role}\" --scope {scope}")),
                under_policies(vault("set-policy --name {vault} --spn APPLICATION_ID {permissions}")),
            ]),
        ],
    },
    Advice {
        code: Code::AuthorizationRbacModeIgnoresAccessPolicies,
        title: "assign a data role: the vault ignores its access policies",
        confirm: &[
            settings("`rbac` is `true`"),
            own(POLICIES, "the permissions that have no effect"),
        ],
        fixes: &[Fix::any(ADD_ROLE)],
    },
    Advice {
        code: Code::AuthorizationPolicyModeIgnoresRoles,
        title: "add an access policy, or switch the vault to role assignments after every caller that needs it has one",
        confirm: &[
            settings("`rbac` is `false` or absent"),
            own(ROLES, "the data role that has no effect"),
        ],
        fixes: &[Fix::any(&[
            run(SET_POLICY),
            when(
                "or, which ends all access policies at once",
                vault("update --name {vault} --enable-rbac-authorization true"),
            ),
        ])],
    },
    Advice {
        code: Code::AuthorizationControlPlaneRoleOnly,
        title: "assign a data role: Owner, Contributor and the like do not contain one",
        confirm: &[own(ROLES, "only roles such as Owner, Contributor, Reader or a service's own Contributor role")],
        fixes: &[Fix::any(GRANT)],
    },
    Advice {
        code: Code::AuthorizationRoleDefinitionMissing,
        title: "use the id of a role that exists",
        confirm: &[own(role("definition list --name ROLE_DEFINITION_ID"), "`[]`: no role has this id")],
        fixes: &[Fix::any(&[run(role("definition list --name \"ROLE\" --query \"[].{name:roleName, id:id}\""))])],
    },
    Advice {
        code: Code::AuthorizationRoleLacksAction,
        title: "assign a role that contains the operation; with access policies, add the permission",
        confirm: &[
            own(ROLES, "the assigned roles").under(Model::Roles),
            own(DEFINITION, "the operation is in neither `actions` nor `dataActions`, or is excluded").under(Model::Roles),
            own(POLICIES, "the permission that the operation needs is missing").under(Model::Policies),
        ],
        fixes: &[
            Fix::of(
                Subject::Vault,
                "give the caller the missing permission; the command for access policies replaces all permissions of the \
                 same kind, so list them all",
                GRANT,
            ),
            Fix::of(Subject::Anything, "assign a role that contains the operation", ADD_ROLE),
        ],
    },
    Advice {
        code: Code::AuthorizationManagementRoleMissing,
        title: "assign a management role that contains the action, or use the service's own (data-plane) interface",
        confirm: &[
            own(ROLES, "only data roles, or nothing"),
            own(DEFINITION, "the action is not in `actions`; `dataActions` have no effect here"),
        ],
        fixes: &[
            Fix::of(Subject::Data, "", &[run(role("assignment create {principal} --role \"ROLE\" --scope {scope}"))]),
            Fix::any(ADD_ROLE),
        ],
    },
    Advice {
        code: Code::AuthorizationScopeMissingParentRead,
        title: "add a reader role on the parent resource",
        confirm: &[own(EVERYWHERE, "only scopes below the parent resource")],
        fixes: &[
            Fix::of(
                Subject::Instance,
                "add a reader role on the instance",
                &[run(role(
                    "assignment create {principal} --role \"API Management Service Reader Role\" --scope INSTANCE_ID",
                ))],
            ),
            Fix::any(&[run(role("assignment create {principal} --role Reader --scope PARENT_ID"))]),
        ],
    },
    Advice {
        code: Code::AuthorizationGroupGrantNotEffective,
        title: "give access to the identity itself; a membership can take many hours to appear in its token",
        confirm: &[
            graph(
                directory("group member check --group GROUP --member-id {objectId}"),
                "`true` if only the token is older than the membership; `false` if the principal is not a member",
            ),
            own(
                role(
                    "assignment list --assignee {objectId} --scope {scope} --include-inherited --include-groups --query \
                     \"[].{type:principalType, role:roleDefinitionName}\"",
                ),
                "the role only with type `Group`",
            )
            .under(Model::Roles),
        ],
        fixes: &[Fix::any(GRANT)],
    },
    Advice {
        code: Code::AuthorizationPropagationDelay,
        title: "wait about ten minutes and try again; in templates set `principalType`, and grant before the resource that \
                needs it",
        confirm: &[own(
            role(
                "assignment list --assignee {objectId} --scope {scope} --include-inherited --query \
                 \"[].{role:roleDefinitionName, scope:scope, since:createdOn}\"",
            ),
            "the right role, created minutes ago",
        )],
        fixes: &[Fix::any(&[
            when("a named value, once the grant is effective", REFRESH_NAMED_VALUE),
            when("once the grant is effective", REFRESH_REFERENCES),
        ])],
    },
    Advice {
        code: Code::AuthorizationOrphanedAssignment,
        title: "delete the old assignment, and also derive assignment names from the principal id (`guid(scope, principalId, \
                role)`)",
        confirm: &[
            graph(
                NO_LONGER_THERE,
                "an assignment whose principal no longer has a name (without access to Graph, all names are empty)",
            ),
            graph(
                directory("sp show --id PRINCIPAL_ID --query displayName"),
                "an error: the principal does not exist",
            ),
        ],
        fixes: &[Fix::any(&[run(DELETE_ASSIGNMENT)])],
    },
    Advice {
        code: Code::AuthorizationTemplateDeploymentDisabled,
        title: "enable the vault for template deployment",
        confirm: &[own(
            vault("show --name {vault} --query properties.enabledForTemplateDeployment"),
            "`false` or no value",
        )],
        fixes: &[Fix::any(&[run(vault("update --name {vault} --enabled-for-template-deployment true"))])],
    },
    Advice {
        code: Code::AuthorizationSharedKeyDisabled,
        title: "make the caller use an identity with a data role; or allow account keys, if it supports nothing else (a \
                content share)",
        confirm: &[own(ACCOUNT, "`keys` is `false`")],
        fixes: &[Fix::any(&[
            run(ASSIGN),
            when(
                "or",
                storage(
                    "account update --name {account} --resource-group RESOURCE_GROUP --allow-shared-key-access true",
                ),
            ),
        ])],
    },
    Advice {
        code: Code::AuthorizationDenied,
        title: "change it at its source (deployment stack, managed application, blueprint); it cannot be deleted separately",
        confirm: &[own(
            scope_get(
                "denyAssignments?api-version=2022-04-01\" --query \"value[].properties.{name:denyAssignmentName, \
                 system:isSystemProtected, denied:permissions, to:principals}\"",
            ),
            "an entry that covers the operation and the principal (or all principals) and does not exclude it",
        )
        .from("your own shell, with permission to read deny assignments")],
        fixes: &[Fix::any(&[run(stack("group list --resource-group RESOURCE_GROUP"))])],
    },
    Advice {
        code: Code::AuthorizationScopeDoesNotCover,
        title: "assign the role at the target or above it",
        confirm: &[own(EVERYWHERE, "the role, at a scope that does not contain the target")],
        fixes: &[Fix::any(&[run(ASSIGN), when("remove the old one", DELETE_ASSIGNMENT)])],
    },
    Advice {
        code: Code::AuthorizationConditionNotMet,
        title: "change the condition, or assign the role without one",
        confirm: &[own(
            role(
                "assignment list --assignee {objectId} --scope {scope} --include-inherited --query \
                 \"[?condition].{role:roleDefinitionName, scope:scope, condition:condition}\"",
            ),
            "a condition that is false for this object or operation; names are case-sensitive",
        )],
        fixes: &[Fix::any(ADD_ROLE)],
    },
    Advice {
        code: Code::AuthorizationResourceLocked,
        title: "remove the lock that the message names, repeat the operation, and lock again",
        confirm: &[own(
            lock("list --query \"[].{name:name, level:level, id:id}\""),
            "a lock on the resource, its group or its subscription",
        )],
        fixes: &[
            Fix::of(
                Subject::RecoveryVault,
                "remove the lock of the group `AzureBackupRG_REGION_NUMBER`, and start one backup, which deletes the old \
                 restore points",
                &[run(lock("delete --ids LOCK_ID"))],
            ),
            Fix::any(&[run(lock("delete --ids LOCK_ID"))]),
        ],
    },
];
