//! `can`: the chain from a principal to a role, who may, and what a principal may do, through files and the command line.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

const GROUP: &str = "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-shop";
const GET: &str = "Microsoft.KeyVault/vaults/secrets/getSecret/action";
const ORDERS: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const NESTED: &str = "aaaaaaaa-0000-4000-8000-000000000002";
const TEAM: &str = "bbbbbbbb-0000-4000-8000-000000000001";
const USER: &str = "cccccccc-0000-4000-8000-000000000001";
const BARRED: &str = "dddddddd-0000-4000-8000-000000000001";
const SECRETS_USER: &str = "4633458b-17de-408a-b874-0445c86b69e6";

fn vault() -> String {
    format!("{GROUP}/providers/Microsoft.KeyVault/vaults/kv-shop")
}

fn assignment(n: usize, principal: &str, kind: &str, scope: &str, made: &str, condition: Option<&str>) -> Value {
    let name = format!("eeeeeeee-0000-4000-8000-{n:012x}");
    json!({
        "id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"), "name": name,
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "principalId": principal, "principalType": kind, "scope": scope, "createdOn": made,
            "condition": condition, "conditionVersion": condition.map(|_| "2.0"),
            "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{SECRETS_USER}"),
        },
    })
}

/// A vault whose role is a group's, with a deny assignment, a condition and the groups of two principals.
fn recording(made: &str) -> String {
    let condition = "@Resource[Microsoft.KeyVault/vaults/secrets:name] StringEqualsIgnoreCase 'orders'";
    let roles = [
        assignment(1, TEAM, "Group", GROUP, made, None),
        assignment(2, USER, "User", &vault(), "2026-01-01T00:00:00Z", Some(condition)),
        assignment(3, BARRED, "ServicePrincipal", &vault(), "2026-01-01T00:00:00Z", None),
    ];
    let denial = json!({
        "id": format!("{}/providers/Microsoft.Authorization/denyAssignments/ffffffff-0000-4000-8000-000000000001", vault()),
        "type": "Microsoft.Authorization/denyAssignments", "name": "ffffffff-0000-4000-8000-000000000001",
        "properties": {
            "denyAssignmentName": "stack", "scope": vault(), "isSystemProtected": true, "excludePrincipals": [],
            "principals": [{"id": BARRED, "type": "ServicePrincipal"}],
            "permissions": [{"dataActions": ["*"], "notDataActions": [], "actions": [], "notActions": []}],
        },
    });
    let list = |scope: &str, kind: &str, value: Value| {
        let request = format!("GET {scope}/providers/Microsoft.Authorization/{kind}?api-version=2022-04-01");
        json!({"request": request, "status": 200, "body": {"value": value}})
    };
    let subscription = GROUP.split("/resourceGroups").next().unwrap();
    let groups = |of: &str, ids: &[&str]| {
        let items: Vec<Value> =
            ids.iter().map(|id| json!({"@odata.type": "#microsoft.graph.group", "id": id})).collect();
        let request = format!("GET https://graph.microsoft.com/v1.0/{of}/transitiveMemberOf");
        json!({"request": request, "status": 200, "body": {"value": items}})
    };
    json!({
        "apimDoctor": "snapshot/v1", "takenAt": "2026-11-29T09:00:00Z",
        "exchanges": [
            list(subscription, "roleAssignments", json!(roles)),
            list(subscription, "denyAssignments", json!([denial])),
            list(&vault(), "roleAssignments", json!(roles)),
            list(&vault(), "denyAssignments", json!([denial])),
            groups(&format!("servicePrincipals/{ORDERS}"), &[TEAM]),
            groups(&format!("groups/{NESTED}"), &[TEAM]),
            groups(&format!("users/{USER}"), &[]),
        ],
    })
    .to_string()
}

