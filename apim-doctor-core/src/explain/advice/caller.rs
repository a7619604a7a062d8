//! Advice about the person or pipeline that makes a change, and about how a request signs in.

use crate::explain::advice::command::{
    Subject, account, instance_grant, instance_post, instance_principal, role, storage,
};
use crate::explain::advice::entry::{Advice, Fix, GRANT, own, run};
use crate::finding::Code;

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::CallerAnonymousAccessOff,
        title: "sign in with an identity that has a data role (`--auth-mode login` in the Azure CLI), or send a shared \
                access signature",
        confirm: &[own(storage("account show --name {account} --query allowBlobPublicAccess"), "`false`")],
        fixes: &[Fix::any(GRANT)],
    },
    Advice {
        code: Code::CallerOperatorLacksPermission,
        title: "give the operator the missing permission, or ask someone who has it",
        confirm: &[
            own(
                account("show --query \"{user:user.name, type:user.type, tenant:tenantId}\""),
                "the principal that the message names",
            )
            .from("your own shell, signed in as the principal that failed"),
            own(
                role(
                    "assignment list --assignee {operator} --scope {scope} --include-inherited --include-groups --query \
                     \"[].{role:roleDefinitionName, scope:scope}\"",
                ),
                "no role that allows the action in the message",
            ),
        ],
        fixes: &[
            Fix::of(Subject::Operator, "", GRANT),
            Fix::any(&[run(role("assignment create --assignee {operator} --role \"{operatorRole}\" --scope {scope}"))]),
        ],
    },
    Advice {
        code: Code::CallerBackupUsesAccountKey,
        title: "request the backup with the instance's managed identity, and assign it Storage Blob Data Contributor on the \
                account",
        confirm: &[
            own(
                storage(
                    "account show --name {account} --query \"{keys:allowSharedKeyAccess, public:publicNetworkAccess, \
                     network:networkRuleSet}\"",
                ),
                "keys `false`, or `defaultAction` `Deny`",
            )
            .from("your own shell; also check the script (without `accessType` it uses `AccessKey`)"),
            own(
                storage(
                    "account blob-service-properties show --account-name {account} --resource-group RESOURCE_GROUP --query \
                     cors",
                ),
                "rules: with any CORS rule, a key-based backup fails",
            ),
        ],
        fixes: &[
            Fix::of(
                Subject::Instance,
                "",
                &[
                    run(instance_principal("--query identity.principalId --output tsv)")),
                    run(instance_grant("--role \"Storage Blob Data Contributor\" --scope {scope}").also(Subject::Storage)),
                    run(instance_post(
                        "/backup?api-version=2024-05-01\" --body \
                         '{\"storageAccount\":\"{account}\",\"containerName\":\"CONTAINER\",\"backupName\":\"BACKUP\",\"accessType\":\"SystemAssignedManagedIdentity\"}'",
                    )
                    .also(Subject::Storage)),
                ],
            ),
            Fix::any(&[]),
        ],
    },
];
