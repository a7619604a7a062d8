//! What-if output: what Resource Manager predicts of a deployment, as `az deployment group what-if --no-pretty-print`
//! prints it, and as the REST operation answers.
//!
//! Sources: <https://learn.microsoft.com/azure/azure-resource-manager/templates/deploy-what-if> and
//! <https://learn.microsoft.com/rest/api/resources/deployments/what-if> (read 2026-11-30).

mod change;
mod placeholder;
mod read;

pub(crate) use crate::source::what_if::read::{is_what_if, read};
