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

/// A resource that was restored, and the property that is missing where the object shows only a part of it.
pub(super) type Restored = (ResourceId, Map<String, Value>, Option<&'static str>);

/// A resource as a command of Azure PowerShell returns it, or why it cannot be restored with certainty.
pub(super) fn resource(object: &Map<String, Value>) -> Option<Result<Restored, (String, &'static str)>> {
    let names = ["ResourceId", "Id", "RoleAssignmentId"];
    let id = names.into_iter().find_map(|name| object.get(name)?.as_str().filter(|id| is_id(id)))?;
    let id = ResourceId::new(id);
    let kind = id.resource_type();
    if object.values().any(is_cut) {
        let what = format!("`ConvertTo-Json` cut a resource of type `{kind}`");
        return Some(Err((what, "add `-Depth 20` to `ConvertTo-Json`")));
    }
    let restored = match kind.to_ascii_lowercase().as_str() {
        _ if object.get("Properties").is_some_and(Value::is_object) => Some((generic(&id, object), None)),
        "microsoft.keyvault/vaults" => vault(object).map(|vault| (vault, None)),
        "microsoft.authorization/roleassignments" => role_assignment(&id, object),
        kind => SHAPES.iter().find(|shape| shape.kind == kind).and_then(|shape| shape.restore(&id, object)),
    };
    Some(
        restored
            .map(|(body, lacks)| (id, body, lacks))
            .ok_or_else(|| (format!("a resource of type `{kind}` in the form of Azure PowerShell"), GENERIC)),
    )
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

/// A vault: the object contains the answer of Azure as the SDK read it.
///
/// Source: <https://github.com/Azure/azure-powershell/blob/main/src/KeyVault/KeyVault/Models/PSKeyVault.cs> (read
/// 2026-11-30).
fn vault(object: &Map<String, Value>) -> Option<Map<String, Value>> {
    let original = object.get("OriginalVault")?.as_object()?;
    original.get("Properties").filter(|properties| properties.is_object())?;
    match lower(&Value::Object(original.clone())) {
        Value::Object(vault) => Some(vault),
        _ => None,
    }
}

/// A role assignment. The role is named by its GUID alone.
///
/// Source: `Resources/Models.Authorization/PSRoleAssignment.cs` of <https://github.com/Azure/azure-powershell> (read
/// 2026-11-30).
fn role_assignment(id: &ResourceId, object: &Map<String, Value>) -> Option<(Map<String, Value>, Option<&'static str>)> {
    let text = |name: &str| object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let scope = text("Scope")?;
    let role = text("RoleDefinitionId")?;
    let role = match role.contains('/') {
        true => role.to_owned(),
        false => {
            let subscription = id.subscription_scope().map(|scope| scope.to_string()).unwrap_or_default();
            format!("{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}")
        }
    };
    let properties = serde_json::json!({
        "principalId": text("ObjectId")?,
        "principalType": text("ObjectType"),
        "roleDefinitionId": role,
        "scope": scope,
        "condition": text("Condition"),
        "conditionVersion": text("ConditionVersion"),
    });
    // Old versions do not show whether there is a condition.
    let lacks = (!object.contains_key("Condition")).then_some("condition");
    let body = [("id".to_owned(), Value::from(id.as_str())), ("properties".to_owned(), properties)];
    Some((body.into_iter().collect(), lacks))
}

/// A type of which Azure PowerShell shows everything that is read, under names that can be changed back.
struct Shape {
    kind: &'static str,
    /// Members that the object must have; the type of another object cannot be restored. `*`: every element.
    needs: &'static [&'static str],
    /// Resources that stand in it in full, where Azure names them.
    references: &'static [&'static str],
    /// Lists that Azure writes as a text if they have one element, and under another name if they have more.
    lists: &'static [(&'static str, &'static str)],
}

