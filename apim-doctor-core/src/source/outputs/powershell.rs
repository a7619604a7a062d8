//! Output of Azure PowerShell that was converted to JSON.

use serde_json::{Map, Value};

use crate::base::ResourceId;
use crate::source::outputs::body::is_id;

/// The answer in what `Invoke-AzRestMethod` returns: Azure's own text.
///
/// Source: <https://learn.microsoft.com/powershell/module/az.accounts/invoke-azrestmethod> (read 2026-11-30).
pub(super) fn content(object: &Map<String, Value>) -> Option<Result<Value, (&'static str, &'static str)>> {
    let (content, status) = (object.get("Content")?.as_str()?, object.get("StatusCode")?.as_u64()?);
    let help = "repeat the request with an identity that may read the resource";
    Some(match serde_json::from_str(content) {
        Ok(answer) if status == 200 => Ok(answer),
        Ok(_) => Err(("Azure answered `Invoke-AzRestMethod` with an error", help)),
        Err(_) => Err(("the content of `Invoke-AzRestMethod` is not JSON", help)),
    })
}

/// A resource as a command of Azure PowerShell returns it, or why it cannot be restored with certainty.
pub(super) fn resource(
    object: &Map<String, Value>,
) -> Option<Result<(ResourceId, Map<String, Value>), (String, &'static str)>> {
    let id = ["ResourceId", "Id"].into_iter().find_map(|name| object.get(name)?.as_str().filter(|id| is_id(id)))?;
    let id = ResourceId::new(id);
    let kind = id.resource_type();
    if object.values().any(is_cut) {
        let what = format!("`ConvertTo-Json` cut a resource of type `{kind}`");
        return Some(Err((what, "add `-Depth 20` to `ConvertTo-Json`")));
    }
    if let Some(Value::Object(_)) = object.get("Properties") {
        return Some(Ok((id.clone(), generic(&id, object))));
    }
    let what = format!("a resource of type `{kind}` in the form of Azure PowerShell");
    Some(Err((what, GENERIC)))
}

const GENERIC: &str = "print it with `(Invoke-AzRestMethod -Path \"ID?api-version=VERSION\").Content`, or with \
                       `Get-AzResource -ResourceId ID -ExpandProperties | ConvertTo-Json -Depth 20`";

/// Whether `ConvertTo-Json` reached its depth inside of a value: it then prints the name of a type, or `@{…}`.
///
/// Source: <https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/convertto-json> (read 2026-11-30).
fn is_cut(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            text.starts_with("@{") || text.starts_with("System.") || text.starts_with("Microsoft.Azure.")
        }
        Value::Array(items) => items.iter().any(is_cut),
        Value::Object(inner) => inner.values().any(is_cut),
        _ => false,
    }
}

/// A generic resource (`Get-AzResource -ExpandProperties`): only the names beside its properties are PowerShell's own.
fn generic(id: &ResourceId, object: &Map<String, Value>) -> Map<String, Value> {
    const NAMES: [(&str, &str); 7] = [
        ("Name", "name"),
        ("ResourceType", "type"),
        ("Kind", "kind"),
        ("Location", "location"),
        ("Identity", "identity"),
        ("Sku", "sku"),
        ("Properties", "properties"),
    ];
    let own = NAMES.iter().filter_map(|(from, to)| Some(((*to).to_owned(), object.get(*from)?.clone())));
    [("id".to_owned(), Value::from(id.as_str()))].into_iter().chain(own).filter(|(_, value)| !value.is_null()).collect()
}
