//! Documents: what they are, and what is read from them.

use crate::source::arm::Read;
use crate::source::terraform::lower;
use crate::source::terraform::options::{DocumentKind, Options, Planned};
use crate::source::terraform::plan::{Plan, is_raw_state};
use crate::template::deployment::Problem;
use crate::template::json;
use crate::template::place::{FileId, Span};
use crate::template::value::Value;

/// What a parsed document is.
fn kind(document: &Value) -> DocumentKind {
    if is_raw_state(document) {
        return DocumentKind::State;
    }
    let has = |name: &str| {
        document.get(name).is_some_and(|member| member.as_object().is_some() || member.as_array().is_some())
    };
    let holds_module = |name: &str| document.get(name).is_some_and(|own| own.get("root_module").is_some());
    if document.get("format_version").and_then(Value::as_str).is_none() {
        // Cut-out documents, as tests of policies have them, lack the version.
        return match (has("resource_changes") || holds_module("planned_values"), holds_module("values")) {
            (true, _) => DocumentKind::Plan,
            (false, true) => DocumentKind::State,
            _ => DocumentKind::Other,
        };
    }
    if has("resource_changes") || has("planned_values") || has("configuration") {
        return DocumentKind::Plan;
    }
    if document.get("terraform_version").is_some() || has("values") { DocumentKind::State } else { DocumentKind::Other }
}

/// What a JSON file is, by its content.
pub(crate) fn kind_of(text: &str) -> DocumentKind {
    match json::read_file(FileId(0), text) {
        Ok(document) => kind(&document),
        Err(_) => DocumentKind::Other,
    }
}

/// Reads a plan or a state.
pub(crate) fn read_plan(file: FileId, text: &str, options: &Options<'_>) -> Read<Planned> {
    let nothing =
        |span: Span, message: &str| Read { found: None, problems: vec![Problem { span, message: message.to_owned() }] };
    let document = match json::read_file(file, text) {
        Ok(document) => document,
        Err((span, message)) => return nothing(span, &message),
    };
    if kind(&document) == DocumentKind::Other {
        return nothing(document.span, "this is not output of `terraform show -json`, nor a state");
    }
    let version = document.get("format_version");
    if let Some(text) = version.and_then(Value::as_str)
        && let Some(span) = version.map(|version| version.span)
    {
        let major = text.split('.').next().unwrap_or_default();
        if !matches!(major, "0" | "1") {
            let message = format!("format version `{text}` is newer than this program reads, which is 1.x");
            return nothing(span, &message);
        }
    }
    let plan = Plan::new(&document, options);
    let mut planned = lower::lower(&plan);
    if document.get("errored").and_then(Value::as_bool) == Some(true) {
        let message = "planning ended with an error, so the plan is not whole".to_owned();
        planned.evaluated.problems.push(Problem { span: document.span, message });
    }
    if document.get("complete").and_then(Value::as_bool) == Some(false) {
        let message = "the plan leaves changes for a later run".to_owned();
        planned.evaluated.problems.push(Problem { span: document.span, message });
    }
    Read { found: Some(planned), problems: Vec::new() }
}
