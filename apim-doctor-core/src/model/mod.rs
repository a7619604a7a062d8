//! The estate as Azure describes it: one file per resource family, absent properties as `None`.
//!
//! Only what a diagnosis needs is kept. Secret values have no field here, so none can be stored.

pub mod api_management;
pub mod app_service;
pub mod authorization;
pub(crate) mod connection_string;
pub mod dns;
pub mod firewall;
pub(crate) mod form;
pub mod grants;
pub mod key_vault;
pub mod managed_identity;
pub mod network;
pub mod perimeter;
pub(crate) mod policy;
pub(crate) mod reference;
pub mod setting;
pub mod storage;

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

pub use caller::Caller;
pub use coverage::{Coverage, SetAside};
pub use direct::{DirectAnswer, DirectItem};
pub use estate::{Estate, Input, Refusal};
pub use fact::{Fact, Listing};
#[cfg(test)]
pub(crate) use gap::api_version;
pub use gap::{ClosedBy, Gap, GapKind, Get};
pub use index::Index;
pub(crate) use index::{is_scope_of, scope_of};
pub use list::{Filter, ListAnswer, Lists, ZONE_LINKS};
pub use recorded::{DnsAnswer, DnsRecord, Observation, Probe, SignedIn, Vantage};
pub use resource::{ManagedIdentity, Resource, Sku, SubResource, SystemData, or_default, sub_resource};
pub use shape::Shape;
pub use table::{EachType, Modelled, Place, Rank, Row, Seen, Tables, TypeVisitor, with_type};
