//! Findings about the service itself.

pub(crate) mod content_share_validation;
pub(crate) mod feature_unsupported;
pub(crate) mod job_failed;
pub(crate) mod job_incomplete;
pub(crate) mod operation_in_progress;
pub(crate) mod restore_tier_mismatch;
pub(crate) mod service_side;
