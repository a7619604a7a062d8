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

/// What an object of Azure PowerShell is that cannot be restored with certainty, and what to do instead.
pub(super) fn object(object: &Map<String, Value>) -> Option<(String, &'static str)> {
    let id = ["ResourceId", "Id"].into_iter().find_map(|name| object.get(name)?.as_str().filter(|id| is_id(id)))?;
    let kind = ResourceId::new(id).resource_type();
    let what = format!("a resource of type `{kind}` in the form of Azure PowerShell");
    Some((
        what,
        "print it with `(Invoke-AzRestMethod -Path \"ID?api-version=VERSION\").Content`, or with `Get-AzResource \
                 -ResourceId ID -ExpandProperties | ConvertTo-Json -Depth 20`",
    ))
}
