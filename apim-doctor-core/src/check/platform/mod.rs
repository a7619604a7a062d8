//! Findings about the service itself.

pub(crate) mod agent_not_ready;
pub(crate) mod cmk_update_failed;
pub(crate) mod content_share_validation;
pub(crate) mod extension_blocked;
pub(crate) mod extension_failed;
pub(crate) mod feature_unsupported;
pub(crate) mod job_failed;
pub(crate) mod job_incomplete;
pub(crate) mod job_overdue;
pub(crate) mod operation_in_progress;
pub(crate) mod protection_inactive;
pub(crate) mod protection_unhealthy;
pub(crate) mod restore_tier_mismatch;
pub(crate) mod service_side;
