//! Bytes in, an estate out. A source states facts and judges nothing.

#[cfg(feature = "schema")]
pub mod format;
mod input_error;
pub(crate) mod request;
pub(crate) mod snapshot;

pub mod redact;

pub use input_error::InputError;
pub use snapshot::Coverage;
