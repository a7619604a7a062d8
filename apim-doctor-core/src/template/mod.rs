//! The form that ARM templates, Bicep and Terraform lower to, and its evaluation.

pub(crate) mod canonical;
pub(crate) mod declaration;
pub(crate) mod deployment;
mod equality;
pub(crate) mod evaluation;
pub(crate) mod expression;
mod functions;
pub(crate) mod json;
pub(crate) mod place;
#[cfg_attr(not(test), expect(dead_code, reason = "written for `source::deployed`, which does not use it yet"))]
pub(crate) mod rendering;
pub(crate) mod resource;
mod table;
pub(crate) mod text;
pub(crate) mod value;

pub(crate) use expression::Expr;
pub(crate) use value::Value;
