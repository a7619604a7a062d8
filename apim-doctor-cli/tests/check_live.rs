//! `check --against live`: what exists is read from a simulated Azure.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod azure;
mod deployment;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use azure::estates::{differences, essence, instances, side_by_side, with_estates};
use azure::runs::{AS_OF, PROGRAM, json};
use azure::{Azure, Options, worlds};
use serde_json::{Value, json};

/// Runs `check` over a deployment that is laid over what a server says.
fn live(azure: &Azure, args: &[&str]) -> Output {
    azure
        .command(PROGRAM)
        .arg("check")
        .args(args)
        .args(["--against", "live", "-o", "json", "--fail-on", "never", "--as-of", AS_OF, "--cloud"])
        .arg(azure.cloud_file())
        .output()
        .unwrap()
}

/// The same over a recording.
fn recorded(recording: &Path, args: &[&str]) -> Value {
    let output = Command::new(PROGRAM)
        .env_remove("APIM_DOCTOR_CLOUD")
        .arg("check")
        .args(args)
        .args(["-o", "json", "--fail-on", "never", "--as-of", AS_OF, "--against"])
        .arg(recording)
        .output()
        .unwrap();
    json(&output)
}

/// What a report says of each path, with what the deployment does to it.
fn changes(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let paths = report["paths"].as_array().unwrap().iter();
    paths
        .map(|path| format!("{} {} {}", text(&path["consumer"]), text(&path["label"]), text(&path["change"])))
        .collect()
}

/// Adds the lists of callers that Azure would answer for the subscriptions of a recording.
fn with_lists(recording: &Value, subscription: &str) -> Value {
    fn body(value: &Value, id: &str) -> Option<Value> {
        match value {
            Value::Object(map) => {
                let is_it = map.get("id").and_then(Value::as_str).is_some_and(|own| own.eq_ignore_ascii_case(id));
                if is_it && map.contains_key("properties") {
                    return Some(value.clone());
                }
                map.values().find_map(|inner| body(inner, id))
            }
            Value::Array(items) => items.iter().find_map(|inner| body(inner, id)),
            _ => None,
        }
    }
    let mut all = recording.clone();
    let of_kind = |kind: &str| (format!("/subscriptions/{subscription}/providers/{kind}"), Vec::new());
    let mut lists: BTreeMap<String, Vec<Value>> = KINDS.into_iter().map(of_kind).collect();
    for id in instances(recording) {
        let parts: Vec<&str> = id.split('/').collect();
        let at = parts.iter().position(|part| part.eq_ignore_ascii_case("providers")).unwrap();
        let list = format!("/subscriptions/{}/providers/{}/{}", parts[2], parts[at + 1], parts[at + 2]);
        lists.entry(list).or_default().extend(body(recording, &id));
    }
    let exchanges = all["exchanges"].as_array_mut().unwrap();
    for (path, bodies) in lists {
        let is_there = |exchange: &Value| {
            exchange["request"].as_str().is_some_and(|r| r.split('?').next() == Some(&format!("GET {path}")))
        };
        if !exchanges.iter().any(is_there) {
            let request = format!("GET {path}?api-version=2024-05-01");
            exchanges.push(json!({ "request": request, "status": 200, "body": { "value": bodies } }));
        }
    }
    all
}

/// The lists that a live run of a subscription begins with.
const KINDS: [&str; 5] = [
    "Microsoft.ApiManagement/service",
    "Microsoft.Web/sites",
    "Microsoft.Web/certificates",
    "Microsoft.Network/applicationGateways",
    "Microsoft.RecoveryServices/vaults",
];

fn subscription() -> &'static str {
    worlds::SUBSCRIPTION.trim_start_matches("/subscriptions/")
}

