//! The form that ARM templates, Bicep and Terraform lower to, and its evaluation.
//!
//! A front end makes a [`Template`] of expressions, each with its place in a file ([`Span`], [`Files`]).
//! [`evaluation::evaluate`] makes a flat list of [`Resource`]s of it, with the resources of modules behind the module,
//! the deployments that they belong to, and the problems of the files. A front end whose files are evaluated already
//! (a Terraform plan) makes resources at once.
//!
//! A [`Value`] is known, a [`Symbol`] for what does not exist yet, or unknown with a reason. Symbols are joined by
//! equality: the principal of a resource is the same wherever it is referred to. [`text::canonical`] is the text by
//! which they are compared and shown, [`text::key`] that by which ids are looked up. Lists and objects can be open:
//! what is known of them is kept where more may be there.
//!
//! [`rendering::render`] writes a resource as Azure returns it, with the place of each part.

pub(crate) mod canonical;
pub(crate) mod declaration;
pub(crate) mod deployment;
mod equality;
pub(crate) mod evaluation;
pub(crate) mod expression;
mod functions;
pub(crate) mod json;
pub(crate) mod place;
#[expect(dead_code, reason = "written for `source::deployed`, which does not use it yet")]
pub(crate) mod rendering;
pub(crate) mod resource;
mod table;
pub(crate) mod text;
pub(crate) mod value;

pub(crate) use expression::Expr;
pub(crate) use value::Value;
