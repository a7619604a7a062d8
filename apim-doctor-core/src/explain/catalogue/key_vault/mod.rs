//! What Key Vault says, and what those who call it make of that.

mod access;
mod arrival;
mod bare;
mod callers;
mod object;
mod sources;

use crate::explain::family::Family;

pub(super) const FAMILIES: &[&[Family]] =
    &[arrival::FAMILIES, access::FAMILIES, bare::FAMILIES, callers::FAMILIES, object::FAMILIES];