#[test]
fn what_exists_is_read_around_the_deployment() {
    let recording = with_lists(&worlds::one().0, subscription());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording.json");
    std::fs::write(&file, recording.to_string()).unwrap();
    // The vault takes access policies, and there are none; a new instance reads from the other one.
    let template = folder.path().join("main.bicep");
    let identity = "resource id 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {\n  name: 'id-new'\n  location: 'westeurope'\n}\n";
    let text = format!(
        "resource a 'Microsoft.KeyVault/vaults@2023-07-01' = {{\n  name: 'kv-live-a'\n  location: 'westeurope'\n  properties: {{\n    tenantId: tenant().tenantId\n    sku: {{ family: 'A', name: 'standard' }}\n    enableRbacAuthorization: false\n    accessPolicies: []\n  }}\n}}\n\nresource b 'Microsoft.KeyVault/vaults@2023-07-01' existing = {{\n  name: 'kv-live-b'\n}}\n\n{identity}\nresource apim 'Microsoft.ApiManagement/service@2024-05-01' = {{\n  name: 'apim-new'\n  location: 'westeurope'\n  sku: {{ name: 'Developer', capacity: 1 }}\n  identity: {{ type: 'UserAssigned', userAssignedIdentities: {{ '${{id.id}}': {{}} }} }}\n  properties: {{ publisherEmail: 'a@b.example', publisherName: 'c' }}\n\n  resource value 'namedValues' = {{\n    name: 'new-value'\n    properties: {{\n      displayName: 'new-value'\n      secret: true\n      keyVault: {{ secretIdentifier: '${{b.properties.vaultUri}}secrets/object-1', identityClientId: id.properties.clientId }}\n    }}\n  }}\n}}\n"
    );
    std::fs::write(&template, text).unwrap();
    let args = [template.to_str().unwrap(), "--subscription", subscription(), "-g", "rg-live"];
    let azure = Azure::serve(&recording, Options::default());
    let output = live(&azure, &args);
    assert_eq!(azure.violations(), Vec::<String>::new());
    let (found, expected) = (json(&output), recorded(&file, &args));
    assert!(changes(&expected).iter().any(|line| line.ends_with("breaks")), "{:?}", changes(&expected));
    assert_eq!(changes(&found), changes(&expected));
    let wrong = differences("one", ("file", &essence(&expected)), ("live", &essence(&found)));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Of what does not exist yet, nothing is asked by a text that stands for it.
    let asked: Vec<String> = azure.requests().iter().map(|seen| format!("{seen:?}")).collect();
    assert!(asked.iter().any(|request| request.contains("apim-new")), "{asked:?}");
    assert!(asked.iter().all(|request| !request.contains("PRINCIPAL_OF")));
}

#[test]
fn a_deployment_says_where_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let template = folder.path().join("main.bicep");
    std::fs::write(&template, "resource v 'Microsoft.KeyVault/vaults@2023-07-01' = {\n  name: 'kv-a'\n}\n").unwrap();
    let azure = Azure::serve(&worlds::one().0, Options::default());
    let output = live(&azure, &[template.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("--subscription"), "{said}");
    assert!(azure.requests().is_empty(), "nothing is asked");
}

/// The deployments of `../shared` that come with a recording.
fn deployments(folder: &Path) -> Vec<(String, Vec<String>)> {
    let expected = std::fs::read_to_string(folder.join("expected.jsonl")).unwrap();
    let mut found = Vec::new();
    for line in expected.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let id = line["id"].as_str().unwrap().to_owned();
        for run in line["runs"].as_array().unwrap() {
            let args: Vec<String> =
                run["args"].as_array().unwrap().iter().map(|a| a.as_str().unwrap().to_owned()).collect();
            if args.iter().any(|arg| arg == "--against") {
                found.push((id.clone(), args));
            }
        }
    }
    found
}

#[test]
fn live_gives_what_the_recording_of_the_same_world_gives() {
    with_estates("live_gives_what_the_recording_of_the_same_world_gives", |estates| {
        let folder = estates.parent().unwrap().join("deployments");
        let all = deployments(&folder);
        assert!(all.len() >= 6, "{}", all.len());
        let wrong = side_by_side(&all, |(id, args)| {
            // The recording is not a part of the deployment.
            let copy = tempfile::tempdir().unwrap();
            let inside = copy.path().join(id);
            deployment::copy(&folder.join(id), &inside);
            let file = folder.join(id).join("against.snapshot.json");
            let recording: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
            let recording = with_lists(&recording, after(args, "--subscription"));
            let file = copy.path().join("recording.json");
            std::fs::write(&file, recording.to_string()).unwrap();
            let settings = recording.to_string().contains("/config/appsettings/list");
            let (mut more, mut skip) = (vec![inside.to_str().unwrap()], false);
            for arg in args {
                let is_against = std::mem::replace(&mut skip, arg == "--against") || arg == "--against";
                if !is_against {
                    more.push(arg);
                }
            }
            let expected = recorded(&file, &more);
            if settings {
                more.push("--read-settings");
            }
            let azure = Azure::serve(&recording, Options { settings, ..Options::default() });
            let found = json(&live(&azure, &more));
            assert_eq!(azure.violations(), Vec::<String>::new(), "{id}");
            let (mut file, mut live) = (essence(&expected), essence(&found));
            file.extend(changes(&expected));
            live.extend(changes(&found));
            differences(id, ("file", &file), ("live", &live))
        });
        println!("{} deployments, {} differ", all.len(), wrong.len());
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

fn after<'a>(args: &'a [String], option: &str) -> &'a str {
    let at = args.iter().position(|arg| arg == option).unwrap();
    &args[at + 1]
}
