//! `check`: what-if output, exported templates, Terraform states, recordings, and the options that go with them.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod deployment;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use deployment::said_on_one_line;
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_apim-doctor");
const SUBSCRIPTION: &str = "6c1f0a52-7d4e-4b0a-9a53-0d2b7e5f1101";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(name)
}

fn check(args: &[&str]) -> Output {
    Command::new(PROGRAM).env_remove("APIM_DOCTOR_CLOUD").arg("check").args(args).output().unwrap()
}

/// Checks files and returns the exit status and the report.
fn report(args: &[&str]) -> (Option<i32>, Value) {
    let output = check(&[args, &["-o", "json"]].concat());
    let report =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said_on_one_line(&output)));
    (output.status.code(), report)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or("-").to_owned()
}

/// What must not depend on the form of the input: paths, gates, root causes, codes.
fn essence(report: &Value) -> BTreeSet<String> {
    let paths = report["paths"].as_array().unwrap().iter();
    let of_path = |path: &Value| {
        let gates = path["gates"].as_array().unwrap().iter();
        let gates: Vec<String> = gates
            .map(|gate| format!("{}={} {}", text(&gate["gate"]), text(&gate["verdict"]), gate["findings"]))
            .collect();
        format!(
            "{} {} {} {} {}",
            text(&path["consumer"]),
            text(&path["label"]),
            text(&path["verdict"]),
            text(&path["rootCause"]),
            gates.join(" ")
        )
    };
    paths.map(of_path).collect()
}

fn one<'r>(report: &'r Value, label: &str) -> &'r Value {
    let paths = report["paths"].as_array().unwrap().iter();
    let found: Vec<&Value> = paths.filter(|path| path["label"] == label).collect();
    assert_eq!(found.len(), 1, "{label}: {report:#}");
    found[0]
}

fn gate<'r>(path: &'r Value, name: &str) -> &'r Value {
    path["gates"].as_array().unwrap().iter().find(|gate| gate["gate"] == name).unwrap()
}

fn written(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

fn what_if(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(fixture(&format!("inputs/what-if/{name}.json"))).unwrap()).unwrap()
}

/// The change of the resource with this last name.
fn change<'w>(what_if: &'w mut Value, name: &str) -> &'w mut Value {
    let all = what_if["changes"].as_array_mut().unwrap().iter_mut();
    all.into_iter().find(|change| change["resourceId"].as_str().unwrap().ends_with(&format!("/{name}"))).unwrap()
}

const DEPLOYMENTS: [(&str, &str, &str, &[&str]); 3] = [
    ("orders", "deployments/arm/main.jsonc", "rg-orders", &["--parameters", "publicNetworkAccess=Enabled"]),
    ("payments", "inputs/what-if/payments.bicep", "rg-payments", &[]),
    ("portal", "inputs/what-if/portal.bicep", "rg-portal", &[]),
];

#[test]
fn what_if_output_gives_what_the_deployment_gives() {
    for (name, template, group, more) in DEPLOYMENTS {
        let (template, output) = (fixture(template), fixture(&format!("inputs/what-if/{name}.json")));
        let at = ["--subscription", SUBSCRIPTION, "-g", group];
        let (_, deployed) = report(&[&[template.to_str().unwrap()], &at[..], more].concat());
        let (_, predicted) = report(&[output.to_str().unwrap()]);
        assert!(!essence(&deployed).is_empty(), "{name}");
        assert_eq!(essence(&predicted), essence(&deployed), "{name}");
        assert_eq!(predicted["coverage"]["notEvaluated"], Value::Null, "{name}");
    }
}

#[test]
fn what_if_output_says_what_changes() {
    let output = |name: &str| fixture(&format!("inputs/what-if/{name}.json"));
    let (status, payments) = report(&[output("payments").to_str().unwrap(), "--standalone"]);
    let path = one(&payments, "PAYMENTS_KEY");
    assert_eq!((status, text(&path["verdict"])), (Some(1), "fail".to_owned()));
    assert_eq!(path["rootCause"], "authorization.role-lacks-action");
    assert_eq!(path["change"], "new", "the settings are new");
    let at = &path["declaredAt"];
    assert!(at["file"].as_str().unwrap().ends_with("payments.json"), "{at}");
    let line = at["line"].as_u64().unwrap() as usize;
    let source = std::fs::read_to_string(output("payments")).unwrap();
    assert!(source.lines().nth(line - 1).unwrap().contains("PAYMENTS_KEY"), "{at}");

    // The settings were there before: a vault with access policies let the app read, or may have.
    let mut both = what_if("payments");
    let settings = change(&mut both, "appsettings");
    settings["before"] = settings["after"].clone();
    settings["changeType"] = "NoChange".into();
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "out.json", both.to_string());
    let (_, breaks) = report(&[&file, "--standalone"]);
    assert_eq!(one(&breaks, "PAYMENTS_KEY")["change"], "breaks");
    // The same answer from the REST operation.
    let rest = json!({ "status": "Succeeded", "properties": { "correlationId": "c", "changes": both["changes"] } });
    let file = written(folder.path(), "rest.json", rest.to_string());
    assert_eq!(essence(&report(&[&file, "--standalone"]).1), essence(&breaks));
}

