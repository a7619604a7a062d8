//! A named value or a certificate that refers to Key Vault.

use serde_json::json;

use super::APIM;
use crate::base::{ObjectId, ResourceId};
use crate::finding::Command;

/// Makes a named value, or a certificate, of the instance itself that refers to Key Vault: `az apim nv create` cannot.
pub(in crate::check) fn refer(
    instance: &ResourceId,
    certificate: bool,
    name: &str,
    identifier: &str,
    client_id: Option<&ObjectId>,
) -> Command {
    let mut vault = json!({ "secretIdentifier": identifier });
    if let (Some(map), Some(id)) = (vault.as_object_mut(), client_id) {
        map.insert("identityClientId".to_owned(), json!(id.as_str()));
    }
    let (kind, properties) = match certificate {
        true => ("certificates", json!({ "keyVault": vault })),
        false => ("namedValues", json!({ "displayName": name, "secret": true, "keyVault": vault })),
    };
    Command::rest("put", instance.child(kind, name).as_str(), APIM).body(&json!({ "properties": properties }))
}
