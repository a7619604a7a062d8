//! The document: changes, potential changes, diagnostics.

use std::collections::HashSet;
use std::sync::Arc;

use crate::source::arm::Read;
use crate::source::what_if::change::{Changes, text};
use crate::template::deployment::{Problem, TargetScope, Template};
use crate::template::json;
use crate::template::place::FileId;
use crate::template::resource::Declaration;
use crate::template::value::Value;

/// What Resource Manager predicts.
#[derive(Debug, Default)]
pub(crate) struct Predicted {
    /// The resources before the deployment.
    pub before: Arc<Template>,
    /// The resources after it.
    pub after: Arc<Template>,
    /// The ids of the resources that exist before it.
    pub existing: Vec<Value>,
    /// The ids of the resources that it deletes.
    pub deleted: Vec<Value>,
}

/// The list of changes, where a document has one: at its top, or in the properties of an answer.
fn changes(document: &Value) -> Option<&[Value]> {
    let list = document.get("changes").or_else(|| document.get("properties")?.get("changes"))?;
    let items = list.as_array()?.items.as_slice();
    let is_change = |item: &Value| text(item, "changeType").is_some();
    // An empty list is what-if output only if the answer says how the operation ended.
    let fits = items.iter().all(is_change) && (!items.is_empty() || text(document, "status").is_some());
    fits.then_some(items)
}

/// Whether a JSON file is what-if output.
pub(crate) fn is_what_if(text: &str) -> bool {
    // Most files are something else: parsing them is not worth it.
    text.to_ascii_lowercase().contains("\"changes\"")
        && json::read_file(FileId(0), text).is_ok_and(|document| changes(&document).is_some())
}

/// Reads what-if output.
pub(crate) fn read(file: FileId, content: &str) -> Read<Predicted> {
    let document = match json::read_file(file, content) {
        Ok(document) => document,
        Err((span, message)) => return Read { found: None, problems: vec![Problem { span, message }] },
    };
    let Some(all) = changes(&document) else {
        let message = "this is not output of `az deployment group what-if --no-pretty-print`".to_owned();
        return Read { found: None, problems: vec![Problem { span: document.span, message }] };
    };
    let mut changes = Changes { symbols: symbols(all), ..Changes::default() };
    all.iter().for_each(|change| changes.add(change, false));
    let inner = document.get("properties").unwrap_or(&document);
    let listed = |name: &str| {
        let list = inner.get(name).or_else(|| document.get(name)).and_then(Value::as_array);
        list.map(|array| array.items.clone()).unwrap_or_default()
    };
    listed("potentialChanges").iter().for_each(|change| changes.add(change, true));
    for diagnostic in listed("diagnostics") {
        changes.diagnostic(&diagnostic);
    }
    let error = document.get("error").filter(|error| !error.is_null());
    let is_failed = text(&document, "status").is_some_and(|status| !status.eq_ignore_ascii_case("Succeeded"));
    if error.is_some() || is_failed {
        let why = error.and_then(|error| text(error, "message")).unwrap_or("the operation did not succeed");
        changes.incomplete(error.map_or(document.span, |error| error.span), why);
    }
    let Changes { before, after, existing, deleted, problems, .. } = changes;
    let template = |resources: Vec<Arc<Declaration>>| {
        Arc::new(Template { file, target: TargetScope::Tenant, resources, ..Template::default() })
    };
    let found = Predicted { before: template(before), after: template(after), existing, deleted };
    Read { found: Some(found), problems }
}

/// The symbolic names that stand for one resource each. Nested deployments may use the same name again.
fn symbols(changes: &[Value]) -> HashSet<String> {
    let (mut seen, mut twice) = (HashSet::new(), HashSet::new());
    for name in changes.iter().filter_map(|change| text(change, "symbolicName")) {
        let name = name.to_ascii_lowercase();
        if !seen.insert(name.clone()) {
            twice.insert(name);
        }
    }
    seen.difference(&twice).cloned().collect()
}
