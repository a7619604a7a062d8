//! Can the actor get a token?

pub(crate) mod id_kind_mismatch;
pub(crate) mod not_assigned_to_host;
pub(crate) mod not_enabled;
pub(crate) mod replaced;
pub(crate) mod wrong_audience;
pub(crate) mod wrong_tenant;
