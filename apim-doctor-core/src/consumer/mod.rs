//! What each Azure feature tries to do; never whether it works.

mod api_management;
mod policy;

pub use api_management::{KINDS, paths, paths_of};
