//! Pure simulators of Azure's decisions. They never panic, read a clock or do I/O.

pub mod access_policy;
pub mod app;
pub mod app_routing;
pub mod condition;
pub mod dns;
pub mod endpoint;
pub mod firewall;
pub mod network;
pub mod nsg;
pub mod rbac;
pub mod route;
pub mod service_tag;
pub mod store;
