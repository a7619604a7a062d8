//! `check --diff-base` on a real git repository: only what a branch makes worse fails.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod deployment;

use std::path::Path;
use std::process::Command;

use deployment::{folder, run, said_on_one_line};
use serde_json::Value;

const BROKEN: &str = include_str!("../../fixtures/judged/bicep-cert-permissions-only/main.bicep");

fn right() -> String {
    BROKEN.replace("'get', 'list' ]", "'get' ], secrets: [ 'get' ]")
}

fn git(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"])
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn commit(folder: &Path) {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-qm", "x"]);
}

/// A repository with these files on `main`, and a branch of it.
fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = folder(files);
    git(folder.path(), &["init", "-qb", "main"]);
    commit(folder.path());
    git(folder.path(), &["switch", "-qc", "branch"]);
    folder
}

fn check(folder: &Path, args: &[&str]) -> (i32, Value) {
    let output = run(folder, &[args, &["--diff-base", "main", "-o", "json"]].concat());
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said_on_one_line(&output)));
    (output.status.code().unwrap(), report)
}

fn changes(report: &Value) -> Vec<(&str, &str)> {
    let paths = report["paths"].as_array().unwrap().iter();
    paths.map(|path| (path["label"].as_str().unwrap(), path["change"].as_str().unwrap())).collect()
}

#[test]
fn a_branch_that_changes_nothing_does_not_fail() {
    let repository = repository(&[("infra/main.bicep", BROKEN)]);
    let (status, report) = check(repository.path(), &["infra"]);
    assert_eq!((status, changes(&report)), (0, vec![("k", "still-broken")]));
    assert_eq!(report["findings"][0]["suppressed"]["by"], "diff-base");
}

#[test]
fn a_branch_that_breaks_fails_and_one_that_repairs_does_not() {
    let repository = repository(&[("infra/main.bicep", &right())]);
    // Uncommitted changes count, too.
    std::fs::write(repository.path().join("infra/main.bicep"), BROKEN).unwrap();
    let (status, report) = check(repository.path(), &["infra"]);
    assert_eq!((status, changes(&report)), (1, vec![("k", "breaks")]));
    commit(repository.path());
    assert_eq!(check(repository.path(), &["infra"]).0, 1);
    git(repository.path(), &["switch", "-q", "main"]);
    git(repository.path(), &["merge", "-q", "branch"]);
    git(repository.path(), &["switch", "-qc", "repair"]);
    std::fs::write(repository.path().join("infra/main.bicep"), right()).unwrap();
    let (status, report) = check(repository.path(), &["infra"]);
    assert_eq!((status, changes(&report)), (0, vec![("k", "repairs")]));
}

#[test]
fn a_branch_that_moves_lines_and_files_does_not_fail() {
    let repository = repository(&[("infra/main.bicep", BROKEN)]);
    std::fs::create_dir(repository.path().join("infra/deep")).unwrap();
    git(repository.path(), &["mv", "infra/main.bicep", "infra/deep/gateway.bicep"]);
    std::fs::write(repository.path().join("infra/deep/gateway.bicep"), format!("// moved\n\n{BROKEN}")).unwrap();
    let (status, report) = check(repository.path(), &["infra"]);
    assert_eq!((status, changes(&report)), (0, vec![("k", "still-broken")]));
    // A new path with the same fault fails.
    let (_, value) = BROKEN.split_once("resource nv_k").unwrap();
    let another = format!("{BROKEN}\nresource nv_two{}", value.replace("'k'", "'two'"));
    std::fs::write(repository.path().join("infra/deep/gateway.bicep"), another).unwrap();
    let (status, report) = check(repository.path(), &["infra"]);
    assert_eq!((status, changes(&report)), (1, vec![("k", "still-broken"), ("two", "new")]));
}

#[test]
fn a_folder_that_the_branch_adds_is_new() {
    let repository = repository(&[("README", "x")]);
    std::fs::create_dir(repository.path().join("infra")).unwrap();
    std::fs::write(repository.path().join("infra/main.bicep"), BROKEN).unwrap();
    let (status, report) = check(repository.path(), &["infra"]);
    assert_eq!((status, changes(&report)), (1, vec![("k", "new")]));
}

