//! What App Service and Azure Functions say about Key Vault references, their storage and their certificates.

mod host;
mod references;
mod sources;

use crate::explain::family::Family;

pub(super) const FAMILIES: &[&[Family]] = &[references::FAMILIES, host::FAMILIES];
