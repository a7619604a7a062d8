//! Backups of API Management and customer-managed keys of Recovery Services vaults in the files of a deployment.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::PathBuf;

use apim_doctor_core::v1::{Path, Report};
use apim_doctor_core::{CheckOptions, Verdict, check};
use serde_json::{Value, json};

/// A folder that is removed again.
struct Folder(PathBuf);

impl Folder {
    fn with(name: &str, file: &str, text: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("apim-doctor-backups-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(file), text).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn report(name: &str, file: &str, text: &str, standalone: bool) -> Report {
    let folder = Folder::with(name, file, text);
    let (report, problems) =
        check(std::slice::from_ref(&folder.0), &CheckOptions::default().with_standalone(standalone));
    assert!(problems.is_empty(), "{name}: {problems:?}");
    report
}

const INSTANCE: &str = "[resourceId('Microsoft.ApiManagement/service', 'apim-bk')]";
const WRITER: &str = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";
const STARTER: &str = "e022efe7-f5ba-4159-bbe4-b44f577e9b61";

fn role(scope: &str, of: &str, role: &str) -> Value {
    json!({
        "type": "Microsoft.Authorization/roleAssignments", "apiVersion": "2022-04-01", "scope": scope,
        "name": format!("[guid('{scope}', '{of}', '{role}')]"),
        "properties": {
            "principalId": format!("[reference('{of}', '2023-05-01', 'full').identity.principalId]"),
            "principalType": "ServicePrincipal",
            "roleDefinitionId": format!("[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{role}')]"),
        },
    })
}

/// An instance, a storage account with a container, and a workflow with these actions.
fn template(definition: Value, more: Vec<Value>) -> String {
    let mut resources = vec![
        json!({
            "type": "Microsoft.ApiManagement/service", "apiVersion": "2024-05-01", "name": "apim-bk",
            "location": "westeurope", "sku": { "name": "Standard", "capacity": 1 },
            "identity": { "type": "SystemAssigned" },
            "properties": { "publisherEmail": "a@contoso.example", "publisherName": "Contoso" },
        }),
        json!({
            "type": "Microsoft.Storage/storageAccounts", "apiVersion": "2023-05-01", "name": "stbk",
            "location": "westeurope", "sku": { "name": "Standard_LRS" }, "kind": "StorageV2", "properties": {},
        }),
        json!({
            "type": "Microsoft.Storage/storageAccounts/blobServices/containers", "apiVersion": "2023-05-01",
            "name": "stbk/default/backups", "properties": {},
        }),
        json!({
            "type": "Microsoft.Logic/workflows", "apiVersion": "2019-05-01", "name": "logic-bk",
            "location": "westeurope", "identity": { "type": "SystemAssigned" },
            "properties": { "definition": definition, "parameters": { "apimId": { "value": INSTANCE } } },
        }),
    ];
    resources.extend(more);
    json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "resources": resources,
    })
    .to_string()
}

fn definition(actions: Value) -> Value {
    json!({
        "contentVersion": "1.0.0.0", "parameters": { "apimId": { "type": "String", "defaultValue": "" } },
        "triggers": {}, "actions": actions,
    })
}

/// Both roles: that of the instance on the account, and that of the workflow on the instance.
fn roles() -> Vec<Value> {
    let instance = "Microsoft.ApiManagement/service/apim-bk";
    let workflow = "Microsoft.Logic/workflows/logic-bk";
    vec![role("Microsoft.Storage/storageAccounts/stbk", instance, WRITER), role(instance, workflow, STARTER)]
}

fn body() -> Value {
    json!({
        "storageAccount": "stbk", "containerName": "backups", "accessType": "SystemAssignedManagedIdentity",
        "backupName": "@{utcNow('yyyyMMdd')}.apimbackup",
    })
}

fn post(uri: &str, body: Value) -> Value {
    json!({ "type": "Http", "inputs": {
        "method": "POST", "uri": uri, "body": body,
        "authentication": { "type": "ManagedServiceIdentity", "audience": "https://management.azure.com" },
    }})
}

const URI: &str = "[concat('https://management.azure.com', resourceId('Microsoft.ApiManagement/service', 'apim-bk'), \
                   '/backup?api-version=2024-05-01')]";

fn backups(report: &Report) -> Vec<&Path> {
    report.paths.iter().filter(|path| path.consumer == "apim-backup").collect()
}