/// What what-if output leaves out makes a path unknown, and nothing else.
#[test]
fn what_is_not_in_what_if_output_is_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let run = |what_if: &Value, args: &[&str]| {
        let file = written(folder.path(), "out.json", what_if.to_string());
        report(&[&[file.as_str()], args].concat()).1
    };
    let gap = |report: &Value, words: &str| {
        let gaps = report["gaps"].to_string();
        assert!(gaps.contains(words), "{words}: {gaps}");
    };
    assert_eq!(one(&run(&what_if("portal"), &[]), "PORTAL_KEY")["verdict"], "pass");

    // Only ids: `--result-format ResourceIdOnly`.
    let mut ids = what_if("portal");
    for change in ids["changes"].as_array_mut().unwrap() {
        change["after"] = Value::Null;
        change["changeType"] = "Deploy".into();
    }
    let report = run(&ids, &["--standalone"]);
    assert_eq!((text(&report["verdict"]), report["paths"].clone()), ("unknown".to_owned(), json!([])));
    gap(&report, "does not show its properties");

    // The vault is not shown, unsupported, potential, or left alone and listed without properties.
    type Edit = fn(&mut Value);
    let edits: [(&str, Edit, &str); 4] = [
        (
            "kv-portal",
            |change| {
                change["changeType"] = "Deploy".into();
                change["after"] = Value::Null;
            },
            "does not show its properties",
        ),
        (
            "kv-portal",
            |change| {
                change["changeType"] = "Unsupported".into();
                change["after"] = Value::Null;
                change["unsupportedReason"] = "The type is not supported.".into();
            },
            "what-if cannot predict it: The type is not supported",
        ),
        ("kv-portal", |change| change["changeType"] = "Ignore".into(), "kv-portal"),
        (
            "0f3a9f5c-1d2b-5a77-9c3e-2b1d4e6f8a90",
            |change| {
                change["resourceId"] = "[extensionResourceId('/subscriptions/s/x', \
                    'Microsoft.Authorization/roleAssignments', guid(reference('a').principalId))]"
                    .into();
                change["changeType"] = "Unsupported".into();
                change["after"] = Value::Null;
            },
            "what-if cannot tell the id of a resource of type `Microsoft.Authorization/roleAssignments`",
        ),
    ];
    for (name, edit, words) in edits {
        let mut edited = what_if("portal");
        let found = change(&mut edited, name);
        edit(found);
        if found["changeType"] == "Ignore" {
            let object = found["after"].as_object_mut().unwrap();
            object.remove("properties");
            found["before"] = found["after"].clone();
        }
        for args in [&[][..], &["--standalone"]] {
            let report = run(&edited, args);
            assert_eq!(one(&report, "PORTAL_KEY")["verdict"], "unknown", "{words} {args:?}: {report:#}");
            let why = format!("{}{}", report["gaps"], report["coverage"]);
            assert!(why.contains(words), "{words} {args:?}: {why}");
        }
    }

    // A change that is only possible.
    let mut perhaps = what_if("portal");
    let at = perhaps["changes"]
        .as_array()
        .unwrap()
        .iter()
        .position(|c| c["resourceId"].as_str().unwrap().contains("roleAss"));
    let moved = perhaps["changes"].as_array_mut().unwrap().remove(at.unwrap());
    perhaps["potentialChanges"] = json!([moved]);
    let report = run(&perhaps, &["--standalone"]);
    assert_eq!(gate(one(&report, "PORTAL_KEY"), "authorization")["verdict"], "unknown");

    // A nested deployment that was not looked into may hold the role assignment.
    let mut cut = what_if("portal");
    cut["changes"].as_array_mut().unwrap().retain(|c| !c["resourceId"].as_str().unwrap().contains("roleAss"));
    let without = run(&cut, &["--standalone"]);
    assert_eq!(gate(one(&without, "PORTAL_KEY"), "authorization")["verdict"], "fail");
    cut["diagnostics"] = json!([{ "level": "Warning", "code": "NestedDeploymentShortCircuited",
        "message": "A nested deployment got short-circuited.", "target": "/subscriptions/s/x", "additionalInfo": [] }]);
    let report = run(&cut, &["--standalone"]);
    assert_eq!(gate(one(&report, "PORTAL_KEY"), "authorization")["verdict"], "unknown");
    assert!(report["coverage"]["notEvaluated"][0]["why"].as_str().unwrap().contains("short-circuited"));
}

