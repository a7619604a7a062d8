//! Facts about Azure as data with sources. Other modules evaluate them.

pub(crate) mod backup_errors;
pub(crate) mod caller_kind;
pub(crate) mod cloud;
pub(crate) mod data_plane;
pub(crate) mod first_party;
pub(crate) mod management_roles;
pub(crate) mod operations;
pub(crate) mod roles;
#[cfg(feature = "live")]
pub(crate) mod storage_answer;
pub(crate) mod subservice;
pub(crate) mod tasks;
pub(crate) mod trust;
