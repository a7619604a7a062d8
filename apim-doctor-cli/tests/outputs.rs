//! Several outputs of one run: where they go, what they agree on, and what they may not do.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod deployment;

use std::process::{Command, Output};

use deployment::{folder, run, said_on_one_line};
use serde_json::Value;

const BROKEN: &str = include_str!("../../fixtures/judged/bicep-cert-permissions-only/main.bicep");
const FORMATS: [&str; 9] =
    ["terminal", "json", "ndjson", "markdown", "html", "sarif", "junit", "github", "azure-devops"];

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

#[test]
fn the_exit_status_does_not_depend_on_the_format() {
    for (text, levels, expected) in
        [(BROKEN, "error", 1), (BROKEN, "never", 0), ("param a string\n", "error", 3), ("", "error", 2)]
    {
        let files = folder(&[("main.bicep", text)]);
        for format in FORMATS {
            let name = if text.is_empty() { "nowhere.bicep" } else { "main.bicep" };
            let found = run(files.path(), &[name, "-o", format, "--fail-on", levels]);
            assert_eq!(status(&found), expected, "{format}: {}", said_on_one_line(&found));
        }
    }
}

#[test]
fn several_outputs_are_written_in_one_run() {
    let files = folder(&[("infra/main.bicep", BROKEN)]);
    let to_files = FORMATS.map(|format| format!("{format}=out.{format}"));
    let mut args = vec!["infra"];
    to_files.iter().for_each(|one| args.extend(["-o", one]));
    args.extend(["-o", "json"]);
    let found = run(files.path(), &args);
    let report: Value = serde_json::from_slice(&found.stdout).unwrap();
    for format in FORMATS {
        let alone = run(files.path(), &["infra", "-o", format, "--as-of", report["asOf"].as_str().unwrap()]);
        let written = std::fs::read_to_string(files.path().join(format!("out.{format}"))).unwrap();
        // Each run that gives no time has another one.
        let without_time =
            |text: &str| text.lines().filter(|line| !line.contains("asOf")).collect::<Vec<_>>().join("\n");
        if format == "terminal" || format == "markdown" || format == "github" || format == "azure-devops" {
            assert_eq!(written.lines().last(), String::from_utf8(alone.stdout).unwrap().lines().last(), "{format}");
        } else {
            assert_eq!(without_time(&written), without_time(&String::from_utf8(alone.stdout).unwrap()), "{format}");
        }
    }
}

#[test]
fn outputs_that_would_meet_in_one_place_are_refused() {
    let files = folder(&[("main.bicep", BROKEN)]);
    for args in [
        &["-o", "json", "-o", "terminal"][..],
        &["-o", "json=a", "-o", "sarif=a"],
        &["-o", "json=a", "--write-baseline", "a"],
    ] {
        let found = run(files.path(), &[&["."], args].concat());
        assert_eq!(status(&found), 2, "{args:?}");
        assert!(said_on_one_line(&found).contains("would both write"), "{}", said_on_one_line(&found));
    }
    for (args, expected) in [(["-o", "yaml"], "expected one of terminal, json"), (["-o", "json="], "a file is missing")]
    {
        let found = run(files.path(), &[&["."], &args[..]].concat());
        assert_eq!(status(&found), 2);
        assert!(said_on_one_line(&found).contains(expected), "{}", said_on_one_line(&found));
    }
    assert!(!files.path().join("a").exists());
}

#[test]
fn runners_get_files_as_the_checkout_has_them() {
    let files = folder(&[("repo/infra/main.bicep", BROKEN)]);
    let command = |from: &str, path: &str, format: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_apim-doctor"));
        command.args(["check", path, "-o", format]).current_dir(files.path().join(from));
        command.env("GITHUB_WORKSPACE", files.path().join("repo")).env_remove("GITHUB_STEP_SUMMARY");
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    for (from, path) in [("repo", "infra"), ("repo/infra", "."), ("repo/infra", "main.bicep"), (".", "repo")] {
        let text = command(from, path, "github");
        assert!(text.starts_with("::error file=infra/main.bicep,line="), "{from} {path}: {text}");
        let sarif: Value = serde_json::from_str(&command(from, path, "sarif")).unwrap();
        let location = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
        assert_eq!(location, &serde_json::json!({"uri": "infra/main.bicep", "uriBaseId": "%SRCROOT%"}));
    }
}

#[test]
fn a_file_of_the_same_name_in_the_current_folder_is_not_meant() {
    let template = include_str!("../../fixtures/judged/arm-vault-2026/template.json");
    let files = folder(&[("infra/template.json", template), ("template.json", "{}"), (".git/HEAD", "")]);
    for path in ["infra", "infra/template.json"] {
        let found = run(files.path(), &[path, "--standalone", "-o", "github"]);
        let text = String::from_utf8(found.stdout).unwrap();
        assert!(text.starts_with("::error file=infra/template.json,line="), "{path}: {text}");
    }
}