/// Placeholders are what they stand for, or unknown; never a text that is compared.
#[test]
fn placeholders_of_what_if_are_not_texts() {
    let folder = tempfile::tempdir().unwrap();
    let run = |what_if: &Value| {
        let file = written(folder.path(), "out.json", what_if.to_string());
        report(&[&file, "--standalone"]).1
    };
    let principal = |written: &str| {
        let mut all = what_if("portal");
        change(&mut all, "0f3a9f5c-1d2b-5a77-9c3e-2b1d4e6f8a90")["after"]["properties"]["principalId"] = written.into();
        gate(one(&run(&all), "PORTAL_KEY"), "authorization")["verdict"].clone()
    };
    let app = "/subscriptions/6c1f0a52-7d4e-4b0a-9a53-0d2b7e5f1101/resourceGroups/rg-portal/providers/Microsoft.Web/sites/app-portal";
    // In another case, of another resource, of nothing that can be told, and a secret.
    assert_eq!(
        principal(&format!("[Reference('{}', '2023-12-01', 'Full').identity.principalId]", app.to_uppercase())),
        "pass"
    );
    assert_eq!(principal(&format!("[reference('{app}-other', '2023-12-01', 'full').identity.principalId]")), "fail");
    assert_eq!(
        principal(
            "[reference(resourceId('Microsoft.Web/sites', variables('app')), '2023-12-01', 'full').identity.principalId]"
        ),
        "unknown"
    );
    assert_eq!(principal("[reference('app').identity.principalId]"), "unknown");
    assert_eq!(principal("[not an expression"), "fail");
    assert_eq!(principal("[not an expression]"), "unknown");
    assert_eq!(principal("*******"), "unknown");

    // A symbolic name stands for its resource where what-if says which that is.
    let mut named = what_if("portal");
    change(&mut named, "app-portal")["symbolicName"] = "app".into();
    change(&mut named, "0f3a9f5c-1d2b-5a77-9c3e-2b1d4e6f8a90")["after"]["properties"]["principalId"] =
        "[reference('app', '2023-12-01', 'full').identity.principalId]".into();
    assert_eq!(gate(one(&run(&named), "PORTAL_KEY"), "authorization")["verdict"], "pass");

    // A host name that is fetched with the instance's own new identity: the order is not shown.
    let mut own = what_if("orders");
    let instance = &mut change(&mut own, "apim-orders")["after"];
    instance["identity"] = json!({ "type": "SystemAssigned" });
    instance["properties"]["hostnameConfigurations"] = json!([{ "type": "Proxy", "hostName": "orders.contoso.example",
        "keyVaultId": "https://kv-orders.vault.azure.net/secrets/orders", "certificateSource": "KeyVault" }]);
    let report = run(&own);
    let path = one(&report, "orders.contoso.example");
    assert_eq!(gate(path, "identity")["verdict"], "unknown");
    assert_eq!(gate(path, "identity")["findings"], json!(["identity.created-in-same-deployment"]));
}

#[test]
fn an_export_is_unknown_where_exports_are_silent() {
    let export = fixture("inputs/export/group.json");
    let export = export.to_str().unwrap();
    let (_, open) = report(&[export]);
    // The instance exists, so its identity does, too; the access policy names it.
    let host = one(&open, "shop.contoso.example");
    assert_eq!((text(&host["verdict"]), text(&host["rootCause"])), ("pass".to_owned(), "-".to_owned()), "{host:#}");
    assert_eq!(one(&open, "shop-key")["verdict"], "pass");
    // An export contains no app settings, so the app's references are not known.
    assert_eq!(open["verdict"], "unknown");
    let gaps = open["gaps"].to_string();
    assert!(gaps.contains("app settings of `app-shop`"), "{gaps}");

    // It contains no role assignments, whatever is said of the files.
    let folder = tempfile::tempdir().unwrap();
    let mut roles: Value = serde_json::from_slice(&std::fs::read(export).unwrap()).unwrap();
    roles["resources"][1]["properties"]["enableRbacAuthorization"] = true.into();
    let file = written(folder.path(), "roles.json", roles.to_string());
    let (_, alone) = report(&[&file, "--standalone"]);
    let grants = gate(one(&alone, "shop-key"), "authorization");
    assert_eq!(grants["verdict"], "unknown");
    assert!(alone["gaps"].to_string().contains("an exported template contains none"), "{}", alone["gaps"]);
    // A template that somebody wrote holds all that it makes.
    roles["metadata"] = json!({ "author": "somebody" });
    let file = written(folder.path(), "own.json", roles.to_string());
    assert_eq!(gate(one(&report(&[&file, "--standalone"]).1, "shop-key"), "authorization")["verdict"], "fail");

    // As the REST operation answers it.
    let template: Value = serde_json::from_slice(&std::fs::read(export).unwrap()).unwrap();
    let failed = json!({ "code": "ExportTemplateCompletedWithErrors", "message": "m", "details": [
        { "code": "ExportTemplateProviderError", "target": "Microsoft.Network/privateEndpoints", "message": "m" }] });
    let answer = json!({ "template": template, "error": failed });
    let file = written(folder.path(), "answer.json", answer.to_string());
    assert_eq!(essence(&report(&[&file]).1), essence(&open));
}

