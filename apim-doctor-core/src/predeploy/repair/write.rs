//! Values as a language writes them: lines end with a line feed, and a step of indentation is two spaces.

use serde_json::{Map, Value};

use crate::model::Deployed;
use crate::predeploy::repair::files::Language;
use crate::predeploy::repair::names::Names;
use crate::source::bicep::edit as bicep;

/// Writes a value. `None`: something in it has no name in the template.
pub(super) fn write(value: &Value, names: &Names, words: &Deployed) -> Option<String> {
    match value {
        Value::String(text) => names.string(text, words),
        Value::Array(items) => {
            let items = items.iter().map(|item| write(item, names, words)).collect::<Option<Vec<_>>>()?;
            Some(lines(["[", "]"], &items, names.language))
        }
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| Some(format!("{}: {}", key(name, names, words)?, write(value, names, words)?)));
            Some(lines(["{", "}"], &members.collect::<Option<Vec<_>>>()?, names.language))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
    }
}

/// Writes the name of a member.
pub(super) fn key(name: &str, names: &Names, words: &Deployed) -> Option<String> {
    let written = names.string(name, words)?;
    Some(match names.language {
        Language::Json => written,
        _ if written.starts_with('\'') => bicep::key(name).filter(|_| !words.stands_in(name)).unwrap_or(written),
        _ => format!("'${{{written}}}'"),
    })
}

fn lines([open, close]: [&str; 2], members: &[String], language: Language) -> String {
    if members.is_empty() {
        return format!("{open}{close}");
    }
    let separator = if language == Language::Json { ",\n  " } else { "\n  " };
    let members: Vec<String> = members.iter().map(|member| member.replace('\n', "\n  ")).collect();
    format!("{open}\n  {}\n{close}", members.join(separator))
}

/// A value without what Azure computes: an identity that is attached is written as an empty object.
pub(super) fn sent(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let computed = ["principalId", "clientId"];
            let is_computed = !members.is_empty() && members.keys().all(|name| computed.contains(&name.as_str()));
            let members = members.iter().map(|(name, value)| (name.clone(), sent(value)));
            Value::Object(if is_computed { Map::new() } else { members.collect() })
        }
        other => other.clone(),
    }
}
