//! Resource Graph: queries, scopes and pages.
//!
//! Sources: <https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources> (read 2026-12-01);
//! the errors of scopes as in <https://github.com/rubrikinc/rubrik-sizing-scripts/issues/87> and
//! <https://github.com/Azure/aztfexport/issues/491> (read 2026-12-01).

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Value, json};

use super::State;
use super::http::{Answer, Request};

/// Rows on a page, at most.
const LARGEST_PAGE: usize = 1000;

/// A parsed query: columns in lower case with the values that they may have, and the subscriptions in scope.
pub(super) struct Query {
    /// A Resource Graph column in lower case, and its accepted values.
    pub conditions: Vec<(String, Vec<String>)>,
    /// The ids of the subscriptions in scope, in lower case; `None`: all.
    pub subscriptions: Option<BTreeSet<String>>,
}

/// Answers queries like `resources | where type =~ '…' and name in~ ('…', …) | project id, name, type | order by id asc`.
pub(super) fn answer(state: &State, request: &Request) -> Answer {
    let bad = |what: &str| Answer::error(400, "BadRequest", format!("unsupported query: {what}"));
    let Ok(body) = serde_json::from_slice::<Value>(&request.body) else { return bad("the body is not JSON") };
    let Some(text) = body["query"].as_str() else { return bad("`query` is missing") };
    let conditions = match conditions_of(text) {
        Ok(conditions) => conditions,
        Err(what) => return bad(what),
    };
    let subscriptions = match scope_of(state, &body) {
        Ok(subscriptions) => subscriptions,
        Err(refused) => return refused,
    };
    let query = Query { conditions, subscriptions };
    let token = {
        let mut hasher = DefaultHasher::new();
        (text, body["subscriptions"].to_string(), body["managementGroups"].to_string()).hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    };
    // A token is good for its own query only.
    let skip = match body["options"]["$skipToken"].as_str() {
        None => 0,
        Some(given) => match given.split_once('.').filter(|(_, of)| *of == token).and_then(|(n, _)| n.parse().ok()) {
            Some(skip) => skip,
            None => return bad("`$skipToken` belongs to another query"),
        },
    };
    let top = body["options"]["$top"].as_u64().and_then(|n| usize::try_from(n).ok());
    if top.is_some_and(|top| top == 0 || top > LARGEST_PAGE) {
        return bad("`$top` must be from 1 to 1000");
    }
    let size = top.unwrap_or(LARGEST_PAGE).min(state.options.page_size.unwrap_or(LARGEST_PAGE));
    let (total, rows) = state.rows(&query, skip, size);
    let mut answer =
        json!({ "totalRecords": total, "count": rows.len(), "data": rows, "facets": [], "resultTruncated": "false" });
    if skip + size < total {
        answer["$skipToken"] = format!("{}.{token}", skip + size).into();
    }
    Answer::new(200, answer)
}

fn conditions_of(query: &str) -> Result<Vec<(String, Vec<String>)>, &str> {
    let mut conditions = Vec::new();
    for (number, stage) in query.split('|').map(str::trim).enumerate() {
        match stage.split_once(char::is_whitespace).unwrap_or((stage, "")) {
            ("resources" | "Resources", "") if number == 0 => {}
            ("where", all) if number > 0 => {
                for text in all.split(" and ").map(str::trim) {
                    conditions.push(condition_of(text).ok_or(text)?);
                }
            }
            ("project", columns) if columns.split(',').map(str::trim).eq(["id", "name", "type"]) => {}
            // Rows are always in this order.
            ("order" | "sort", by) if by.split_whitespace().eq(["by", "id", "asc"]) => {}
            _ => return Err(stage),
        }
    }
    Ok(conditions)
}

/// Parses `column =~ 'value'` or `column in~ ('value', …)`. The result is in lower case.
fn condition_of(text: &str) -> Option<(String, Vec<String>)> {
    let quoted = |text: &str| {
        let inner = text.trim().strip_prefix('\'')?.strip_suffix('\'')?;
        (!inner.contains('\'')).then(|| inner.to_ascii_lowercase())
    };
    let (column, values) = match text.split_once("=~") {
        Some((column, value)) => (column, vec![quoted(value)?]),
        None => {
            let (column, values) = text.split_once(" in~")?;
            let values = values.trim().strip_prefix('(')?.strip_suffix(')')?;
            (column, values.split(',').map(quoted).collect::<Option<_>>()?)
        }
    };
    let column = column.trim().to_ascii_lowercase();
    let is_known = ["id", "name", "type", "location", "resourcegroup", "subscriptionid"].contains(&column.as_str());
    (is_known || column.starts_with("properties.")).then_some((column, values))
}

/// Returns the subscriptions that a query is about.
fn scope_of(state: &State, body: &Value) -> Result<Option<BTreeSet<String>>, Answer> {
    let names = |key: &str| -> Option<Vec<String>> {
        let all = body[key].as_array()?.iter().filter_map(Value::as_str);
        Some(all.map(str::to_ascii_lowercase).collect())
    };
    let refused = |code: &str, message: String| error(400, "BadRequest", json!([{ "code": code, "message": message }]));
    let asked = match (names("subscriptions"), names("managementGroups")) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(refused(
                "InvalidQueryScope",
                "Both subscriptions and management groups were given.".to_owned(),
            ));
        }
        (Some(subscriptions), None) => subscriptions,
        (None, Some(groups)) => {
            let mut all = Vec::new();
            for group in groups {
                let Some(inside) = state.management_group(&group) else {
                    let message = format!("The provided management groups must be valid. Given: '{group}'.");
                    return Err(refused("ManagementGroupsContainInvalidIds", message));
                };
                all.extend(inside);
            }
            return Ok(Some(all.into_iter().collect()));
        }
    };
    if asked.iter().all(|id| !state.has_subscription(id)) {
        let message = format!(
            "There must be at least one subscription that is eligible to contain resources. Given: '{}'.",
            asked.join(", ")
        );
        return Err(refused("NoValidSubscriptionsInQueryRequest", message));
    }
    Ok(Some(asked.into_iter().collect()))
}

/// Returns an error in the format of Resource Graph.
pub(super) fn error(status: u16, code: &str, details: Value) -> Answer {
    let message = "Please provide below info when asking for support: timestamp = 2026-11-21T09:00:00.0000000Z, \
                   correlationId = 00000000-0000-4000-8000-0000000000a1.";
    Answer::new(status, json!({ "error": { "code": code, "message": message, "details": details } }))
}
