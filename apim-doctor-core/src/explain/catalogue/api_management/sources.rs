//! Pages that several messages rest on.

use crate::finding::Source;

pub(super) const DOMAIN: Source =
    Source { url: "https://learn.microsoft.com/azure/api-management/configure-custom-domain", read_on: "2026-11-21" };
pub(super) const NETWORK: Source =
    Source { url: "https://learn.microsoft.com/azure/api-management/virtual-network-reference", read_on: "2026-11-21" };
