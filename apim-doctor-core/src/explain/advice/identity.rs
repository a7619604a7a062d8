//! Advice about the identity and its token.

use crate::explain::advice::entry::{APP_IDENTITIES, Advice, Confirmation, REFERENCES, ROLE_ASSIGNMENTS};
use crate::finding::Code;

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::IdentityNotEnabled,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: "az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query identity",
                expect: "no value, `None`, or only `UserAssigned` although the system-assigned identity is intended",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az webapp identity show --name APP --resource-group RESOURCE_GROUP",
                expect: "no value; a slot has its own identity (`--slot SLOT`)",
            },
        ],
        fix: "enable the identity, then give it read access to the secret",
        az: &[
            "# API Management without any identity: az rest --method patch --uri \"/subscriptions/SUBSCRIPTION/\
             resourceGroups/RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE?\
             api-version=2024-05-01\" --body '{\"identity\":{\"type\":\"SystemAssigned\"}}'",
            "# an app: az webapp identity assign --name APP --resource-group RESOURCE_GROUP",
            "az role assignment create --assignee-object-id PRINCIPAL_ID --assignee-principal-type \
             ServicePrincipal --role \"{role}\" --scope {scope}",
        ],
    },
    Advice {
        code: Code::IdentityReferenceIdentityNotSelected,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: APP_IDENTITIES,
                expect: "type `UserAssigned`, and `references` empty or `SystemAssigned`",
            },
            Confirmation { run_from: "your own shell", command: REFERENCES, expect: "`MSINotEnabled`" },
        ],
        fix: "set `keyVaultReferenceIdentity` of the site (not an app setting), and of each slot, to the \
              resource id of the identity",
        az: &[
            "az rest --method patch --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/RESOURCE_GROUP/\
             providers/Microsoft.Web/sites/APP?api-version=2024-11-01\" --body \
             '{\"properties\":{\"keyVaultReferenceIdentity\":\"IDENTITY_ID\"}}'",
            "az rest --method post --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/RESOURCE_GROUP/\
             providers/Microsoft.Web/sites/APP/config/configreferences/appsettings/refresh?\
             api-version=2022-03-01\"",
        ],
    },
    Advice {
        code: Code::IdentityClientIdNotSpecified,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: APP_IDENTITIES,
                expect: "one or more entries in `attached`, and no system-assigned identity to use instead",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az vm identity show --name VM --resource-group RESOURCE_GROUP",
                expect: "the same for a machine; `az vmss identity show` for a scale set",
            },
        ],
        fix: "select the identity by its client id: `AZURE_CLIENT_ID`, or the client id option of the library or \
              driver",
        az: &["az functionapp config appsettings set --name APP --resource-group RESOURCE_GROUP --settings \
               AZURE_CLIENT_ID={clientId} --output none"],
    },
    Advice {
        code: Code::IdentityIdKindMismatch,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: "az identity list --query \"[?clientId=='{clientId}' || \
                          principalId=='{clientId}'].{name:name, clientId:clientId, \
                          principalId:principalId}\"",
                expect: "an entry with the given id as `principalId`, not as `clientId`",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query \
                          identity.principalId --output tsv",
                expect: "the given id: it is the object id of the system-assigned identity",
            },
        ],
        fix: "set the client id of the user-assigned identity; for the system-assigned identity, remove the property",
        az: &[
            "az identity show --ids IDENTITY_ID --query clientId --output tsv",
            "# a named value, with that client id: az rest --method patch --uri \"/subscriptions/\
             SUBSCRIPTION/resourceGroups/RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE/\
             namedValues/NAME?api-version=2024-05-01\" --headers \"If-Match=*\" --body \
             '{\"properties\":{\"keyVault\":{\"secretIdentifier\":\"https://{host}/secrets/{object}\",\
             \"identityClientId\":\"CLIENT_ID\"}}}'",
        ],
    },
    Advice {
        code: Code::IdentityNotAssignedToHost,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: "az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query \
                          identity.userAssignedIdentities",
                expect: "no entry with `clientId` `{clientId}`",
            },
            Confirmation {
                run_from: "your own shell",
                command: APP_IDENTITIES,
                expect: "the same for an app: not among `attached`",
            },
        ],
        fix: "attach the identity, or correct the client id",
        az: &[
            "az identity list --query \"[?clientId=='{clientId}'].id\" --output tsv",
            "# an app: az webapp identity assign --name APP --resource-group RESOURCE_GROUP --identities IDENTITY_ID",
            "# API Management; list every identity to keep, and the type without `SystemAssigned` if it has none: az \
             rest --method patch --uri \
             \"/subscriptions/SUBSCRIPTION/resourceGroups/RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE?api-version=2024-05-01\" \
             --body '{\"identity\":{\"type\":\"SystemAssigned, \
             UserAssigned\",\"userAssignedIdentities\":{\"IDENTITY_ID\":{}}}}'",
        ],
    },
    Advice {
        code: Code::IdentityCreatedInSameDeployment,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: "az deployment operation group list --name DEPLOYMENT --resource-group \
                          RESOURCE_GROUP --query \"[?\
                          properties.provisioningState=='Failed'].properties.{target:targetResource.id, \
                          message:statusMessage}\"",
                expect: "the resource with the Key Vault reference fails, and the grant for its identity was not \
                         created before it",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query identity",
                expect: "no value yet, or an identity newer than the failed request",
            },
        ],
        fix: "deploy twice (resource and identity, then grant, then reference), or use an existing identity, if the \
              resource supports it",
        az: &[
            "# first, API Management without the reference: az apim create --name INSTANCE --resource-group \
             RESOURCE_GROUP --publisher-name NAME --publisher-email EMAIL --enable-managed-identity true",
            "PRINCIPAL_ID=$(az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query \
             identity.principalId --output tsv)",
            "az role assignment create --assignee-object-id \"$PRINCIPAL_ID\" --assignee-principal-type \
             ServicePrincipal --role \"{role}\" --scope {scope}",
            "# then deploy the same resource again, with the reference",
        ],
    },
    Advice {
        code: Code::IdentityReplaced,
        confirm: &[
            Confirmation {
                run_from: "your own shell, with permission to read the directory (Microsoft Graph)",
                command: "az role assignment list --scope {scope} --query \
                          \"[?principalName==''].{principal:principalId, role:roleDefinitionName}\"",
                expect: "a grant to a principal that no longer exists",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az keyvault show --name {vault} --query \
                          \"properties.{rbac:enableRbacAuthorization, granted:accessPolicies[].objectId}\"",
                expect: "object ids that are not the current `principalId` of the identity",
            },
        ],
        fix: "give access to the current identity, and remove the old grant; after a move to another tenant, also \
              correct the vault's tenant",
        az: &[
            "az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
             ServicePrincipal --role \"{role}\" --scope {scope}",
            "az role assignment delete --ids ASSIGNMENT_ID",
            "# if the vault uses access policies: az keyvault set-policy --name {vault} --object-id {objectId} \
             --secret-permissions get",
            "# if the vault uses access policies: az keyvault delete-policy --name {vault} --object-id OLD_OBJECT_ID",
        ],
    },
    Advice {
        code: Code::IdentityUnexpectedIdentity,
        confirm: &[
            Confirmation {
                run_from: "your own shell, with permission to read the directory (Microsoft Graph)",
                command: "az ad sp show --id {objectId} --query \"{name:displayName, clientId:appId, \
                          type:servicePrincipalType}\"",
                expect: "a different name: the other slot, a build agent, a second client in the process",
            },
            Confirmation {
                run_from: "your own shell",
                command: ROLE_ASSIGNMENTS,
                expect: "no entry for the principal in the message, although the intended one is listed",
            },
        ],
        fix: "find out which identity called; make the call use the intended identity (set its client id), or give \
              access to the calling identity",
        az: &[
            "az functionapp config appsettings set --name APP --resource-group RESOURCE_GROUP --settings \
             AZURE_CLIENT_ID={clientId} --output none",
            "# to allow it: az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
             ServicePrincipal --role \"{role}\" --scope {scope}",
        ],
    },
    Advice {
        code: Code::IdentityWrongTenant,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: "az keyvault show --name {vault} --query properties.tenantId --output tsv",
                expect: "a tenant other than the issuer in the message (`{tenant}`)",
            },
            Confirmation {
                run_from: "any machine that can reach the vault",
                command: "curl --silent --show-error --max-time 10 --include \
                          \"https://{host}/secrets?api-version=7.4\"",
                expect: "status 401; `WWW-Authenticate` names the tenant that the vault trusts",
            },
        ],
        fix: "request the token in the vault's tenant; if the vault kept its tenant when the subscription moved, \
              correct it",
        az: &[
            "# if the Azure CLI is the caller: az login --tenant VAULT_TENANT",
            "# only after a move, which invalidates grants of the old tenant: az keyvault update --name {vault} --set \
             properties.tenantId=TENANT_OF_THE_IDENTITY",
        ],
    },
    Advice {
        code: Code::IdentityWrongAudience,
        confirm: &[
            Confirmation {
                run_from: "any machine that can reach the vault",
                command: "curl --silent --show-error --max-time 10 --include \
                          \"https://{host}/secrets?api-version=7.4\"",
                expect: "status 401; `resource` in `WWW-Authenticate` is the audience that the vault expects",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az cloud show --query \"{cloud:name, vaults:suffixes.keyvaultDns}\"",
                expect: "the cloud; its vaults expect `https://` and this suffix without the leading dot",
            },
        ],
        fix: "request `https://vault.azure.net` (scope `https://vault.azure.net/.default`), without a vault name or a \
              slash at the end; other clouds have their own",
        az: &[],
    },
];
