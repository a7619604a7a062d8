//! `check`: zips, and one file from standard input.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod deployment;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use deployment::{copy, folder, said_on_one_line};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_apim-doctor");

/// An app that selects its identity by a wrong id, so that something fails with a file, a line and a diff.
const MAIN: &str = "module app 'modules/app.bicep' = {\n  name: 'app'\n}\n";
const APP: &str = "resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: 'kv-orders'
  location: 'westeurope'
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    networkAcls: { defaultAction: 'Deny', bypass: 'None' }
  }
}

resource app 'Microsoft.Web/sites@2023-12-01' = {
  name: 'app-orders'
  location: 'westeurope'
  identity: { type: 'SystemAssigned' }
  properties: {
    siteConfig: {
      appSettings: [
        { name: 'Key', value: '@Microsoft.KeyVault(SecretUri=https://kv-orders.vault.azure.net/secrets/key)' }
      ]
    }
  }
}
";

/// Makes a zip of files by a script that adds them to `z`.
fn zip(folder: &Path, name: &str, script: &str) -> PathBuf {
    let path = folder.join(name);
    let script =
        format!("import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED)\n{script}\n");
    let status = Command::new("python3").args(["-c", &script]).arg(&path).current_dir(folder).status().unwrap();
    assert!(status.success());
    path
}

/// A zip of a folder.
fn zipped(folder: &Path, name: &str) -> PathBuf {
    let script = "import os\nfor d, _, fs in os.walk('.'):\n  for f in fs:\n    if not f.endswith('.zip'): z.write(os.path.join(d, f))";
    zip(folder, name, script)
}

fn check(folder: &Path, args: &[&str], input: Option<&[u8]>) -> Output {
    let mut command = Command::new(PROGRAM);
    command.arg("check").args(args).current_dir(folder).env("NO_COLOR", "1");
    command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    if let Some(mut pipe) = child.stdin.take() {
        // A program that refuses its input does not read it.
        drop(pipe.write_all(input.unwrap_or_default()));
    }
    child.wait_with_output().unwrap()
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said_on_one_line(output)))
}

#[test]
fn a_zip_is_checked_as_its_folder_is() {
    let temp = folder(&[("infra/main.bicep", MAIN), ("infra/modules/app.bicep", APP)]);
    let infra = temp.path().join("infra");
    zipped(&infra, "../infra.zip");
    // From a folder around neither of them, so that both name files from their own root.
    let elsewhere = tempfile::tempdir().unwrap();
    let of_folder = report(&check(elsewhere.path(), &[infra.to_str().unwrap(), "-o", "json"], None));
    let given = temp.path().join("infra.zip");
    let of_zip = report(&check(elsewhere.path(), &[given.to_str().unwrap(), "-o", "json"], None));
    let without_time = |report: &Value, name: &str| {
        let mut report = report.clone();
        report["asOf"] = Value::Null;
        report.to_string().replace(&format!("{name}/"), "ROOT/")
    };
    assert_eq!(of_folder["verdict"], "fail");
    let expected = without_time(&of_folder, infra.canonicalize().unwrap().to_str().unwrap());
    assert_eq!(without_time(&of_zip, given.to_str().unwrap()), expected);
    // The name of the file does not decide.
    std::fs::copy(&given, temp.path().join("download.bin")).unwrap();
    let renamed = check(temp.path(), &["download.bin", "-o", "json"], None);
    assert_eq!(without_time(&report(&renamed), "download.bin"), expected);
    // From standard input, too.
    let piped = check(temp.path(), &["-", "-o", "json"], Some(&std::fs::read(&given).unwrap()));
    assert_eq!(without_time(&report(&piped), "standard input"), expected);
}

#[test]
fn problems_in_a_zip_name_the_zip() {
    let temp = folder(&[("infra/main.json", "{ \"$schema\": \"https://x/deploymentTemplate.json#\", broken")]);
    zipped(&temp.path().join("infra"), "../infra.zip");
    let output = check(temp.path(), &["infra.zip", "-o", "json"], None);
    assert_eq!(output.status.code(), Some(2));
    assert!(said_on_one_line(&output).contains("infra.zip/main.json"), "{}", said_on_one_line(&output));
    let file = report(&output)["coverage"]["notEvaluated"][0]["file"].clone();
    assert_eq!(file, "infra.zip/main.json");
}

