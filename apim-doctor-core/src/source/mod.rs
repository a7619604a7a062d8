//! Parses input bytes into an estate. Sources state facts and do not evaluate them.

pub(crate) mod arm;
mod az;
pub(crate) mod bicep;
mod blob_list;
mod cloud;
mod combine;
mod contradiction;
pub(crate) mod deployed;
mod direct;
mod document;
mod exchange;
pub mod format;
mod gap;
mod input_error;
pub(crate) mod keep;
pub(crate) mod layout;
mod mask;
mod merge;
pub(crate) mod operation;
mod outputs;
mod pages;
mod reader;
pub(crate) mod request;
mod resource;
#[cfg_attr(not(feature = "scripts"), allow(dead_code, unused_imports, reason = "without grammars nothing is read"))]
mod script;
mod snapshot;
mod status;
pub(crate) mod terraform;

pub(crate) mod redact;

pub use input_error::InputError;
pub use mask::masked;
#[cfg_attr(not(feature = "live"), allow(unused_imports, reason = "only live runs ask for them"))]
pub(crate) use script::backups_in;
pub use snapshot::ReadOptions;
