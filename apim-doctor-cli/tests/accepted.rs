//! What the owner of files accepts: configuration, suppressions in the files, and baselines.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod deployment;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use deployment::{folder, report, run, said_on_one_line};
use serde_json::Value;

/// A named value whose identity may read certificates only: one path, which fails.
const BROKEN: &str = include_str!("../../fixtures/judged/bicep-cert-permissions-only/main.bicep");
const CODE: &str = "authorization.role-lacks-action";
/// The template of another named value, with the same fault.
fn with_another() -> String {
    let (_, value) = BROKEN.split_once("resource nv_k").unwrap();
    format!("{BROKEN}\nresource nv_other{}", value.replace("'k'", "'other'").replace("secrets/k", "secrets/other"))
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// Standard output on one line.
fn printed_on_one_line(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Runs `check .` with a configuration.
fn with_config(config: &str, args: &[&str]) -> Output {
    let files = folder(&[("main.bicep", BROKEN), ("apim-doctor.toml", config)]);
    run(files.path(), &[&["."], args].concat())
}

fn finding(report: &Value) -> &Value {
    report["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == CODE).unwrap()
}

fn fingerprints(report: &Value) -> BTreeSet<String> {
    report["findings"].as_array().unwrap().iter().map(|f| f["fingerprint"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_suppression_counts_until_its_last_day() {
    let rule = |until: &str| format!("[[suppress]]\ncode = \"{CODE}\"\nreason = \"ticket 4711\"\n{until}");
    assert_eq!(status(&with_config("", &[])), 1);
    assert_eq!(status(&with_config(&rule(""), &[])), 0);
    let day = "until = 2027-03-31";
    assert_eq!(status(&with_config(&rule(day), &["--as-of", "2027-03-31T23:59:59Z"])), 0);
    let over = with_config(&rule(day), &["--as-of", "2027-04-01T00:00:00Z"]);
    assert_eq!(status(&over), 1);
    let said = printed_on_one_line(&over);
    assert!(said.contains("apim-doctor.toml:1: the suppression") && said.contains("ended on 2027-03-31"), "{said}");
}

#[test]
fn a_suppressed_finding_stays_in_the_report_and_the_path_stays_broken() {
    let config = "[[suppress]]\ncode = \"authorization.*\"\nresource = \"kv-two\"\nreason = \"old\"\n";
    let files = folder(&[("main.bicep", BROKEN), ("apim-doctor.toml", config)]);
    let found = report(files.path(), &[]);
    assert_eq!(finding(&found)["suppressed"], serde_json::json!({"by": "config", "reason": "old"}));
    assert_eq!((&found["verdict"], &found["paths"][0]["verdict"]), (&"fail".into(), &"fail".into()));
    assert_eq!(found["paths"][0]["suppressed"], true);
    assert_eq!(found["summary"]["findings"]["suppressed"], 1);
    assert_eq!(found["suppressions"][0]["state"], "used");
    // It is about one resource: that of another vault is not accepted.
    let elsewhere = config.replace("kv-two", "kv-three");
    let files = folder(&[("main.bicep", BROKEN), ("apim-doctor.toml", &elsewhere)]);
    let found = report(files.path(), &[]);
    assert!(finding(&found)["suppressed"].is_null());
    assert_eq!(found["suppressions"][0]["state"], "unmatched");
}

#[test]
fn an_unmatched_suppression_is_a_warning() {
    let config =
        format!("[[suppress]]\ncode = \"{CODE}\"\nreason = \"x\"\n[[suppress]]\ncode = \"dns.*\"\nreason = \"x\"\n");
    let quiet = with_config(&config, &[]);
    assert_eq!(status(&quiet), 0);
    let said = printed_on_one_line(&quiet);
    assert!(said.contains("apim-doctor.toml:4: the suppression of `dns.*` applies to no finding"), "{said}");
    assert_eq!(status(&with_config(&config, &["--fail-on", "warning"])), 1);
}

#[test]
fn paths_of_files_are_seen_from_the_configuration() {
    let rule = |path: &str| format!("[[suppress]]\ncode = \"{CODE}\"\nreason = \"x\"\npath = \"{path}\"\n");
    for (pattern, expected) in [("infra/**", 0), ("infra/*.bicep", 0), ("*.bicep", 1), ("other/**", 1)] {
        let files = folder(&[("infra/main.bicep", BROKEN), ("apim-doctor.toml", &rule(pattern))]);
        assert_eq!(status(&run(files.path(), &["infra"])), expected, "{pattern}");
        assert_eq!(status(&run(&files.path().join("infra"), &["."])), expected, "{pattern} from below");
    }
}

#[test]
fn levels_change_what_counts() {
    for (level, error, warning) in [("error", 1, 1), ("warning", 0, 1), ("info", 0, 0), ("off", 0, 0)] {
        let config = format!("[levels]\n\"{CODE}\" = \"{level}\"\n");
        assert_eq!(status(&with_config(&config, &[])), error, "{level}");
        let found = with_config(&config, &["--fail-on", "warning"]);
        assert_eq!(status(&found), warning, "{level}: {}", String::from_utf8_lossy(&found.stdout));
    }
    // The last rule counts.
    let config = format!(
        "[levels]\n\"{CODE}\" = \"info\"\n[[level]]\ncode = \"{CODE}\"\nresource = \"kv-two\"\nlevel = \"error\"\n"
    );
    assert_eq!(status(&with_config(&config, &[])), 1);
}

#[test]
fn what_is_typed_comes_before_the_environment_and_that_before_the_configuration() {
    let files = folder(&[("main.bicep", BROKEN), ("apim-doctor.toml", "fail-on = \"never\"\n")]);
    let run = |variable: Option<&str>, args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_apim-doctor"));
        command.args(["check", "."]).args(args).current_dir(files.path());
        variable.map(|value| command.env("APIM_DOCTOR_FAIL_ON", value));
        status(&command.output().unwrap())
    };
    assert_eq!(run(None, &[]), 0);
    assert_eq!(run(Some("error"), &[]), 1);
    assert_eq!(run(Some("error"), &["--fail-on", "never"]), 0);
    assert_eq!(run(None, &["--fail-on", "error"]), 1);
    assert_eq!(run(None, &["--isolated"]), 1);
    let shown = |variable: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_apim-doctor"));
        command.args(["config", "show", "-o", "json"]).current_dir(files.path());
        variable.map(|value| command.env("APIM_DOCTOR_FAIL_ON", value));
        let shown: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
        (shown["options"]["fail-on"]["value"][0].clone(), shown["options"]["fail-on"]["from"].clone())
    };
    assert_eq!(shown(None), ("never".into(), "apim-doctor.toml:1".into()));
    assert_eq!(shown(Some("error")), ("error".into(), "APIM_DOCTOR_FAIL_ON".into()));
}

#[test]
fn every_option_of_a_configuration_is_an_option() {
    let config = "ask-storage = false\nask-vault = false\nauth = \"cli\"\ncloud = \"AzurePublic\"\ncolor = \"never\"\n\
        consumer = [\"apim-named-value\"]\nfail-on = [\"error\", \"unknown\"]\nlocation = \"westeurope\"\noutput = [\"json\"]\n\
        quiet = false\nread-settings = false\nresource-group = \"rg\"\nstandalone = true\n\
        subscription = \"00000000-0000-0000-0000-000000000001\"\ntenant = \"00000000-0000-0000-0000-000000000002\"\n\
        timeout = 60\nverbose = false\n";
    let found = with_config(config, &[]);
    assert_eq!(status(&found), 1, "{}", said_on_one_line(&found));
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    let id = found["paths"][0]["resource"].as_str().unwrap();
    assert!(id.starts_with("/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/"), "{id}");
}

#[test]
fn a_wrong_configuration_says_where_and_what_to_write() {
    for (config, place, expected) in [
        ("fail-onn = \"error\"\n", "apim-doctor.toml:1:1", "did you mean `fail-on`?"),
        ("\n[[suppress]]\ncode = \"firewall.*\"\nreson = \"x\"\n", "apim-doctor.toml:4:1", "did you mean `reason`?"),
        ("[[suppress]]\ncode = \"firewall.*\"\n", "apim-doctor.toml:1:1", "`reason` is missing"),
        ("[levels]\n\"dns.zone-not-linke\" = \"off\"\n", "apim-doctor.toml:2:1", "did you mean `dns.zone-not-linked`?"),
        ("[levels]\n\"dns.*\" = \"high\"\n", "apim-doctor.toml:2:11", "use \"error\""),
        ("[[suppress]]\ncode = \"dns.*\"\nreason = \"x\"\nuntil = 2027-13-01\n", "apim-doctor.toml:4", ""),
        ("[[suppress]]\ncode = \"dns.[\"\nreason = \"x\"\n", "apim-doctor.toml:2", "is not a pattern"),
        ("fail-on = \"sometimes\"\n", "", "invalid value 'sometimes'"),
        ("output = \"json=/tmp/x\"\n", "apim-doctor.toml:1", "cannot name files to write"),
        ("cloud = \"evil.toml\"\n", "apim-doctor.toml:1", "where tokens are sent"),
        ("fix = true\n", "apim-doctor.toml:1:1", "key `fix` does not exist"),
        ("bicep-cli = true\n", "apim-doctor.toml:1:1", "key `bicep-cli` does not exist"),
        ("fail-on = [\n", "apim-doctor.toml:1", ""),
    ] {
        let found = with_config(config, &[]);
        let said = said_on_one_line(&found);
        assert_eq!(status(&found), 2, "{config}: {said}");
        assert!(said.contains(place) && said.contains(expected), "{config}: {said}");
    }
    let missing = with_config("", &["--config", "nowhere.toml"]);
    assert_eq!(status(&missing), 2);
    assert!(said_on_one_line(&missing).contains("nowhere.toml"));
}

#[test]
fn the_schema_of_a_configuration_agrees_with_the_program() {
    let program = env!("CARGO_BIN_EXE_apim-doctor");
    let schema = Command::new(program).args(["schema", "config"]).output().unwrap();
    let schema: Value = serde_json::from_slice(&schema.stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let docs = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/ci.md")).unwrap();
    let examples: Vec<&str> = docs.split("```toml\n").skip(1).map(|part| part.split("```").next().unwrap()).collect();
    assert!(!examples.is_empty());
    for example in examples {
        let found = with_config(example, &[]);
        assert_ne!(status(&found), 2, "{example}: {}", said_on_one_line(&found));
        // TOML's days are texts in JSON.
        let text = example.replace("until = 2027-03-31", "until = \"2027-03-31\"");
        let value: Value = serde_json::to_value(toml::from_str::<toml::Table>(&text).unwrap()).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    for wrong in ["{\"fail-onn\": 1}", "{\"levels\": {\"x\": \"high\"}}", "{\"suppress\": [{\"code\": \"x\"}]}"] {
        assert!(!validator.is_valid(&serde_json::from_str(wrong).unwrap()), "{wrong}");
    }
}

#[test]
fn a_baseline_survives_moved_lines_renamed_files_and_another_time() {
    let before = folder(&[("main.bicep", BROKEN)]);
    let written = run(before.path(), &[".", "--write-baseline", "known.json", "--fail-on", "never"]);
    assert_eq!(status(&written), 0);
    let known = std::fs::read_to_string(before.path().join("known.json")).unwrap();
    let moved = format!("// one\n// two\n\n{}", BROKEN.replace("\n    \n", "\n\n\n    // three\n"));
    let after = folder(&[("deep/er/other.bicep", &moved), ("known.json", &known)]);
    let args = ["deep", "--baseline", "known.json", "--as-of", "2031-01-01T00:00:00Z"];
    let found = run(after.path(), &args);
    assert_eq!(status(&found), 0, "{}", String::from_utf8_lossy(&found.stdout));
    let found: Value =
        serde_json::from_slice(&run(after.path(), &[&args[..], &["-o", "json"]].concat()).stdout).unwrap();
    assert_eq!(fingerprints(&found), fingerprints(&report(before.path(), &[])));
    assert_eq!(finding(&found)["suppressed"]["by"], "baseline");
}

#[test]
fn a_baseline_does_not_cover_another_path_of_a_known_finding() {
    let files = folder(&[("main.bicep", BROKEN)]);
    run(files.path(), &[".", "--write-baseline", "known.json"]);
    std::fs::write(files.path().join("main.bicep"), with_another()).unwrap();
    let found = run(files.path(), &[".", "--baseline", "known.json", "-o", "json"]);
    assert_eq!(status(&found), 1);
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    let counts: Vec<(&str, bool)> = found["paths"]
        .as_array()
        .unwrap()
        .iter()
        .map(|path| (path["label"].as_str().unwrap(), path["suppressed"] == true))
        .collect();
    assert_eq!(counts, [("k", true), ("other", false)]);
    // Renewed in place, it covers both.
    run(files.path(), &[".", "--baseline", "known.json", "--write-baseline", "known.json"]);
    assert_eq!(status(&run(files.path(), &[".", "--baseline", "known.json"])), 0);
    // What is repaired is named, and fails nothing.
    std::fs::write(
        files.path().join("main.bicep"),
        with_another().replace("'get', 'list' ]", "'get' ], secrets: [ 'get' ]"),
    )
    .unwrap();
    let repaired = run(files.path(), &[".", "--baseline", "known.json"]);
    assert_eq!(status(&repaired), 0);
    assert!(said_on_one_line(&repaired).contains("of the baseline no longer exist"), "{}", said_on_one_line(&repaired));
}

#[test]
fn a_baseline_knows_what_could_not_be_decided() {
    let open = BROKEN
        .replace("param location string = 'westeurope'", "param location string = 'westeurope'\nparam objectId string")
        .replace("id.properties.principalId", "objectId");
    let files = folder(&[("main.bicep", &open)]);
    assert_eq!(status(&run(files.path(), &[".", "--fail-on", "unknown", "--write-baseline", "known.json"])), 1);
    assert_eq!(status(&run(files.path(), &[".", "--fail-on", "unknown", "--baseline", "known.json"])), 0);
}

#[test]
fn a_baseline_that_cannot_be_read_is_an_error() {
    let files = folder(&[("main.bicep", BROKEN), ("known.json", "{\n  \"apimDoctor\": \"report/v1\"\n}")]);
    for (name, expected) in [("known.json", "known.json:3:"), ("nowhere.json", "nowhere.json")] {
        let found = run(files.path(), &[".", "--baseline", name]);
        assert_eq!(status(&found), 2);
        assert!(said_on_one_line(&found).contains(expected), "{}", said_on_one_line(&found));
    }
}

#[test]
fn a_comment_in_bicep_suppresses_findings_about_its_resource() {
    let comment = format!("// apim-doctor: allow {CODE} until 2027-03-31: ticket 4711\n");
    let as_of = ["--as-of", "2027-01-01T00:00:00Z"];
    let above = BROKEN.replace("resource kv ", &format!("{comment}resource kv "));
    let inside = BROKEN.replace("  name: 'kv-two'\n", &format!("  name: 'kv-two' {comment}"));
    let of_path = BROKEN.replace("resource nv_k ", &format!("{comment}resource nv_k "));
    for text in [&above, &inside, &of_path] {
        let files = folder(&[("main.bicep", text)]);
        let found = report(files.path(), &as_of);
        assert_eq!(
            finding(&found)["suppressed"],
            serde_json::json!({
                "by": "source", "reason": "ticket 4711", "until": "2027-03-31",
            }),
            "{text}"
        );
        assert_eq!(status(&run(files.path(), &[&["."], &as_of[..]].concat())), 0);
        assert_eq!(status(&run(files.path(), &[".", "--as-of", "2027-04-01T00:00:00Z"])), 1);
    }
    // Beside another resource, in a text, or for another code, it applies to nothing.
    let other = BROKEN.replace("resource id ", &format!("{comment}resource id "));
    let code = above.replace(CODE, "dns.zone-not-linked");
    for text in [other, code] {
        let found = report(folder(&[("main.bicep", text.as_str())]).path(), &as_of);
        assert!(finding(&found)["suppressed"].is_null());
        assert_eq!(found["suppressions"][0]["state"], "unmatched");
        assert_eq!(found["suppressions"][0]["file"].as_str().map(|file| file.ends_with("main.bicep")), Some(true));
    }
    let in_text = BROKEN.replace("publisherName: 'x'", &format!("publisherName: '''\n{comment}'''"));
    assert!(report(folder(&[("main.bicep", in_text.as_str())]).path(), &as_of).get("suppressions").is_none());
}

#[test]
fn a_comment_that_cannot_be_read_suppresses_nothing_and_is_reported() {
    for (comment, expected) in [
        (format!("// apim-doctor: allow {CODE}"), "write `apim-doctor: allow CODE until 2027-03-31: REASON`"),
        ("// apim-doctor: allow dns.zone-not-linke: x".to_owned(), "`apim-doctor rules` lists all codes"),
        (format!("// apim-doctor: allow {CODE} until soon: x"), "write it as 2027-03-31"),
        (format!("// apim-doctor: ignore {CODE}: x"), "write `apim-doctor: allow"),
    ] {
        let text = BROKEN.replace("resource kv ", &format!("{comment}\nresource kv "));
        let files = folder(&[("main.bicep", text.as_str())]);
        let found = run(files.path(), &["."]);
        assert_eq!(status(&found), 1);
        let said = said_on_one_line(&found);
        assert!(said.contains("main.bicep:2") && said.contains(expected), "{said}");
    }
}

#[test]
fn metadata_in_a_template_suppresses_findings_about_its_resource() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/judged");
    let name = std::fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("arm-"));
    let mut tried = 0;
    for folder_of in name {
        let Ok(text) = std::fs::read_to_string(folder_of.join("azuredeploy.json"))
            .or(std::fs::read_to_string(folder_of.join("main.json")))
        else {
            continue;
        };
        let Ok(mut template) = serde_json::from_str::<Value>(&text) else { continue };
        let before = report(folder(&[("main.json", text.as_str())]).path(), &["--standalone"]);
        let Some(found) = before["findings"].as_array().unwrap().iter().find(|finding| finding["severity"] == "error")
        else {
            continue;
        };
        let (code, subject) = (found["code"].as_str().unwrap(), found["subject"].as_str().unwrap());
        let kind = subject.rsplit('/').nth(1).unwrap();
        let Some(resources) = template["resources"].as_array_mut() else { continue };
        let ours: Vec<&mut Value> = resources
            .iter_mut()
            .filter(|resource| resource["type"].as_str().is_some_and(|own| own.ends_with(&format!("/{kind}"))))
            .collect();
        if ours.len() != 1 {
            continue;
        }
        for resource in ours {
            resource["metadata"] = serde_json::json!({"apimDoctor": [{"allow": code, "reason": "known"}]});
        }
        let after = report(folder(&[("main.json", template.to_string().as_str())]).path(), &["--standalone"]);
        let same = after["findings"]
            .as_array()
            .unwrap()
            .iter()
            .find(|own| own["code"] == code && own["subject"] == subject)
            .unwrap();
        assert_eq!(same["suppressed"]["by"], "source", "{}: {code} {subject}", folder_of.display());
        tried += 1;
    }
    assert!(tried >= 2, "only {tried} templates were tried");
}

/// A plan whose vault has an error.
struct Plan {
    plan: String,
    /// The code of the error.
    code: String,
    /// The name of the vault in the source.
    name: String,
}

/// The plan of a recorded deployment; `None` where `../shared` is missing.
fn broken_plan(test: &str) -> Option<Plan> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases/deployments");
    let Ok(plan) = std::fs::read_to_string(cases.join("tf-hostname-not-helped-by-endpoint/plan.json")) else {
        println!("skipped: ../shared is missing ({test})");
        return None;
    };
    let before = report(folder(&[("plan.json", plan.as_str())]).path(), &[]);
    let found =
        before["findings"].as_array().unwrap().iter().find(|finding| {
            finding["severity"] == "error" && finding["subject"].as_str().unwrap().contains("/vaults/")
        });
    let code = found.unwrap()["code"].as_str().unwrap().to_owned();
    let name = plan.split("\"azurerm_key_vault.").nth(1).unwrap().split(['"', '.']).next().unwrap().to_owned();
    Some(Plan { plan, code, name })
}

#[test]
fn a_comment_in_terraform_suppresses_findings_about_its_resource() {
    let Some(Plan { plan, code, name }) = broken_plan("a_comment_in_terraform") else { return };
    let source = |comment: &str, name: &str| {
        format!("{comment}resource \"azurerm_key_vault\" \"{name}\" {{\n  name = \"kv\"\n}}\n")
    };
    let comment = format!("# apim-doctor: allow {code} until 2027-03-31: ticket 4711\n");
    for (text, state) in [(source(&comment, &name), "used"), (source(&comment, "other"), "unmatched")] {
        let files = folder(&[("plan.json", plan.as_str()), ("main.tf", text.as_str())]);
        let after = report(files.path(), &["--as-of", "2027-01-01T00:00:00Z"]);
        assert_eq!(after["suppressions"][0]["state"], state, "{text}");
        assert_eq!(after["suppressions"][0]["file"], "main.tf");
        let of_code = |report: &Value| {
            let all = report["findings"].as_array().unwrap().iter();
            all.filter(|finding| finding["code"] == code && finding["suppressed"]["by"] == "source").count()
        };
        assert_eq!(of_code(&after) > 0, state == "used");
    }
}

#[test]
fn a_suppression_ends_today_and_not_when_the_recording_was_taken() {
    let recording = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("src/command/demo/user-assigned-behind-firewall.json"),
    )
    .unwrap();
    let config = "[[suppress]]\ncode = \"*\"\nreason = \"x\"\nuntil = 2026-11-25\n";
    let files = folder(&[("recording.json", recording.as_str()), ("apim-doctor.toml", config)]);
    let diagnose = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_apim-doctor"));
        let found = command.args(["diagnose", "recording.json"]).args(args).current_dir(files.path()).output().unwrap();
        status(&found)
    };
    assert_eq!(diagnose(&[]), 1);
    assert_eq!(diagnose(&["--as-of", "2026-11-25T12:00:00Z"]), 0);
}

#[test]
fn the_last_level_counts_also_after_off() {
    let config = format!("[levels]\n\"authorization.*\" = \"off\"\n\"{CODE}\" = \"error\"\n");
    assert_eq!(status(&with_config(&config, &[])), 1);
    let config = format!("[levels]\n\"{CODE}\" = \"off\"\n[[level]]\ncode = \"{CODE}\"\nlevel = \"error\"\n");
    assert_eq!(status(&with_config(&config, &[])), 1);
    assert_eq!(
        status(&with_config(&format!("[[suppress]]\ncode = \"{CODE}\"\nreason = \"x\"\nresource = \"\"\n"), &[])),
        2
    );
}

#[test]
fn a_known_suspicion_does_not_cover_the_proof() {
    // Open world: the grant may stand elsewhere. Standalone: it does not.
    let open = BROKEN.replace("      { tenantId: tenant().tenantId, objectId: id.properties.principalId, permissions: { certificates: [ 'get', 'list' ] } }\n", "").replace("accessPolicies: [", "enableRbacAuthorization: true\n    accessPolicies: [");
    let files = folder(&[("main.bicep", open.as_str())]);
    run(files.path(), &[".", "--write-baseline", "known.json"]);
    let known = std::fs::read_to_string(files.path().join("known.json")).unwrap();
    assert!(known.contains("\"verdict\": \"unknown\""), "{known}");
    assert_eq!(status(&run(files.path(), &[".", "--baseline", "known.json"])), 0);
    assert_eq!(status(&run(files.path(), &[".", "--standalone", "--baseline", "known.json"])), 1);
}

#[test]
fn a_known_undecided_path_does_not_cover_another_target_or_another_gate() {
    let open = BROKEN
        .replace(
            "param location string = 'westeurope'",
            "param location string = 'westeurope'\nparam objectId string\nparam action string = 'Allow'",
        )
        .replace("id.properties.principalId", "objectId")
        .replace(
            "    accessPolicies: [",
            "    networkAcls: { defaultAction: action, bypass: 'None' }\n    accessPolicies: [",
        );
    let files = folder(&[("main.bicep", open.as_str())]);
    let args = [".", "--fail-on", "unknown", "--baseline", "known.json"];
    run(files.path(), &[".", "--write-baseline", "known.json"]);
    assert_eq!(status(&run(files.path(), &args)), 0);
    let gate = open.replace("param action string = 'Allow'", "param action string");
    std::fs::write(files.path().join("main.bicep"), gate).unwrap();
    assert_eq!(status(&run(files.path(), &args)), 1);
    let target =
        open.replace("'${kv.properties.vaultUri}secrets/k'", "'https://kv-elsewhere.vault.azure.net/secrets/k'");
    std::fs::write(files.path().join("main.bicep"), target).unwrap();
    assert_eq!(status(&run(files.path(), &args)), 1);
}

#[test]
fn a_finding_that_two_consumers_share_is_known_if_one_of_them_goes() {
    let service = BROKEN.split("resource apim ").nth(1).unwrap();
    let second =
        service.replace("'apim-two'", "'apim-three'").replace("parent: apim", "parent: other").replace("nv_k", "nv_o");
    let both = format!("{BROKEN}\nresource other {second}");
    let files = folder(&[("main.bicep", both.as_str())]);
    run(files.path(), &[".", "--write-baseline", "known.json"]);
    assert_eq!(report(files.path(), &[])["paths"].as_array().unwrap().len(), 2);
    std::fs::write(files.path().join("main.bicep"), BROKEN).unwrap();
    assert_eq!(status(&run(files.path(), &[".", "--baseline", "known.json"])), 0);
}

#[test]
fn a_comment_applies_to_one_declaration() {
    let comment = format!("// apim-doctor: allow {CODE}: only this");
    let (before, value) = BROKEN.split_once("resource nv_k").unwrap();
    let (apim, end) = before.rsplit_once("}\n").unwrap();
    assert_eq!(end, "");
    let child = |name: &str, comment: &str| {
        let text = value
            .split_once('=')
            .unwrap()
            .1
            .trim()
            .replace("  parent: apim\n", "")
            .replace("'k'", &format!("'{name}'"));
        format!("  resource {name} 'namedValues' = {}\n", text.replacen("{\n", &format!("{{\n{comment}\n"), 1))
    };
    let nested = |one: &str| format!("{apim}{}{}}}\n", child("one", one), child("two", ""));
    let beside = |one: &str, two: &str| {
        format!("{} {one}\n\n{two}\nresource nv_two{}", BROKEN.trim_end(), value.replace("'k'", "'two'"))
    };
    let accepted = |text: &str| {
        let found = report(folder(&[("main.bicep", text)]).path(), &[]);
        let paths = found["paths"].as_array().unwrap().iter().filter(|path| path["suppressed"] == true);
        paths.map(|path| path["label"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(accepted(&nested(&comment)), ["one"]);
    let of_parent = nested("").replace("resource apim ", &format!("{comment}\nresource apim "));
    assert_eq!(accepted(&of_parent), [""; 0]);
    // Behind a brace it belongs to what ends there, and above a declaration to that.
    assert_eq!(accepted(&beside(&comment, "")), ["k"]);
    assert_eq!(accepted(&beside("", &comment)), ["two"]);
    let of_parameter = BROKEN
        .replace("param location string = 'westeurope'", &format!("param location string = 'westeurope' {comment}"));
    assert_eq!(accepted(&of_parameter), [""; 0]);
}

#[test]
fn an_exception_in_a_file_of_one_line_applies_to_its_resource_only() {
    let text = include_str!("../../fixtures/judged/arm-vault-2026/template.json");
    let mut template: Value = serde_json::from_str(text).unwrap();
    let before = report(folder(&[("main.json", template.to_string().as_str())]).path(), &["--standalone"]);
    let found = before["findings"].as_array().unwrap().iter().find(|finding| finding["severity"] == "error").unwrap();
    let allow =
        |until: Value| serde_json::json!({"apimDoctor": [{"allow": found["code"], "reason": "x", "until": until}]});
    let other = serde_json::json!({
        "type": "Microsoft.Storage/storageAccounts", "apiVersion": "2023-05-01", "name": "stother", "location": "westeurope",
        "metadata": allow("2099-01-01".into()),
    });
    template["resources"].as_array_mut().unwrap().insert(0, other);
    let files = folder(&[("main.json", template.to_string().as_str())]);
    assert_eq!(status(&run(files.path(), &[".", "--standalone"])), 1);
    // In the template itself it applies to nothing, and what cannot be read is reported.
    template["resources"][0].as_object_mut().unwrap().remove("metadata");
    template["metadata"] = allow("2099-01-01".into());
    let files = folder(&[("main.json", template.to_string().as_str())]);
    assert_eq!(status(&run(files.path(), &[".", "--standalone"])), 1);
    template.as_object_mut().unwrap().remove("metadata");
    for resource in template["resources"].as_array_mut().unwrap() {
        resource["metadata"] = allow(20_990_101.into());
    }
    let files = folder(&[("main.json", template.to_string().as_str())]);
    let wrong = run(files.path(), &[".", "--standalone"]);
    assert_eq!(status(&wrong), 1);
    assert!(said_on_one_line(&wrong).contains("this suppression cannot be read"), "{}", said_on_one_line(&wrong));
}

#[test]
fn nothing_that_is_read_is_written_over() {
    let files =
        folder(&[("main.bicep", BROKEN), ("p.json", "{\"location\": {\"value\": \"x\"}}"), ("known.json", "{}")]);
    for args in [
        &["main.bicep", "-o", "json=main.bicep"][..],
        &[".", "--write-baseline", "main.bicep"],
        &["main.bicep", "-p", "p.json", "-o", "json=p.json"],
        &["main.bicep", "--baseline", "known.json", "-o", "json=known.json"],
        &["main.bicep", "-o", "json=x", "-f", "y"],
    ] {
        let before: Vec<String> = ["main.bicep", "p.json", "known.json"]
            .iter()
            .map(|name| std::fs::read_to_string(files.path().join(name)).unwrap())
            .collect();
        assert_eq!(status(&run(files.path(), args)), 2, "{args:?}");
        let after: Vec<String> = ["main.bicep", "p.json", "known.json"]
            .iter()
            .map(|name| std::fs::read_to_string(files.path().join(name)).unwrap())
            .collect();
        assert_eq!(before, after, "{args:?}");
    }
    let empty = folder(&[("main.bicep", "param a string\n"), ("known.json", "kept")]);
    assert_eq!(status(&run(empty.path(), &[".", "--write-baseline", "known.json"])), 2);
    assert_eq!(std::fs::read_to_string(empty.path().join("known.json")).unwrap(), "kept");
}

#[test]
fn a_misspelt_variable_is_an_error() {
    let files = folder(&[("main.bicep", BROKEN)]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_apim-doctor"));
    let found =
        command.args(["check", "."]).env("APIM_DOCTOR_FAILON", "never").current_dir(files.path()).output().unwrap();
    assert_eq!(status(&found), 2);
    assert!(said_on_one_line(&found).contains("did you mean `APIM_DOCTOR_FAIL_ON`?"), "{}", said_on_one_line(&found));
}

#[test]
fn a_configuration_above_the_repository_does_not_count() {
    let files =
        folder(&[("apim-doctor.toml", "fail-on = \"never\"\n"), ("repo/.git/HEAD", ""), ("repo/main.bicep", BROKEN)]);
    assert_eq!(status(&run(&files.path().join("repo"), &["."])), 1);
}

#[test]
fn an_exception_beside_a_plan_applies_to_one_resource_of_that_plan() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases/deployments");
    let Ok(plan) = std::fs::read_to_string(cases.join("tf-hostname-not-helped-by-endpoint/plan.json")) else {
        println!("skipped: ../shared is missing (an_exception_beside_a_plan)");
        return;
    };
    // Terraform writes a plan in one line.
    let plan = serde_json::from_str::<Value>(&plan).unwrap().to_string();
    let before = report(folder(&[("plan.json", plan.as_str())]).path(), &[]);
    let found =
        before["findings"].as_array().unwrap().iter().find(|finding| {
            finding["severity"] == "error" && finding["subject"].as_str().unwrap().contains("/vaults/")
        });
    let code = found.unwrap()["code"].as_str().unwrap();
    let name = plan.split("\"azurerm_key_vault.").nth(1).unwrap().split(['"', '.']).next().unwrap();
    let comment = format!("# apim-doctor: allow {code}: known\n");
    let vault = |before: &str, inside: &str| {
        format!("{before}resource \"azurerm_key_vault\" \"{name}\" {{\n{inside}  name = \"kv\"\n}}\n")
    };
    let data = |inside: &str| format!("data \"azurerm_key_vault\" \"legacy\" {{\n{inside}  name = \"old\"\n}}\n");
    let other =
        |before: &str| format!("{before}resource \"azurerm_storage_account\" \"other\" {{\n  name = \"x\"\n}}\n");
    for (source, is_accepted) in [
        (vault(&comment, ""), true),
        (vault("", &comment), true),
        (format!("{}{}", data(&comment), vault("", "")), false),
        (format!("{}{}", other(&comment), vault("", "")), false),
        (format!("{}{}", comment, data("")) + &vault("", ""), false),
    ] {
        let files = folder(&[("plan.json", plan.as_str()), ("main.tf", source.as_str())]);
        let after = report(files.path(), &[]);
        let of_source = after["findings"].as_array().unwrap().iter();
        let accepted = of_source.filter(|finding| finding["suppressed"]["by"] == "source").count();
        assert_eq!(accepted > 0, is_accepted, "{source}");
    }
    // Another plan has its own source.
    let prod = plan.replace("kv-", "kvp-").replace("apim-", "apimp-");
    let files = folder(&[
        ("dev/plan.json", plan.as_str()),
        ("dev/main.tf", vault(&comment, "").as_str()),
        ("prod/plan.json", prod.as_str()),
        ("prod/main.tf", vault("", "").as_str()),
    ]);
    let both = report(files.path(), &[]);
    let all = both["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == code);
    let (accepted, open): (Vec<&Value>, Vec<&Value>) = all.partition(|finding| finding["suppressed"]["by"] == "source");
    assert!(!accepted.is_empty() && !open.is_empty(), "{accepted:?} {open:?}");
}

/// A template with a path that fails, and one of another deployment in which names differ.
fn dev_and_prod() -> (Value, String, String) {
    let text = include_str!("../../fixtures/judged/arm-vault-2026/template.json");
    let found = report(folder(&[("main.json", text)]).path(), &["--standalone"]);
    let found = found["findings"].as_array().unwrap().iter().find(|finding| finding["severity"] == "error").unwrap();
    let code = found["code"].as_str().unwrap().to_owned();
    let prod = text.replace("kv-26", "kv-prod").replace("apim-26", "apim-prod");
    (serde_json::from_str(text).unwrap(), prod, code)
}

#[test]
fn an_exception_does_not_reach_a_file_of_the_same_name_in_another_folder() {
    let (mut dev, prod, code) = dev_and_prod();
    for resource in dev["resources"].as_array_mut().unwrap() {
        resource["metadata"] = serde_json::json!({"apimDoctor": [{"allow": code, "reason": "dev only"}]});
    }
    // At the same places in the file.
    let mut padded: Value = serde_json::from_str(&prod).unwrap();
    for resource in padded["resources"].as_array_mut().unwrap() {
        resource["metadata"] = serde_json::json!({"apimDoctxr": [{"allow": code, "reason": "dev only"}]});
    }
    let files = folder(&[("dev/main.json", dev.to_string().as_str()), ("prod/main.json", padded.to_string().as_str())]);
    for order in [["dev", "prod"], ["prod", "dev"]] {
        let found = run(files.path(), &[&order[..], &["--standalone", "-o", "json"]].concat());
        assert_eq!(status(&found), 1, "{order:?}");
        let found: Value = serde_json::from_slice(&found.stdout).unwrap();
        let of_code = found["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == code.as_str());
        let accepted: Vec<(bool, bool)> = of_code
            .map(|finding| (finding["subject"].as_str().unwrap().contains("prod"), finding["suppressed"].is_object()))
            .collect();
        assert!(accepted.iter().all(|(is_prod, is_accepted)| is_prod != is_accepted), "{accepted:?}");
        assert_eq!(accepted.len(), 2);
    }
    // Nor does one in the source of a plan reach the plan of another folder.
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases/deployments");
    let Ok(plan) = std::fs::read_to_string(cases.join("tf-hostname-not-helped-by-endpoint/plan.json")) else {
        println!("skipped: ../shared is missing (an_exception_does_not_reach)");
        return;
    };
    let before = report(folder(&[("plan.json", plan.as_str())]).path(), &[]);
    let found =
        before["findings"].as_array().unwrap().iter().find(|finding| {
            finding["severity"] == "error" && finding["subject"].as_str().unwrap().contains("/vaults/")
        });
    let code = found.unwrap()["code"].as_str().unwrap();
    let name = plan.split("\"azurerm_key_vault.").nth(1).unwrap().split(['"', '.']).next().unwrap();
    let source =
        |comment: &str| format!("{comment}resource \"azurerm_key_vault\" \"{name}\" {{\n  name = \"kv\"\n}}\n");
    let prod = plan.replace("kv-", "kvp-").replace("apim-", "apimp-");
    let comment = format!("# apim-doctor: allow {code}: known\n");
    let files = folder(&[
        ("dev/plan.json", plan.as_str()),
        ("dev/main.tf", source("").as_str()),
        ("prod/plan.json", prod.as_str()),
        ("prod/main.tf", source(&comment).as_str()),
    ]);
    let both = run(files.path(), &["dev", "prod", "-o", "json"]);
    let both: Value = serde_json::from_slice(&both.stdout).unwrap();
    let of_code = both["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == code);
    let mut tried = 0;
    for finding in of_code.filter(|finding| finding["subject"].as_str().unwrap().contains("/vaults/")) {
        let is_prod = finding["subject"].as_str().unwrap().contains("/vaults/kvp-");
        assert_eq!(finding["suppressed"]["by"] == "source", is_prod, "{finding:#}");
        tried += 1;
    }
    assert!(tried >= 2, "{tried}");
}

#[test]
fn a_glob_over_files_is_seen_from_its_configuration_whatever_folder_is_checked() {
    let (_, prod, code) = dev_and_prod();
    let rule = |path: &str| format!("[[suppress]]\ncode = \"{code}\"\nreason = \"x\"\npath = \"{path}\"\n");
    for (pattern, expected) in [("infra/**", 0), ("infra/main.json", 0), ("tools/**", 1), ("main.json", 1), ("*", 1)] {
        let files = folder(&[
            ("infra/main.json", prod.as_str()),
            ("apim-doctor.toml", &rule(pattern)),
            ("tools/x", ""),
            (".git/HEAD", ""),
        ]);
        let runs = [("tools", "../infra"), (".", "infra"), (".", "infra/main.json"), ("infra", "."), (".", ".")];
        for (from, path) in runs {
            let found = run(&files.path().join(from), &[path, "--standalone"]);
            assert_eq!(status(&found), expected, "{pattern}: {path} from {from}");
        }
    }
}

#[test]
fn only_a_comment_of_its_own_is_an_exception() {
    let allow = format!("apim-doctor: allow {CODE}: known");
    let above = |comment: &str| BROKEN.replace("resource kv ", &format!("{comment}resource kv "));
    let inside = |comment: &str| BROKEN.replace("  name: 'kv-two'\n", &format!("  name: 'kv-two' {comment}\n"));
    for (text, is_accepted) in [
        (above(&format!("/* {allow} */ ")), true),
        (above(&format!("/* {allow} */\n")), true),
        (above(&format!("/**\n * The vault of a test.\n * {allow}\n */\n")), true),
        (above(&format!("/// {allow}\n/* more */ // and more\n")), true),
        (above(&format!("// {allow}\r\n")), true),
        (above(&format!("// one\r// {allow}\r")), true),
        (inside(&format!("/* {allow} */")), true),
        (
            format!("\u{feff}// {allow}\nresource{}", BROKEN.split_once("resource").unwrap().1)
                .replace("location: location", "location: 'x'"),
            true,
        ),
        // In another comment, a text, or beside another declaration it means nothing.
        (above(&format!("/*\n// {allow}\n*/\n")), false),
        (above(&format!("// // {allow}\n")), false),
        (above(&format!("// see {allow}\n")), false),
        (inside(&format!("\n  tags: {{ note: '/* {allow} */' }}")), false),
        (BROKEN.replace("resource id ", &format!("/* {allow} */ resource id ")), false),
        // It would never end.
        (above(&format!("// apim-doctor: allow {CODE}: Until 2020-01-01: known\n")), false),
    ] {
        let found = report(folder(&[("main.bicep", text.as_str())]).path(), &[]);
        assert_eq!(finding(&found)["suppressed"]["by"] == "source", is_accepted, "{text}");
    }
    // What exists has no finding of its own, and its children are others.
    let (before, value) = BROKEN.split_once("resource nv_k").unwrap();
    let child = value.split_once('=').unwrap().1.trim().replace("  parent: apim\n", "");
    let existing = format!(
        "{before}\n// {allow}\nresource there 'Microsoft.ApiManagement/service@2022-08-01' existing = {{\n  name: \
         'apim-two'\n  resource nv 'namedValues' = {child}\n}}\n"
    );
    assert_eq!(status(&run(folder(&[("main.bicep", existing.as_str())]).path(), &["."])), 1);
}

#[test]
fn an_exception_of_a_linked_deployment_does_not_reach_what_it_deploys() {
    let (template, _, code) = dev_and_prod();
    let schema = template["$schema"].clone();
    let outer = serde_json::json!({
        "$schema": schema, "contentVersion": "1.0.0.0",
        "resources": [{
            "type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": "inner",
            "metadata": {"apimDoctor": [{"allow": code, "reason": "x"}]},
            "properties": {"mode": "Incremental", "expressionEvaluationOptions": {"scope": "inner"}, "template": template},
        }],
    });
    let files = folder(&[("main.json", outer.to_string().as_str())]);
    assert_eq!(status(&run(files.path(), &[".", "--standalone"])), 1);
}

#[test]
fn a_text_in_terraform_is_not_a_comment() {
    let Some(Plan { plan, code, name }) = broken_plan("a_text_in_terraform") else { return };
    let allow = format!("apim-doctor: allow {code}: known");
    for (inside, is_accepted) in [
        (format!("  # {allow}\n"), true),
        (format!("  /* {allow} */\n"), true),
        (format!("  note = <<EOT\n# {allow}\nEOT\n"), false),
        (format!("  note = \"https://x // {allow}\"\n"), false),
        (format!("  note = \"${{local.a}} # {allow}\"\n"), false),
        (format!("/*\n# {allow}\n*/\n"), false),
    ] {
        let source = format!("resource \"azurerm_key_vault\" \"{name}\" {{\n{inside}  name = \"kv\"\n}}\n");
        let files = folder(&[("plan.json", plan.as_str()), ("main.tf", source.as_str())]);
        let after = report(files.path(), &[]);
        let accepted = after["findings"].as_array().unwrap().iter().any(|found| found["suppressed"]["by"] == "source");
        assert_eq!(accepted, is_accepted, "{source}");
    }
}

#[test]
fn a_code_says_more_than_a_glob_and_a_glob_has_to_describe_a_code() {
    for (levels, expected) in [
        (format!("\"{CODE}\" = \"error\"\n\"{{authorization,dns}}.*\" = \"off\"\n"), 1),
        (format!("\"{{authorization,dns}}.*\" = \"off\"\n\"{CODE}\" = \"error\"\n"), 1),
        ("\"{authorization,dns}.*\" = \"off\"\n\"*\" = \"error\"\n".to_owned(), 1),
        ("\"*\" = \"error\"\n\"{authorization,dns}.*\" = \"off\"\n".to_owned(), 0),
        ("\"autorization.*\" = \"off\"\n".to_owned(), 2),
    ] {
        assert_eq!(status(&with_config(&format!("[levels]\n{levels}"), &[])), expected, "{levels}");
    }
    let wrong = with_config("[[suppress]]\ncode = \"latnt.*\"\nreason = \"x\"\n", &[]);
    assert_eq!(status(&wrong), 2);
    assert!(said_on_one_line(&wrong).contains("no code matches `latnt.*`"), "{}", said_on_one_line(&wrong));
}

#[test]
fn switches_are_set_by_variables_as_people_write_them() {
    let files = folder(&[("main.bicep", BROKEN), ("apim-doctor.toml", "fail-on = \"never\"\n")]);
    for (value, expected) in
        [("1", 1), ("yes", 1), ("on", 1), ("true", 1), ("0", 0), ("no", 0), ("false", 0), ("perhaps", 2)]
    {
        let mut command = Command::new(env!("CARGO_BIN_EXE_apim-doctor"));
        let found =
            command.args(["check", "."]).env("APIM_DOCTOR_ISOLATED", value).current_dir(files.path()).output().unwrap();
        assert_eq!(status(&found), expected, "{value}: {}", said_on_one_line(&found));
    }
}

#[test]
fn a_baseline_that_the_configuration_names_is_missed_there() {
    let missing = with_config("fail-on = \"error\"\nbaseline = \"known.json\"\n", &[]);
    assert_eq!(status(&missing), 2);
    let said = said_on_one_line(&missing);
    assert!(said.contains("apim-doctor.toml:2:1: `baseline`: file `known.json` does not exist"), "{said}");
    // One that was typed is not the configuration's.
    let typed = with_config("", &["--baseline", "known.json"]);
    assert!(!said_on_one_line(&typed).contains("apim-doctor.toml"), "{}", said_on_one_line(&typed));
}

#[cfg(unix)]
#[test]
fn a_configuration_that_is_found_has_to_be_a_small_file() {
    let files = folder(&[("main.bicep", BROKEN)]);
    std::os::unix::fs::symlink("/dev/zero", files.path().join("apim-doctor.toml")).unwrap();
    let endless = run(files.path(), &["."]);
    assert_eq!(status(&endless), 2);
    assert!(said_on_one_line(&endless).contains("it is not a file"), "{}", said_on_one_line(&endless));
    let large = with_config(&format!("fail-on = \"never\" #{}\n", "x".repeat(1 << 20)), &[]);
    assert_eq!(status(&large), 2);
}

#[test]
fn a_baseline_knows_findings_that_count_less() {
    let files =
        folder(&[("main.bicep", BROKEN), ("apim-doctor.toml", "[levels]\n\"authorization.*\" = \"warning\"\n")]);
    run(files.path(), &[".", "--write-baseline", "known.json"]);
    let args = [".", "--baseline", "known.json", "--fail-on", "warning"];
    assert_eq!(status(&run(files.path(), &args)), 0);
    // Without the level, it is an error that was known as a warning.
    std::fs::remove_file(files.path().join("apim-doctor.toml")).unwrap();
    assert_eq!(status(&run(files.path(), &args)), 1);
}

#[test]
fn a_path_that_was_undecided_and_fails_is_worse() {
    let files = folder(&[("main.bicep", BROKEN)]);
    run(files.path(), &[".", "--write-baseline", "known.json"]);
    assert_eq!(status(&run(files.path(), &[".", "--baseline", "known.json"])), 0);
    // As if another path had proved the finding then, and this one had only been suspected.
    let path = files.path().join("known.json");
    let mut known: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let key = known["findings"][0]["paths"][0].as_str().unwrap().to_owned();
    known["undecided"][key] = serde_json::json!(["authorization: something"]);
    std::fs::write(&path, known.to_string()).unwrap();
    assert_eq!(status(&run(files.path(), &[".", "--baseline", "known.json"])), 1);
}

#[test]
fn a_path_that_is_added_does_not_make_those_of_the_same_name_new() {
    let service = BROKEN.replace("param location", "param vault string\nparam location").replace("'kv-two'", "vault");
    let all = |names: &[&str]| {
        let module = |name: &&str| {
            format!(
                "module {name} 'service.bicep' = {{ name: '{name}', scope: resourceGroup('rg{name}'), params: {{ vault: \
                 'kv-{name}' }} }}\n"
            )
        };
        format!("targetScope = 'subscription'\n{}", names.iter().map(module).collect::<String>())
    };
    let files = folder(&[("main.bicep", all(&["b", "c"]).as_str()), ("service.bicep", service.as_str())]);
    assert_eq!(status(&run(files.path(), &[".", "--write-baseline", "known.json"])), 1);
    std::fs::write(files.path().join("main.bicep"), all(&["c", "a", "b"])).unwrap();
    let found = report(files.path(), &["--baseline", "known.json"]);
    let counting = found["paths"].as_array().unwrap().iter().filter(|path| path["suppressed"] != true);
    let counting: Vec<&str> = counting.map(|path| path["resource"].as_str().unwrap()).collect();
    assert!(counting.len() == 1 && counting[0].contains("/rga/"), "{counting:?}");
}