#[test]
fn a_state_is_read_like_a_plan_and_its_secrets_stay() {
    let [shown, stored] = ["inputs/state/shown.json", "inputs/state/terraform.tfstate"].map(fixture);
    let (status, first) = report(&[shown.to_str().unwrap()]);
    let value = one(&first, "invoices");
    assert_eq!((status, text(&value["rootCause"])), (Some(1), "firewall.user-assigned-not-trusted".to_owned()));
    assert_eq!(gate(value, "authorization")["verdict"], "pass", "the access policy names the identity: {value:#}");
    assert_eq!(one(&first, "INVOICES")["consumer"], "function-kv-reference");
    assert_eq!(one(&first, "AzureWebJobsStorage/blob")["consumer"], "function-storage");
    let (_, second) = report(&[stored.to_str().unwrap()]);
    assert_eq!(essence(&second), essence(&first));
    for file in [&shown, &stored] {
        for more in [&["-o", "json"][..], &["-v"]] {
            let output = check(&[&[file.to_str().unwrap()], more].concat());
            let all = format!("{}{}", String::from_utf8_lossy(&output.stdout), said_on_one_line(&output));
            for secret in ["do-not-print-this-value", "SGVyZSB3b3Vs"] {
                assert!(!all.contains(secret), "{secret} of {} leaves", file.display());
            }
        }
    }
    // A diagnosis of such files says where they belong.
    for file in [&shown, &stored, &fixture("inputs/what-if/portal.json"), &fixture("inputs/export/group.json")] {
        let output = Command::new(PROGRAM).arg("diagnose").arg(file).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(said_on_one_line(&output).contains("apim-doctor check"), "{}", said_on_one_line(&output));
    }
}

#[test]
fn terraform_source_says_how_to_make_a_plan() {
    let folder = tempfile::tempdir().unwrap();
    let source = written(folder.path(), "main.tf", "resource \"azurerm_key_vault\" \"v\" {}\n");
    for (given, status) in [(source.as_str(), 2), (folder.path().to_str().unwrap(), 3)] {
        let output = check(&[given]);
        assert_eq!(output.status.code(), Some(status), "{given}");
        assert!(
            said_on_one_line(&output).contains("terraform show -json plan.bin > plan.json"),
            "{}",
            said_on_one_line(&output)
        );
    }
    // The rest is checked, and a plan needs no advice.
    written(folder.path(), "main.json", std::fs::read(fixture("deployments/arm/main.jsonc")).unwrap());
    let output = check(&[folder.path().to_str().unwrap(), "--parameters", "publicNetworkAccess=Enabled"]);
    assert_eq!(output.status.code(), Some(1), "{}", said_on_one_line(&output));
    assert!(said_on_one_line(&output).contains("terraform plan"));
    written(
        folder.path(),
        "plan.json",
        json!({ "format_version": "1.2", "planned_values": { "root_module": {} } }).to_string(),
    );
    assert!(!said_on_one_line(&check(&[folder.path().to_str().unwrap()])).contains("terraform plan"));
}

/// A recording of the vault that the deployment closes, and of an instance that reads from it.
fn recording() -> Value {
    let group = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-orders/providers");
    let get = |path: String, body: Value| json!({ "request": format!("GET {path}?api-version=2024-05-01"), "status": 200, "body": body });
    let vault = format!("{group}/Microsoft.KeyVault/vaults/kv-orders");
    let instance = format!("{group}/Microsoft.ApiManagement/service/apim-old");
    let identity = format!("{group}/Microsoft.ManagedIdentity/userAssignedIdentities/id-old");
    let principal = "7d0c52a1-64f0-4c39-9a21-3f0f6f0a0061";
    json!({ "apimDoctor": "snapshot/v1", "takenAt": "2026-11-21T09:00:00Z", "cloud": "AzurePublic", "exchanges": [
        get(vault.clone(), json!({ "id": vault, "type": "Microsoft.KeyVault/vaults", "location": "westeurope", "properties": {
            "vaultUri": "https://kv-orders.vault.azure.net/", "enableRbacAuthorization": false, "tenantId": "t",
            "accessPolicies": [{ "tenantId": "t", "objectId": principal, "permissions": { "secrets": ["get"] } }] } })),
        get(instance.clone(), json!({ "id": instance, "type": "Microsoft.ApiManagement/service", "location": "westeurope",
            "sku": { "name": "Developer", "capacity": 1 }, "properties": { "virtualNetworkType": "None" },
            "identity": { "type": "UserAssigned", "tenantId": "t", "userAssignedIdentities": {
                (identity.as_str()): { "principalId": principal, "clientId": "8d0c52a1-64f0-4c39-9a21-3f0f6f0a0062" } } } })),
        get(format!("{instance}/namedValues"), json!({ "value": [{ "id": format!("{instance}/namedValues/old-key"),
            "type": "Microsoft.ApiManagement/service/namedValues", "properties": { "displayName": "old-key", "secret": true,
            "keyVault": { "secretIdentifier": "https://kv-orders.vault.azure.net/secrets/old-key",
                "identityClientId": "8d0c52a1-64f0-4c39-9a21-3f0f6f0a0062" } } }] })),
    ] })
}

