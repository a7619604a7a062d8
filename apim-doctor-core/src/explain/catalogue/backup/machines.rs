//! What Azure Backup says of machines, their agents and their disks.

use crate::explain::catalogue::backup::sources::{AKS_TROUBLESHOOT, VM_TROUBLESHOOT};
use crate::explain::family::{Cause, Family};
use crate::finding::{Code, WebPage};

const SNAPSHOT_TIMEOUT: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/backup/backup-azure-troubleshoot-vm-backup-fails-snapshot-timeout",
    read_on: "2026-11-21",
};
const MARS_TROUBLESHOOT: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/backup/backup-azure-mars-troubleshoot", read_on: "2026-11-21" };
const PRIVATE_ENDPOINTS: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/backup/private-endpoints-overview", read_on: "2026-11-21" };

pub(super) const FAMILIES: &[Family] = &[
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
        misleads: Some("Roles and vault settings are not the cause: the agent inside the machine does not report."),
        causes: &[
            Cause::high(
                Code::PlatformAgentNotReady,
                "The agent in the machine is stopped, outdated or missing. The cause is inside the machine: check the \
                 agent's status in the instance view.",
            ),
            Cause::medium(
                Code::NetworkEgressBlocked,
                "The agent runs but cannot reach 168.63.129.16 on ports 80 and 32526. This is the cause if the agent \
                 is reported as not ready and its log shows timeouts.",
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
                Code::NetworkEgressBlocked,
                "A network security group, a route, a proxy or a missing address blocks the machine's traffic to \
                 storage. Allow service tag Storage.",
            ),
            Cause::medium(
                Code::PlatformServiceSide,
                "The machine offers only old versions of TLS; that is a setting in the machine, and apim-doctor has \
                 no more specific code. This is the cause if the code says NoSecureNetwork.",
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
        gates: &["platform", "network", "authorization"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::PlatformServiceSide,
                "The snapshot extension failed in the machine: file freeze, VSS, COM+, antivirus, a locked drive or \
                 too many snapshots, as the code says. Access is not the cause; apim-doctor has no more specific \
                 code.",
            ),
            Cause::low(
                Code::NetworkEgressBlocked,
                "The agent or the extension cannot report. This is a possible cause if the code says only that the \
                 operation failed.",
            ),
            Cause::medium(
                Code::PlatformExtensionFailed,
                "The extension VMSnapshot is in a failed or deleting state. This is the cause if the code says \
                 StuckInDeletionState, or if the machine shows that state. Remove it and back up again.",
            ),
            Cause::low(
                Code::AuthorizationResourceLocked,
                "A lock on the group of restore points stops the clean-up of old ones. Look for locks on \
                 AzureBackupRG_*.",
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
        gates: &["authorization", "platform"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::AuthorizationResourceLocked,
                "A lock on the group of restore points, usually AzureBackupRG_*, prevents deleting old ones. Remove it \
                 and back up once.",
            ),
            Cause::low(
                Code::PlatformServiceSide,
                "Without a lock, several backups run per day or the clean-up is delayed. Run one backup \
                 manually; the first may fail.",
            ),
        ],
        samples: &[
            "UserErrorRpCollectionLimitReached: The Restore Point collection max limit has reached.",
            "UserErrorSnapshotResource\nGroupHasLocks",
        ],
        sources: &[SNAPSHOT_TIMEOUT, AKS_TROUBLESHOOT],
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
                Code::PlatformServiceSide,
                "The machine is in a failed or transitional state, or another backup job is running. Access is not \
                 the cause, and apim-doctor has no more specific code: bring it to Running or Stopped, or wait for \
                 the job.",
            ),
            Cause::low(
                Code::TargetSourceMissing,
                "The machine was deleted or moved, and the item still names it. This is the cause if the code says \
                 VMNotFound.",
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
                Code::IdentityUnexpectedIdentity,
                "The credentials file is too old (it is valid for 48 hours) or comes from another vault. Codes 34513 \
                 and 100110 say so; apim-doctor has no more specific code.",
            ),
            Cause::medium(
                Code::NetworkEgressBlocked,
                "The server cannot reach *.backup.windowsazure.com, storage or the sign-in endpoint on port 443, or a \
                 proxy asks for a password. Code 100050 says so.",
            ),
            Cause::low(
                Code::FirewallPublicAccessDisabled,
                "The Recovery Services vault blocks public networks, and the server has no private endpoint for it.",
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
];