/// Sources: the classes in `src/Network/Network/Models` of <https://github.com/Azure/azure-powershell>, and
/// <https://learn.microsoft.com/powershell/module/az.managedserviceidentity/get-azuserassignedidentity> (read
/// 2026-11-30).
const SHAPES: [Shape; 4] = [
    Shape {
        kind: "microsoft.managedidentity/userassignedidentities",
        needs: &["clientId", "principalId", "tenantId"],
        references: &[],
        lists: &[],
    },
    Shape {
        kind: "microsoft.network/virtualnetworks/subnets",
        needs: &["addressPrefix", "serviceEndpoints", "privateEndpointNetworkPolicies", "defaultOutboundAccess"],
        references: &["networkSecurityGroup", "routeTable", "natGateway"],
        lists: &[("addressPrefix", "addressPrefixes")],
    },
    Shape {
        kind: "microsoft.network/networksecuritygroups",
        needs: &["securityRules", "defaultSecurityRules"],
        references: &["subnets", "networkInterfaces"],
        lists: &[
            ("securityRules/*/sourcePortRange", "sourcePortRanges"),
            ("securityRules/*/destinationPortRange", "destinationPortRanges"),
            ("securityRules/*/sourceAddressPrefix", "sourceAddressPrefixes"),
            ("securityRules/*/destinationAddressPrefix", "destinationAddressPrefixes"),
            ("defaultSecurityRules/*/sourcePortRange", "sourcePortRanges"),
            ("defaultSecurityRules/*/destinationPortRange", "destinationPortRanges"),
            ("defaultSecurityRules/*/sourceAddressPrefix", "sourceAddressPrefixes"),
            ("defaultSecurityRules/*/destinationAddressPrefix", "destinationAddressPrefixes"),
        ],
    },
    Shape {
        kind: "microsoft.network/routetables",
        needs: &["routes", "disableBgpRoutePropagation"],
        references: &["subnets"],
        lists: &[],
    },
];

impl Shape {
    fn restore(
        &self,
        id: &ResourceId,
        object: &Map<String, Value>,
    ) -> Option<(Map<String, Value>, Option<&'static str>)> {
        let Value::Object(mut body) = lower(&Value::Object(object.clone())) else { return None };
        if !self.needs.iter().all(|name| body.contains_key(*name)) {
            return None;
        }
        self.references.iter().for_each(|name| refer(body.get_mut(*name)));
        self.lists.iter().for_each(|(path, plural)| unlist(&mut body, path, plural));
        // Texts that repeat what stands beside them, for people.
        body.retain(|name, _| !name.ends_with("Text") && name != "tagsTable" && name != "tag");
        body.insert("id".to_owned(), Value::from(id.as_str()));
        Some((body, None))
    }
}

/// Keeps only the ids of resources.
fn refer(value: Option<&mut Value>) {
    match value {
        Some(Value::Array(items)) => items.iter_mut().for_each(|item| refer(Some(item))),
        Some(Value::Object(object)) => object.retain(|name, _| name == "id"),
        _ => {}
    }
}

/// Writes a list as Azure does.
fn unlist(object: &mut Map<String, Value>, path: &str, plural: &str) {
    if let Some((name, rest)) = path.split_once("/*/") {
        let items = object.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten();
        return items.filter_map(Value::as_object_mut).for_each(|item| unlist(item, rest, plural));
    }
    match object.get_mut(path) {
        Some(Value::Array(items)) if items.len() == 1 => {
            let only = items.pop().unwrap_or_default();
            object.insert(path.to_owned(), only);
        }
        Some(Value::Array(_)) => {
            if let Some(list) = object.remove(path) {
                object.insert(plural.to_owned(), list);
            }
        }
        _ => {}
    }
}

/// Names as Azure writes them: `VaultUri` is `vaultUri`, and `IPRules` is `ipRules`.
fn lower(value: &Value) -> Value {
    match value {
        Value::Object(object) => object.iter().map(|(name, value)| (lower_name(name), lower(value))).collect(),
        Value::Array(items) => items.iter().map(lower).collect(),
        other => other.clone(),
    }
}

fn lower_name(name: &str) -> String {
    let upper = name.chars().take_while(char::is_ascii_uppercase).count();
    // The last capital letter of several starts the next word.
    let first = if upper > 1 && upper < name.len() { upper - 1 } else { upper };
    name.chars().enumerate().map(|(at, c)| if at < first { c.to_ascii_lowercase() } else { c }).collect()
}