fn only<'r>(name: &str, report: &'r Report) -> &'r Path {
    let all = backups(report);
    assert_eq!(all.len(), 1, "{name}: {:?}", report.gaps);
    assert_eq!(all[0].label, "stbk/backups", "{name}");
    all[0]
}

#[test]
fn a_request_is_found_however_the_workflow_writes_it() {
    let connector = json!({ "type": "ApiConnection", "inputs": {
        "host": { "connection": { "name": "arm" } }, "method": "post",
        "path": "[concat('/subscriptions/@{encodeURIComponent(''', subscription().subscriptionId, ''')}/resourcegroups/', \
                 resourceGroup().name, '/providers/Microsoft.ApiManagement/@{encodeURIComponent(''service/apim-bk'')}/backup')]",
        "queries": { "x-ms-api-version": "2024-05-01" }, "body": body(),
    }});
    let text = format!("{}", body());
    let styles = [
        ("concat", json!({ "backup": post(URI, body()) })),
        (
            "parameter",
            json!({ "backup": post(
            "https://management.azure.com@{parameters('apimId')}/backup?api-version=2024-05-01", body()) }),
        ),
        (
            "expression",
            json!({ "backup": post(
            "@concat('https://management.azure.com', parameters('apimId'), '/backup?api-version=2024-05-01')", body()) }),
        ),
        (
            "in a scope",
            json!({ "try": { "type": "Scope", "actions": {
            "if": { "type": "If", "actions": { "backup": post(URI, body()) }, "expression": {} } } } }),
        ),
        (
            "in a loop",
            json!({ "each": { "type": "Foreach", "foreach": [INSTANCE], "actions": { "backup": post(
            "https://management.azure.com@{items('each')}/backup?api-version=2024-05-01", body()) } } }),
        ),
        ("as a text", json!({ "backup": post(URI, text.into()) })),
        (
            "in a variable",
            json!({
                "set": { "type": "InitializeVariable", "inputs": { "variables": [
                    { "name": "address", "type": "string", "value": URI },
                ] } },
                "backup": post("@variables('address')", body()),
            }),
        ),
        (
            "composed",
            json!({
                "request": { "type": "Compose", "inputs": body() },
                "backup": post(URI, "@outputs('request')".into()),
            }),
        ),
        ("connector", json!({ "backup": connector })),
    ];
    for (name, actions) in styles {
        let report = report(&name.replace(' ', "-"), "main.json", &template(definition(actions), roles()), false);
        let path = only(name, &report);
        assert_eq!(path.verdict, Verdict::Pass, "{name}: {:?} {:?}", report.findings, report.gaps);
        let steps = path.gates.iter().flat_map(|gate| &gate.steps).map(|step| step.question.as_ref());
        let asks_caller = steps.into_iter().any(|question| question == "may the caller start the operation?");
        assert_eq!(asks_caller, name != "connector", "{name}");
    }
}

#[test]
fn both_principals_need_their_role() {
    let of = |name: &str, more: Vec<Value>, standalone: bool| {
        let actions = json!({ "backup": post(URI, body()) });
        report(name, "main.json", &template(definition(actions), more), standalone)
    };
    let codes = |report: &Report| report.findings.iter().map(|own| own.code.to_string()).collect::<Vec<_>>();
    let [writes, starts]: [Value; 2] = roles().try_into().unwrap();
    // What the files do not hold may exist elsewhere.
    for (name, more, code) in [
        ("no-writer", vec![starts.clone()], "authorization.no-grant"),
        ("no-starter", vec![writes.clone()], "caller.operator-lacks-permission"),
    ] {
        let open = of(name, more.clone(), false);
        assert_eq!(only(name, &open).verdict, Verdict::Unknown, "{name}");
        assert!(codes(&open).contains(&code.to_owned()), "{name}: {:?}", codes(&open));
        let alone = of(name, more, true);
        assert_eq!(only(name, &alone).verdict, Verdict::Fail, "{name}");
        assert_eq!(only(name, &alone).root_cause.as_ref().map(ToString::to_string).as_deref(), Some(code), "{name}");
    }
}

