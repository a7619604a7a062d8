//! What is true of Azure, as data with sources; how it is judged is elsewhere.

pub mod cloud;
pub mod roles;
pub mod subservice;
pub mod trust;
