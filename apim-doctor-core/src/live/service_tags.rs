//! What of the published service tags a recording keeps.

use ipnet::IpNet;
use serde_json::Value;

use crate::base::read_range;

/// Keeps the ranges of API Management, and of other services only those that hold an address rule of a target: the list
/// has tens of thousands. A rule inside the range of another service does not admit API Management.
pub(super) fn keep(body: &mut Value, rules: &[IpNet]) {
    let Some(tags) = body.get_mut("values").and_then(Value::as_array_mut) else { return };
    let holds_rule = |prefix: &Value| {
        let range = prefix.as_str().and_then(read_range);
        range.is_some_and(|range| rules.iter().any(|rule| range.contains(rule)))
    };
    tags.retain_mut(|tag| {
        let name = tag.get("name").and_then(Value::as_str).unwrap_or_default();
        if name.starts_with("ApiManagement") {
            return true;
        }
        let prefixes = tag.pointer_mut("/properties/addressPrefixes").and_then(Value::as_array_mut);
        prefixes.is_some_and(|prefixes| {
            prefixes.retain(holds_rule);
            !prefixes.is_empty()
        })
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_other_services_only_the_ranges_that_hold_a_rule_stay() {
        let tag = |name: &str, prefixes: &[&str]| json!({"name": name, "properties": {"addressPrefixes": prefixes}});
        let own = tag("ApiManagement.WestEurope", &["20.86.1.0/24", "2603:1020::/64"]);
        let mut body = json!({"values": [
            own.clone(),
            tag("AzureDevOps", &["13.107.6.0/24", "40.74.0.0/15"]),
            tag("Storage.WestEurope", &["52.239.140.0/22"]),
            {"name": "Odd"},
        ]});
        keep(&mut body, &[read_range("40.74.28.1").unwrap()]);
        assert_eq!(body, json!({"values": [own, tag("AzureDevOps", &["40.74.0.0/15"])]}));
    }
}
