//! What the errors of backup jobs mean, and what to do about them.
//!
//! Sources: <https://learn.microsoft.com/azure/backup/backup-azure-vms-troubleshoot>,
//! <https://learn.microsoft.com/azure/backup/backup-azure-troubleshoot-vm-backup-fails-snapshot-timeout> and
//! <https://learn.microsoft.com/azure/backup/backup-azure-mars-troubleshoot> (read 2026-11-21).

/// An error of a job.
struct JobError {
    /// Its codes: symbolic ones, and numbers.
    codes: &'static [&'static str],
    /// How its text in English starts or what it contains, in lower case.
    says: &'static str,
    /// What to do, as an imperative.
    advice: &'static str,
}

const fn error(codes: &'static [&'static str], says: &'static str, advice: &'static str) -> JobError {
    JobError { codes, says, advice }
}

const ERRORS: &[JobError] = &[
    error(
        &["UserErrorGuestAgentStatusUnavailable", "GuestAgentSnapshotTaskStatusError"],
        "vm agent unable to communicate with azure backup",
        "start or reinstall the virtual machine agent, update it, and allow 168.63.129.16 on ports 80 and 32526",
    ),
    error(
        &["ExtensionSnapshotFailedNoNetwork"],
        "no network connectivity on the virtual machine",
        "allow the machine outbound traffic to service tag Storage, and enable DHCP in it",
    ),
    error(
        &["ExtentionOperationFailedForManagedDisks", "ExtensionOperationFailedForManagedDisks"],
        "vmsnapshot extension operation failed",
        "remove the extension VMSnapshot from the machine, then start the backup again",
    ),
    error(
        &["BackUpOperationFailed", "BackUpOperationFailedV2"],
        "backup failed with an internal error",
        "check the agent, the extension and locks on the group of restore points, then start the backup again",
    ),
    error(
        &["UserErrorRpCollectionLimitReached"],
        "restore point collection max limit",
        "remove locks from the resource group AzureBackupRG_*, then start a backup; the first one may still fail",
    ),
    error(
        &["UserErrorKeyvaultPermissionsNotConfigured", "UserErrorKeyVaultPermissionsNotConfigured"],
        "azure backup service does not have sufficient permissions to key vault",
        "give Backup Management Service access to the keys and secrets of the machine's Key Vault",
    ),
    error(
        &["UserErrorVmNotInDesirableState", "VmNotInDesirableState"],
        "the vm is not in a state that allows backups",
        "bring the machine out of its failed or transient state, then start the backup again",
    ),
    error(
        &["UserErrorFsFreezeFailed"],
        "failed to freeze one or more mount-points",
        "check the file systems with fsck, or list mounts in MountsToSkip of vmbackup.conf",
    ),
    error(
        &["ExtensionFailedVssWriterInBadState", "ExtensionFailedVssServiceInBadState"],
        "vss writers were in bad state",
        "restart the VSS writers that `vssadmin list writers` shows as failed",
    ),
    error(
        &["ExtensionSnapshotFailedCOM", "ExtensionInstallationFailedCOM", "ExtensionInstallationFailedMDTC"],
        "com+ error",
        "restart the services COM+ System Application and MSDTC in the machine",
    ),
    error(
        &["ExtensionStuckInDeletionState"],
        "extension state is not supportive to the backup operation",
        "uninstall the extension VMSnapshot, then start the backup again",
    ),
    error(
        &["ExtensionFailedSnapshotLimitReachedError"],
        "snapshot limit is exceeded",
        "delete disk snapshots that are not needed, then start the backup again",
    ),
    error(
        &["ExtensionFailedTimeoutVMNetworkUnresponsive"],
        "snapshot operation failed due to inadequate vm resources",
        "reduce the machine's load at the time of the backup, or give it a larger size",
    ),
    error(
        &["ExtensionSnapshotFailedNoSecureNetwork"],
        "failure in creation of secure network communication channel",
        "set SchUseStrongCrypto for .NET in the machine, so that it uses TLS 1.2",
    ),
    error(
        &["ExtensionConfigParsingFailure"],
        "failure in parsing the config for the backup extension",
        "reset the permissions of the folder MachineKeys in the machine",
    ),
    error(
        &["ExtensionVCRedistInstallationFailure"],
        "visual c++ redistributable",
        "install the Visual C++ redistributable in the machine",
    ),
    error(&["ExtensionSnapshotBitlockerError"], "bitlocker", "unlock the drives that BitLocker locks"),
    error(
        &["VMRestorePointInternalError"],
        "vm restore point creation failed",
        "exclude the folders of the extension VMSnapshot from the antivirus software",
    ),
    error(
        &["CopyingVHDsFromBackUpVaultTakingLongTime"],
        "copying the backed up data from vault timed out",
        "reduce the load on the storage account, then start the operation again",
    ),
    error(
        &["UserErrorBCMPremiumStorageQuotaError", "UserErrorInsufficientSpace"],
        "insufficient free space in the storage account",
        "free space in the premium storage account, in which the snapshot is copied",
    ),
    error(
        &["UserErrorRequestDisallowedByPolicy"],
        "invalid policy is configured on the vm",
        "allow resources without tags in AzureBackupRG_* (Azure Policy effect Modify), or create the group beforehand",
    ),
    error(
        &["BCMV2VMNotFound", "ResourceNotFound", "320001", "400094"],
        "could not perform the operation as vm no longer exists",
        "stop the protection of the machine, and keep or delete its backups",
    ),
    error(
        &["AzureVmOffline", "380008"],
        "azure vm is not running",
        "start the machine, and check that its agent is installed",
    ),
    error(
        &["UserErrorInstantRpNotFound"],
        "snapshot tier",
        "restore from the vault tier: the snapshot of this recovery point is gone",
    ),
    error(
        &["UserErrorBackupOperationInProgress", "SystemBackupOperationInProgress"],
        "another backup is currently in progress",
        "wait until the running backup has ended",
    ),
    error(
        &["34513"],
        "invalid vault credentials",
        "register the server with a vault credentials file of the last 48 hours",
    ),
    error(
        &["100050"],
        "cannot connect to the azure backup service",
        "check the server's proxy and its way to Azure Backup",
    ),
    error(&["100110"], "credential file from another vault", "download the vault credentials file from this vault"),
    error(&["34506"], "encryption passphrase", "configure the encryption passphrase in the backup agent"),
    error(
        &["0x1FC07", "130055"],
        "activation did not complete successfully",
        "check the scratch folder of the backup agent: it needs 5 to 10 percent of the data's size",
    ),
];

