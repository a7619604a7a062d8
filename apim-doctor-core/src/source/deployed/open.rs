//! What is read of a resource and not known from the files.

use std::sync::Arc;

use crate::base::ResourceId;
use crate::model::Gap;
use crate::template::value::{Unknown, Why};

/// Something that is read and that the files do not say.
#[derive(Clone, Debug)]
pub(super) struct Open {
    /// The pointer.
    pub pointer: String,
    /// Why, and where that is written; of a parameter without a value, its name.
    pub why: Arc<Unknown>,
}

/// Something that is read and that the files do not say.
pub(super) fn gap(id: &ResourceId, open: &Open) -> Gap {
    let why = why(&open.why);
    Gap::not_in_files(match open.pointer.trim_start_matches('/') {
        "" => format!("the properties of `{}`: {why}", id.name()),
        pointer => format!("`{}` of `{}`: {why}", pointer.replace('/', "."), id.name()),
    })
}

/// Why a value is not known, in words.
pub(super) fn why(unknown: &Unknown) -> String {
    match &unknown.why {
        Why::Parameter(name) => format!("parameter `{name}` has no value"),
        Why::Secret(name) => format!("parameter `{name}` is a secret"),
        Why::Runtime(function) => format!("only Azure can answer `{function}`"),
        Why::NotRead(id) => format!("`{id}` was not read"),
        Why::Function(function) => format!("function `{function}` is not known"),
        Why::File(file) => format!("`{file}` could not be read"),
        Why::Invalid => "the expression has no value".to_owned(),
        Why::Limit => "the expression is too large to evaluate".to_owned(),
        Why::LeftOut(text) => text.to_string(),
    }
}
