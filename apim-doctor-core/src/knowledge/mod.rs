//! Facts about Azure as data with sources. Other modules evaluate them.

pub mod caller_kind;
pub mod cloud;
pub mod data_plane;
pub mod first_party;
pub mod roles;
#[cfg(feature = "live")]
pub mod storage_answer;
pub mod subservice;
pub mod trust;
