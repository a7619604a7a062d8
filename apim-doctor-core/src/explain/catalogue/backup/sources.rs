//! Pages that several messages rest on.

use crate::finding::WebPage;

pub(super) const VM_TROUBLESHOOT: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/backup/backup-azure-vms-troubleshoot", read_on: "2026-11-21" };
pub(super) const AKS_TROUBLESHOOT: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/backup/azure-kubernetes-service-backup-troubleshoot",
    read_on: "2026-11-22",
};
