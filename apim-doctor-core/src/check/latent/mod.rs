//! Findings about conditions that work now and fail later.

pub(crate) mod certificate_expires;
pub(crate) mod control_plane_address_in_rules;
pub(crate) mod dns_change_not_applied;
pub(crate) mod gateway_trust_retires;
pub(crate) mod next_fetch_fails;
pub(crate) mod refresh_failed;
pub(crate) mod version_pinned;