#[test]
fn a_request_says_how_it_signs_in() {
    let of = |name: &str, change: Value| {
        let mut own = body();
        for (member, value) in change.as_object().unwrap() {
            own[member] = value.clone();
        }
        let report = report(name, "main.json", &template(definition(json!({ "b": post(URI, own) })), roles()), true);
        let path = only(name, &report);
        (path.verdict, path.root_cause.as_ref().map(ToString::to_string))
    };
    let root = |code: &str| Some(code.to_owned());
    assert_eq!(of("identity", json!({})), (Verdict::Pass, None));
    assert_eq!(of("none", json!({ "accessType": null })), (Verdict::Fail, root("caller.backup-access-type-missing")));
    let key = "[listKeys(resourceId('Microsoft.Storage/storageAccounts', 'stbk'), '2023-05-01').keys[0].value]";
    assert_eq!(of("key", json!({ "accessType": "AccessKey", "accessKey": key })), (Verdict::Pass, None));
    let user = json!({ "accessType": "UserAssignedManagedIdentity", "clientId": "not-attached" });
    assert_eq!(of("user", user).0, Verdict::Fail);
    // What is not known is neither right nor wrong.
    assert_eq!(of("open", json!({ "accessType": "@parameters('kind')" })), (Verdict::Unknown, None));
}

#[test]
fn a_request_for_something_unknown_is_a_question() {
    let asks = |name: &str, actions: Value| {
        let report = report(name, "main.json", &template(definition(actions), roles()), false);
        assert!(backups(&report).is_empty(), "{name}");
        report.gaps.iter().map(|gap| gap.what.clone()).collect::<Vec<_>>().join("\n")
    };
    let triggered = post("@{triggerBody()?['url']}/backup?api-version=2024-05-01", body());
    let said = asks("triggered", json!({ "backup": triggered }));
    assert!(said.contains("which instance `logic-bk` backs up"), "{said}");
    let computed = post(URI, "@body('compose')".into());
    let said = asks("computed", json!({ "backup": computed }));
    assert!(said.contains("which storage account a backup of `apim-bk` goes to"), "{said}");
    // A request for something else is none of this.
    let other = post("https://management.azure.com@{parameters('apimId')}/apis?api-version=2024-05-01", json!({}));
    assert!(!asks("other", json!({ "list": other })).contains("logic-bk"));
    let mut read = post(URI, body());
    read["inputs"]["method"] = "GET".into();
    assert!(!asks("read", json!({ "list": read })).contains("logic-bk"));
}

#[test]
fn a_pipeline_of_data_factory_asks_as_its_factory() {
    let pipeline = json!({
        "type": "Microsoft.DataFactory/factories/pipelines", "apiVersion": "2018-06-01", "name": "adf/backup",
        "properties": {
            "parameters": { "apimId": { "type": "string", "defaultValue": INSTANCE } },
            "activities": [{ "name": "backup", "type": "WebActivity", "typeProperties": {
                "method": "POST", "body": body(), "authentication": { "type": "MSI", "resource": "https://management.azure.com" },
                "url": { "type": "Expression", "value":
                    "@concat('https://management.azure.com', pipeline().parameters.apimId, '/backup?api-version=2024-05-01')" },
            }}],
        },
    });
    let factory = json!({
        "type": "Microsoft.DataFactory/factories", "apiVersion": "2018-06-01", "name": "adf", "location": "westeurope",
        "identity": { "type": "SystemAssigned" }, "properties": {},
    });
    let instance = "Microsoft.ApiManagement/service/apim-bk";
    let starts = role(instance, "Microsoft.DataFactory/factories/adf", STARTER);
    let writes = role("Microsoft.Storage/storageAccounts/stbk", instance, WRITER);
    let text = template(definition(json!({})), vec![factory, pipeline, starts, writes]);
    let report = report("factory", "main.json", &text, true);
    assert_eq!(only("factory", &report).verdict, Verdict::Pass, "{:?} {:?}", report.findings, report.gaps);
}

