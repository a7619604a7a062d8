//! `script`: what its scripts record leads to the report of a live run, and they read nothing else.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod azure;

use std::path::{Path, PathBuf};
use std::process::Command;

use azure::estates::{differences, essence, estates, side_by_side, taken_at, with_estates};
use azure::runs::{self, PROGRAM, live};
use azure::{Azure, CLIENT_ID, CLIENT_SECRET, Options};
use serde_json::{Value, json};

/// Prints a script.
fn script(args: &[&str]) -> String {
    let output = Command::new(PROGRAM).arg("script").args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a script under a shell and returns the recording that it wrote.
fn recorded(azure: &Azure, shell: &str, environment: Vec<(&'static str, String)>, text: &str) -> Value {
    let (file, out) = (azure.folder().join("record.sh"), azure.folder().join("recording.json"));
    std::fs::write(&file, text).unwrap();
    let run = azure.command_with(shell, environment).arg(&file).arg(&out).output().unwrap();
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{shell}: {said}");
    assert!(!said.contains("not found") && !said.contains("rror:"), "{shell}: {said}");
    let bytes = std::fs::read(&out).unwrap();
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&bytes)))
}

/// Diagnoses the recording that a script wrote.
fn diagnosed(azure: &Azure, instances: &[String], as_of: &str, more: &[&str]) -> Value {
    let output = Command::new(PROGRAM)
        .arg("diagnose")
        .args(instances)
        .args(["-o", "json", "--fail-on", "never", "--as-of", as_of, "--snapshot"])
        .arg(azure.folder().join("recording.json"))
        .args(more)
        .output()
        .unwrap();
    runs::json(&output)
}

#[test]
fn a_script_leads_to_the_report_of_a_live_run() {
    with_estates("a_script_leads_to_the_report_of_a_live_run", |folder| {
        // All of them take six minutes on two cores.
        let only = std::env::var("APIM_DOCTOR_ESTATES").unwrap_or_default();
        let each = if only.is_empty() { 6 } else { 1 };
        let chosen: Vec<_> = estates(folder)
            .into_iter()
            .filter(|(name, _, instances)| (only == "all" || name.contains(&only)) && instances.len() < 5)
            .enumerate()
            .filter(|(number, _)| number % each == 0)
            .collect();
        let wrong = side_by_side(&chosen, |(number, (name, recording, instances))| {
            let azure = Azure::serve(recording, Options::default());
            let as_of = taken_at(recording);
            let expected = essence(&runs::json(&live(&azure, instances, as_of, &[])));
            let ids: Vec<&str> = instances.iter().map(String::as_str).collect();
            let shell = if (number / each) % 2 == 0 { "dash" } else { "bash" };
            recorded(&azure, shell, azure.az_rest(), &script(&[&ids[..], &["--policies"]].concat()));
            let found = essence(&diagnosed(&azure, instances, as_of, &[]));
            assert_eq!(azure.violations(), Vec::<String>::new(), "{name}");
            differences(name, ("live", &expected), ("script", &found))
        });
        println!("{} estates, {} differ", chosen.len(), wrong.len());
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

/// Returns the folder of the real `az`, if it is installed.
fn bin_of_az() -> Option<PathBuf> {
    let given = std::env::var_os("APIM_DOCTOR_AZ").map(PathBuf::from);
    let bin = given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/az/venv")).join("bin");
    bin.join("az").is_file().then_some(bin)
}

#[test]
fn the_real_az_runs_the_script() {
    let Some(bin) = bin_of_az() else {
        println!("not here: az");
        return;
    };
    with_estates("the_real_az_runs_the_script", |folder| {
        let mut chosen = estates(folder);
        chosen.retain(|(name, ..)| name.starts_with("apim-tf-principal-id-as-client-id"));
        let (name, mut recording, instances) = chosen.pop().unwrap();
        let subscription = instances[0].split('/').nth(2).unwrap().to_owned();
        let as_of = taken_at(&recording).to_owned();
        // What sign-in asks for.
        let tenant = Azure::serve(&recording, Options::default()).tenant().to_owned();
        let own = json!({ "id": format!("/subscriptions/{subscription}"), "subscriptionId": subscription,
            "displayName": "tests", "state": "Enabled", "tenantId": tenant });
        let tenants = json!({ "id": format!("/tenants/{tenant}"), "tenantId": tenant });
        for (path, value) in [("/subscriptions", own), ("/tenants", tenants)] {
            let exchange = json!({ "request": format!("GET {path}?api-version=2022-12-01"), "status": 200,
                "body": { "value": [value] } });
            recording["exchanges"].as_array_mut().unwrap().push(exchange);
        }
        let azure = Azure::serve(&recording, Options::default());
        let environment = azure.real_az(&bin);
        let mut sign_in = azure.command_with("az", environment.clone());
        sign_in.args(["login", "--service-principal", "-u", CLIENT_ID, "-p", CLIENT_SECRET, "--tenant", &tenant]);
        let signed_in = sign_in.output().unwrap();
        assert!(signed_in.status.success(), "{}\n{:#?}", String::from_utf8_lossy(&signed_in.stderr), azure.requests());
        let ids: Vec<&str> = instances.iter().map(String::as_str).collect();
        recorded(&azure, "bash", environment, &script(&ids));
        let consumer = "apim-custom-domain,apim-named-value,apim-certificate";
        let expected = essence(&runs::json(&live(&azure, &instances, &as_of, &["--consumer", consumer])));
        let found = essence(&diagnosed(&azure, &instances, &as_of, &["--consumer", consumer]));
        assert_eq!(found, expected, "{name}");
        assert!(expected.contains(&"verdict fail".to_owned()), "{expected:#?}");
        // az looks for a newer version of itself.
        let mut violations = azure.violations();
        violations.retain(|request| !request.contains("azcliprod.blob.core.windows.net"));
        assert_eq!(violations, Vec::<String>::new());
    });
}

#[test]
fn powershell_parses_its_script() {
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&tree_sitter_powershell::LANGUAGE.into()).unwrap();
    let id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ApiManagement/service/apim1";
    for args in [&[id][..], &[id, "--policies"], &["-g", "rg", "-n", "apim1"]] {
        let text = script(&[args, &["--shell", "powershell"]].concat());
        let tree = parser.parse(&text, None).unwrap();
        assert!(!tree.root_node().has_error(), "{:?}", first_error(tree.root_node(), &text));
    }
}

/// Returns the line of the first syntax error.
fn first_error(node: tree_sitter::Node, text: &str) -> Option<String> {
    let mut cursor = node.walk();
    let inner = node.children(&mut cursor).find_map(|child| first_error(child, text));
    let line =
        || format!("{}: {}", node.start_position().row + 1, text.lines().nth(node.start_position().row).unwrap());
    inner.or_else(|| (node.is_error() || node.is_missing()).then(line))
}
