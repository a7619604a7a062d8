//! Terraform plans: what `terraform show -json` writes of a plan or of a state, and states as they are stored.

mod address;
mod attribute;
pub(crate) mod edit;
mod identifier;
mod ids;
mod lower;
mod options;
mod order;
mod plan;
mod read;
mod resolve;
mod types;
mod values;
mod view;

pub(crate) use crate::source::terraform::options::{DocumentKind, Options};
pub(crate) use crate::source::terraform::read::{kind_of, read_plan};
