//! Pages that several messages rest on.

use crate::finding::Source;

pub(super) const STOPPED: Source =
    Source { url: "https://github.com/Azure/azure-functions-host/issues/10899", read_on: "2026-11-21" };
