//! Pure simulators of Azure's decisions. They never panic, read a clock or do I/O.

pub(crate) mod access_policy;
pub(crate) mod app;
pub(crate) mod app_routing;
pub(crate) mod condition;
pub(crate) mod dns;
pub(crate) mod endpoint;
pub(crate) mod firewall;
pub(crate) mod network;
pub(crate) mod nsg;
pub(crate) mod rbac;
pub(crate) mod recovery;
pub(crate) mod restore_points;
pub(crate) mod route;
pub(crate) mod service_tag;
pub(crate) mod setting;
pub(crate) mod store;
pub(crate) mod vault_posture;
pub(crate) mod vault_watch;
