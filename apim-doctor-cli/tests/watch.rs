//! `diagnose --watch` against a simulated Azure whose configuration changes.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod azure;
mod fixture;

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use azure::runs::{AS_OF, PROGRAM};
use azure::{Azure, Options};
use serde_json::Value;

/// An instance whose named values and host name are in a vault.
fn recording() -> (Value, Value, String) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/worlds/user-assigned-identity.json");
    let open: Value = serde_json::from_slice(&std::fs::read(fixture::whole(file)).unwrap()).unwrap();
    let mut closed = open.clone();
    let count = close(&mut closed);
    assert!(count > 0, "the recording has a vault");
    let text = open.to_string();
    let start = text.find("/providers/Microsoft.ApiManagement/service/").unwrap();
    let (before, after) = (&text[..start], &text[start + "/providers/Microsoft.ApiManagement/service/".len()..]);
    let name = after.split(['/', '"', '?']).next().unwrap();
    let scope = &before[before.rfind("/subscriptions/").unwrap()..];
    (open.clone(), closed, format!("{scope}/providers/Microsoft.ApiManagement/service/{name}"))
}

/// Closes every vault, also to trusted services.
fn close(value: &mut Value) -> usize {
    let id = value.get("id").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    let is_vault = id.split('/').count() == 9 && id.contains("/providers/microsoft.keyvault/vaults/");
    let mut count = 0;
    if let (true, Some(own)) = (is_vault, value.get_mut("properties").and_then(Value::as_object_mut)) {
        own.insert("publicNetworkAccess".to_owned(), "Disabled".into());
        own.insert("networkAcls".to_owned(), serde_json::json!({"bypass": "None", "defaultAction": "Deny"}));
        count += 1;
    }
    match value {
        Value::Object(map) => count += map.values_mut().map(close).sum::<usize>(),
        Value::Array(items) => count += items.iter_mut().map(close).sum::<usize>(),
        _ => {}
    }
    count
}

fn start(azure: &Azure, instance: &str, time: &str, format: &str) -> Child {
    let mut command: Command = azure.command(PROGRAM);
    command.args(["diagnose", instance, "--watch", time, "-o", format, "--as-of", AS_OF, "--cloud"]);
    command.arg(azure.cloud_file()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits until the program says this, and returns what it said before.
fn wait_for(lines: &mut impl Iterator<Item = String>, part: &str) -> Vec<String> {
    let mut said = Vec::new();
    for line in lines {
        let found = line.contains(part);
        said.push(line);
        if found {
            return said;
        }
    }
    panic!("{part}: {said:?}");
}

fn lines(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap)
}

fn stdout(child: &mut Child) -> String {
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    text
}

/// How many reads of Resource Manager arrived.
fn reads(azure: &Azure) -> usize {
    azure.requests().iter().filter(|seen| seen.host == "management.azure.com").count()
}

#[test]
fn a_repair_ends_the_watch_and_only_what_can_have_changed_is_asked_again() {
    let (open, closed, instance) = recording();
    let azure = Azure::serve_each(&[closed, open], Options::default());
    let mut child = start(&azure, &instance, "60s", "json");
    let mut said = lines(&mut child);
    let first = wait_for(&mut said, "not pass yet");
    assert!(first.iter().all(|line| !line.contains("->")), "{first:?}");
    let whole = reads(&azure);
    // A second reading without a change says nothing, and asks for less.
    let until = Instant::now() + Duration::from_secs(20);
    while reads(&azure) == whole && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_millis(500));
    let second = reads(&azure) - whole;
    assert!(second > 0 && 2 * second < whole, "{second} of {whole}");
    azure.change();
    let transitions: Vec<String> = said.filter(|line| line.contains("->")).collect();
    assert!(!transitions.is_empty());
    assert!(transitions.iter().all(|line| line.contains("fails -> passes")), "{transitions:?}");
    let report: Value = serde_json::from_str(&stdout(&mut child)).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let paths = report["paths"].as_array().unwrap();
    assert!(paths.iter().all(|path| path["verdict"] == "pass"));
    assert_eq!(transitions.len(), paths.len(), "{transitions:?}");
    assert_eq!(azure.violations(), Vec::<String>::new());
    // All is read again before it is said that all is well.
    let requests: Vec<String> =
        azure.requests().iter().filter(|one| one.host == "management.azure.com").map(|one| one.path.clone()).collect();
    let sorted = |paths: &[String]| -> Vec<String> {
        let mut paths = paths.to_vec();
        paths.sort();
        paths
    };
    assert_eq!(sorted(&requests[requests.len() - whole..]), sorted(&requests[..whole]));
    println!("{whole} reads at first, {second} in the second reading");
}

#[test]
fn a_watch_keeps_its_deadline_and_says_what_still_fails() {
    let (_, closed, instance) = recording();
    let azure = Azure::serve(&closed, Options::default());
    let begin = Instant::now();
    let mut child = start(&azure, &instance, "4s", "json");
    let report: Value = serde_json::from_str(&stdout(&mut child)).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let took = begin.elapsed();
    assert!(took < Duration::from_secs(12), "{took:?}");
    assert_eq!(report["verdict"], "fail");
    assert_eq!(azure.violations(), Vec::<String>::new());
}

#[test]
fn what_passes_at_once_is_not_asked_again() {
    let (open, _, instance) = recording();
    let azure = Azure::serve(&open, Options::default());
    let mut child = start(&azure, &instance, "60s", "json");
    let report: Value = serde_json::from_str(&stdout(&mut child)).unwrap();
    assert_eq!((child.wait().unwrap().code(), &report["verdict"]), (Some(0), &"pass".into()));
    let said: Vec<String> = lines(&mut child).collect();
    assert!(said.iter().all(|line| !line.contains("yet")), "{said:?}");
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_the_watch_with_the_last_report() {
    let (_, closed, instance) = recording();
    let azure = Azure::serve(&closed, Options::default());
    let mut child = start(&azure, &instance, "10m", "json");
    let mut said = lines(&mut child);
    wait_for(&mut said, "not pass yet");
    let begin = Instant::now();
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let report: Value = serde_json::from_str(&stdout(&mut child)).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(begin.elapsed() < Duration::from_secs(8));
    assert_eq!(report["verdict"], "fail");
    assert!(said.all(|line| !line.to_lowercase().contains("panic")));
}

#[test]
fn a_watch_is_for_live_runs() {
    let refused = |args: &[&str]| {
        let output = Command::new(PROGRAM).arg("diagnose").args(args).arg("--isolated").output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/command/demo/roles-ignore-policies.json");
    assert!(refused(&["--watch", "1m", "--snapshot", file]).contains("--watch"));
    assert!(refused(&["--watch", "soon", "-n", "x"]).contains("expected a time like 90s, 5m or 1h"));
}
