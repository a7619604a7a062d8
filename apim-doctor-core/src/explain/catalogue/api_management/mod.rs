//! What API Management says about Key Vault, identities and its network.

mod backup;
mod configuration;
mod fetch;
mod sources;

use crate::explain::family::Family;

pub(super) const FAMILIES: &[&[Family]] = &[backup::FAMILIES, fetch::FAMILIES, configuration::FAMILIES];