#[test]
fn what_only_main_repaired_is_not_the_branchs_fault() {
    let repository = repository(&[("main.bicep", BROKEN), ("README", "x")]);
    std::fs::write(repository.path().join("README"), "branch").unwrap();
    commit(repository.path());
    git(repository.path(), &["switch", "-q", "main"]);
    std::fs::write(repository.path().join("main.bicep"), right()).unwrap();
    commit(repository.path());
    git(repository.path(), &["switch", "-q", "branch"]);
    assert_eq!(check(repository.path(), &["."]).0, 0);
}

#[test]
fn parameter_files_are_read_as_they_were() {
    let template = format!("param kind string\n{}", right().replace("secrets: [ 'get' ]", "secrets: [ kind ]"));
    let parameters = |value: &str| {
        format!(
            "{{\"$schema\": \"https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#\", \"contentVersion\": \"1.0.0.0\", \"parameters\": {{\"kind\": {{\"value\": \"{value}\"}}}}}}"
        )
    };
    let repository = repository(&[("main.bicep", &template), ("main.parameters.json", &parameters("get"))]);
    std::fs::write(repository.path().join("main.parameters.json"), parameters("list")).unwrap();
    let (status, report) = check(repository.path(), &["main.bicep", "--parameters", "main.parameters.json"]);
    assert_eq!((status, changes(&report)), (1, vec![("k", "breaks")]));
}

#[test]
fn a_revision_that_does_not_exist_is_an_error() {
    let repository = repository(&[("main.bicep", BROKEN)]);
    for revision in ["nowhere", "--output=pwned", "main..branch"] {
        let output = run(repository.path(), &[".", &format!("--diff-base={revision}")]);
        assert_eq!(output.status.code(), Some(2), "{revision}");
        assert!(said_on_one_line(&output).contains("cannot be read"), "{}", said_on_one_line(&output));
    }
    assert!(!repository.path().join("pwned").exists());
    let nowhere = folder(&[("main.bicep", BROKEN)]);
    assert_eq!(run(nowhere.path(), &[".", "--diff-base", "main"]).status.code(), Some(2));
}

#[test]
fn a_base_that_lacks_something_accepts_nothing() {
    let grant = "'get', 'list' ]";
    let attributes =
        repository(&[("infra/main.bicep", &right()), (".gitattributes", "infra/main.bicep export-ignore\n")]);
    std::fs::write(attributes.path().join("infra/main.bicep"), BROKEN).unwrap();
    assert_eq!(check(attributes.path(), &["infra"]).0, 1);
    // What could not be read before may have been right.
    let unread = repository(&[("infra/main.bicep", BROKEN), ("infra/other.bicep", "resource {")]);
    std::fs::remove_file(unread.path().join("infra/other.bicep")).unwrap();
    assert_eq!(check(unread.path(), &["infra"]).0, 1);
    let template = format!("param kind string\n{}", BROKEN.replace(grant, "'get' ], secrets: [ kind ]"));
    let parameters = "{\"$schema\": \"https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#\", \"contentVersion\": \"1.0.0.0\", \"parameters\": {\"kind\": {\"value\": \"list\"}}}";
    let moved = repository(&[("main.bicep", &template)]);
    std::fs::write(moved.path().join("new.json"), parameters).unwrap();
    assert_eq!(check(moved.path(), &["main.bicep", "-p", "new.json"]).0, 1);
}

#[test]
fn a_gap_that_was_there_before_is_not_new() {
    let open = BROKEN
        .replace("objectId: id.properties.principalId", "objectId: objectId")
        .replace("param location", "param objectId string\nparam location");
    let repository = repository(&[("main.bicep", &open)]);
    let output = run(repository.path(), &[".", "--fail-on", "unknown", "--diff-base", "main"]);
    assert_eq!(output.status.code(), Some(0), "{}", said_on_one_line(&output));
}

