//! Replaces ids that identify the owner of a recording with placeholders.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::knowledge::roles;

/// A GUID, wherever it stands.
static GUID: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i-u)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").ok());

/// Where a list goes on: Azure packs ids into it, in forms of its own.
static SKIP_TOKEN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i-u:(\$|%24)(skiptoken=))[^&\s]+").ok());

/// Ids that are the same in every tenant and mean something to a diagnosis: everybody, in a deny assignment, and
/// Microsoft's own applications for App Service and Azure Backup.
/// Sources: <https://learn.microsoft.com/azure/role-based-access-control/deny-assignments>,
/// <https://learn.microsoft.com/azure/app-service/configure-ssl-certificate> and
/// <https://learn.microsoft.com/azure/backup/backup-azure-vms-encryption> (read 2026-11-21).
const COMMON: &[&str] = &[
    "00000000-0000-0000-0000-000000000000",
    "abfa0a7c-a6b6-4736-8310-5855508787cd",
    "6a02c803-dafd-4136-b4c3-5a6f318b4714",
    "262044b1-e2ce-469f-a196-69ab7ada62d3",
];

/// Replaces every subscription, tenant, object and client id of a recording by a stand-in: the same for the same id,
/// in this recording and in others. Ids that are the same for everybody (Azure's own roles) stay. Names stay.
///
/// ```
/// use apim_doctor_core::masked;
/// let own = serde_json::json!({"tenantId": "11111111-2222-3333-4444-555555555555"});
/// let masked = masked(&own);
/// assert_ne!(masked, own);
/// assert_eq!(masked["tenantId"].as_str().map(str::len), Some(36));
/// ```
pub fn masked(recording: &Value) -> Value {
    match recording {
        Value::String(text) => Value::String(of_text(text)),
        Value::Array(items) => items.iter().map(masked).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (of_text(key), masked(value))).collect(),
        other => other.clone(),
    }
}

fn of_text(text: &str) -> String {
    let (Some(guid), Some(skip_token)) = (&*GUID, &*SKIP_TOKEN) else { return text.to_owned() };
    let text = skip_token.replace_all(text, |found: &regex::Captures<'_>| {
        let part = |at: usize| found.get(at).map_or("", |m| m.as_str());
        format!("{}{}{}", part(1), part(2), stand_in(part(0)))
    });
    guid.replace_all(&text, |found: &regex::Captures<'_>| {
        let id = found.get(0).map_or("", |m| m.as_str());
        let folded = id.to_ascii_lowercase();
        match COMMON.contains(&folded.as_str()) || roles::by_id(&folded).is_some() {
            true => id.to_owned(),
            false => stand_in(&folded),
        }
    })
    .into_owned()
}

/// A GUID from the hash of another. Who knows an id can find its stand-in; who does not cannot find the id by trying, for
/// ids are random.
fn stand_in(id: &str) -> String {
    let hex: String = Sha256::digest(id).iter().map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_id_gets_the_same_stand_in_whatever_its_case() {
        let role = "4633458b-17de-408a-b874-0445c86b69e6";
        let text = format!("/subscriptions/ABCDEF01-2345-6789-abcd-ef0123456789/x/{role}");
        let other = "abcdef01-2345-6789-ABCD-EF0123456789";
        let masked = of_text(&text);
        assert!(!masked.to_ascii_lowercase().contains("abcdef01"));
        assert!(masked.ends_with(role));
        assert!(masked.contains(&of_text(other)));
        assert_eq!(of_text("kv.vault.azure.net/secrets/x/0123456789abcdef0123456789abcdef").len(), 61);
    }
}
