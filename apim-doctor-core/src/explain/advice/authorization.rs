//! Advice about roles and access policies.

use crate::explain::advice::entry::{Advice, Confirmation, ROLE_ASSIGNMENTS, VAULT_SETTINGS};
use crate::finding::Code;

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::AuthorizationNoGrant,
        confirm: &[
            Confirmation { run_from: "your own shell", command: ROLE_ASSIGNMENTS, expect: "no role with data actions" },
            Confirmation {
                run_from: "your own shell",
                command: "az keyvault show --name {vault} --query \"properties.accessPolicies[?\
                          objectId=='{objectId}'].permissions\"",
                expect: "nothing (this applies only if the vault uses access policies)",
            },
        ],
        fix: "give the principal read access: a role or an access policy, depending on the vault",
        az: &[
            "az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
             ServicePrincipal --role \"{role}\" --scope {scope}",
            "# if the vault uses access policies: az keyvault set-policy --name {vault} --object-id {objectId} \
             --secret-permissions get",
        ],
    },
    Advice {
        code: Code::AuthorizationWrongPrincipalGranted,
        confirm: &[
            Confirmation {
                run_from: "your own shell, with permission to read the directory (Microsoft Graph)",
                command: "az ad sp show --id {clientId} --query \"{objectId:id, clientId:appId, name:displayName}\"",
                expect: "the caller's object id; the grant names its client id, or a different object id",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az keyvault show --name {vault} --query \
                          \"properties.{rbac:enableRbacAuthorization, granted:accessPolicies[].objectId}\"",
                expect: "the client id, or an id that is not the caller's object id, in `granted`",
            },
        ],
        fix: "give access to the object id of the caller's service principal, and remove the wrong grant",
        az: &[
            "az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
             ServicePrincipal --role \"{role}\" --scope {scope}",
            "# if the vault uses access policies: az keyvault set-policy --name {vault} --object-id {objectId} \
             --secret-permissions get",
            "# remove the wrong one: az keyvault delete-policy --name {vault} --object-id WRONG_OBJECT_ID",
        ],
    },
    Advice {
        code: Code::AuthorizationFirstPartyPrincipalNotGranted,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: "az role assignment list --assignee abfa0a7c-a6b6-4736-8310-5855508787cd --scope \
                          {scope} --include-inherited --query \"[].roleDefinitionName\"",
                expect: "nothing for App Service (for Azure Backup: 262044b1-e2ce-469f-a196-69ab7ada62d3)",
            },
            Confirmation {
                run_from: "your own shell, with permission to read the directory (Microsoft Graph)",
                command: "az ad sp show --id abfa0a7c-a6b6-4736-8310-5855508787cd --query \"{objectId:id, \
                          name:displayName}\"",
                expect: "its object id in this tenant, which has no access policy",
            },
        ],
        fix: "give access to the service's principal, which the command finds by its application id; other clouds \
              have other ids",
        az: &[
            "az role assignment create --assignee abfa0a7c-a6b6-4736-8310-5855508787cd --role \"Key Vault \
             Certificate User\" --scope {scope}",
            "# App Service, with access policies: az keyvault set-policy --name {vault} --spn \
             abfa0a7c-a6b6-4736-8310-5855508787cd --secret-permissions get --certificate-permissions get",
            "# Azure Backup, with access policies: az keyvault set-policy --name {vault} --spn \
             262044b1-e2ce-469f-a196-69ab7ada62d3 --secret-permissions get list backup --key-permissions get \
             list backup",
        ],
    },
    Advice {
        code: Code::AuthorizationRbacModeIgnoresAccessPolicies,
        confirm: &[
            Confirmation { run_from: "your own shell", command: VAULT_SETTINGS, expect: "`rbac` is `true`" },
            Confirmation {
                run_from: "your own shell",
                command: "az keyvault show --name {vault} --query \"properties.accessPolicies[?\
                          objectId=='{objectId}'].permissions\"",
                expect: "the permissions that have no effect",
            },
        ],
        fix: "assign a data-plane role",
        az: &["az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
               ServicePrincipal --role \"{role}\" --scope {scope}"],
    },
    Advice {
        code: Code::AuthorizationPolicyModeIgnoresRoles,
        confirm: &[
            Confirmation { run_from: "your own shell", command: VAULT_SETTINGS, expect: "`rbac` is `false` or absent" },
            Confirmation {
                run_from: "your own shell",
                command: ROLE_ASSIGNMENTS,
                expect: "the data-plane role that has no effect",
            },
        ],
        fix: "add an access policy, or switch the vault to role assignments after every caller that needs it has one",
        az: &[
            "az keyvault set-policy --name {vault} --object-id {objectId} --secret-permissions get",
            "# or, which ends all access policies at once: az keyvault update --name {vault} \
             --enable-rbac-authorization true",
        ],
    },
    Advice {
        code: Code::AuthorizationControlPlaneRoleOnly,
        confirm: &[Confirmation {
            run_from: "your own shell",
            command: ROLE_ASSIGNMENTS,
            expect: "only roles such as Owner, Contributor, Reader or Key Vault Contributor",
        }],
        fix: "assign a data-plane role; Owner does not contain one",
        az: &["az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
             ServicePrincipal --role \"{role}\" --scope {scope}"],
    },
    Advice {
        code: Code::AuthorizationRoleDefinitionMissing,
        confirm: &[Confirmation {
            run_from: "your own shell",
            command: "az role definition list --name ROLE_DEFINITION_ID",
            expect: "`[]`: no role has this id",
        }],
        fix: "use the id of a role that exists",
        az: &["az role definition list --name \"Key Vault Secrets User\" --query \"[].id\""],
    },
    Advice {
        code: Code::AuthorizationRoleLacksAction,
        confirm: &[
            Confirmation { run_from: "your own shell", command: ROLE_ASSIGNMENTS, expect: "the assigned roles" },
            Confirmation {
                run_from: "your own shell",
                command: "az role definition list --name \"ROLE\" --query \
                          \"[].permissions[].{data:dataActions, notData:notDataActions}\"",
                expect: "`{action}` is not in `data`, or is in `notData`",
            },
        ],
        fix: "assign a role that contains the action; with access policies, add the permission for this kind of \
              object",
        az: &[
            "az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
             ServicePrincipal --role \"ROLE\" --scope {scope}",
            "# list all permissions of this kind, because the command replaces them: az keyvault set-policy --name \
             {vault} --object-id {objectId} --secret-permissions get",
        ],
    },
    Advice {
        code: Code::AuthorizationManagementRoleMissing,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: ROLE_ASSIGNMENTS,
                expect: "only data-plane roles, or nothing",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az role definition list --name \"ROLE\" --query \"[].permissions[].{does:actions, \
                          not:notActions}\"",
                expect: "`{action}` is not in `does`; `dataActions` have no effect here",
            },
        ],
        fix: "assign a management role that contains the action, or use the vault's own (data-plane) interface",
        az: &["az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
               ServicePrincipal --role \"ROLE\" --scope {scope}"],
    },
    Advice {
        code: Code::AuthorizationScopeMissingParentRead,
        confirm: &[Confirmation {
            run_from: "your own shell",
            command: "az role assignment list --assignee {objectId} --all --query \
                      \"[].{role:roleDefinitionName, scope:scope}\"",
            expect: "only scopes below the service",
        }],
        fix: "add a reader role on the service (for API Management: API Management Service Reader Role)",
        az: &["az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
               ServicePrincipal --role \"API Management Service Reader Role\" --scope INSTANCE_ID"],
    },
    Advice {
        code: Code::AuthorizationGroupGrantNotEffective,
        confirm: &[
            Confirmation {
                run_from: "your own shell, with permission to read the directory (Microsoft Graph)",
                command: "az ad group member check --group GROUP --member-id {objectId}",
                expect: "`true` if only the token is older than the membership; `false` if the principal is not a \
                         member",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az role assignment list --assignee {objectId} --scope {scope} --include-inherited \
                          --include-groups --query \"[].{type:principalType, role:roleDefinitionName}\"",
                expect: "the role only with type `Group`",
            },
        ],
        fix: "assign the role to the managed identity itself; a membership can take many hours to appear in its token",
        az: &[
            "az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
             ServicePrincipal --role \"{role}\" --scope {scope}",
            "# if the vault uses access policies: az keyvault set-policy --name {vault} --object-id {objectId} \
             --secret-permissions get",
        ],
    },
    Advice {
        code: Code::AuthorizationPropagationDelay,
        confirm: &[Confirmation {
            run_from: "your own shell",
            command: "az role assignment list --assignee {objectId} --scope {scope} --include-inherited \
                      --query \"[].{role:roleDefinitionName, scope:scope, since:createdOn}\"",
            expect: "the right role, created minutes ago",
        }],
        fix: "wait about ten minutes and try again; in templates set `principalType`, and grant before the \
              resource that needs it",
        az: &[
            "az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
             ServicePrincipal --role \"{role}\" --scope {scope}",
            "# API Management, once it is effective: az rest --method post --uri \"/subscriptions/\
             SUBSCRIPTION/resourceGroups/RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE/\
             namedValues/NAME/refreshSecret?api-version=2024-05-01\"",
            "# an app: az rest --method post --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
             RESOURCE_GROUP/providers/Microsoft.Web/sites/APP/config/configreferences/appsettings/refresh?\
             api-version=2022-03-01\"",
        ],
    },
    Advice {
        code: Code::AuthorizationOrphanedAssignment,
        confirm: &[
            Confirmation {
                run_from: "your own shell, with permission to read the directory (Microsoft Graph)",
                command: "az role assignment list --scope {scope} --query \"[?principalName==''].{id:id, \
                          principal:principalId, role:roleDefinitionName}\"",
                expect: "an assignment whose principal no longer has a name (without access to Graph, all names are \
                         empty)",
            },
            Confirmation {
                run_from: "your own shell, with permission to read the directory (Microsoft Graph)",
                command: "az ad sp show --id PRINCIPAL_ID --query displayName",
                expect: "an error: the principal does not exist",
            },
        ],
        fix: "delete the old assignment, and also derive assignment names from the principal id (`guid(scope, \
              principalId, role)`)",
        az: &["az role assignment delete --ids ASSIGNMENT_ID"],
    },
    Advice {
        code: Code::AuthorizationTemplateDeploymentDisabled,
        confirm: &[Confirmation {
            run_from: "your own shell",
            command: "az keyvault show --name {vault} --query properties.enabledForTemplateDeployment",
            expect: "`false` or no value",
        }],
        fix: "enable the vault for template deployment",
        az: &["az keyvault update --name {vault} --enabled-for-template-deployment true"],
    },
    Advice {
        code: Code::AuthorizationSharedKeyDisabled,
        confirm: &[Confirmation {
            run_from: "your own shell",
            command: "az storage account show --name STORAGE_ACCOUNT --resource-group RESOURCE_GROUP \
                      --query allowSharedKeyAccess",
            expect: "`false`",
        }],
        fix: "make the caller use an identity with a data role; or allow account keys, if it supports nothing else (a \
              content share)",
        az: &[
            "az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
             ServicePrincipal --role \"Storage Blob Data Contributor\" --scope STORAGE_ID",
            "# or: az storage account update --name STORAGE_ACCOUNT --resource-group RESOURCE_GROUP \
             --allow-shared-key-access true",
        ],
    },
    Advice {
        code: Code::AuthorizationDenied,
        confirm: &[Confirmation {
            run_from: "your own shell, with permission to read deny assignments",
            command: "az rest --method get --uri \"{scope}/providers/Microsoft.Authorization/\
                      denyAssignments?api-version=2022-04-01\" --query \
                      \"value[].properties.{name:denyAssignmentName, system:isSystemProtected, \
                      denied:permissions, to:principals}\"",
            expect: "an entry that covers `{action}` and the principal (or all principals) and does not exclude it",
        }],
        fix: "change it at its source (deployment stack, managed application, blueprint); it cannot be deleted \
              separately",
        az: &["az stack group list --resource-group RESOURCE_GROUP"],
    },
    Advice {
        code: Code::AuthorizationScopeDoesNotCover,
        confirm: &[Confirmation {
            run_from: "your own shell",
            command: "az role assignment list --assignee {objectId} --all --query \
                      \"[].{role:roleDefinitionName, scope:scope}\"",
            expect: "the role, at a scope that does not contain `{scope}`: a different vault, group or secret",
        }],
        fix: "assign the role at the target or above it",
        az: &[
            "az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
             ServicePrincipal --role \"{role}\" --scope {scope}",
            "az role assignment delete --ids ASSIGNMENT_ID",
        ],
    },
    Advice {
        code: Code::AuthorizationConditionNotMet,
        confirm: &[Confirmation {
            run_from: "your own shell",
            command: "az role assignment list --assignee {objectId} --scope {scope} --include-inherited \
                      --query \"[?condition].{role:roleDefinitionName, scope:scope, \
                      condition:condition}\"",
            expect: "a condition that is false for `{object}` or `{action}`; names are case-sensitive",
        }],
        fix: "change the condition, or assign the role without one",
        az: &["az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
               ServicePrincipal --role \"{role}\" --scope {scope}"],
    },
    Advice {
        code: Code::AuthorizationResourceLocked,
        confirm: &[Confirmation {
            run_from: "your own shell",
            command: "az lock list --query \"[].{name:name, level:level, id:id}\"",
            expect: "a lock on a resource group `AzureBackupRG_REGION_NUMBER`, or on the subscription",
        }],
        fix: "remove the lock and start one backup, which deletes the old restore points",
        az: &["az lock delete --ids LOCK_ID"],
    },
];
