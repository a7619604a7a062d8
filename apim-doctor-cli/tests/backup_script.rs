//! `diagnose --script`: the request for a backup comes out of a script, alone or beside a recording.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

const KEYLESS: &str = "$context = New-AzStorageContext -StorageAccountName 'stbackup'\n\
    Backup-AzApiManagement -ResourceGroupName rg-apim -Name apim-contoso -StorageContext $context `\n    \
    -TargetContainerName apim-backups\n";

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_apim-doctor")).args(args).env("NO_COLOR", "1").output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A folder with a script and a recording of the instance that it backs up.
fn folder() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let id = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/rg-apim/providers\
              /Microsoft.ApiManagement/service/apim-contoso";
    let recording = json!({"apimDoctor": "snapshot/v1", "takenAt": "2026-11-21T09:00:00Z", "exchanges": [
        {"request": format!("GET {id}?api-version=2024-05-01"), "status": 200,
         "body": {"id": id, "name": "apim-contoso", "type": "Microsoft.ApiManagement/service", "location": "westeurope",
                  "sku": {"name": "Premium"}, "properties": {"provisioningState": "Succeeded"}}}
    ]});
    let (script, recording) = (write("backup.ps1", KEYLESS), write("recording.json", &recording.to_string()));
    (folder, script, recording)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_script_alone_is_judged_and_corrected() {
    let (_folder, script, _) = folder();
    // As an option and as a file among others.
    for args in [vec!["diagnose", "--script", text(&script)], vec!["diagnose", text(&script)]] {
        let output = run(&args);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("caller.backup-access-type-missing"), "{said}");
        assert!(said.contains("backup.ps1:2"), "{said}");
        assert!(said.contains("-StorageContext $context") && said.contains("-AccessType SystemAssigned"), "{said}");
    }
}

#[test]
fn a_script_is_joined_to_the_recording_beside_it() {
    let (_folder, script, recording) = folder();
    let output = run(&["diagnose", text(&recording), "--script", text(&script), "-o", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let path = &report["paths"][0];
    assert_eq!(path["script"]["operation"], "backup");
    assert_eq!((&path["script"]["line"], &path["script"]["column"]), (&json!(2), &json!(1)));
    assert!(path["resource"].as_str().unwrap().contains("00000000-1111-2222-3333-444444444444"));
    assert_eq!(path["declaredAt"]["file"], text(&script));
}

#[test]
fn a_script_that_cannot_be_read_is_an_error() {
    let (folder, script, recording) = folder();
    let output = run(&["diagnose", text(&recording), "--script", text(&folder.path().join("missing.ps1"))]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("missing.ps1"));
    let large = folder.path().join("large.ps1");
    std::fs::write(&large, "# a line\n".repeat(600_000)).unwrap();
    let output = run(&["diagnose", "--script", text(&large)]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("longer than 1 MB"), "{}", said(&output));
    // Nothing is written over the script.
    let output = run(&["diagnose", "--script", text(&script), "-f", text(&script)]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert_eq!(std::fs::read_to_string(&script).unwrap(), KEYLESS);
}

#[test]
fn a_script_without_a_backup_is_said_to_have_none() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("other.ps1");
    std::fs::write(&script, "Get-AzResourceGroup\n").unwrap();
    let output = run(&["diagnose", "--script", text(&script)]);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(said(&output).contains("sends no request"), "{}", said(&output));
}