fn file(name: &str, text: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn run(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_apim-doctor"));
    command.args(args).env("LC_ALL", "C.UTF-8").env("COLUMNS", "100").env_remove("NO_COLOR").output().unwrap()
}

/// The text, the exit status and the JSON of a question.
fn ask(args: &[&str], snapshot: &str) -> (String, i32, Value) {
    let mut all: Vec<&str> = args.to_vec();
    all.extend(["--snapshot", snapshot]);
    let text = run(&all);
    all.extend(["-o", "json"]);
    let json = run(&all);
    let parsed = serde_json::from_slice(&json.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}"));
    assert_eq!(text.status.code(), json.status.code(), "{args:?}");
    (String::from_utf8(text.stdout).unwrap(), text.status.code().unwrap(), parsed)
}

fn check(schema: &str, value: &Value) {
    let schema: Value = serde_json::from_slice(&run(&["schema", schema]).stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(value).map(|e| format!("{} at {}", e, e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn the_answer_shows_the_chain() {
    let old = file("can-old.json", &recording("2026-01-01T00:00:00Z"));
    let secret = format!("{}/secrets/orders", vault());
    let (text, status, answer) = ask(&["can", ORDERS, GET, &secret], &old);
    let head: Vec<&str> = text.lines().take(2).collect();
    let group = format!("            assigned to group {TEAM}, of which");
    assert_eq!(head[0], "✓ allowed   by Key Vault Secrets User at resource group rg-shop");
    assert!(head[1].starts_with(&group), "{text}");
    assert_eq!((status, &answer["answer"], &answer["grant"]["throughGroup"]), (0, &json!("allowed"), &json!(true)));
    assert_eq!(answer["grant"]["assignedTo"], TEAM);
    check("answer", &answer);
    // A group, and a group in it.
    for principal in [TEAM, NESTED] {
        assert_eq!(ask(&["can", principal, GET, &secret], &old).1, 0, "{principal}");
    }
    // A user by a condition, which is shown; and another secret.
    let (text, status, answer) = ask(&["can", USER, GET, &secret], &old);
    assert!(status == 0 && text.contains("on a condition: @Resource["), "{text}");
    assert!(answer["grant"]["condition"].as_str().unwrap().contains("orders"));
    assert_eq!(ask(&["can", USER, GET, &format!("{}/secrets/other", vault())], &old).1, 1);
    let (text, status, answer) = ask(&["can", BARRED, GET, &secret], &old);
    assert!(text.starts_with("✗ denied    by deny assignment `stack` at vault kv-shop"), "{text}");
    assert_eq!((status, &answer["deniedBy"]["name"]), (1, &json!("stack")));
    // Nothing was recorded about the groups of a stranger.
    assert_eq!(ask(&["can", "99999999-0000-4000-8000-000000000001", GET, &secret], &old).1, 3);
}

#[test]
fn a_new_assignment_is_not_effective_everywhere() {
    let new = file("can-new.json", &recording("2026-11-29T08:56:00Z"));
    let (text, status, answer) = ask(&["can", TEAM, GET, &vault()], &new);
    assert_eq!(status, 3);
    let pending = "assigned or changed 4 minutes ago; it can take ten minutes";
    assert!(text.contains(&format!("? not yet everywhere: {pending}")), "{text}");
    assert_eq!(answer["grant"]["pending"], pending);
    check("answer", &answer);
}

#[test]
fn everybody_who_may_is_listed() {
    let old = file("can-who.json", &recording("2026-01-01T00:00:00Z"));
    let secret = format!("{}/secrets/orders", vault());
    let (text, status, who) = ask(&["can", "--who", GET, &secret], &old);
    check("who", &who);
    let answers: Vec<(&str, &str)> = who["principals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["principal"].as_str().unwrap(), one["answer"].as_str().unwrap()))
        .collect();
    let expected = [(ORDERS, "allowed"), (NESTED, "allowed"), (TEAM, "allowed"), (USER, "allowed"), (BARRED, "denied")];
    assert_eq!(answers, expected);
    assert_eq!((status, who["others"].as_str()), (0, Some("unknown")));
    assert!(who["gaps"][0]["run"].as_str().unwrap().contains(&format!("groups/{TEAM}/transitiveMembers")));
    assert!(text.starts_with("4 principals have permission"), "{text}");
    assert!(text.contains("Other principals may have permission:"), "{text}");
    // No role allows this action.
    let (text, status, who) = ask(&["can", "--who", "Microsoft.KeyVault/vaults/write", &vault()], &old);
    assert_eq!((status, who["others"].as_str()), (1, Some("denied")));
    assert!(text.contains("No other principal has permission: all role assignments were collected."), "{text}");
    // Nothing is known elsewhere.
    assert_eq!(ask(&["can", "--who", "Microsoft.KeyVault/vaults/write", "/subscriptions/other"], &old).1, 3);
}

#[test]
fn what_a_principal_may_do_is_listed() {
    let old = file("can-what.json", &recording("2026-01-01T00:00:00Z"));
    let (text, status, what) = ask(&["can", "--what", ORDERS], &old);
    check("what", &what);
    assert_eq!(status, 0);
    let at = &what["scopes"][0];
    assert_eq!(at["place"], "resource group rg-shop");
    let tasks: Vec<&str> = at["rights"].as_array().unwrap().iter().map(|r| r["task"].as_str().unwrap()).collect();
    assert_eq!(tasks, ["read secrets", "list secrets"]);
    assert_eq!(what["gaps"], json!([]));
    assert!(text.contains("read secrets, list secrets"), "{text}");
    assert!(text.contains(&format!("Key Vault, by Key Vault Secrets User (through group {TEAM})")), "{text}");
    // At the vault the deny assignment leaves nothing.
    let (_, status, what) = ask(&["can", "--what", BARRED, &vault()], &old);
    assert_eq!((status, &what["scopes"][0]["rights"]), (1, &json!([])));
}

#[test]
fn a_question_that_is_not_one_is_wrong_usage() {
    let old = file("can-usage.json", &recording("2026-01-01T00:00:00Z"));
    for args in [
        &["can", ORDERS][..],
        &["can", ORDERS, GET],
        &["can", "--who", GET],
        &["can", "--who", ORDERS, GET, GROUP],
        &["can", "--what", ORDERS, GET, GROUP],
        &["can", "--what", "orders"],
        &["can", "--who", "*", GROUP],
        &["can", "--who", "--what", GET, GROUP],
    ] {
        let mut all = args.to_vec();
        all.extend(["--snapshot", &old]);
        assert_eq!(run(&all).status.code(), Some(2), "{args:?}");
    }
    // A live run needs to know where to look.
    assert_eq!(run(&["can", "--what", ORDERS]).status.code(), Some(2));
    let help = String::from_utf8(run(&["can", "--help"]).stdout).unwrap();
    for usage in ["PRINCIPAL ACTION SCOPE", "--who ACTION SCOPE", "--what PRINCIPAL [SCOPE]", "Exit status:"] {
        assert!(help.contains(usage), "{usage}: {help}");
    }
}
