//! What Key Vault says, and what those who call it make of that.

mod access;
mod application_gateway;
mod arrival;
mod bare;
mod container_apps;
mod object;
mod sources;

use crate::explain::family::Family;

pub(super) const FAMILIES: &[&[Family]] = &[
    arrival::FAMILIES,
    access::FAMILIES,
    application_gateway::FAMILIES,
    bare::FAMILIES,
    container_apps::FAMILIES,
    object::FAMILIES,
];