#[test]
fn summaries_go_where_the_runner_looks() {
    let files = folder(&[("main.bicep", BROKEN), ("summary.md", "before\n")]);
    let run = |format: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_apim-doctor"));
        command.args(["check", ".", "-o", format]).current_dir(files.path());
        command.env("GITHUB_STEP_SUMMARY", files.path().join("summary.md"));
        command.env("AGENT_TEMPDIRECTORY", files.path());
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    run("github");
    let summary = std::fs::read_to_string(files.path().join("summary.md")).unwrap();
    assert!(summary.starts_with("before\n## apim-doctor: 1 of 1 access path"), "{summary}");
    let text = run("azure-devops");
    let file = files.path().join("apim-doctor.md");
    assert!(text.ends_with(&format!("##vso[task.uploadsummary]{}\n", file.display())), "{text}");
    assert!(std::fs::read_to_string(file).unwrap().starts_with("## apim-doctor"));
}

#[test]
fn the_columns_in_the_documentation_are_those_of_ndjson() {
    let program = env!("CARGO_BIN_EXE_apim-doctor");
    let schema = Command::new(program).args(["schema", "ndjson"]).output().unwrap();
    let schema: Value = serde_json::from_slice(&schema.stdout).unwrap();
    let mut expected = std::collections::BTreeSet::new();
    each_property(&schema, &mut |name| expected.extend([name.to_owned()]));
    let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/ci.md")).unwrap();
    let table = docs.split(".create table ApimDoctor (").nth(1).unwrap().split(')').next().unwrap();
    let columns =
        table.split([',', '\n']).filter_map(|column| column.split_once(':')).map(|(name, _)| name.trim().to_owned());
    assert_eq!(columns.collect::<std::collections::BTreeSet<_>>(), expected);
    for name in &expected {
        assert!(docs.contains(&format!("\"$.{name}\"")), "the mapping lacks {name}");
    }
}

fn each_property(schema: &Value, see: &mut dyn FnMut(&str)) {
    for key in ["oneOf", "anyOf"] {
        schema[key].as_array().into_iter().flatten().for_each(|one| each_property(one, see));
    }
    schema["properties"].as_object().into_iter().flatten().for_each(|(name, _)| see(name));
    schema["$defs"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| name.ends_with("Record"))
        .for_each(|(_, one)| each_property(one, see));
}

/// A template with a path that cannot be decided: a parameter has no value.
fn open() -> String {
    BROKEN
        .replace("objectId: id.properties.principalId", "objectId: objectId")
        .replace("param location", "param objectId string\nparam location")
}

#[test]
fn a_report_of_tests_fails_if_the_run_does() {
    let allowed =
        |text: &str| text.replace("resource kv ", "// apim-doctor: allow dns.zone-not-linked: x\nresource kv ");
    let right = BROKEN.replace("'get', 'list' ]", "'get' ], secrets: [ 'get' ]");
    let unread = format!("{right}\nresource {{\n");
    for text in [BROKEN, &open(), &right, &allowed(&right), &unread] {
        let files = folder(&[("main.bicep", text), ("gone.bicep", "param a string\n")]);
        for levels in ["error", "warning", "unknown", "error,unknown"] {
            let args = [".", "-o", "junit", "--fail-on", levels];
            let found = run(files.path(), &args);
            let document = String::from_utf8(found.stdout.clone()).unwrap();
            let fails = document.contains("<failure") || document.contains("<error");
            assert_eq!(fails, status(&found) != 0, "{levels}: {text}\n{document}");
        }
    }
    let files = folder(&[("main.bicep", open().as_str())]);
    let found = run(files.path(), &["main.bicep", "nowhere.bicep", "-o", "junit"]);
    assert_eq!(status(&found), 2);
    assert!(String::from_utf8(found.stdout).unwrap().contains("<error"));
}

#[test]
fn each_output_names_a_suppression_that_fails_the_run() {
    let right = BROKEN.replace("'get', 'list' ]", "'get' ], secrets: [ 'get' ]");
    let text = right.replace("resource kv ", "// apim-doctor: allow dns.zone-not-linked: x\nresource kv ");
    let files = folder(&[("main.bicep", text.as_str())]);
    for format in FORMATS {
        let found = run(files.path(), &["main.bicep", "-o", format, "--fail-on", "warning"]);
        assert_eq!(status(&found), 1, "{format}");
        let printed = String::from_utf8(found.stdout.clone()).unwrap();
        assert!(printed.contains("dns.zone-not-linked"), "{format}: {printed}");
        if format != "json" {
            let words = printed.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words.replace('\\', "").contains("applies to no finding"), "{format}: {printed}");
        }
        // Nothing is said twice on a terminal.
        assert_eq!(said_on_one_line(&found).contains("applies to no finding"), format != "terminal", "{format}");
    }
    let printed = |args: &[&str]| {
        let text = String::from_utf8(run(files.path(), &[&["main.bicep", "-q"], args].concat()).stdout).unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(printed(&["--fail-on", "warning"]).contains("applies to no finding"));
    assert!(!printed(&[]).contains("applies to no finding"));
}
