//! Pages that several messages rest on.

use crate::finding::WebPage;

pub(super) const REST_ERRORS: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes", read_on: "2026-11-21" };
pub(super) const COMMON_ERRORS: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/key-vault/general/common-error-codes", read_on: "2026-11-21" };
pub(super) const NETWORK_SECURITY: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/key-vault/general/network-security", read_on: "2026-11-21" };
pub(super) const RBAC: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/key-vault/general/rbac-guide", read_on: "2026-11-21" };
pub(super) const POLICY: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/key-vault/general/assign-access-policy", read_on: "2026-11-21" };
pub(super) const TROUBLE: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/key-vault/general/troubleshooting-access-issues",
    read_on: "2026-11-21",
};
