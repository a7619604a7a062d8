//! Findings about the service itself.

pub(crate) mod content_share_validation;
pub(crate) mod feature_unsupported;
pub(crate) mod service_side;
