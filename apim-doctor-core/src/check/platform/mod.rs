//! Is it the service itself?

pub(crate) mod feature_unsupported;
