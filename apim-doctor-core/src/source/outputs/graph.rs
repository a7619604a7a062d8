//! Results of Azure Resource Graph.

use serde_json::{Map, Value};

/// The rows of a result as a table: `{"data": {"columns": […], "rows": […]}}`, the form of `resultFormat: table`.
///
/// Source: <https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources> (read 2026-11-30).
pub(super) fn rows(object: &Map<String, Value>) -> Option<Vec<Map<String, Value>>> {
    let data = object.get("data").or_else(|| object.get("Data"))?.as_object()?;
    let (columns, rows) = (data.get("columns")?.as_array()?, data.get("rows")?.as_array()?);
    let names: Vec<&str> =
        columns.iter().map(|column| column.get("name").and_then(Value::as_str).unwrap_or_default()).collect();
    let row = |cells: &Value| {
        let cells = cells.as_array()?.iter().cloned();
        Some(names.iter().map(|name| (*name).to_owned()).zip(cells).collect())
    };
    rows.iter().map(row).collect()
}

/// A row whose columns were projected: `properties.vaultUri` stands in it as `properties_vaultUri`. The properties
/// are put back in their places. Whether the row is one; it then shows only what the query asked for.
pub(super) fn unfold(mut row: Map<String, Value>) -> (Map<String, Value>, bool) {
    const PREFIX: &str = "properties_";
    if !row.keys().any(|key| key.starts_with(PREFIX)) {
        return (row, false);
    }
    let mut properties = match row.remove("properties") {
        Some(Value::Object(properties)) => properties,
        _ => Map::new(),
    };
    let names: Vec<String> = row.keys().filter(|key| key.starts_with(PREFIX)).cloned().collect();
    for name in names {
        let Some(value) = row.remove(&name) else { continue };
        let path: Vec<&str> = name.strip_prefix(PREFIX).unwrap_or_default().split('_').collect();
        put(&mut properties, &path, value);
    }
    row.insert("properties".to_owned(), Value::Object(properties));
    (row, true)
}

fn put(object: &mut Map<String, Value>, path: &[&str], value: Value) {
    match path {
        [] => {}
        [name] => {
            object.insert((*name).to_owned(), value);
        }
        [name, rest @ ..] => {
            if let Value::Object(inner) = object.entry(*name).or_insert_with(|| Value::Object(Map::new())) {
                put(inner, rest, value);
            }
        }
    }
}