#[test]
fn a_recording_that_is_named_says_what_exists() {
    let folder = tempfile::tempdir().unwrap();
    let recorded = written(folder.path(), "world/recording.json", recording().to_string());
    let template = written(folder.path(), "main.json", std::fs::read(fixture("deployments/arm/main.jsonc")).unwrap());
    let at = ["--subscription", SUBSCRIPTION, "-g", "rg-orders", "--parameters", "publicNetworkAccess=Enabled"];
    let (_, against) = report(&[&[template.as_str(), "--against", &recorded], &at[..]].concat());
    let (_, named) = report(&[&[template.as_str(), &recorded], &at[..]].concat());
    let same = |report: &Value| (report["paths"].clone(), report["findings"].clone(), report["gaps"].clone());
    assert_eq!(same(&named), same(&against));
    assert!(one(&named, "old-key")["change"].is_string(), "{:#}", one(&named, "old-key"));
    assert_eq!(one(&named, "orders-key")["change"], "new");
    // Alone, it is judged as it is.
    let (_, alone) = report(&[&recorded]);
    assert_eq!(one(&alone, "old-key")["change"], Value::Null);
    // A folder never contributes one.
    let (_, searched) = report(&[&[folder.path().to_str().unwrap()], &at[..]].concat());
    assert!(searched["paths"].as_array().unwrap().iter().all(|path| path["label"] != "old-key"));
    let not_used = searched["coverage"]["notUsed"].to_string();
    assert!(not_used.contains("recording.json"), "{not_used}");
    // Two sources of what exists are one too many.
    let twice = check(&[&[template.as_str(), &recorded, "--against", &recorded], &at[..]].concat());
    assert_eq!(twice.status.code(), Some(2));
}

#[test]
fn the_content_decides_what_a_file_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let sources = [
        ("inputs/what-if/portal.json", "a.txt"),
        ("inputs/state/shown.json", "b.json"),
        ("inputs/export/group.json", "c.out"),
    ];
    for (source, name) in sources {
        let (_, plain) = report(&[fixture(source).to_str().unwrap()]);
        let text = std::fs::read_to_string(fixture(source)).unwrap();
        let renamed = written(folder.path(), &format!("named/{name}"), &text);
        assert_eq!(essence(&report(&[&renamed]).1), essence(&plain), "{name}");
        // As Windows PowerShell writes what a command prints.
        let wide: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let wide = written(folder.path(), &format!("named/wide-{name}"), wide);
        assert_eq!(essence(&report(&[&wide]).1), essence(&plain), "{name} in UTF-16");
    }
    // One bad file of several.
    std::fs::create_dir(folder.path().join("all")).unwrap();
    let good = written(folder.path(), "all/good.json", std::fs::read(fixture("inputs/export/group.json")).unwrap());
    let bad = written(
        folder.path(),
        "all/bad.json",
        "{\n  \"$schema\": \"https://x/deploymentTemplate.json#\",\n  \"resources\": [\n}\n",
    );
    for args in [&[good.as_str(), &bad][..], &[&format!("{path}/all")]] {
        let output = check(args);
        assert_eq!(output.status.code(), Some(2), "{}", said_on_one_line(&output));
        assert!(said_on_one_line(&output).contains("bad.json:4:"), "{}", said_on_one_line(&output));
        assert!(String::from_utf8_lossy(&output.stdout).contains("shop-key"));
    }
    // In a folder, output of what-if counts only without the template that it is about.
    let only = written(folder.path(), "out/what-if.json", what_if("portal").to_string());
    let out = format!("{path}/out");
    assert_eq!(essence(&report(&[&out]).1), essence(&report(&[&only]).1));
    written(folder.path(), "out/main.bicep", std::fs::read(fixture("inputs/what-if/portal.bicep")).unwrap());
    let (_, both) = report(&[&out]);
    assert_eq!(both["paths"].as_array().unwrap().len(), 1);
    assert!(both["coverage"]["notUsed"].to_string().contains("output of what-if"));
    // There is nothing to evaluate.
    let empty =
        written(folder.path(), "empty/what-if.json", json!({ "status": "Succeeded", "changes": [] }).to_string());
    assert_eq!(check(&[&empty]).status.code(), Some(3));
}

