//! What is said of backups of API Management.

use crate::explain::family::{Cause, Family};
use crate::finding::{Code, WebPage};

const APIM_BACKUP: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/api-management/api-management-howto-disaster-recovery-backup-restore",
    read_on: "2026-11-21",
};
const BLOB_ERRORS: WebPage = WebPage {
    url: "https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes",
    read_on: "2026-11-21",
};
const CORS_THREAD: WebPage =
    WebPage { url: "https://github.com/Azure/azure-powershell/issues/23411", read_on: "2026-11-21" };
const RESTORE_THREAD: WebPage =
    WebPage { url: "https://github.com/Azure/azure-powershell/issues/25072", read_on: "2026-11-21" };
const CMDLET: WebPage = WebPage {
    url: "https://learn.microsoft.com/powershell/module/az.apimanagement/backup-azapimanagement",
    read_on: "2026-11-21",
};

pub(super) const FAMILIES: &[Family] = &[
    Family {
        id: "backup.apim-storage-cors",
        forms: &[
            &["Requested value", "was not found", "Parameter name: backupStorageAccount"],
            &["Parameter name: backupStorageAccount"],
            &["Requested value 'GET,", "was not found"],
        ],
        generic: false,
        gates: &["caller", "platform"],
        proves: &[],
        misleads: Some(
            "The text blames the parameter with the storage account, which is correct. The key-based client cannot \
             parse the methods of a CORS rule on the account's blob service.",
        ),
        causes: &[
            Cause::high(
                Code::CallerBackupUsesAccountKey,
                "The backup uses an account key and fails because of the CORS rules. Remove them, use a different \
                 account, or back up with the instance's managed identity, which is reported to work.",
            ),
            Cause::low(
                Code::PlatformFeatureUnsupported,
                "An account with CORS on its blob service is documented as not supported for a backup.",
            ),
        ],
        samples: &[
            "{\"error\":{\"code\":\"InvalidParameters\",\"message\":\"Invalid parameter: Requested value \
             'GET,PUT,PATCH' was not found.\\r\\nParameter name: backupStorageAccount\"}}",
            "Invalid parameter: Requested value 'GET,HEAD,\nMERGE,PATCH' was not found.",
        ],
        sources: &[APIM_BACKUP, CORS_THREAD],
    },
    Family {
        id: "backup.apim-connection-string",
        forms: &[&["Failed to parse the storage connection string"]],
        generic: false,
        gates: &["caller"],
        proves: &[],
        misleads: Some("Nothing was sent to Azure: the command itself found no key in the storage context."),
        causes: &[Cause::high(
            Code::CallerBackupUsesAccountKey,
            "No access type was given, so the command expects an account key, but the storage context has none. Pass \
             SystemAssignedManagedIdentity, or a context with a key.",
        )],
        samples: &[
            "Backup-AzApiManagement: Failed to parse the storage connection string.",
            "PSArgumentException: Failed to parse the storage\n   connection string.",
        ],
        sources: &[CMDLET, APIM_BACKUP],
    },
    Family {
        id: "backup.apim-restore-refused",
        forms: &[&["Cannot restore: current SKU is"], &["(RestoreFailed)"], &["code:RestoreFailed"]],
        generic: false,
        gates: &["platform", "object"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::PlatformFeatureUnsupported,
                "The backup was created in a different tier than the target's. The message names both.",
            ),
            Cause::medium(Code::ObjectMissing, "The container that the request names has no blob with that name."),
        ],
        samples: &[
            "(RestoreFailed) Cannot restore: current SKU is 'Developer', backup SKU is 'Premium'",
            "Code: Restore\nFailed",
        ],
        sources: &[APIM_BACKUP, RESTORE_THREAD],
    },
    Family {
        id: "backup.apim-restore-expired",
        forms: &[&["RestoreFailed", "Cannot restore: backup expired"], &["Cannot restore: backup expired"]],
        generic: false,
        gates: &["object", "platform"],
        proves: &[],
        misleads: None,
        causes: &[Cause::high(
            Code::ObjectBackupExpired,
            "A backup of API Management can be restored for 30 days. This one is older, even though its blob is there.",
        )],
        samples: &["(RestoreFailed) Cannot restore: backup expired", "Cannot restore:\n backup expired"],
        sources: &[APIM_BACKUP, RESTORE_THREAD],
    },
    Family {
        id: "backup.blob-immutable",
        forms: &[
            &["BlobImmutableDueToPolicy"],
            &["BlobImmutableDueToLegalHold"],
            &["This operation is not permitted as the blob is immutable due to"],
        ],
        generic: false,
        gates: &["platform", "object"],
        proves: &[],
        misleads: None,
        causes: &[Cause::high(
            Code::PlatformFeatureUnsupported,
            "A policy or a legal hold prevents overwriting the blob of that name. Access is not the cause, and \
             apim-doctor has no more specific code: give each backup its own name.",
        )],
        samples: &[
            "409 BlobImmutableDueToPolicy: This operation is not permitted as the blob is immutable due to a policy.",
            "ErrorCode: BlobImmutable\nDueToLegalHold",
        ],
        sources: &[BLOB_ERRORS, APIM_BACKUP],
    },
];
