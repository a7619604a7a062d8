//! What Azure Backup, the AKS backup extension, Velero and API Management's own backup say.

use crate::explain::family::{Cause, Family, Sign, Trait};
use crate::finding::Source;

const VM_TROUBLESHOOT: Source =
    Source { url: "https://learn.microsoft.com/azure/backup/backup-azure-vms-troubleshoot", read_on: "2026-11-21" };
const SNAPSHOT_TIMEOUT: Source = Source {
    url: "https://learn.microsoft.com/azure/backup/backup-azure-troubleshoot-vm-backup-fails-snapshot-timeout",
    read_on: "2026-11-21",
};
const MARS_TROUBLESHOOT: Source =
    Source { url: "https://learn.microsoft.com/azure/backup/backup-azure-mars-troubleshoot", read_on: "2026-11-21" };
const ENCRYPTED_VMS: Source =
    Source { url: "https://learn.microsoft.com/azure/backup/backup-azure-vms-encryption", read_on: "2026-11-21" };
const PRIVATE_ENDPOINTS: Source =
    Source { url: "https://learn.microsoft.com/azure/backup/private-endpoints-overview", read_on: "2026-11-21" };
const CMK: Source =
    Source { url: "https://learn.microsoft.com/azure/backup/encryption-at-rest-with-cmk", read_on: "2026-11-21" };
const CMK_BACKUP_VAULT: Source = Source {
    url: "https://learn.microsoft.com/azure/backup/encryption-at-rest-with-cmk-for-backup-vault",
    read_on: "2026-11-22",
};
const SOFT_DELETE: Source = Source {
    url: "https://learn.microsoft.com/azure/backup/backup-azure-security-feature-cloud",
    read_on: "2026-11-21",
};
const MUA: Source =
    Source { url: "https://learn.microsoft.com/azure/backup/multi-user-authorization", read_on: "2026-11-22" };
const AKS_TROUBLESHOOT: Source = Source {
    url: "https://learn.microsoft.com/azure/backup/azure-kubernetes-service-backup-troubleshoot",
    read_on: "2026-11-22",
};
const APIM_BACKUP: Source = Source {
    url: "https://learn.microsoft.com/azure/api-management/api-management-howto-disaster-recovery-backup-restore",
    read_on: "2026-11-21",
};
const BLOB_ERRORS: Source = Source {
    url: "https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes",
    read_on: "2026-11-21",
};
const ENCRYPTED_VM_THREAD: Source =
    Source { url: "https://github.com/MicrosoftDocs/azure-docs/issues/91512", read_on: "2026-11-21" };
const CMK_THREAD: Source =
    Source { url: "https://github.com/hashicorp/terraform-provider-azurerm/issues/27817", read_on: "2026-11-21" };
const AKS_KEY_THREAD: Source =
    Source { url: "https://github.com/MicrosoftDocs/azure-docs/pull/127508", read_on: "2026-11-21" };
const VELERO_THREAD: Source = Source { url: "https://github.com/velero-io/velero/issues/8348", read_on: "2026-11-21" };
const CORS_THREAD: Source =
    Source { url: "https://github.com/Azure/azure-powershell/issues/23411", read_on: "2026-11-21" };
const RESTORE_THREAD: Source =
    Source { url: "https://github.com/Azure/azure-powershell/issues/25072", read_on: "2026-11-21" };
