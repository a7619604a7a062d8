//! `roles`: role definitions are checked through files and the command line.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

fn run(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_apim-doctor"));
    command.args(args).env("LC_ALL", "C.UTF-8").env("COLUMNS", "100").output().unwrap()
}

fn file(name: &str, role: &Value) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, role.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The checked roles, and the exit status.
fn check(role: &str) -> (Value, i32) {
    let output = run(&["roles", "check", role, "-o", "json"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{role}: {e}: {said}"));
    (value, output.status.code().unwrap())
}

fn problems(role: &Value) -> Vec<(String, String)> {
    let text = |problem: &Value, name: &str| problem[name].as_str().unwrap().to_owned();
    let all = role["problems"].as_array().unwrap().iter();
    all.map(|problem| (text(problem, "rule"), text(problem, "level"))).collect()
}

fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(path);
    if !path.exists() {
        println!("skipped: ../shared does not exist ({path:?})");
    }
    path.exists().then_some(path)
}

/// A custom role without a fault.
fn sound() -> Value {
    json!({
        "Name": "Reader of one API", "IsCustom": true, "Description": "Reads an instance and writes one API.",
        "Actions": ["Microsoft.ApiManagement/service/read", "Microsoft.ApiManagement/service/apis/write"],
        "NotActions": [], "DataActions": [], "NotDataActions": [],
        "AssignableScopes": ["/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/rg-apim"],
    })
}

fn with(changes: &[(&str, Value)]) -> Value {
    let mut role = sound();
    for (name, value) in changes {
        role[*name] = value.clone();
    }
    role
}

#[test]
fn a_sound_role_has_no_problem() {
    let (checked, status) = check(&file("role-sound.json", &sound()));
    assert_eq!((problems(&checked["roles"][0]), status), (vec![], 0));
    let schema: Value = serde_json::from_slice(&run(&["schema", "roles"]).stdout).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&checked));
    assert_eq!(checked["roles"][0]["smallest"]["name"], "API Management Service Contributor");
}

#[test]
fn each_broken_role_names_its_fault() {
    let group = |name: &str| format!("/providers/Microsoft.Management/managementGroups/{name}");
    let subscription = "/subscriptions/00000000-1111-2222-3333-444444444444";
    let read = "Microsoft.ApiManagement/service/read";
    let blob = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";
    let broken = [
        (
            "unknown-action",
            "unknown",
            with(&[("Actions", json!([read, "Microsoft.ApiManagement/service/backpu/action"]))]),
        ),
        ("unknown-action", "unknown", with(&[("Actions", json!([read, "Contoso.Unheard/of/read"]))])),
        ("removed-by-not-actions", "error", with(&[("NotActions", json!(["Microsoft.ApiManagement/service/apis/*"]))])),
        ("data-action-in-actions", "error", with(&[("Actions", json!([read, blob]))])),
        (
            "action-in-data-actions",
            "error",
            with(&[("DataActions", json!(["Microsoft.Storage/storageAccounts/listKeys/action"]))]),
        ),
        ("portal-cannot-show", "warning", with(&[("Actions", json!(["Microsoft.ApiManagement/service/apis/write"]))])),
        ("assignable-scope-impossible", "error", with(&[("AssignableScopes", json!(["/"]))])),
        ("assignable-scope-impossible", "error", with(&[("AssignableScopes", json!([]))])),
        ("assignable-scope-impossible", "error", with(&[("AssignableScopes", json!([group("a"), group("b")]))])),
        (
            "assignable-scope-impossible",
            "error",
            with(&[("AssignableScopes", json!([group("a")])), ("DataActions", json!([blob]))]),
        ),
        ("assignable-scope-impossible", "error", with(&[("AssignableScopes", json!(["/subscriptions/prod"]))])),
        (
            "workspace-needs-two-roles",
            "warning",
            with(&[("Actions", json!(["Microsoft.ApiManagement/service/workspaces/*"]))]),
        ),
        (
            "wider-than-built-in",
            "note",
            with(&[
                ("Actions", json!([])),
                (
                    "DataActions",
                    json!(["Microsoft.KeyVault/vaults/secrets/getSecret/action", "Microsoft.KeyVault/vaults/*"]),
                ),
            ]),
        ),
        ("wider-than-needed", "warning", with(&[("Actions", json!(["*"]))])),
        (
            "can-assign-roles",
            "warning",
            with(&[("Actions", json!([read, "Microsoft.Authorization/roleAssignments/write"]))]),
        ),
        ("text-too-long", "error", with(&[("Name", json!("x".repeat(129)))])),
    ];
    for (at, (rule, level, role)) in broken.iter().enumerate() {
        // The same role in the three forms that Azure's tools write.
        let list = |name: &str| role[name].clone();
        let permissions = json!([{
            "actions": list("Actions"), "notActions": list("NotActions"),
            "dataActions": list("DataActions"), "notDataActions": list("NotDataActions"),
        }]);
        let az = json!([{
            "name": "11111111-2222-3333-4444-555555555555", "roleName": list("Name"), "roleType": "CustomRole",
            "permissions": permissions, "assignableScopes": list("AssignableScopes"),
        }]);
        let arm = json!({"value": [{
            "id": format!("{subscription}/providers/Microsoft.Authorization/roleDefinitions/x"), "name": "x",
            "type": "Microsoft.Authorization/roleDefinitions",
            "properties": {
                "roleName": list("Name"), "type": "CustomRole", "permissions": permissions,
                "assignableScopes": list("AssignableScopes"),
            },
        }]});
        for (form, role) in [("powershell", role), ("az", &az), ("arm", &arm)] {
            let (checked, status) = check(&file(&format!("role-broken-{at}-{form}.json"), role));
            let found = problems(&checked["roles"][0]);
            assert_eq!(found, [((*rule).to_owned(), (*level).to_owned())], "{at} {form}: {checked}");
            assert_eq!(status, i32::from(*level == "error"), "{at} {form}");
            let source = &checked["roles"][0]["problems"][0]["source"];
            assert!(source["url"].as_str().unwrap().starts_with("https://learn.microsoft.com/"), "{source}");
            assert_eq!(source["readOn"].as_str().unwrap().len(), 10);
        }
    }
}

