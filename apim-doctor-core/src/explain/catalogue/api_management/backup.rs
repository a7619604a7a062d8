//! What API Management says of its own backup.

use crate::explain::family::{Cause, Family, Sign, Trait};
use crate::finding::{Code, Gate, WebPage};

const BACKUP: WebPage =
    WebPage { url: "https://github.com/Azure/azure-powershell/issues/23411", read_on: "2026-11-21" };
const BACKUP_WRAPPER: WebPage =
    WebPage { url: "https://github.com/arcus-azure/arcus.scripting/issues/426", read_on: "2026-11-21" };
const BACKUP_POLL: WebPage =
    WebPage { url: "https://github.com/Azure/azure-powershell/issues/26536", read_on: "2026-11-29" };

pub(super) const FAMILIES: &[Family] = &[
    Family {
        id: "apim.backup-not-awaited",
        forms: &[
            &["Backup-AzApiManagement", "Long running operation failed with status 'Forbidden'"],
            &["Restore-AzApiManagement", "Long running operation failed with status 'Forbidden'"],
        ],
        generic: false,
        gates: &["caller"],
        proves: &[],
        misleads: Some("The backup itself may have been written: only the query for its result failed."),
        causes: &[Cause::high(
            Code::CallerOperatorLacksPermission,
            "The caller can start the operation but not read its result: its role lacks the read action of \
             `Microsoft.ApiManagement/service/operationresults`.",
        )],
        samples: &[
            "Backup-AzApiManagement: Long running operation failed with status 'Forbidden'. Additional Info:''",
            "Restore-AzApiManagement : Long running opera\ntion failed with status 'Forbidden'",
        ],
        sources: &[BACKUP_POLL],
    },
    Family {
        id: "apim.backup-bad-request",
        forms: &[
            &["AzApiManagement", "Operation returned an invalid status code 'BadRequest'"],
            &["Operation returned an invalid status code 'BadRequest'"],
            &["Operation returned an invalid status code BadRequest"],
        ],
        generic: true,
        gates: &["caller", "authorization", "firewall"],
        proves: &[],
        misleads: Some("It does not mention storage, but the access to the storage account fails."),
        causes: &[
            Cause::high(
                Code::CallerBackupUsesAccountKey,
                "The backup or restore of API Management was started with an account key or a signature. Give the \
                 service's identity Storage Blob Data Contributor and pass the access type for identities.",
            )
            .seen(&[Sign::up(
                Trait::ApiManagement,
                "the text names API Management, whose backup fails like this with account keys",
            )]),
            Cause::medium(
                Code::AuthorizationSharedKeyDisabled,
                "The backup uses an account key, but the account does not accept account keys. Check \
                 allowSharedKeyAccess.",
            ),
            Cause::medium(
                Code::AuthorizationNoGrant,
                "The backup already uses an identity, but it has no data role on the account or container.",
            ),
            Cause::medium(
                Code::FirewallConsumerNotOnTrustedList,
                "The account allows only selected networks, and the backup comes from the control plane, which is \
                 trusted only with the service's own identity.",
            ),
        ],
        samples: &[
            "Backup-AzApiManagement : Operation returned an invalid status code 'BadRequest'",
            "Restore-AzApiManagement: Operation returned an inval\nid status code 'BadRequest'\nAt line:1 char:1",
        ],
        sources: &[BACKUP, BACKUP_WRAPPER],
    },
    Family {
        id: "apim.backup-storage-access",
        forms: &[
            &["AzApiManagement", "This request is not authorized to perform this operation"],
            &["AzApiManagement", "AuthorizationPermissionMismatch"],
            &["AzApiManagement", "KeyBasedAuthenticationNotPermitted"],
            &["AzApiManagement", "Key based authentication is not permitted"],
        ],
        generic: false,
        gates: &["caller", "authorization", "firewall"],
        proves: &[Gate::Target],
        misleads: None,
        causes: &[
            Cause::high(
                Code::CallerBackupUsesAccountKey,
                "The backup was started with an account key, which the account or the service rejects. Use the access \
                 type for identities.",
            ),
            Cause::medium(
                Code::AuthorizationNoGrant,
                "The identity that the backup names has no Storage Blob Data Contributor on the account. The text then \
                 usually has the words \"using this permission\".",
            ),
            Cause::medium(
                Code::FirewallConsumerNotOnTrustedList,
                "The account's network rules block the control plane. The text then lacks those words.",
            ),
        ],
        samples: &[
            "Backup-AzApiManagement: This request is not authorized to perform this operation using this permission.",
            "Restore-AzApiManagement : Key based authenti\ncation is not permitted on this storage account.",
        ],
        sources: &[BACKUP, BACKUP_WRAPPER],
    },
];
