//! The single changes that a fix consists of.

use serde_json::Value;

use crate::base::ObjectId;
use crate::finding::{Edit, Patch};
use crate::predeploy::repair::write::sent;
use crate::source::deployed::Symbols;
use crate::template::value::Symbol;

/// What Azure computes: a file does not say it.
const COMPUTED: [&str; 3] = ["/identity/principalId", "/identity/tenantId", "/properties/status"];

/// The changes of a fix that files can say, each of one property or of one new resource.
pub(in crate::predeploy) fn expand(patch: &Patch, symbols: &mut Symbols) -> Vec<Edit> {
    let mut all = Vec::new();
    for edit in &patch.edits {
        match edit.clone() {
            Edit::Set { pointer, .. } if COMPUTED.contains(&pointer.as_str()) => {}
            Edit::Create { body, .. } if is_answer(&body) => {}
            Edit::Set { resource, pointer, value } => {
                all.push(Edit::Set { resource, pointer, value: named(sent(&value), symbols) });
            }
            Edit::Append { resource, pointer, value } => {
                all.push(Edit::Append { resource, pointer, value: named(value, symbols) });
            }
            Edit::Create { body, scope, concerns } => {
                all.push(Edit::Create { body: named(body, symbols), scope, concerns });
            }
            other @ Edit::Remove { .. } => all.push(other),
        }
    }
    all
}

/// A value in which identities that a fix enables are the same as in the files that have them.
fn named(value: Value, symbols: &mut Symbols) -> Value {
    match value {
        Value::String(text) => match ObjectId::future_owner(&text) {
            Some(owner) => symbols.text(&Symbol::Principal(symbols.key_of(owner))).into(),
            None => text.into(),
        },
        Value::Array(items) => items.into_iter().map(|item| named(item, symbols)).collect(),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (name, named(value, symbols))).collect())
        }
        other => other,
    }
}

/// Whether a resource is only what Azure answers.
fn is_answer(body: &Value) -> bool {
    let kind = body.get("type").and_then(Value::as_str).unwrap_or_default();
    kind.eq_ignore_ascii_case("Microsoft.ApiManagement/service/networkstatus")
}
