//! From the change of a resource to a change of the file that declares it.
//!
//! A change can be written in several ways: at the literal that a value comes from, or at the resource. Each is a
//! [`Candidate`], the smallest first. Which of them does exactly what is wanted is found out by evaluating the changed
//! text ([`difference`]).

mod candidate;
mod context;
mod create;
pub(super) mod difference;
mod expand;
mod files;
mod import;
mod names;
mod place;
mod property;
mod write;

pub(super) use context::{Candidate, Meant, Repair};
pub(super) use expand::expand;
pub(super) use place::{declared, text_of};
