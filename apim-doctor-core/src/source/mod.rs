//! Bytes in, an estate out. A source states facts and judges nothing.

mod contradiction;
mod direct;
pub mod format;
mod gap;
mod input_error;
pub mod keep;
mod mask;
pub(crate) mod request;
pub(crate) mod snapshot;
mod status;

pub(crate) mod prose;
pub mod redact;

pub use input_error::InputError;
pub use mask::masked;
pub use snapshot::Coverage;
