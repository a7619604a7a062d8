//! The estate as Azure describes it: one file per resource family, absent properties as `None`.
//!
//! Only what a diagnosis needs is kept. Secret values have no field here, so none can be stored.

pub(crate) mod api_management;
pub(crate) mod app_service;
pub(crate) mod authorization;
pub(crate) mod automation;
pub(crate) mod backup;
pub(crate) mod compute;
pub(crate) mod connection_string;
pub(crate) mod dns;
pub(crate) mod firewall;
pub(crate) mod form;
pub(crate) mod grants;
pub(crate) mod key_vault;
pub(crate) mod managed_identity;
pub(crate) mod monitor;
pub(crate) mod network;
pub(crate) mod perimeter;
pub(crate) mod policy;
pub(crate) mod recovery;
pub(crate) mod reference;
#[cfg_attr(not(feature = "scripts"), allow(dead_code, reason = "only scripts fill it"))]
pub(crate) mod script;
pub(crate) mod setting;
pub(crate) mod storage;

mod caller;
mod coverage;
mod direct;
mod estate;
mod fact;
mod gap;
mod index;
mod indexing;
mod list;
mod recorded;
mod resource;
mod shape;
mod table;
mod world;

pub(crate) use caller::Caller;
pub use coverage::{Coverage, SetAside};
pub(crate) use direct::{DirectAnswer, DirectItem};
pub(crate) use estate::Refusal;
pub use estate::{Estate, Input};
pub(crate) use fact::{Fact, Listing};
#[cfg(all(test, feature = "live"))]
pub(crate) use gap::api_version;
pub(crate) use gap::{ClosedBy, Gap, GapKind, Get};
pub(crate) use index::Index;
pub(crate) use index::{is_scope_of, scope_of, scopes_of};
pub(crate) use list::{Filter, ListAnswer, Lists, ZONE_LINKS, is_extension, list_scope};
pub use recorded::{DnsAnswer, DnsRecord, Observation, Probe, SignedIn, Vantage};
pub(crate) use resource::{ManagedIdentity, Resource, Sku, SubResource, SystemData, or_default, sub_resource};
pub(crate) use shape::Shape;
pub(crate) use table::{EachType, Modelled, Place, Rank, Row, Seen, Tables, TypeVisitor, is_bare, with_type};
pub(crate) use world::{Deployed, Order, Origin, World, unsure};
