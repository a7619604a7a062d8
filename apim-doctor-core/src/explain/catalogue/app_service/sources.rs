//! Pages that several messages rest on.

use crate::finding::WebPage;

pub(super) const STOPPED: WebPage =
    WebPage { url: "https://github.com/Azure/azure-functions-host/issues/10899", read_on: "2026-11-21" };
