//! The messages that are known, by the service that says them.

mod api_management;
mod app_service;
mod backup;
mod deployment;
mod identity;
mod key_vault;
mod network;
mod roles;
mod storage;

use super::family::Family;

/// Every family, in no order that means anything.
pub(super) fn families() -> impl Iterator<Item = &'static Family> {
    let services: [&[&[Family]]; 9] = [
        api_management::FAMILIES,
        app_service::FAMILIES,
        backup::FAMILIES,
        &[deployment::FAMILIES],
        &[identity::FAMILIES],
        key_vault::FAMILIES,
        &[network::FAMILIES],
        &[roles::FAMILIES],
        &[storage::FAMILIES],
    ];
    services.into_iter().flatten().copied().flatten()
}
