//! What Azure Backup says of its vaults and of their keys.

use crate::explain::catalogue::backup::sources::{AKS_TROUBLESHOOT, VM_TROUBLESHOOT};
use crate::explain::family::{Cause, Family, Sign, Trait};
use crate::finding::{Code, WebPage};

const ENCRYPTED_VMS: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/backup/backup-azure-vms-encryption", read_on: "2026-11-21" };
const CMK: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/backup/encryption-at-rest-with-cmk", read_on: "2026-11-21" };
const CMK_BACKUP_VAULT: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/backup/encryption-at-rest-with-cmk-for-backup-vault",
    read_on: "2026-11-22",
};
const SOFT_DELETE: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/backup/backup-azure-security-feature-cloud",
    read_on: "2026-11-21",
};
const MUA: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/backup/multi-user-authorization", read_on: "2026-11-22" };
const ENCRYPTED_VM_THREAD: WebPage =
    WebPage { url: "https://github.com/MicrosoftDocs/azure-docs/issues/91512", read_on: "2026-11-21" };
const CMK_THREAD: WebPage =
    WebPage { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/27817", read_on: "2026-11-21" };
const AKS_KEY_THREAD: WebPage =
    WebPage { url: "https://github.com/MicrosoftDocs/azure-docs/pull/127508", read_on: "2026-11-21" };
const VELERO_THREAD: WebPage =
    WebPage { url: "https://github.com/velero-io/velero/issues/8348", read_on: "2026-11-21" };

pub(super) const FAMILIES: &[Family] = &[
    Family {
        id: "backup.key-vault-permissions",
        forms: &[
            &["UserErrorKeyVaultPermissionsNotConfigured"],
            &["does not have sufficient permissions to Key Vault", "Encrypted Virtual Machines"],
        ],
        generic: false,
        gates: &["authorization", "firewall"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::AuthorizationFirstPartyPrincipalNotGranted,
                "The service principal Backup Management Service reads the disk's key and secret, but has no access \
                 to the vault. Access for the machine, its identity or the Recovery Services vault does not help \
                 here.",
            ),
            Cause::medium(
                Code::AuthorizationRbacModeIgnoresAccessPolicies,
                "The Key Vault uses role assignments, so the policy for Azure Backup has no effect: it needs a role.",
            ),
            Cause::medium(
                Code::AuthorizationRoleLacksAction,
                "There is an access policy or role with get and list, but without the backup permission for keys \
                 or secrets.",
            ),
            Cause::low(
                Code::AuthorizationWrongPrincipalGranted,
                "The grant names the application id, or the object id of another tenant, instead of this service \
                 principal's object id in your tenant.",
            ),
            Cause::low(
                Code::FirewallTrustedServicesOff,
                "The Key Vault blocks other networks, and its trusted-services exception, which covers Azure Backup, \
                 is off. Check this only if the grants are correct.",
            ),
        ],
        samples: &[
            "Error Code: UserErrorKeyVaultPermissionsNotConfigured. Error message: Azure Backup Service does not have \
             sufficient permissions to Key Vault for Backup of Encrypted Virtual Machines.",
            "UserErrorKeyvault\nPermissionsNotConfigured",
        ],
        sources: &[VM_TROUBLESHOOT, ENCRYPTED_VMS, ENCRYPTED_VM_THREAD],
    },
    Family {
        id: "backup.cmk-key-vault-access",
        forms: &[
            &["UserErrorCMKKeyVaultAuthFailure"],
            &["UserErrorCMKMissingMangedIdentityPermissionOnKeyVault"],
            &["UserErrorCMKMissingManagedIdentityPermissionOnKeyVault"],
        ],
        generic: false,
        gates: &["authorization", "identity", "firewall", "object"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::AuthorizationNoGrant,
                "The vault's identity selected for encryption cannot read, wrap and unwrap with the key. Check the \
                 grants of just that identity, system-assigned or user-assigned.",
            )
            .seen(&[Sign::up(Trait::NoAssignment, "the inner answer found no role assignment for the identity")]),
            Cause::medium(
                Code::FirewallTrustedServicesOff,
                "The Key Vault blocks other networks and does not allow trusted services. With a user-assigned \
                 identity such a Key Vault is not supported at all.",
            ),
            Cause::medium(
                Code::AuthorizationPropagationDelay,
                "The role was assigned in the same run as the encryption was set. If the assignment exists now, try \
                 again.",
            )
            .seen(&[
                Sign::up(Trait::Terraform, "identity, role and encryption often come from one run"),
                Sign::up(Trait::Deployment, "identity, role and encryption often come from one template"),
                Sign::down(Trait::Assignment, "the inner answer did find an assignment"),
            ]),
            Cause::medium(
                Code::IdentityUnexpectedIdentity,
                "Encryption uses an identity other than the one with access, or that identity was removed from the \
                 vault afterwards.",
            ),
            Cause::low(
                Code::AuthorizationRbacModeIgnoresAccessPolicies,
                "The Key Vault uses role assignments and the identity has only an access policy.",
            ),
            Cause::low(Code::ObjectWrongFormat, "The key is not an RSA key; related codes also mean that."),
        ],
        samples: &[
            "Vaults.VaultsClient#CreateOrUpdate: Code=\"UserErrorCMKKeyVaultAuthFailure\" Message=\"Caller is not \
             authorized. Action: 'Microsoft.KeyVault/vaults/keys/read' Assignment: (not found)\"",
            "Error code: UserErrorCMKMissingManged\nIdentityPermissionOnKeyVault",
        ],
        sources: &[CMK, CMK_BACKUP_VAULT, CMK_THREAD],
    },
    Family {
        id: "backup.storage-key-disallowed",
        forms: &[&["UserErrorStorageAccountKeyAccessDisallowed"]],
        generic: false,
        gates: &["authorization"],
        proves: &[],
        misleads: None,
        causes: &[Cause::high(
            Code::AuthorizationSharedKeyDisabled,
            "The backup extension uses an account key, but the account does not accept account keys. Allow account \
             keys, or set the extension to use its identity.",
        )],
        samples: &[
            "Error code: UserErrorStorageAccountKeyAccessDisallowed, the operation failed for 'aks-shop'.",
            "(UserErrorStorageAccountKey\n  AccessDisallowed)",
        ],
        sources: &[AKS_KEY_THREAD],
    },
    Family {
        id: "backup.location-unavailable",
        forms: &[
            &["Default BSL is not available"],
            &["BackupStorageLocation", "is unavailable"],
            &["backup storage location", "is unavailable"],
            &["There are no available BackupStorageLocations"],
        ],
        generic: false,
        gates: &["authorization", "firewall", "network", "identity"],
        proves: &[],
        misleads: Some(
            "The text says that the location is not available, which suggests a network problem, but a missing \
             permission or a rejected account key causes the same text. The inner text shows the cause.",
        ),
        causes: &[
            Cause::medium(
                Code::AuthorizationNoGrant,
                "The extension's identity has no role on the storage account. The inner text then names an action or \
                 a permission mismatch.",
            ),
            Cause::medium(
                Code::AuthorizationSharedKeyDisabled,
                "The extension uses an account key, but the account does not accept account keys: the inner text is \
                 KeyBasedAuthenticationNotPermitted.",
            ),
            Cause::medium(
                Code::FirewallSourceNotAllowed,
                "The account allows only selected networks, and the cluster's is not one of them: the inner text is \
                 AuthorizationFailure, without a permission.",
            ),
            Cause::medium(
                Code::AuthorizationRoleLacksAction,
                "The identity has a data role, but the extension lists the account's keys, or the other way round: \
                 the inner text names listKeys.",
            ),
            Cause::low(
                Code::IdentityNotAssignedToHost,
                "The extension could not get a token: the identity is not on the node, or the cluster's pod identity \
                 intercepts the request. The inner text then comes from 169.254.169.254.",
            ),
            Cause::low(
                Code::NetworkEgressBlocked,
                "The pods cannot reach storage or Resource Manager: the inner text is a timeout.",
            ),
        ],
        samples: &[
            "Default BSL is not available. InnerErrorMessage: BackupStorageLocation \"aks-shop\" is unavailable: rpc \
             error: code = Unknown desc = azure.BearerAuthorizer#WithAuthorization: Failed to refresh the Token",
            "backup storage\nlocation 'velero' is unavail able",
        ],
        sources: &[AKS_TROUBLESHOOT, AKS_KEY_THREAD],
    },
    Family {
        id: "backup.store-not-valid",
        forms: &[&["fail to validate backup store"], &["failed to validate backup store"]],
        generic: false,
        gates: &["identity", "authorization", "network", "firewall"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::IdentityNotAssignedToHost,
                "Velero requests a token from the node, but the identity is not attached there, or its federated \
                 credential does not match. The inner error names a credential.",
            ),
            Cause::medium(
                Code::AuthorizationNoGrant,
                "A token was issued, but the identity has no permission to use the container or list the keys: the \
                 inner error is a 403 with a permission or an action.",
            ),
            Cause::medium(
                Code::NetworkEgressBlocked,
                "The sign-in endpoint or the account cannot be reached from the cluster: the inner error is a \
                 timeout.",
            ),
            Cause::low(
                Code::FirewallSourceNotAllowed,
                "The account's network rules do not allow the cluster: a 403 without a permission in it.",
            ),
        ],
        samples: &[
            "level=error msg=\"fail to validate backup store\" backup-storage-location=velero/default \
             controller=backup-storage-location error=\"rpc error: code = Unknown\"",
            "msg=\"fail to validate\n backup store\"",
        ],
        sources: &[VELERO_THREAD, AKS_TROUBLESHOOT],
    },
    Family {
        id: "backup.extension-identity",
        forms: &[
            &["UserErrorExtensionMSIMissingPermissionsOnBackupStorageLocation"],
            &["UserErrorBackupStorageLocationNotReady"],
            &["UserErrorKubernetesBackupExtensionIdentityNotFound"],
            &["KubernetesBackupListExtensionsError"],
        ],
        generic: false,
        gates: &["authorization", "identity"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::AuthorizationNoGrant,
                "The extension's identity lacks its role on the storage account. With \
                 KubernetesBackupListExtensionsError it is the Backup vault's identity that lacks Reader on the \
                 cluster.",
            ),
            Cause::medium(
                Code::AuthorizationPropagationDelay,
                "The extension was installed in the same step, and its new role is not effective yet. Microsoft \
                 advises waiting one hour.",
            ),
            Cause::low(
                Code::IdentityReplaced,
                "The extension's identity in the node group was deleted. Reinstall the extension and grant access again; the \
                 code IdentityNotFound confirms it.",
            ),
        ],
        samples: &[
            "UserErrorExtensionMSIMissingPermissionsOnBackupStorageLocation: Extension identity lacks permissions.",
            "\"code\": \"UserErrorBackup\nStorageLocationNotReady\"",
        ],
        sources: &[AKS_TROUBLESHOOT],
    },
    Family {
        id: "backup.location-not-found",
        forms: &[
            &["UserErrorNoDefaultBackupStorageLocationFound"],
            &["UserErrorDeleteBackupFailedBackupStorageLocationNotFound"],
            &["UserErrorBackupFailedBackupStorageLocationReadOnly"],
            &["UserErrorDeleteBackupFailedBackupStorageLocationReadOnly"],
        ],
        generic: false,
        gates: &["target", "object"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::TargetVaultNameWrong,
                "The account or container that was given when the extension was installed is wrong or no longer \
                 exists. Reinstall the extension with the correct names.",
            ),
            Cause::medium(Code::ObjectMissing, "Only the container was deleted, or was never created."),
        ],
        samples: &[
            "UserErrorNoDefaultBackupStorageLocationFound",
            "Job failed: UserErrorDeleteBackupFailed\nBackupStorageLocationNotFound.",
        ],
        sources: &[AKS_TROUBLESHOOT],
    },
    Family {
        id: "backup.disallowed-by-policy",
        forms: &[&["UserErrorRequestDisallowedByPolicy"], &["UserErrorPVSnapshotDisallowedByPolicy"]],
        generic: false,
        gates: &["platform", "caller"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::PlatformFeatureUnsupported,
                "An Azure Policy rejects the group or the snapshot that the service creates, usually because of a \
                 missing tag. apim-doctor has no more specific code: exempt AzureBackupRG_*, or create the group \
                 first.",
            ),
            Cause::low(
                Code::CallerOperatorLacksPermission,
                "You cannot change the policy. Ask its owner for an exemption.",
            ),
        ],
        samples: &[
            "UserErrorRequestDisallowedByPolicy: An invalid policy is configured on the VM which is preventing \
             Snapshot operation.",
            "UserErrorPVSnapshot\n  DisallowedByPolicy",
        ],
        sources: &[VM_TROUBLESHOOT, AKS_TROUBLESHOOT],
    },
    Family {
        id: "backup.vault-not-empty",
        forms: &[
            &["Vault cannot be deleted", "soft deleted state"],
            &["Vault cannot be deleted as there are existing resources within the vault"],
            &["ServiceResourceNotEmptyWith"],
        ],
        generic: false,
        gates: &["platform", "caller"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::PlatformFeatureUnsupported,
                "The vault still contains items, including deleted ones that soft delete keeps for 14 days or more. \
                 Wait, or turn off soft delete, then restore and delete the items. If soft delete is always on, you \
                 can only wait.",
            ),
            Cause::low(
                Code::CallerOperatorLacksPermission,
                "You cannot see some containers or items, because you have no permission for them.",
            ),
        ],
        samples: &[
            "Recovery Services vault cannot be deleted as there are backup items in soft deleted state in the vault.",
            "(ServiceResourceNotEmptyWith\nContainerDetails) Recovery Services vault cannot be deleted",
        ],
        sources: &[SOFT_DELETE],
    },
    Family {
        id: "backup.resource-guard",
        forms: &[&["Microsoft.DataProtection/resourceGuards/", "Requests"], &["protected by Resource Guard"]],
        generic: false,
        gates: &["caller", "authorization"],
        proves: &[],
        misleads: Some(
            "The missing permission is not on the vault: the operation also needs a role on the Resource Guard.",
        ),
        causes: &[
            Cause::high(
                Code::CallerOperatorLacksPermission,
                "Multi-user authorization protects this operation. Ask the guard's owner for Backup MUA Operator on \
                 the Resource Guard, for a limited time.",
            ),
            Cause::low(
                Code::AuthorizationPropagationDelay,
                "The role on the guard was activated only moments ago. Sign in again, also to the guard's tenant.",
            ),
        ],
        samples: &[
            "The client 'ops' with object id 'a' does not have authorization to perform action \
             'Microsoft.DataProtection/resourceGuards/disableSoftDeleteRequests/read' over scope '/subscriptions/b'.",
            "Microsoft.DataProtection/\nresourceGuards/deleteProtectedItem\nRequests/read",
        ],
        sources: &[MUA],
    },
];