/// A plan of resources, each with a type, a name and values.
fn plan(resources: &[(&str, &str, Value)]) -> String {
    let address = |kind: &str, name: &str| format!("{kind}.{name}");
    let planned: Vec<Value> = resources
        .iter()
        .map(|(kind, name, values)| {
            json!({ "address": address(kind, name), "mode": "managed", "type": kind, "name": name, "values": values,
                "provider_name": "registry.example/hashicorp/azurerm", "schema_version": 0 })
        })
        .collect();
    let changes: Vec<Value> = resources
        .iter()
        .map(|(kind, name, values)| {
            json!({ "address": address(kind, name), "mode": "managed", "type": kind, "name": name,
                "provider_name": "registry.example/hashicorp/azurerm",
                "change": { "actions": ["create"], "before": null, "after": values, "after_unknown": {} } })
        })
        .collect();
    let configured: Vec<Value> = resources
        .iter()
        .map(|(kind, name, values)| {
            let of = |value: &Value| json!({ "constant_value": value });
            let expressions: serde_json::Map<String, Value> =
                values.as_object().unwrap().iter().map(|(name, value)| (name.clone(), of(value))).collect();
            json!({ "address": address(kind, name), "mode": "managed", "type": kind, "name": name,
                "provider_config_key": "azurerm", "expressions": expressions, "schema_version": 0 })
        })
        .collect();
    json!({
        "format_version": "1.2", "terraform_version": "1.11.4", "planned_values": { "root_module": { "resources": planned } },
        "resource_changes": changes,
        "configuration": { "provider_config": {}, "root_module": { "resources": configured } },
    })
    .to_string()
}

#[test]
fn what_is_known_only_when_a_workflow_runs_stays_open() {
    let set = |kind: &str| json!({ "type": kind, "inputs": { "name": "address", "value": "x" } });
    let address = json!({ "type": "InitializeVariable", "inputs": { "variables": [
        { "name": "address", "type": "string", "value": URI },
    ] } });
    let by_variable = |again: Value| json!({ "set": address.clone(), "again": again, "backup": post("@variables('address')", body()) });
    for kind in ["SetVariable", "AppendToStringVariable"] {
        let report =
            report(&format!("open-{kind}"), "main.json", &template(definition(by_variable(set(kind))), roles()), false);
        assert!(backups(&report).is_empty(), "{kind}: {:?}", report.paths);
        let gaps: Vec<&str> = report.gaps.iter().map(|gap| gap.what.as_str()).collect();
        assert!(gaps.iter().any(|what| what.contains("which instance `logic-bk` backs up")), "{kind}: {gaps:?}");
    }
    let mut late = body();
    late["accessType"] = "@{triggerBody()?['how']}".into();
    let actions = json!({
        "request": { "type": "Compose", "inputs": late }, "backup": post(URI, "@outputs('request')".into()),
    });
    let report = report("open-composed", "main.json", &template(definition(actions), roles()), false);
    assert_eq!(only("composed", &report).verdict, Verdict::Unknown, "{:?}", report.findings);
}

#[test]
fn terraform_asks_for_a_backup_in_three_ways() {
    let group = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/rg";
    let instance = format!("{group}/providers/Microsoft.ApiManagement/service/apim-bk");
    let url = format!("https://management.azure.com{instance}/backup?api-version=2024-05-01");
    let action = json!({ "inputs": { "method": "POST", "uri": url, "body": body() }, "type": "Http" });
    let ways = [
        (
            "azapi_resource_action",
            json!({ "type": "Microsoft.ApiManagement/service@2024-05-01", "resource_id": instance,
            "action": "backup", "method": "POST", "body": body() }),
        ),
        (
            "azurerm_logic_app_action_http",
            json!({ "name": "backup", "method": "POST", "uri": url,
            "logic_app_id": format!("{group}/providers/Microsoft.Logic/workflows/logic-bk"), "body": body().to_string() }),
        ),
        (
            "azurerm_logic_app_action_custom",
            json!({ "name": "backup", "body": action.to_string(),
            "logic_app_id": format!("{group}/providers/Microsoft.Logic/workflows/logic-bk") }),
        ),
    ];
    for (kind, values) in ways {
        let account = json!({ "name": "stbk", "resource_group_name": "rg", "location": "westeurope",
            "account_tier": "Standard", "account_replication_type": "LRS" });
        let text = plan(&[(kind, "backup", values), ("azurerm_storage_account", "st", account)]);
        let report = report(kind, "plan.json", &text, false);
        let path = only(kind, &report);
        // The instance is not in the plan.
        assert_eq!(path.verdict, Verdict::Unknown, "{kind}");
        assert!(path.resource.name().eq_ignore_ascii_case("apim-bk"), "{kind}");
    }
}