#[test]
fn the_roles_of_the_documents_have_no_error() {
    for name in ["custom-role.json", "custom-role.ps1"] {
        let Some(path) = shared(&format!("cases/seeds/{name}")) else { return };
        let (checked, status) = check(path.to_str().unwrap());
        let role = &checked["roles"][0];
        assert_eq!((role["name"].as_str(), status), (Some("Calculator API Contributor"), 0), "{name}");
        let found = problems(role);
        assert!(found.iter().all(|(_, level)| level == "note"), "{name}: {found:?}");
        let portal: Vec<&str> = role["portal"].as_array().unwrap().iter().map(|seen| seen.as_str().unwrap()).collect();
        assert_eq!(portal.len(), 2, "{name}");
        assert!(portal[0].contains("`Microsoft.ApiManagement/service/read`"), "{name}");
        assert!(portal[1].contains("a second role at the instance"), "{name}");
    }
}

#[test]
fn built_in_roles_have_no_problem() {
    let Some(path) = shared("knowledge/builtin-roles.json") else { return };
    let (checked, status) = check(path.to_str().unwrap());
    let roles = checked["roles"].as_array().unwrap();
    assert_eq!((roles.len(), status), (928, 0));
    for role in roles {
        assert_eq!((role["isCustom"].as_bool(), problems(role)), (Some(false), vec![]), "{}", role["name"]);
    }
    // The rules themselves know the built-in roles' own actions.
    let text = std::fs::read_to_string(&path).unwrap().replace("\"BuiltInRole\"", "\"CustomRole\"");
    let (checked, _) = check(&file("roles-as-custom.json", &serde_json::from_str(&text).unwrap()));
    let wrong = ["unknown-action", "data-action-in-actions", "action-in-data-actions"];
    for role in checked["roles"].as_array().unwrap() {
        let found = problems(role);
        assert!(found.iter().all(|(rule, _)| !wrong.contains(&rule.as_str())), "{}: {found:?}", role["name"]);
    }
}

#[test]
fn a_built_in_role_is_found_by_its_name() {
    let (checked, status) = check("api management developer portal content editor");
    assert_eq!(status, 0);
    assert!(checked["roles"][0]["portal"][0].as_str().unwrap().contains("does not show the instance"));
    assert_eq!(run(&["roles", "check", "No such role"]).status.code(), Some(2));
    let empty = file("role-empty.json", &json!({"a": []}));
    assert_eq!(run(&["roles", "check", &empty]).status.code(), Some(2));
}

#[test]
fn the_smallest_role_is_the_documented_one() {
    for (actions, role) in [
        (&["Microsoft.KeyVault/vaults/secrets/getSecret/action"][..], "Key Vault Secrets User"),
        (&["Microsoft.KeyVault/vaults/keys/wrap/action"], "Key Vault Crypto Service Encryption User"),
        (&["Microsoft.ApiManagement/service/backup/action"], "API Management Service Operator Role"),
        (&["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"], "Storage Blob Data Reader"),
    ] {
        let mut args = vec!["roles", "smallest"];
        args.extend(actions);
        let output = run(&args);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.starts_with(&format!("{role} (")), "{actions:?}: {said}");
        assert_eq!(output.status.code(), Some(0));
    }
    assert_eq!(run(&["roles", "smallest", "Contoso.Unheard/of/read"]).status.code(), Some(3));
}

#[test]
fn the_smallest_role_is_that_of_the_repaired_lists() {
    let secret = "Microsoft.KeyVault/vaults/secrets/getSecret/action";
    let misplaced = with(&[("Actions", json!([secret])), ("NotActions", json!([]))]);
    let path = file("misplaced-data-action.json", &misplaced);
    let (said, status) = check(&path);
    assert_eq!(status, 1);
    assert_eq!(said["roles"][0]["smallest"]["name"], "Key Vault Secrets User", "{said}");
}