#[test]
fn parameters_are_given_as_in_azure_cli() {
    let folder = tempfile::tempdir().unwrap();
    let template = written(folder.path(), "main.json", json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": { "name": { "type": "string" }, "kind": { "type": "string" }, "acls": { "type": "object" } },
        "resources": [
            { "type": "Microsoft.KeyVault/vaults", "apiVersion": "2023-07-01", "name": "[parameters('name')]",
              "location": "westeurope", "properties": { "networkAcls": "[parameters('acls')]" } },
            { "type": "Microsoft.ApiManagement/service", "apiVersion": "2024-05-01", "name": "apim", "location": "westeurope",
              "sku": { "name": "Developer", "capacity": 1 }, "identity": { "type": "[parameters('kind')]" }, "properties": {} },
            { "type": "Microsoft.ApiManagement/service/namedValues", "apiVersion": "2024-05-01", "name": "apim/key",
              "dependsOn": ["apim"], "properties": { "displayName": "key", "secret": true, "keyVault": {
                "secretIdentifier": "[concat('https://', parameters('name'), '.vault.azure.net/secrets/key')]" } } }
        ] }).to_string());
    let values = json!({ "name": { "value": "kv-a" }, "kind": { "value": "SystemAssigned" },
        "acls": { "value": { "bypass": "None", "defaultAction": "Deny" } } });
    let whole =
        json!({ "$schema": "https://x/deploymentParameters.json#", "contentVersion": "1.0.0.0", "parameters": values });
    let file = written(folder.path(), "other/values.json", whole.to_string());
    let acls =
        written(folder.path(), "other/acls.json", json!({ "bypass": "None", "defaultAction": "Deny" }).to_string());
    let (at_file, inline) = (format!("@{file}"), values.to_string());
    let (at_acls, plain) = (format!("acls=@{acls}"), json!({ "name": "kv-a", "kind": "SystemAssigned" }).to_string());
    let forms: [&[&str]; 6] = [
        &["--parameters", &file],
        &["--parameters", &at_file],
        &["-p", &inline],
        &["--parameters", &plain, &at_acls],
        &["--parameters", "name=kv-b", "--parameters", &file],
        &["--parameters", &at_acls, "NAME=kv-a", "kind=SystemAssigned"],
    ];
    for form in forms {
        let (_, report) = report(&[&[template.as_str()], form].concat());
        let path = one(&report, "key");
        assert_eq!(path["target"]["host"], "kv-a.vault.azure.net", "{form:?}");
        assert_eq!(path["rootCause"], "firewall.trusted-services-off", "{form:?}");
    }
    // The option first, and the template behind it.
    let (_, behind) = report(&["--parameters", &file, &template]);
    assert_eq!(one(&behind, "key")["rootCause"], "firewall.trusted-services-off");
    for (wrong, words) in [
        ("missing=1", "no template has a parameter `missing`"),
        ("@missing.json", "does not exist"),
        ("https://x/p.json", "behind a URL"),
        ("just-text", "neither a parameter file"),
    ] {
        let output = check(&[&template, "--parameters", &file, wrong]);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
        assert!(said_on_one_line(&output).contains(words), "{wrong}: {}", said_on_one_line(&output));
    }
}

#[test]
fn host_names_say_which_cloud_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let template = |references: &[&str]| {
        let values: Vec<String> = references
            .iter()
            .enumerate()
            .map(|(n, host)| format!("resource v{n} 'Microsoft.ApiManagement/service/namedValues@2024-05-01' = {{\n  parent: apim\n  name: 'v{n}'\n  properties: {{ displayName: 'v{n}', secret: true, keyVault: {{ secretIdentifier: 'https://{host}/secrets/s' }} }}\n}}\n"))
            .collect();
        let apim = "resource apim 'Microsoft.ApiManagement/service@2024-05-01' = {\n  name: 'apim'\n  location: 'x'\n  sku: { name: 'Developer', capacity: 1 }\n  identity: { type: 'SystemAssigned' }\n  properties: { publisherEmail: 'a@b.example', publisherName: 'c' }\n}\n";
        written(folder.path(), "main.bicep", format!("{apim}{}", values.concat()))
    };
    let target = |report: &Value, label: &str| {
        let gate = gate(one(report, label), "target");
        (text(&gate["verdict"]), gate["findings"].to_string())
    };
    // They agree: it is that cloud, whichever it is.
    let file = template(&["kv-a.vault.usgovcloudapi.net", "kv-b.vault.usgovcloudapi.net"]);
    let (_, agreed) = report(&[&file]);
    assert_ne!(target(&agreed, "v0").0, "fail", "{agreed:#}");
    // They agree on another cloud than the one that is given.
    let (_, given) = report(&[&file, "--cloud", "AzurePublic"]);
    assert_eq!(target(&given, "v0"), ("fail".to_owned(), "[\"target.wrong-cloud\"]".to_owned()));
    let (_, given) = report(&[&file, "--cloud", "azureusgovernment"]);
    assert_ne!(target(&given, "v0").0, "fail");
    // They disagree: which one is wrong is known only if the cloud is.
    let file = template(&["kv-a.vault.azure.net", "kv-b.vault.usgovcloudapi.net"]);
    let (_, open) = report(&[&file]);
    assert_eq!(target(&open, "v1"), ("unknown".to_owned(), "[]".to_owned()));
    let (_, given) = report(&[&file, "--cloud", "AzurePublic"]);
    assert_eq!(target(&given, "v1").1, "[\"target.wrong-cloud\"]");
    assert_ne!(target(&given, "v0").0, "fail");
    let (_, given) = report(&[&file, "--cloud", "AzureUSGovernment"]);
    assert_eq!(target(&given, "v0").1, "[\"target.wrong-cloud\"]");
    assert_eq!(check(&[&file, "--cloud", "elsewhere"]).status.code(), Some(2));
}

