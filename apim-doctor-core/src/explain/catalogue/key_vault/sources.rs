//! Pages that several messages rest on.

use crate::finding::Source;

pub(super) const REST_ERRORS: Source =
    Source { url: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes", read_on: "2026-11-21" };
pub(super) const COMMON_ERRORS: Source =
    Source { url: "https://learn.microsoft.com/azure/key-vault/general/common-error-codes", read_on: "2026-11-21" };
pub(super) const NETWORK_SECURITY: Source =
    Source { url: "https://learn.microsoft.com/azure/key-vault/general/network-security", read_on: "2026-11-21" };
pub(super) const RBAC: Source =
    Source { url: "https://learn.microsoft.com/azure/key-vault/general/rbac-guide", read_on: "2026-11-21" };
pub(super) const POLICY: Source =
    Source { url: "https://learn.microsoft.com/azure/key-vault/general/assign-access-policy", read_on: "2026-11-21" };
pub(super) const TROUBLE: Source = Source {
    url: "https://learn.microsoft.com/azure/key-vault/general/troubleshooting-access-issues",
    read_on: "2026-11-21",
};
