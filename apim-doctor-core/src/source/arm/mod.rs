//! ARM templates and parameter files in JSON.

pub(crate) mod edit;
mod export;
mod expression;
mod lower;
mod parameters;
mod project;
mod resource;
mod template;

use std::sync::Arc;

use crate::source::arm::lower::{Lowering, get, text_of};
use crate::template::deployment::{Problem, Template};
use crate::template::evaluation::Given;
use crate::template::expression::Expr;
use crate::template::json;
use crate::template::place::{FileId, Span};

pub(crate) use crate::source::arm::export::export;
#[cfg_attr(not(test), expect(unused_imports, reason = "`check --parameters NAME=VALUE` will use it"))]
pub(crate) use crate::source::arm::parameters::inline_parameter;
pub(crate) use crate::source::arm::project::{Project, decode, decode_or_guess, reason};

/// The content of a file, and what is wrong in it.
#[derive(Debug)]
pub(crate) struct Read<T> {
    /// The content; nothing if the file is not JSON or is something else.
    pub found: Option<T>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// What a JSON file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// A template.
    Template,
    /// A parameter file.
    Parameters,
    /// Something else.
    Other,
}

fn without_mark(text: &str) -> (&str, usize) {
    match text.strip_prefix('\u{feff}') {
        Some(rest) => (rest, '\u{feff}'.len_utf8()),
        None => (text, 0),
    }
}

/// Parses a file and works on its outermost object.
fn read<T>(
    file: FileId,
    text: &str,
    work: impl FnOnce(&mut Lowering<'_>, &jsonc_parser::ast::Object<'_>) -> Option<T>,
) -> Read<T> {
    let (text, skipped) = without_mark(text);
    let mut lowering = Lowering { text, file, skipped, problems: Vec::new(), in_function: false, depth: 0 };
    let found = match json::parse(text) {
        Ok(jsonc_parser::ast::Value::Object(object)) => work(&mut lowering, &object),
        Ok(_) => {
            lowering.problem(Span::new(file, skipped, skipped), "expected an object");
            None
        }
        Err((at, message)) => {
            let at = at.min(text.len());
            let span = lowering.place(at, at);
            lowering.problem(span, message);
            None
        }
    };
    Read { found, problems: lowering.problems }
}

/// Reads a template.
pub(crate) fn read_template(file: FileId, text: &str) -> Read<Arc<Template>> {
    read(file, text, |lowering, object| Some(Arc::new(lowering.template(export::template_in(object)))))
}

/// Reads a parameter file.
pub(crate) fn read_parameters(file: FileId, text: &str) -> Read<Given> {
    read(file, text, |lowering, object| Some(lowering.given(object)))
}

/// Whether a text is an expression in brackets.
pub(crate) fn is_expression(text: &str) -> bool {
    expression::is_expression(text)
}

/// The expression in a text in brackets, which stands at a place; nothing if it cannot be parsed.
pub(crate) fn expression(text: &str, whole: Span) -> Option<Expr> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    expression::parse(&expression::Source { text: inner, whole, start: None, in_function: false }).ok()
}

/// What a JSON file is, by its content.
pub(crate) fn kind_of(text: &str) -> FileKind {
    let (text, _) = without_mark(text);
    let Ok(jsonc_parser::ast::Value::Object(object)) = json::parse(text) else { return FileKind::Other };
    let object = export::template_in(&object);
    let schema = get(object, "$schema").and_then(|property| text_of(&property.value)).unwrap_or_default();
    let schema = schema.to_ascii_lowercase();
    if schema.contains("deploymenttemplate.json") {
        return FileKind::Template;
    }
    if schema.contains("deploymentparameters.json") {
        return FileKind::Parameters;
    }
    if get(object, "resources")
        .is_some_and(|property| property.value.as_array().is_some() || property.value.as_object().is_some())
        && get(object, "contentVersion").is_some()
    {
        return FileKind::Template;
    }
    let wrapped = |property: &jsonc_parser::ast::ObjectProp<'_>| {
        let inner = property.value.as_object();
        inner.is_some_and(|inner| get(inner, "value").is_some() || get(inner, "reference").is_some())
    };
    let values = get(object, "parameters").and_then(|property| property.value.as_object()).unwrap_or(object);
    match !values.properties.is_empty() && values.properties.iter().all(wrapped) {
        true => FileKind::Parameters,
        false => FileKind::Other,
    }
}