/// A folder with a `bicep` that prints what the real compiler makes of a file, for the wiring of `--bicep-cli`.
#[cfg(unix)]
fn stub(folder: &Path, json: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    let compiled = written(folder, "compiled.json", json);
    let script = written(
        folder,
        "bin/bicep",
        format!(
            "#!/bin/sh\ncase \"$*\" in *broken*) echo 'x(1,1) : Error BCP007: no' >&2; exit 1;; esac\ncat '{compiled}'\n"
        ),
    );
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    format!("{}:/usr/bin:/bin", folder.join("bin").display())
}

#[cfg(unix)]
#[test]
fn a_compiler_is_used_if_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let bicep = fixture("deployments/bicep/main.bicep");
    let compiled = std::fs::read_to_string(fixture("deployments/arm/main.jsonc")).unwrap();
    let path = stub(folder.path(), &compiled);
    let run = |file: &str, path: &str| {
        let args = ["check", file, "--bicep-cli", "-o", "json", "-p", "publicNetworkAccess=Enabled"];
        Command::new(PROGRAM).args(args).env("PATH", path).output().unwrap()
    };
    let output = run(bicep.to_str().unwrap(), &path);
    let with: Value = serde_json::from_slice(&output.stdout).unwrap();
    let (_, without) = report(&[bicep.to_str().unwrap(), "-p", "publicNetworkAccess=Enabled"]);
    assert_eq!(essence(&with), essence(&without));
    // Places are those in Bicep.
    assert_eq!(one(&with, "orders-key")["declaredAt"], one(&without, "orders-key")["declaredAt"]);
    // An error of the compiler, and no compiler at all.
    let broken = written(folder.path(), "broken.bicep", "resource");
    let output = run(&broken, &path);
    assert_eq!(output.status.code(), Some(2));
    assert!(said_on_one_line(&output).contains("BCP007"), "{}", said_on_one_line(&output));
    let output = run(bicep.to_str().unwrap(), folder.path().to_str().unwrap());
    assert_eq!(output.status.code(), Some(2));
    assert!(said_on_one_line(&output).contains("needs `bicep` or `az` on PATH"), "{}", said_on_one_line(&output));
}

#[test]
fn both_compilers_agree() {
    let is_there = |program: &str, args: &[&str]| {
        Command::new(program).args(args).output().is_ok_and(|output| output.status.success())
    };
    if !is_there("bicep", &["--version"]) && !is_there("az", &["bicep", "version"]) {
        println!("not here: bicep");
        return;
    }
    let cases: [(&str, &[&str]); 3] = [
        ("deployments/bicep/main.bicep", &["-p", "publicNetworkAccess=Enabled"]),
        ("inputs/what-if/payments.bicep", &[]),
        ("inputs/what-if/portal.bicep", &[]),
    ];
    for (file, more) in cases {
        let file = fixture(file);
        let (_, own) = report(&[&[file.to_str().unwrap()], more].concat());
        let (_, real) = report(&[&[file.to_str().unwrap(), "--bicep-cli"], more].concat());
        assert_eq!(essence(&real), essence(&own), "{}", file.display());
    }
    println!("ran: both_compilers_agree (bicep)");
}

#[test]
fn aliases_of_modules_are_those_of_the_nearest_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let cached = home.join(".bicep/br/contoso.azurecr.io/bicep$modules$vault/1.0$");
    std::fs::create_dir_all(&cached).unwrap();
    std::fs::write(cached.join("main.json"), json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0",
        "parameters": { "name": { "type": "string" } },
        "resources": [{ "type": "Microsoft.KeyVault/vaults", "apiVersion": "2023-07-01", "name": "[parameters('name')]",
            "location": "westeurope", "properties": { "enableRbacAuthorization": true,
            "networkAcls": { "bypass": "None", "defaultAction": "Deny" } } }] }).to_string()).unwrap();
    let aliases = json!({ "moduleAliases": { "br": { "ours": { "registry": "contoso.azurecr.io", "modulePath": "bicep/modules" } } } });
    written(folder.path(), "infra/bicepconfig.json", aliases.to_string());
    let bicep = "module vault 'br/ours:vault:1.0' = {\n  name: 'vault'\n  params: { name: 'kv-a' }\n}\nresource apim 'Microsoft.ApiManagement/service@2024-05-01' = {\n  name: 'apim'\n  location: 'westeurope'\n  sku: { name: 'Developer', capacity: 1 }\n  identity: { type: 'SystemAssigned' }\n  properties: { publisherEmail: 'a@b.example', publisherName: 'c' }\n\n  resource key 'namedValues' = {\n    name: 'key'\n    properties: { displayName: 'key', secret: true, keyVault: { secretIdentifier: 'https://kv-a.vault.azure.net/secrets/key' } }\n  }\n}\n";
    written(folder.path(), "infra/main.bicep", bicep);
    let infra = folder.path().join("infra");
    let run = |home: &Path| {
        let output = Command::new(PROGRAM)
            .args(["check", infra.to_str().unwrap(), "-o", "json", "-g", "rg", "--subscription", SUBSCRIPTION])
            .env("HOME", home)
            .output()
            .unwrap();
        (serde_json::from_slice::<Value>(&output.stdout).unwrap(), said_on_one_line(&output))
    };
    let (found, _) = run(&home);
    assert_eq!(one(&found, "key")["rootCause"], "firewall.trusted-services-off", "{found:#}");
    // What a module would create is unknown where it is not restored, and the report says so.
    let (missing, said) = run(folder.path());
    assert_eq!(one(&missing, "key")["verdict"], "unknown");
    assert!(said.contains("main.bicep:1"), "{said}");
    assert!(missing["coverage"]["notEvaluated"].to_string().contains("main.bicep"), "{missing:#}");
    // `.gitignore` is honoured.
    written(folder.path(), "infra/.gitignore", "*.bicep\n");
    assert_eq!(run(&home).0["paths"], json!([]));
}

