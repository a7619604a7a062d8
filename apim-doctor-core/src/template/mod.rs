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
pub(crate) mod rendering;
pub(crate) mod resource;
mod table;
pub(crate) mod text;
pub(crate) mod value;

pub(crate) use declaration::{
    Declaration, Module, ModuleScope, ModuleSource, Output, Parameter, TargetScope, Template, UserFunction, Variable,
};
pub(crate) use expression::{Element, Expr, ExprKind, Lambda, Loop, LoopOver, Member};
pub(crate) use place::{FileId, Files, Position, Span};
pub(crate) use resource::Resource;
pub(crate) use table::Table;
pub(crate) use value::{Context, Key, Kind, Object, Symbol, Unknown, Value, Why};
