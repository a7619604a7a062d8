//! The commands that fixes and probes print: a shell and azure-cli have to read them as they are meant.
//!
//! What azure-cli takes was read in the sources of 2.91 (2026-11-21).

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::path::{Path, PathBuf};

use apim_doctor_core::{CATALOGUE, Estate, Input, Options, diagnose, v1::Report};

/// The broken fixture of every check, and every scenario.
fn files() -> Vec<(String, PathBuf)> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let broken = |code: &str| (code.to_owned(), fixtures.join("checks").join(code).join("broken.json"));
    let mut files: Vec<_> = CATALOGUE.iter().map(|check| broken(check.code)).collect();
    for folder in std::fs::read_dir(fixtures.join("scenarios")).unwrap().map(|entry| entry.unwrap().path()) {
        let code = folder.file_name().unwrap().to_string_lossy().into_owned();
        files.extend(std::fs::read_dir(&folder).unwrap().map(|entry| (code.clone(), entry.unwrap().path())));
    }
    files
}

fn report(file: &Path) -> Report {
    let bytes = std::fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let (estate, problems) = Estate::read(vec![Input { name: file.display().to_string(), bytes }]);
    assert!(problems.is_empty(), "{}: {problems:?}", file.display());
    diagnose(&estate, &Options::default())
}

/// The lines of all fixes, and the commands that confirm findings.
fn commands(report: &Report) -> (Vec<String>, Vec<String>) {
    let fixes = report.findings.iter().flat_map(|f| &f.fixes).flat_map(|fix| fix.az.clone());
    let combined = report.paths.iter().filter_map(|p| p.combined_fix.as_ref()).flat_map(|fix| fix.az.clone());
    let probes = report.findings.iter().flat_map(|f| &f.confirm).map(|probe| probe.command.clone());
    (fixes.chain(combined).collect(), probes.collect())
}

/// What of a line a shell gets to see: of a comment the command in it, which somebody may run.
fn run(line: &str) -> &str {
    match line.strip_prefix('#') {
        Some(comment) => comment.find(": az ").map_or("", |at| &comment[at + 2..]),
        None => line,
    }
}

/// The characters outside of quotes, and whether every quote ends.
fn bare(line: &str) -> (String, bool) {
    let (mut bare, mut open, mut escaped) = (String::new(), None, false);
    for c in line.chars() {
        match (open, c) {
            _ if escaped => escaped = false,
            (None | Some('"'), '\\') => escaped = true,
            (None, '"' | '\'') => open = Some(c),
            (Some(quote), c) if c == quote => open = None,
            (None, c) => bare.push(c),
            (Some(_), _) => {}
        }
    }
    (bare, open.is_none())
}

/// What is wrong with a command.
fn wrong(line: &str) -> Option<&'static str> {
    let command = run(line);
    let by_id = |service: &str| {
        let of_service = command.find(&format!("az {service} ")).map(|at| &command[at..]);
        of_service.is_some_and(|rest| rest.split([';', '|']).next().unwrap().contains(" --ids"))
    };
    if by_id("apim") || by_id("keyvault") {
        return Some("`az apim` and `az keyvault` take no `--ids`");
    }
    let (bare, closed) = bare(command);
    if line.contains('<') {
        return Some("`<` opens a file");
    }
    if command.starts_with("az ") && !closed {
        return Some("a quote stays open");
    }
    if bare.contains(['?', '*', '[']) {
        return Some("a shell replaces `?`, `*` and `[`");
    }
    if ["list-keys", "listValue", "secret show"].iter().any(|shows| command.contains(shows))
        && !command.contains("--query")
    {
        return Some("it prints a secret");
    }
    if command.contains("az apim update") && !command.contains("--enable-managed-identity true") {
        return Some("it takes the identity off");
    }
    if command.contains("--key-vault-secret-identifier") {
        return Some("`az apim nv create` has no such option");
    }
    None
}

#[test]
fn a_shell_and_azure_cli_read_every_command() {
    let mut complaints = Vec::new();
    let mut seen = 0;
    for (code, file) in files() {
        let (fixes, probes) = commands(&report(&file));
        seen += fixes.len() + probes.len();
        for line in &fixes {
            if !["az ", "PRINCIPAL_ID=$(az ", "# "].iter().any(|form| line.starts_with(form)) {
                complaints.push(format!("{code}: not a known form: {line}"));
            }
            let uses = line.contains("$PRINCIPAL_ID");
            if uses && !fixes.iter().any(|line| line.starts_with("PRINCIPAL_ID=")) {
                complaints.push(format!("{code}: nothing says what it is: {line}"));
            }
        }
        for line in fixes.iter().chain(&probes) {
            complaints.extend(wrong(line).map(|why| format!("{code}: {why}: {line}")));
        }
    }
    assert!(seen > 100, "only {seen} commands were seen");
    common::assert_none("commands", &complaints);
}

#[test]
fn what_is_wrong_is_found() {
    for line in [
        "az apim update --ids /subscriptions/s --enable-managed-identity true",
        "az keyvault show --ids /subscriptions/s",
        "az role assignment create --assignee-object-id <id>",
        "az rest --uri /a?api-version=1",
        "# then: az rest --uri \"/a\" --headers If-Match=*",
        "az apim update --name n --set hostnameConfigurations[1].keyVaultId=u --enable-managed-identity true",
        "az keyvault secret show --name s --vault-name v",
        "az apim update --name n --set \"a=b\"",
        "az rest --uri \"/a",
    ] {
        assert!(wrong(line).is_some(), "{line}");
    }
    for line in [
        "az rest --uri \"/a?b\" --headers \"If-Match=*\" --body '{\"a\":[1]}'",
        "az network route-table show --ids /subscriptions/s",
        "# is it there? ask somebody",
    ] {
        assert_eq!(wrong(line), None, "{line}");
    }
}
