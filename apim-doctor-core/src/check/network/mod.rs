//! Findings of the network gate: can traffic reach the target?

pub(crate) mod egress_blocked;
pub(crate) mod endpoint_unreachable;
pub(crate) mod missing_subresource_endpoint;
pub(crate) mod not_routed_through_vnet;
pub(crate) mod private_endpoint_not_approved;
pub(crate) mod service_endpoint_missing;
pub(crate) mod token_endpoint_unreachable;
