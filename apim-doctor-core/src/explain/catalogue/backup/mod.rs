//! What Azure Backup, the AKS backup extension, Velero and API Management's own backup say.

mod apim;
mod machines;
mod sources;
mod vaults;

use crate::explain::family::Family;

pub(super) const FAMILIES: &[&[Family]] = &[apim::FAMILIES, machines::FAMILIES, vaults::FAMILIES];