/// A template whose path fails, and one of other resources whose path works.
fn broken_and_right() -> (String, String, String) {
    let bicep = include_str!("../../fixtures/judged/bicep-cert-permissions-only/main.bicep");
    let right = bicep.replace("'get', 'list' ]", "'get' ], secrets: [ 'get' ]");
    let right = right.replace("kv-two", "kv-ok").replace("apim-two", "apim-ok").replace("name: 'id'", "name: 'id-ok'");
    let arm = include_str!("../../fixtures/judged/arm-vault-2026/template.json");
    (bicep.to_owned(), right, arm.to_owned())
}

#[test]
fn a_deployment_that_cannot_be_read_is_never_passed_over() {
    let (broken, right, arm) = broken_and_right();
    let status = |files: &[(&str, &[u8])]| {
        let folder = tempfile::tempdir().unwrap();
        files.iter().for_each(|(name, bytes)| drop(written(folder.path(), name, bytes)));
        check(&[folder.path().to_str().unwrap(), "--standalone"]).status.code()
    };
    let right = ("right.bicep", right.as_bytes());
    assert_eq!(status(&[right]), Some(0));
    assert_eq!(status(&[right, ("broken.json", arm.as_bytes())]), Some(1));
    // In Latin-1, which some tools read and deploy.
    let latin: Vec<u8> = arm.replace("\"x\"", "\"é\"").chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    assert_eq!(status(&[right, ("broken.json", &latin)]), Some(2));
    // As Windows PowerShell writes files. Bicep's compiler reads them.
    let wide: Vec<u8> = format!("\u{feff}{broken}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(status(&[right, ("wide.bicep", &wide)]), Some(1));
    // A list that only some tools honour leaves out nothing.
    assert_eq!(status(&[right, ("broken.json", arm.as_bytes()), (".ignore", b"broken.json\n")]), Some(1));
    // A template is a compiler's output only if it says so, and what is imported from is not a module.
    assert_eq!(status(&[right, ("right.json", arm.as_bytes())]), Some(1));
    let compiled =
        arm.replacen("\"resources\"", "\"metadata\": {\"_generator\": {\"name\": \"bicep\"}}, \"resources\"", 1);
    assert_eq!(status(&[right, ("right.json", compiled.as_bytes())]), Some(0));
    let exporting = format!("{broken}\n@export()\nvar zone = 'one'\n");
    let importing = format!("import {{ zone }} from 'broken.bicep'\n{}", std::str::from_utf8(right.1).unwrap());
    let files = [("right.bicep", importing.as_bytes()), ("broken.bicep", exporting.as_bytes())];
    assert_eq!(status(&files), Some(1));
    // A carriage return alone ends a comment.
    let hidden = broken
        .replace("'get', 'list' ]", "'get' ], secrets: [ 'get' ]")
        .replace("    accessPolicies: [", "    // note\r    publicNetworkAccess: 'Disabled'\n    accessPolicies: [");
    assert_eq!(status(&[("main.bicep", hidden.as_bytes())]), Some(1));
}

#[cfg(unix)]
#[test]
fn links_that_lead_out_of_a_folder_are_told() {
    let (broken, right, _) = broken_and_right();
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), "infra/right.bicep", right);
    written(folder.path(), "shared/main.bicep", broken);
    let infra = folder.path().join("infra");
    let run = || check(&[infra.to_str().unwrap()]);
    std::os::unix::fs::symlink("../shared", infra.join("more")).unwrap();
    let linked = run();
    assert_eq!(linked.status.code(), Some(0));
    let printed = String::from_utf8(linked.stdout).unwrap();
    assert!(printed.contains("Not used: more:1: a link to a folder"), "{printed}");
    std::os::unix::fs::symlink("../shared/main.bicep", infra.join("main.bicep")).unwrap();
    assert_eq!(run().status.code(), Some(2));
}
