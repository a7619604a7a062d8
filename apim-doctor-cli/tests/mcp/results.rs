//! A tool returns the document that the command line prints, byte for byte.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use rmcp::model::CallToolResult;
use serde_json::{Value, json};

use crate::fixture;
use crate::session::{Session, folder, texts};

#[path = "../../../apim-doctor-core/tests/common/shared.rs"]
mod shared;

/// What the command line prints, and its exit status.
fn printed(arguments: &[&str], input: &str) -> (String, i32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_apim-doctor"));
    command.args(arguments).args(["-o", "json"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
}

/// Compares a result with the command line.
fn same(result: &CallToolResult, arguments: &[&str], input: &str) -> i32 {
    let (document, status) = printed(arguments, input);
    assert_eq!(result.is_error, Some(status == 2), "{arguments:?}: {result:?}");
    let text = texts(result)[usize::from(status == 2)];
    assert!(text == document.trim_end(), "{arguments:?}: another document than on the command line");
    let value: Value = serde_json::from_str(&document).unwrap();
    let structured = Some(value).filter(Value::is_object);
    assert!(result.structured_content == structured, "{arguments:?}: another document than on the command line");
    status
}

const ACTION: &str = "Microsoft.KeyVault/vaults/secrets/getSecret/action";
const STRANGER: &str = "00000000-1111-2222-3333-444444444444";
const TEXT: &str =
    "Failed to access KeyVault Secret https://kv-a.vault.azure.net/secrets/b/c using Managed Service Identity.";

/// The id of a vault in a recording.
fn vault(recording: &Path) -> String {
    let text = fs::read_to_string(recording).unwrap();
    let start = text.find("GET /subscriptions/").unwrap() + 4;
    let end = text.find("/providers/Microsoft.KeyVault/vaults/").unwrap();
    let name = &text[end + 37..];
    let name = &name[..name.find(['?', '/', '"']).unwrap()];
    let before = &text[text[..end].rfind("/subscriptions/").unwrap().max(start)..end];
    format!("{before}/providers/Microsoft.KeyVault/vaults/{name}")
}

#[tokio::test]
async fn each_tool_returns_what_its_command_prints() {
    let session = Session::start().await;
    let broken = fixture::file("checks/firewall.user-assigned-not-trusted/broken");
    let fixed = fixture::file("checks/firewall.user-assigned-not-trusted/fixed");
    let text = fs::read_to_string(&broken).unwrap();
    let world = "../fixtures/worlds/user-assigned-identity.json";
    let (vault, nothing) = (vault(Path::new(&broken)), "/subscriptions/s/providers/X/y/unknown");
    let error = folder("results").join("error.txt");
    fs::write(&error, TEXT).unwrap();
    let error = error.display().to_string();
    let (bicep, time) = ("../fixtures/judged/bicep-avm-style", "2026-11-21T09:00:00Z");
    let arm = fs::read_to_string("../fixtures/judged/arm-policy-client-id/template.json").unwrap();
    let patch = json!({"kv-releclou-gw-7e11": {"properties": {"publicNetworkAccess": "Disabled"}}});
    let written = patch.to_string();
    type Case<'a> = (&'a str, Value, Vec<&'a str>, &'a str, i32);
    let cases: Vec<Case<'_>> = vec![
        ("diagnose", json!({"files": [broken]}), vec!["diagnose", &broken], "", 1),
        (
            "diagnose",
            json!({"files": [fixed, broken], "consumer": ["apim-custom-domain"], "asOf": "2026-01-01T00:00:00Z"}),
            vec!["diagnose", &fixed, &broken, "--consumer", "apim-custom-domain", "--as-of", "2026-01-01T00:00:00Z"],
            "",
            0,
        ),
        ("diagnose", json!({"files": [fixed]}), vec!["diagnose", &fixed], "", 0),
        ("diagnose", json!({"files": [broken], "resources": [nothing]}), vec!["diagnose", &broken, nothing], "", 3),
        ("diagnose", json!({"recording": text}), vec!["diagnose", "-"], &text, 1),
        ("diagnose", json!({"recording": text, "error": TEXT}), vec!["diagnose", "-", "--error", TEXT], &text, 1),
        ("diagnose", json!({"files": [broken], "error": "-x y"}), vec!["diagnose", &broken, "--error", "-x y"], "", 1),
        ("explain", json!({"error": TEXT}), vec!["explain", "--error", TEXT], "", 0),
        (
            "explain",
            json!({"error": "nothing that anybody knows"}),
            vec!["explain", "--error", "-"],
            "nothing that anybody knows",
            0,
        ),
        ("explain", json!({"errorFile": error}), vec!["explain", "--error-file", &error], "", 0),
        ("explain", json!({"code": "dns.not-forwarded"}), vec!["explain", "dns.not-forwarded"], "", 0),
        (
            "can",
            json!({"principal": STRANGER, "action": ACTION, "scope": vault, "files": [broken]}),
            vec!["can", STRANGER, ACTION, &vault, "--snapshot", &broken],
            "",
            1,
        ),
        (
            "can",
            json!({"action": ACTION, "scope": vault, "recording": text}),
            vec!["can", "--who", ACTION, &vault, "--snapshot", "-"],
            &text,
            0,
        ),
        (
            "can",
            json!({"principal": STRANGER, "scope": vault, "files": [broken]}),
            vec!["can", "--what", STRANGER, &vault, "--snapshot", &broken],
            "",
            1,
        ),
        (
            "check",
            json!({"paths": [bicep], "standalone": true, "resourceGroup": "rg", "asOf": time}),
            vec!["check", bicep, "--standalone", "-g", "rg", "--as-of", time],
            "",
            1,
        ),
        (
            "check",
            json!({"text": arm, "location": "westeurope", "asOf": time}),
            vec!["check", "-", "--location", "westeurope", "--as-of", time],
            &arm,
            1,
        ),
        (
            "what-if",
            json!({"files": [world], "apply": ["CKV_AZURE_109"]}),
            vec!["what-if", "--snapshot", world, "--apply", "CKV_AZURE_109"],
            "",
            1,
        ),
        (
            "what-if",
            json!({"files": [world], "patch": patch}),
            vec!["what-if", "--snapshot", world, "--patch", "-"],
            &written,
            1,
        ),
        ("what-if", json!({"rules": true}), vec!["what-if", "--rules"], "", 0),
    ];
    let mut wrong = Vec::new();
    for (tool, input, arguments, piped, expected) in cases {
        let result = session.call(tool, input).await;
        let status = same(&result, &arguments, piped);
        if status != expected {
            wrong.push(format!("{arguments:?}: status {status}, and not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "the cases do not show every status:\n{}", wrong.join("\n"));
}

#[test]
fn recorded_estates_give_the_same_reports() {
    shared::with_shared("recorded_estates_give_the_same_reports", "cases/estates", |folder| {
        let mut files: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().display().to_string()).collect();
        files.retain(|file| file.ends_with(".snapshot.json"));
        files.sort();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let session = Session::start().await;
            for file in files.iter().step_by(20) {
                same(&session.call("diagnose", json!({"files": [file]})).await, &["diagnose", file], "");
            }
        });
    });
}

#[tokio::test]
async fn a_warning_stands_beside_the_document() {
    let session = Session::start().await;
    let file = fixture::file("checks/firewall.user-assigned-not-trusted/broken");
    let result = session.call("what-if", json!({"files": [file], "apply": ["CKV_AZURE_35"]})).await;
    let texts = texts(&result);
    assert_eq!((result.is_error, texts.len()), (Some(false), 2), "{texts:?}");
    assert!(texts[1].contains("rule `CKV_AZURE_35` is about no recorded resource"), "{}", texts[1]);
}

#[tokio::test]
async fn what_could_be_read_is_returned_with_what_could_not() {
    let session = Session::start().await;
    let file = fixture::file("checks/firewall.user-assigned-not-trusted/broken");
    let bad = folder("half").join("bad.json");
    fs::write(&bad, "{").unwrap();
    let result = session.call("diagnose", json!({"files": [bad, file]})).await;
    assert_eq!(result.is_error, Some(true));
    assert!(texts(&result)[0].contains("bad.json") && texts(&result)[0].contains("help:"), "{}", texts(&result)[0]);
    assert_eq!(result.structured_content.unwrap()["verdict"], "fail");
}

#[tokio::test]
async fn the_environment_and_a_configuration_can_make_no_tool_write() {
    let folder = folder("environment");
    let bicep = folder.join("main.bicep");
    fs::copy("../fixtures/judged/bicep-vault-name/main.bicep", &bicep).unwrap();
    fs::write(folder.join("apim-doctor.toml"), "output = \"html\"\ncolor = \"always\"\nverbose = true\n").unwrap();
    let source = fs::read_to_string(&bicep).unwrap();
    let variables = [
        ("APIM_DOCTOR_WRITE_FIXED", "fixed.json"),
        ("APIM_DOCTOR_WRITE_CHANGED", "changed.json"),
        ("APIM_DOCTOR_WRITE_BASELINE", "baseline.json"),
        ("APIM_DOCTOR_OUTPUT", "html=page.html"),
        ("APIM_DOCTOR_OUTPUT_FILE", "output.json"),
        ("APIM_DOCTOR_CHECKPOINT", "checkpoint.json"),
        ("APIM_DOCTOR_ALL", "true"),
        ("APIM_DOCTOR_FIX", "true"),
        ("APIM_DOCTOR_ALLOW_DIRTY", "true"),
        ("APIM_DOCTOR_OPEN", "true"),
        ("APIM_DOCTOR_BICEP_CLI", "true"),
        ("APIM_DOCTOR_DIFF_BASE", "HEAD"),
        ("APIM_DOCTOR_STANDALONE", "true"),
    ];
    let session = Session::start_in(&folder, &variables).await;
    let world = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/worlds/user-assigned-identity.json");
    let change = json!({"files": [world], "apply": ["CKV_AZURE_109"]});
    for (tool, input) in
        [("diagnose", json!({"files": [world]})), ("what-if", change), ("check", json!({"paths": ["main.bicep"]}))]
    {
        let result = session.call(tool, input).await;
        assert_eq!(result.is_error, Some(false), "{tool}: {:?}", texts(&result));
        assert_eq!(result.structured_content.unwrap()["apimDoctor"], "report/v1");
    }
    let mut names: Vec<String> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["apim-doctor.toml", "main.bicep"]);
    assert_eq!(fs::read_to_string(&bicep).unwrap(), source);
    // What a configuration may set is passed on, and what the server was given.
    fs::write(folder.join("apim-doctor.toml"), "nonsense = 1\n").unwrap();
    let result = session.call("diagnose", json!({"files": [world]})).await;
    assert!(crate::session::error(&result).contains("`nonsense` does not exist"));
}