#[test]
fn a_base_with_a_submodule_accepts_nothing() {
    let inner = folder(&[("grant.bicep", "param x string = 'x'\n")]);
    git(inner.path(), &["init", "-qb", "main"]);
    commit(inner.path());
    let repository = repository(&[("infra/main.bicep", BROKEN)]);
    git(repository.path(), &["switch", "-q", "main"]);
    let url = inner.path().to_str().unwrap();
    git(repository.path(), &["-c", "protocol.file.allow=always", "submodule", "add", "-q", url, "infra/sub"]);
    commit(repository.path());
    git(repository.path(), &["switch", "-q", "branch"]);
    git(repository.path(), &["merge", "-q", "main"]);
    git(repository.path(), &["rm", "-qf", "infra/sub"]);
    let output = run(repository.path(), &["infra", "--diff-base", "main"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said_on_one_line(&output).contains("submodule `infra/sub` is not compared"),
        "{}",
        said_on_one_line(&output)
    );
}

#[test]
fn a_folder_or_a_file_that_is_named_and_was_renamed_is_not_new() {
    let repository = repository(&[("infra/main.bicep", BROKEN), ("infra/other.bicep", "param x string = 'x'\n")]);
    git(repository.path(), &["mv", "infra", "deploy"]);
    git(repository.path(), &["mv", "deploy/main.bicep", "deploy/gateway.bicep"]);
    for path in ["deploy", "deploy/gateway.bicep"] {
        let (status, report) = check(repository.path(), &[path]);
        assert_eq!((status, changes(&report)), (0, vec![("k", "still-broken")]), "{path}");
    }
    // What the branch breaks in it counts.
    let repository = self::repository(&[("infra/main.bicep", &right())]);
    git(repository.path(), &["mv", "infra", "deploy"]);
    std::fs::write(repository.path().join("deploy/main.bicep"), BROKEN).unwrap();
    let (status, report) = check(repository.path(), &["deploy"]);
    assert_eq!((status, changes(&report)), (1, vec![("k", "breaks")]));
}

#[test]
fn a_part_of_a_folder_that_is_moved_elsewhere_is_new() {
    let repository = repository(&[("infra/main.bicep", BROKEN), ("infra/other.bicep", "param x string = 'x'\n")]);
    std::fs::create_dir(repository.path().join("deploy")).unwrap();
    git(repository.path(), &["mv", "infra/main.bicep", "deploy/main.bicep"]);
    let (status, report) = check(repository.path(), &["deploy"]);
    assert_eq!((status, changes(&report)), (1, vec![("k", "new")]));
}

#[test]
fn the_repository_and_its_branch_run_nothing() {
    let hook = "#!/bin/sh\necho run >> ran\n";
    let names = ["post-index-change", "post-checkout", "reference-transaction"];
    let hooks = names.map(|name| (format!(".husky/{name}"), hook));
    let mut files: Vec<(&str, &str)> = hooks.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    files.push(("infra/main.bicep", BROKEN));
    let repository = repository(&files);
    #[cfg(unix)]
    for (name, _) in &hooks {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(repository.path().join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    // As tools that install hooks for everybody set it.
    git(repository.path(), &["config", "core.hooksPath", ".husky"]);
    git(repository.path(), &["config", "core.fsmonitor", "echo run >> ran"]);
    let _ = std::fs::remove_file(repository.path().join("ran"));
    assert_eq!(check(repository.path(), &["infra"]).0, 0);
    assert!(!repository.path().join("ran").exists());
}

#[test]
fn a_file_of_the_base_draws_in_files_beside_its_folder() {
    let main = format!("{BROKEN}\nmodule more '../modules/more.bicep' = {{ name: 'more' }}\n");
    let repository = repository(&[("infra/main.bicep", &main), ("modules/more.bicep", "param x string = 'x'\n")]);
    let (status, report) = check(repository.path(), &["infra/main.bicep"]);
    assert_eq!((status, changes(&report)), (0, vec![("k", "still-broken")]));
}

#[test]
fn a_revision_that_contains_this_commit_is_told() {
    let repository = repository(&[("main.bicep", BROKEN), ("README", "x")]);
    git(repository.path(), &["switch", "-q", "main"]);
    std::fs::write(repository.path().join("README"), "y").unwrap();
    commit(repository.path());
    git(repository.path(), &["switch", "-q", "branch"]);
    let said = |args: &[&str]| said_on_one_line(&run(repository.path(), args));
    let notice = "`main` contains this commit already: only uncommitted changes are compared";
    assert!(said(&[".", "--diff-base", "main"]).contains(notice), "{}", said(&[".", "--diff-base", "main"]));
    // On the revision itself that is what was asked for.
    assert!(!said(&[".", "--diff-base", "HEAD"]).contains("contains this commit"));
}
