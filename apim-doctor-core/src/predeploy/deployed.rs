//! What files deploy, for a live run that reads what is around it.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::model::Deployed;
use crate::predeploy::options::CheckOptions;
use crate::predeploy::search::search;
use crate::predeploy::sources::Sources;

/// The resources that files deploy, as Resource Manager would show them, and those that they only name, with their ids
/// alone. What does not exist yet, such as the principal of a new identity, is left out, and so is what has no id yet
/// because the subscription is not known.
pub fn deployed(paths: &[PathBuf], options: &CheckOptions) -> Vec<Value> {
    let (sources, work) = Sources::new(search(paths).found, options, None);
    let estate = sources.deployment(&work, &work.evaluated).laid().estate;
    let Some(files) = estate.world.deployed() else { return Vec::new() };
    let recordings = estate.inputs.iter().filter_map(|input| serde_json::from_slice::<Value>(&input.bytes).ok());
    let bodies = recordings.flat_map(|recording| {
        let exchanges = recording.get("exchanges").and_then(Value::as_array).cloned().unwrap_or_default();
        exchanges.into_iter().filter_map(|exchange| exchange.get("body").cloned()).collect::<Vec<_>>()
    });
    let named = files.named.iter().map(|id| json!({ "id": id.as_str() }));
    let all = bodies.map(|body| known(body, files)).chain(named);
    all.filter(|body| {
        let id = body.get("id").and_then(Value::as_str);
        id.is_some_and(|id| id.starts_with("/subscriptions/") && !files.stands_in(id))
    })
    .collect()
}

/// A body without what does not exist yet.
fn known(body: Value, files: &Deployed) -> Value {
    match body {
        Value::String(text) if files.stands_in(&text) => Value::Null,
        Value::Array(items) => items.into_iter().map(|item| known(item, files)).collect(),
        Value::Object(members) => {
            let is_known = |name: &str| !files.stands_in(name);
            members
                .into_iter()
                .filter(|(name, _)| is_known(name))
                .map(|(name, inner)| (name, known(inner, files)))
                .collect()
        }
        other => other,
    }
}
