//! Pages that several messages rest on.

use crate::finding::Source;

pub(super) const VM_TROUBLESHOOT: Source =
    Source { url: "https://learn.microsoft.com/azure/backup/backup-azure-vms-troubleshoot", read_on: "2026-11-21" };
pub(super) const AKS_TROUBLESHOOT: Source = Source {
    url: "https://learn.microsoft.com/azure/backup/azure-kubernetes-service-backup-troubleshoot",
    read_on: "2026-11-22",
};
