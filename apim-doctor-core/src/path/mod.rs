//! Access paths: this actor, with this identity, does this operation on that target, from there, now.

mod access_path;
mod case;
mod checked;
mod diagnosis;
pub mod exit;
mod found;
pub mod gate;
mod observed;
mod outcome;
pub mod reason;
mod renewal;
mod target;
mod text_match;
mod walk;
pub mod way;

pub use crate::model::reference::{Malformed, Reference};
pub use access_path::{
    AccessPath, Credential, DataAccess, Form, LastRefresh, Moment, Origin, Outside, Shadow, Wants, action, time,
};
pub use case::Case;
pub use diagnosis::Diagnosis;
pub use outcome::GateOutcome;
pub use target::{Principal, PrincipalKind, Target};
pub use text_match::{TextMatch, TextSubject};
pub use walk::walk;
