//! Pages that several messages rest on.

use crate::finding::WebPage;

pub(super) const DOMAIN: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/api-management/configure-custom-domain", read_on: "2026-11-21" };
pub(super) const NETWORK: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/api-management/virtual-network-reference",
    read_on: "2026-11-21",
};
