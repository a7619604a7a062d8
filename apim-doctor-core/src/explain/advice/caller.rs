//! Advice about the person or pipeline that makes a change.

use crate::explain::advice::entry::{Advice, Confirmation};
use crate::finding::Code;

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::CallerAnonymousAccessOff,
        confirm: &[Confirmation {
            run_from: "your own shell",
            command: "az storage account show --name {account} --query allowBlobPublicAccess",
            expect: "`false`",
        }],
        fix: "sign in and use a data role (`--auth-mode login`), or send a shared access signature",
        az: &[],
    },
    Advice {
        code: Code::CallerOperatorLacksPermission,
        confirm: &[
            Confirmation {
                run_from: "your own shell, signed in as the principal that failed",
                command: "az account show --query \"{user:user.name, type:user.type, tenant:tenantId}\"",
                expect: "the principal that the message names",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az role assignment list --assignee {objectId} --scope {scope} --include-inherited \
                          --include-groups --query \"[].{role:roleDefinitionName, scope:scope}\"",
                expect: "no role with `{action}`",
            },
        ],
        fix: "give the operator the missing permission, ask someone who has it, or type the identifier instead of \
              selecting it",
        az: &[
            "az role assignment create --assignee {objectId} --role \"ROLE\" --scope {scope}",
            "# to list secrets if the vault uses access policies: az keyvault set-policy --name {vault} --object-id \
             {objectId} --secret-permissions list",
        ],
    },
    Advice {
        code: Code::CallerBackupUsesAccountKey,
        confirm: &[
            Confirmation {
                run_from: "your own shell; also check the script (without `accessType` it uses `AccessKey`)",
                command: "az storage account show --name STORAGE_ACCOUNT --resource-group RESOURCE_GROUP \
                          --query \"{keys:allowSharedKeyAccess, public:publicNetworkAccess, \
                          network:networkRuleSet}\"",
                expect: "keys `false`, or `defaultAction` `Deny`",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az storage account blob-service-properties show --account-name STORAGE_ACCOUNT \
                          --resource-group RESOURCE_GROUP --query cors",
                expect: "rules: with any CORS rule, a key-based backup fails",
            },
        ],
        fix: "request the backup with the instance's managed identity, and assign it Storage Blob Data Contributor on \
              the account",
        az: &[
            "PRINCIPAL_ID=$(az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query \
             identity.principalId --output tsv)",
            "az role assignment create --assignee-object-id \"$PRINCIPAL_ID\" --assignee-principal-type \
             ServicePrincipal --role \"Storage Blob Data Contributor\" --scope STORAGE_ID",
            "az rest --method post --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/RESOURCE_GROUP/\
             providers/Microsoft.ApiManagement/service/INSTANCE/backup?api-version=2024-05-01\" --body \
             '{\"storageAccount\":\"STORAGE_ACCOUNT\",\"containerName\":\"CONTAINER\",\
             \"backupName\":\"BACKUP\",\"accessType\":\"SystemAssignedManagedIdentity\"}'",
        ],
    },
];
