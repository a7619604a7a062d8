//! The single changes that a fix consists of.

use serde_json::Value;

use crate::finding::{Edit, Patch};
use crate::predeploy::repair::write::sent;

/// What Azure computes: a file does not say it.
const COMPUTED: [&str; 3] = ["/identity/principalId", "/identity/tenantId", "/properties/status"];

/// The changes of a fix that files can say, each of one property or of one new resource.
pub(in crate::predeploy) fn expand(patch: &Patch) -> Vec<Edit> {
    let mut all = Vec::new();
    for edit in &patch.edits {
        match edit {
            Edit::Set { pointer, .. } if COMPUTED.contains(&pointer.as_str()) => {}
            Edit::Create { body, .. } if is_answer(body) => {}
            Edit::Set { resource, pointer, value } => {
                all.push(Edit::Set { resource: resource.clone(), pointer: pointer.clone(), value: sent(value) });
            }
            other => all.push(other.clone()),
        }
    }
    all
}

/// Whether a resource is only what Azure answers.
fn is_answer(body: &Value) -> bool {
    let kind = body.get("type").and_then(Value::as_str).unwrap_or_default();
    kind.eq_ignore_ascii_case("Microsoft.ApiManagement/service/networkstatus")
}