fn of(code: &str) -> Option<&'static JobError> {
    ERRORS.iter().find(|error| error.codes.iter().any(|own| own.eq_ignore_ascii_case(code.trim())))
}

/// What to do about an error.
pub(crate) fn advice(code: &str) -> Option<&'static str> {
    of(code).map(|error| error.advice)
}

/// The first known code in a text: a word of it. A number counts where it is all of the text.
pub(crate) fn named_in(text: &str) -> Option<&str> {
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.find(|word| of(word).is_some() && (!is_number(word) || *word == text.trim()))
}

/// The code of an error whose text is in English.
pub(crate) fn code_in(text: &str) -> Option<&'static str> {
    let text = text.to_ascii_lowercase();
    let known = ERRORS.iter().find(|error| !error.says.is_empty() && text.contains(error.says));
    known.and_then(|error| error.codes.first().copied())
}

/// Whether an error says that what is backed up does not exist.
pub(crate) fn says_source_is_missing(code: &str) -> bool {
    of(code).is_some_and(|error| error.codes.contains(&"BCMV2VMNotFound"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_found_by_code_and_by_text() {
        assert!(advice("usererrorguestagentstatusunavailable").is_some_and(|advice| advice.contains("168.63.129.16")));
        assert_eq!(advice("UserErrorOfAnotherKind"), None);
        assert_eq!(
            code_in("VM Agent unable to communicate with Azure Backup."),
            Some("UserErrorGuestAgentStatusUnavailable")
        );
        assert_eq!(named_in("UserErrorRequestDisallowedByPolicy: denied"), Some("UserErrorRequestDisallowedByPolicy"));
        assert_eq!((named_in("job 34513 of today"), named_in(" 34513 "), named_in("")), (None, Some("34513"), None));
        assert!(says_source_is_missing("400094") && !says_source_is_missing("34513"));
    }
}
