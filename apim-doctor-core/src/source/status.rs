//! Error texts that Azure keeps as a status: they count as observations without being given by the user.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::base::ResourceId;
use crate::model::Observation;
use crate::source::redact;

/// Where such texts stand: the end of a path in lower case, and what it belongs to ends before it.
static PLACES: LazyLock<[Finder<'static>; 2]> =
    LazyLock::new(|| ["/networkstatus", "/config/configreferences"].map(Finder::new));

/// The error texts in an answer, in the order of its members; `None` where no such texts stand.
pub(crate) fn texts(path: &str, body: &RawValue) -> Option<Vec<Observation>> {
    let folded = path.to_ascii_lowercase();
    let end = PLACES.iter().find_map(|place| place.find(folded.as_bytes()))?;
    let owner = path.get(..end).unwrap_or_default();
    // The network status of one location belongs to the instance.
    let owner = owner.split("/locations/").next().unwrap_or(owner);
    let mut found = Vec::new();
    if let Ok(body) = serde_json::from_str::<Value>(body.get()) {
        collect(&body, &ResourceId::new(owner), &mut found);
    }
    Some(found)
}

fn collect(value: &Value, owner: &ResourceId, found: &mut Vec<Observation>) {
    let text = |name: &str| value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let is_good = |status: &str| ["success", "resolved"].iter().any(|g| status.eq_ignore_ascii_case(g));
    let status = text("status").filter(|status| !is_good(status));
    let error = match (status, text("error"), text("details")) {
        (Some(_), Some(error), _) => Some(format!("{}: {error}", text("name").unwrap_or_default())),
        (Some(status), None, Some(details)) => Some(format!("Key Vault reference status: {status}. {details}")),
        _ => None,
    };
    if let Some(error) = error.as_deref().map(redact::sentence) {
        let at = text("lastUpdated").map(str::to_owned);
        found.push(Observation { error, resource: Some(owner.clone()), at, is_status: true });
    }
    match value {
        Value::Object(map) => map.values().for_each(|inner| collect(inner, owner, found)),
        Value::Array(items) => items.iter().for_each(|inner| collect(inner, owner, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found_texts(path: &str, body: &str) -> Vec<(String, String)> {
        let body: &RawValue = serde_json::from_str(body).unwrap();
        let found = texts(path, body).into_iter().flatten();
        found.map(|o| (o.resource.unwrap().as_str().to_owned(), o.error)).collect()
    }

    #[test]
    fn statuses_of_networks_and_references_are_texts() {
        let network = r#"[{"location": "West Europe", "networkStatus": {"dnsServers": [], "connectivityStatus": [
            {"name": "kv.vault.azure.net", "status": "failure", "error": "No such host is known"},
            {"name": "st.blob.core.windows.net", "status": "success", "error": ""}]}}]"#;
        let own = ("/s/service/a".to_owned(), "kv.vault.azure.net: No such host is known".to_owned());
        for path in ["/s/service/a/networkstatus", "/s/service/a/locations/x/networkstatus"] {
            assert_eq!(found_texts(path, network), std::slice::from_ref(&own));
        }
        let references = r#"{"value": [{"name": "K", "properties": {"status": "MSINotEnabled", "details": "no identity"}},
                                       {"name": "L", "properties": {"status": "Resolved", "details": "fine"}}]}"#;
        let [(site, text)] =
            <[_; 1]>::try_from(found_texts("/s/sites/f/config/configreferences/appsettings", references)).unwrap();
        assert_eq!(
            (site.as_str(), text.as_str()),
            ("/s/sites/f", "Key Vault reference status: MSINotEnabled. no identity")
        );
        assert_eq!(found_texts("/s/vaults/r/backupJobs", references), []);
    }
}
