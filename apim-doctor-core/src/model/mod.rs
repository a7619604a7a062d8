//! The estate as Azure describes it: one file per resource family, absent properties as `None`.
//!
//! Only what a diagnosis needs is kept. Secret values have no field here, so none can be stored.

pub mod api_management;
pub mod app_service;
pub mod authorization;
pub mod dns;
pub mod firewall;
pub mod grants;
pub mod key_vault;
pub mod managed_identity;
pub mod network;
pub mod perimeter;
pub(crate) mod policy;
pub mod setting;
pub mod storage;

mod caller;
mod estate;
mod fact;
mod gap;
mod resource;
mod shape;

pub use caller::Caller;
pub use estate::{
    DirectAnswer, DirectItem, EachType, Estate, Filter, Index, Input, ListAnswer, Lists, Modelled, Observation, Place,
    Probe, Rank, Refusal, Row, Seen, SignedIn, Tables, TypeVisitor, ZONE_LINKS, with_type,
};
pub(crate) use estate::{is_scope_of, scope_of};
pub use fact::{Fact, Listing};
#[cfg(test)]
pub(crate) use gap::api_version;
pub use gap::{ClosedBy, Gap, GapKind, Get};
pub use resource::{ManagedIdentity, Resource, Sku, SubResource, SystemData, or_default, reference};
pub use shape::Shape;