const CMDLET: Source = Source {
    url: "https://learn.microsoft.com/powershell/module/az.apimanagement/backup-azapimanagement",
    read_on: "2026-11-21",
};

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
                "authorization.first-party-principal-not-granted",
                "The service principal Backup Management Service reads the disk's key and secret, and the vault grants \
                 it nothing. Grants to the machine, its identity or the Recovery Services vault do not count here.",
            ),
            Cause::medium(
                "authorization.rbac-mode-ignores-access-policies",
                "The Key Vault is in RBAC mode, so the policy for Azure Backup has no effect: it needs a role.",
            ),
            Cause::medium(
                "authorization.role-lacks-action",
                "A policy or role is there but lacks the backup permission on keys or on secrets, beside get and list.",
            ),
            Cause::low(
                "authorization.wrong-principal-granted",
                "The grant holds the application id, or the object id of another tenant, in place of the object id \
                 that this service principal has in your tenant.",
            ),
            Cause::low(
                "firewall.trusted-services-off",
                "The Key Vault refuses other networks and its exception for trusted services, which covers Azure \
                 Backup, is off. Look here only if the grants are right.",
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
                "authorization.no-grant",
                "The vault's identity chosen for encryption may not read, wrap and unwrap with the key. Check the \
                 grants of just that identity, system-assigned or user-assigned.",
            )
            .seen(&[Sign::up(Trait::NoAssignment, "the inner answer found no role assignment for the identity")]),
            Cause::medium(
                "firewall.trusted-services-off",
                "The Key Vault refuses other networks and does not let trusted services in. With a user-assigned \
                 identity such a Key Vault is not supported at all.",
            ),
            Cause::medium(
                "authorization.propagation-delay",
                "The role was assigned in the same run as the encryption was set. If the assignment is there now, try \
                 again.",
            )
            .seen(&[
                Sign::up(Trait::Terraform, "identity, role and encryption often come from one run"),
                Sign::up(Trait::Deployment, "identity, role and encryption often come from one template"),
                Sign::down(Trait::Assignment, "the inner answer did find an assignment"),
            ]),
            Cause::medium(
                "identity.unexpected-identity",
                "Encryption is set to another identity than the one that was granted, or that identity was taken off \
                 the vault afterwards.",
            ),
            Cause::low(
                "authorization.rbac-mode-ignores-access-policies",
                "The Key Vault is in RBAC mode and the identity has a policy only.",
            ),
            Cause::low(
                "object.wrong-format",
                "The key is no RSA key; the siblings of this code are given for that too.",
            ),
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
            "authorization.shared-key-disabled",
            "The backup extension signs with the account's key, and the account refuses keys. Allow keys, or set the \
             extension to use its identity.",
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
            "It says that the place is not available, which sounds like the network: a missing right or a refused \
             key gives the same text. What comes after it decides.",
        ),
        causes: &[
            Cause::medium(
                "authorization.no-grant",
                "The extension's identity holds no role on the storage account. The inner text then names an action \
                 or a permission mismatch.",
            ),
            Cause::medium(
                "authorization.shared-key-disabled",
                "The extension uses the account's key and the account refuses keys: the inner text is \
                 KeyBasedAuthenticationNotPermitted.",
            ),
            Cause::medium(
                "firewall.source-not-allowed",
                "The account admits chosen networks and the cluster's is not among them: the inner text is \
                 AuthorizationFailure, without a permission.",
            ),
            Cause::medium(
                "authorization.role-lacks-action",
                "It holds a role on data while the extension lists the account's keys, or the other way round: the \
                 inner text names listKeys.",
            ),
            Cause::low(
                "identity.not-assigned-to-host",
                "No token: the identity is not on the node, or the cluster's pod identity intercepts the request. The \
                 inner text then comes from 169.254.169.254.",
            ),
            Cause::low(
                "network.egress-blocked",
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
                "identity.not-assigned-to-host",
                "Velero asks the node for a token and the identity is not attached there, or its federated credential \
                 does not fit. The error behind it names a credential.",
            ),
            Cause::medium(
                "authorization.no-grant",
                "A token was issued and the identity may not use the container or list the keys: the error behind it \
                 is a 403 with a permission or an action.",
            ),
            Cause::medium(
                "network.egress-blocked",
                "The sign-in endpoint or the account cannot be reached from the cluster: the error behind it is a \
                 timeout.",
            ),
            Cause::low(
                "firewall.source-not-allowed",
                "The account's network rules do not admit the cluster: a 403 without a permission in it.",
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
                "authorization.no-grant",
                "The extension's identity lacks its role on the storage account. With \
                 KubernetesBackupListExtensionsError it is the Backup vault's identity that lacks Reader on the \
                 cluster.",
            ),
            Cause::medium(
                "authorization.propagation-delay",
                "The extension was installed with this very configuration and its new role is not effective yet. \
                 Microsoft advises to wait an hour.",
            ),
            Cause::low(
                "identity.replaced",
                "The extension's identity in the node group was deleted. Install the extension again and grant anew; \
                 this is so where the code says IdentityNotFound.",
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
                "target.vault-name-wrong",
                "The account or container that was given when the extension was installed is wrong or gone. Install it \
                 again with the right ones.",
            ),
            Cause::medium("object.missing", "The container alone was deleted, or was never made."),
        ],
        samples: &[
            "UserErrorNoDefaultBackupStorageLocationFound",
            "Job failed: UserErrorDeleteBackupFailed\nBackupStorageLocationNotFound.",
        ],
        sources: &[AKS_TROUBLESHOOT],
    },
    Family {
        id: "backup.agent-unavailable",
        forms: &[
            &["UserErrorGuestAgentStatusUnavailable"],
            &["GuestAgentSnapshotTaskStatusError"],
            &["VM agent unable to communicate with Azure Backup"],
            &["Could not communicate with the VM agent for snapshot status"],
            &["AzureVmOffline"],
        ],
        generic: false,
        gates: &["network", "platform"],
        proves: &[],
        misleads: Some("No role and no vault setting is at fault: the agent inside the machine does not report."),
        causes: &[
            Cause::high(
                "platform.agent-not-ready",
                "The agent in the machine is stopped, too old or missing. That is in the machine and not in Azure: \
                 look at the agent's status in the instance view.",
            ),
            Cause::medium(
                "network.egress-blocked",
                "The agent runs but cannot reach 168.63.129.16 on ports 80 and 32526. This is so if the agent is \
                 reported as not ready and its log shows timeouts.",
            ),
        ],
        samples: &[
            "Error code: UserErrorGuestAgentStatusUnavailable Error message: VM Agent unable to communicate with Azure \
             Backup",
            "GuestAgentSnapshot\nTaskStatusError",
        ],
        sources: &[SNAPSHOT_TIMEOUT, VM_TROUBLESHOOT],
    },
    Family {
        id: "backup.snapshot-no-network",
        forms: &[
            &["ExtensionSnapshotFailedNoNetwork"],
            &["Snapshot operation failed due to no network connectivity on the virtual machine"],
            &["ExtensionSnapshotFailedNoSecureNetwork"],
            &["failed due to failure in creation of secure network communication channel"],
        ],
        generic: false,
        gates: &["network", "platform"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                "network.egress-blocked",
                "The machine's way to storage is shut by a security group, a route, a proxy or a missing address. Let \
                 it reach the service tag Storage.",
            ),
            Cause::medium(
                "platform.service-side",
                "The machine offers only old versions of TLS; that is a setting in the machine, with no closer code. \
                 This is so where the code says NoSecureNetwork.",
            ),
        ],
        samples: &[
            "ExtensionSnapshotFailedNoNetwork - Snapshot operation failed due to no network connectivity on the \
             virtual machine",
            "Snapshot operation failed due to no\n network connectivity on the virtual mac hine",
        ],
        sources: &[SNAPSHOT_TIMEOUT, VM_TROUBLESHOOT],
    },
    Family {
        id: "backup.extension-failed",
        forms: &[
            &["ExtentionOperationFailed"],
            &["ExtensionOperationFailedForManagedDisks"],
            &["BackUpOperationFailed"],
            &["Backup failed with an internal error"],
            &["UserErrorFsFreezeFailed"],
            &["ExtensionFailedVssWriterInBadState"],
            &["ExtensionFailedVssServiceInBadState"],
            &["ExtensionSnapshotFailedCOM"],
            &["ExtensionInstallationFailedCOM"],
            &["ExtensionInstallationFailedMDTC"],
            &["ExtensionStuckInDeletionState"],
            &["ExtensionFailedSnapshotLimitReachedError"],
            &["ExtensionFailedTimeoutVMNetworkUnresponsive"],
            &["ExtensionConfigParsingFailure"],
            &["ExtensionVCRedistInstallationFailure"],
            &["ExtensionSnapshotBitlockerError"],
            &["VMRestorePointInternalError"],
        ],
        generic: false,
        gates: &["platform", "network", "caller"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                "platform.service-side",
                "The snapshot extension failed in the machine: file freeze, VSS, COM+, antivirus, a locked drive or \
                 too many snapshots, as the code says. Access is not at fault; the taxonomy has no closer code.",
            ),
            Cause::low(
                "network.egress-blocked",
                "The agent or the extension cannot report. Look here where the code says only that the operation \
                 failed.",
            ),
            Cause::low(
                "caller.operator-lacks-permission",
                "A lock on the group of restore points stops the clean-up of old ones. No closer code; look for locks \
                 on AzureBackupRG_*.",
            ),
        ],
        samples: &[
            "Error: ExtentionOperationFailedForManagedDisks. VMSnapshot extension operation failed.",
            "BackUpOperation\nFailedV2 - Backup failed with an internal error",
        ],
        sources: &[VM_TROUBLESHOOT, SNAPSHOT_TIMEOUT],
    },
    Family {
        id: "backup.restore-points-locked",
        forms: &[
            &["UserErrorRpCollectionLimitReached"],
            &["The Restore Point collection max limit has reached"],
            &["UserErrorSnapshotResourceGroupHasLocks"],
        ],
        generic: false,
        gates: &["caller", "platform"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                "caller.operator-lacks-permission",
                "A lock on the group of restore points, mostly AzureBackupRG_*, keeps old ones from being deleted. It \
                 is a lock and no missing right; the taxonomy has no closer code. Remove it and back up once.",
            ),
            Cause::low(
                "platform.service-side",
                "No lock is there: several backups a day, or a clean-up that lags. Run one backup by hand; the first \
                 may fail.",
            ),
        ],
        samples: &[
            "UserErrorRpCollectionLimitReached: The Restore Point collection max limit has reached.",
            "UserErrorSnapshotResource\nGroupHasLocks",
        ],
        sources: &[SNAPSHOT_TIMEOUT, AKS_TROUBLESHOOT],
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
                "platform.feature-unsupported",
                "An Azure Policy refuses the group or the snapshot that the service makes by itself, mostly for a \
                 missing tag. No closer code: exempt AzureBackupRG_*, or make the group beforehand.",
            ),
            Cause::low(
                "caller.operator-lacks-permission",
                "The one who configures cannot change the policy. Ask its owner for an exemption.",
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
        id: "backup.machine-state",
        forms: &[
            &["VmNotInDesirableState"],
            &["The VM is not in a state that allows backups"],
            &["BCMV2VMNotFound"],
            &["UserErrorBackupOperationInProgress"],
            &["SystemBackupOperationInProgress"],
        ],
        generic: false,
        gates: &["platform", "target"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                "platform.service-side",
                "The machine is failed or in between two states, or another backup job runs. No access is at fault and \
                 there is no closer code: bring it to Running or Stopped, or wait for the job.",
            ),
            Cause::low(
                "target.vault-name-wrong",
                "The machine was deleted or moved, and the item still names it. This is so where the code says \
                 VMNotFound; the code here is the nearest one, no vault is meant.",
            ),
        ],
        samples: &[
            "UserErrorVmNotInDesirableState: The VM is not in a state that allows backups.",
            "400094 BCMV2VM\nNotFound",
        ],
        sources: &[VM_TROUBLESHOOT],
    },
    Family {
        id: "backup.mars-registration",
        forms: &[
            &["Invalid vault credentials provided"],
            &["(ID: 34513)"],
            &["Agent was unable to connect to Microsoft Azure Backup"],
            &["(ID: 100050)"],
            &["server registration status could not be verified with Microsoft Azure Backup"],
            &["(ID: 100110)"],
        ],
        generic: false,
        gates: &["identity", "network", "firewall"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::medium(
                "identity.unexpected-identity",
                "The credentials file is too old (it holds for 48 hours) or comes from another vault. Codes 34513 and \
                 100110 say so; the taxonomy has no closer code.",
            ),
            Cause::medium(
                "network.egress-blocked",
                "The server does not reach *.backup.windowsazure.com, storage or the sign-in on 443, or a proxy asks \
                 for a password. Code 100050 says so.",
            ),
            Cause::low(
                "firewall.public-access-disabled",
                "The Recovery Services vault refuses public networks and the server has no private endpoint to it.",
            ),
        ],
        samples: &[
            "Invalid vault credentials provided. The file is either corrupted or does not have the latest credentials \
             associated with recovery service. (ID: 34513)",
            "The Microsoft Azure Recovery Service Agent was unable to connect\n to Microsoft \
             Azure Backup. (ID: 100050)",
        ],
        sources: &[MARS_TROUBLESHOOT, PRIVATE_ENDPOINTS],
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
                "platform.feature-unsupported",
                "The vault still holds items, also deleted ones that soft delete keeps for 14 days or more. Wait, or \
                 restore and delete them after soft delete was turned off; where it is always on, only waiting helps.",
            ),
            Cause::low(
                "caller.operator-lacks-permission",
                "Some containers or items are hidden from the one who deletes, for want of rights on them.",
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
            "It is not the vault where rights are missing: the operation also needs a role on the Resource Guard.",
        ),
        causes: &[
            Cause::high(
                "caller.operator-lacks-permission",
                "Multi-user authorization protects this operation. Ask the guard's owner for Backup MUA Operator on \
                 the Resource Guard, for a limited time.",
            ),
            Cause::low(
                "authorization.propagation-delay",
                "The role on the guard was activated a moment ago. Sign in again, also to the guard's tenant.",
            ),
        ],
        samples: &[
            "The client 'ops' with object id 'a' does not have authorization to perform action \
             'Microsoft.DataProtection/resourceGuards/disableSoftDeleteRequests/read' over scope '/subscriptions/b'.",
            "Microsoft.DataProtection/\nresourceGuards/deleteProtectedItem\nRequests/read",
        ],
        sources: &[MUA],
    },
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
            "It blames the parameter with the storage account, which is right. A rule for CORS on the account's blob \
             service, with a list of methods, is what the key-based client cannot read.",
        ),
        causes: &[
            Cause::high(
                "caller.backup-uses-account-key",
                "The backup uses the account's key and trips over the CORS rules. Remove them, take another account, \
                 or back up with the instance's managed identity, which is reported to work.",
            ),
            Cause::low(
                "platform.feature-unsupported",
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
            "caller.backup-uses-account-key",
            "No access type was given, so the command wants a key, and the context was made without one. Pass \
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
                "platform.feature-unsupported",
                "The target's tier is not the one that the backup was made in. The message names both.",
            ),
            Cause::medium("object.missing", "There is no blob of that name in the container that the request names."),
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
            "object.backup-expired",
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
            "platform.feature-unsupported",
            "A policy or a legal hold keeps the blob of that name from being written again. No access is at fault, and \
             there is no closer code: give each backup its own name.",
        )],
        samples: &[
            "409 BlobImmutableDueToPolicy: This operation is not permitted as the blob is immutable due to a policy.",
            "ErrorCode: BlobImmutable\nDueToLegalHold",
        ],
        sources: &[BLOB_ERRORS, APIM_BACKUP],
    },
];