#[test]
fn a_zip_leads_nowhere_else() {
    let temp = folder(&[]);
    let outside = temp.path().join("outside.bicep");
    let script = format!(
        "z.writestr('../outside.bicep', 'param a string')\nz.writestr('{}', 'param a string')\n\
         i = zipfile.ZipInfo('link.json')\ni.create_system = 3\ni.external_attr = 0o120777 << 16\nz.writestr(i, '/etc/passwd')\n\
         z.writestr('main.bicep', '''{APP}''')",
        outside.display()
    );
    zip(temp.path(), "hostile.zip", &script);
    let output = check(temp.path(), &["hostile.zip", "-o", "json"], None);
    assert_eq!(report(&output)["paths"].as_array().unwrap().len(), 1, "{}", said_on_one_line(&output));
    assert!(!outside.exists());
    std::fs::write(temp.path().join("cut.zip"), b"PK\x03\x04 and nothing more").unwrap();
    let output = check(temp.path(), &["cut.zip"], None);
    assert_eq!(output.status.code(), Some(2), "{}", said_on_one_line(&output));
    assert!(said_on_one_line(&output).contains("zip `cut.zip` cannot be unpacked"), "{}", said_on_one_line(&output));
}

#[test]
fn nothing_of_a_zip_stays_behind() {
    let (temp, scratch) = (folder(&[("infra/main.bicep", APP)]), tempfile::tempdir().unwrap());
    zipped(&temp.path().join("infra"), "../infra.zip");
    for (argument, input) in [("infra.zip", None), ("-", Some(APP))] {
        let mut command = Command::new(PROGRAM);
        command.args(["check", argument]).current_dir(temp.path()).env("TMPDIR", scratch.path());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.unwrap_or_default().as_bytes()).unwrap();
        child.wait().unwrap();
        assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0, "{argument}");
    }
}

#[test]
fn fixes_are_refused_with_the_reason() {
    let temp = folder(&[("infra/main.bicep", APP)]);
    let zip = zipped(&temp.path().join("infra"), "../infra.zip");
    let before = std::fs::read(&zip).unwrap();
    for (argument, why) in [
        ("infra.zip", "`--fix` cannot change the files in zip `infra.zip`"),
        ("-", "`--fix` cannot change standard input"),
    ] {
        let output = check(temp.path(), &[argument, "--fix"], Some(APP.as_bytes()));
        assert_eq!(output.status.code(), Some(2));
        assert!(said_on_one_line(&output).contains(why), "{}", said_on_one_line(&output));
    }
    assert_eq!(std::fs::read(&zip).unwrap(), before);
}

#[test]
fn standard_input_is_one_file_of_any_kind() {
    let temp = folder(&[]);
    let output = check(temp.path(), &["-", "-o", "json"], Some(APP.as_bytes()));
    let found = report(&output);
    assert_eq!(
        (output.status.code(), &found["verdict"]),
        (Some(1), &Value::from("fail")),
        "{}",
        said_on_one_line(&output)
    );
    assert_eq!(found["paths"][0]["declaredAt"]["file"], "stdin.bicep");
    let nothing = check(temp.path(), &["-"], Some(b" \n"));
    assert!(said_on_one_line(&nothing).contains("standard input is empty"), "{}", said_on_one_line(&nothing));
    let twice = check(temp.path(), &["-", "-"], Some(APP.as_bytes()));
    assert!(said_on_one_line(&twice).contains("standard input was given twice"), "{}", said_on_one_line(&twice));
    let other = check(temp.path(), &["-"], Some(b"{ \"a\": 1 }"));
    assert!(said_on_one_line(&other).contains("not a file that can be checked"), "{}", said_on_one_line(&other));
    assert!(said_on_one_line(&other).contains("stdin.json"), "{}", said_on_one_line(&other));
}

/// Each input of one file gives from standard input what it gives by its name.
#[test]
fn standard_input_gives_what_the_file_gives() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases/deployments");
    if !root.is_dir() {
        println!("skipped: ../shared is missing (standard_input_gives_what_the_file_gives)");
        return;
    }
    let mut count = 0;
    for entry in std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        let temp = tempfile::tempdir().unwrap();
        copy(&entry, temp.path());
        let files: Vec<PathBuf> = std::fs::read_dir(temp.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        let [file] = files.as_slice() else { continue };
        if file.is_dir() {
            continue;
        }
        let name = file.file_name().unwrap().to_str().unwrap();
        let by_name = report(&check(temp.path(), &[name, "-o", "json"], None));
        let piped = report(&check(temp.path(), &["-", "-o", "json"], Some(&std::fs::read(file).unwrap())));
        let kind = if name.ends_with(".bicep") { "stdin.bicep" } else { "stdin.json" };
        let root = format!("{}/", temp.path().canonicalize().unwrap().display());
        let renamed = by_name["paths"].to_string().replace(&root, "").replace(name, kind);
        assert_eq!(piped["paths"].to_string(), renamed, "{}", entry.display());
        count += 1;
    }
    assert!(count > 10, "{count} deployments of one file");
    println!("ran: standard_input_gives_what_the_file_gives ({count})");
}
