//! Access paths: this actor, with this identity, does this operation on that target, from there, now.

mod access_path;
mod case;
mod checked;
mod diagnosis;
pub(crate) mod exit;
mod found;
pub(crate) mod gate;
mod observed;
mod order;
mod outcome;
mod posture;
mod protection;
pub(crate) mod reason;
mod renewal;
mod target;
mod text_match;
mod walk;
pub(crate) mod way;

pub(crate) use crate::base::time;
pub(crate) use crate::model::reference::{Malformed, Reference};
pub(crate) use access_path::{
    AccessPath, BackupCall, Credential, DataAccess, Form, LastRefresh, Moment, Need, NoAccess, Origin, Outside, Shadow,
    Wants, action,
};
pub(crate) use case::Case;
pub(crate) use diagnosis::Diagnosis;
pub(crate) use outcome::GateOutcome;
pub(crate) use target::{Principal, PrincipalKind, Target};
pub(crate) use text_match::{TextMatch, TextSubject};
pub(crate) use walk::walk;
