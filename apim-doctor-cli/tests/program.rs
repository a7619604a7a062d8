//! The whole program: arguments, streams, exit status, bad input.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod fixture;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

static BROKEN: LazyLock<String> = LazyLock::new(|| fixture::file("checks/firewall.user-assigned-not-trusted/broken"));
static FIXED: LazyLock<String> = LazyLock::new(|| fixture::file("checks/firewall.user-assigned-not-trusted/fixed"));
static BLIND: LazyLock<String> = LazyLock::new(|| fixture::file("checks/firewall.user-assigned-not-trusted/blind"));

fn program(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_apim-doctor"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("LC_ALL", "C.UTF-8")
        .env("COLUMNS", "100")
        .env_remove("NO_COLOR")
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Creates a file for one test.
fn scratch(name: &str, bytes: &[u8]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("program");
    let file = folder.join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, bytes).unwrap();
    file
}

fn diagnose(file: &Path) -> Output {
    program(&["diagnose", "--snapshot", file.to_str().unwrap()])
}

#[test]
fn the_exit_status_distinguishes_findings_failures_and_nothing() {
    let status = |args: &[&str]| program(args).status.code().unwrap();
    assert_eq!(status(&["diagnose", "--snapshot", &FIXED]), 0);
    assert_eq!(status(&["diagnose", "--snapshot", &BROKEN]), 1);
    assert_eq!(status(&["diagnose", "--snapshot", &BROKEN, "-o", "json"]), 1);
    assert_eq!(status(&["diagnose", "--snapshot", &BROKEN, "--fail-on", "never"]), 0);
    assert_eq!(status(&["diagnose", "--snapshot", &BLIND]), 0);
    assert_eq!(status(&["diagnose", "--snapshot", &BLIND, "--fail-on", "unknown"]), 1);
    assert_eq!(status(&["diagnose", "--snapshot", &BLIND, "--fail-on", "warning,unknown"]), 1);
    assert_eq!(status(&["diagnose"]), 2);
    assert_eq!(status(&["diagnose", "--snapshot", &BROKEN, "--consumer", "nonsense"]), 2);
    assert_eq!(status(&["diagnose", "--snapshot", &BROKEN, "kv1"]), 2);
    assert_eq!(status(&["diagnose", "--snapshot", &BROKEN, "-n", "absent"]), 2);
    assert_eq!(status(&["diagnose", "--snapshot", &BROKEN, "/subscriptions/s/providers/X/y/unknown"]), 3);
    assert_eq!(status(&["demo"]), 0);
    assert_eq!(status(&["demo", "--fail-on", "error"]), 1);
    assert_eq!(status(&["demo", "nonsense"]), 2);
    assert_eq!(status(&["explain", "firewall.user-assigned-not-trusted"]), 0);
    assert_eq!(status(&["explain", "firewall.nonsense"]), 2);
    assert_eq!(status(&["--help"]), 0);
    for reference in [&["rules"][..], &["schema", "report"], &["completions", "bash"], &["man"]] {
        assert_eq!(status(reference), 0, "{reference:?}");
        assert!(!program(reference).stdout.is_empty(), "{reference:?}");
    }
}

#[test]
fn the_demo_shows_the_cause_the_misleading_message_and_a_verified_fix() {
    let text = stdout(&program(&["demo"]));
    assert!(text.lines().next().unwrap().contains("2 of 2 access paths fail"), "{text}");
    let squeezed = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(squeezed.contains("firewall.user-assigned-not-trusted"), "{text}");
    assert!(squeezed.contains("the error message about GET permissions is misleading"), "{text}");
    assert!(squeezed.contains("covers. verified"), "{text}");
}

#[test]
fn results_go_to_standard_output_and_problems_to_standard_error() {
    let good = diagnose(Path::new(&*BROKEN));
    assert!(stderr(&good).is_empty(), "{}", stderr(&good));
    let bad = diagnose(&scratch("not.json", b"hello"));
    assert!(stdout(&bad).is_empty());
    assert!(!stderr(&bad).is_empty());
}

#[test]
fn colour_and_unicode_are_omitted_if_the_terminal_cannot_show_them() {
    let escape = '\u{1b}';
    assert!(!stdout(&program(&["demo"])).contains(escape));
    assert!(stdout(&program(&["demo", "--color", "always"])).contains(escape));
    assert!(!stdout(&program(&["demo", "--color", "never"])).contains(escape));
    let plain = Command::new(env!("CARGO_BIN_EXE_apim-doctor"))
        .args(["demo", "-v"])
        .env("LC_ALL", "C")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let text = stdout(&plain);
    assert!(text.is_ascii(), "{}", text.lines().find(|line| !line.is_ascii()).unwrap());
}

#[test]
fn lines_fit_the_terminal() {
    let narrow = Command::new(env!("CARGO_BIN_EXE_apim-doctor"))
        .args(["demo", "-q"])
        .env("LC_ALL", "C.UTF-8")
        .env("COLUMNS", "60")
        .output()
        .unwrap();
    for line in stdout(&narrow).lines().skip(1) {
        assert!(line.chars().count() <= 60, "{line}");
    }
}

#[test]
fn bad_input_gets_one_message_with_help_and_status_2() {
    let deep = "[".repeat(200_000);
    let vault = r#"{"id": "/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/kv", "#;
    for (name, bytes, says) in [
        ("empty.json", b"".as_slice(), "the file is empty"),
        ("blank.json", b"  \n ", "the file is empty"),
        ("text.json", b"hello", "this is not JSON"),
        ("cut.json", br#"{"apimDoctor": "snapshot/v1", "exchanges": [{"request": "GET /x""#, "ends too early"),
        ("shape.json", b"{\"apimDoctor\": \"snapshot/v1\",\n \"exchanges\": 5}", "invalid type: integer `5`"),
        ("twice.json", br#"{"apimDoctor": "snapshot/v1", "apimDoctor": "snapshot/v1"}"#, "duplicate field"),
        ("deep.json", deep.as_bytes(), "expected at most 100 levels"),
        ("latin.json", b"{\"a\": \"\xff\"}", "not valid UTF-8"),
        (
            "v2.json",
            br#"{"apimDoctor": "snapshot/v2", "exchanges": []}"#,
            "the format is `snapshot/v2`: expected `snapshot/v1`",
        ),
        ("report.json", br#"{"apimDoctor": "report/v1"}"#, "the format is `report/v1`: expected `snapshot/v1`"),
        ("time.json", br#"{"apimDoctor": "snapshot/v1", "takenAt": "today", "exchanges": []}"#, "is not a time"),
        ("cloud.json", br#"{"apimDoctor": "snapshot/v1", "cloud": "Mars", "exchanges": []}"#, "not a known cloud"),
        ("other.json", br#"{"hello": 1}"#, "no known Azure resource"),
        ("plan.json", br#"{"planned_values": {}}"#, "Terraform plan"),
        (
            "property.json",
            format!("[{vault} \"properties\": {{\"accessPolicies\": 7}}}}]").as_bytes(),
            "the vault could not be read",
        ),
    ] {
        let output = diagnose(&scratch(name, bytes));
        let words = stderr(&output);
        let text = words.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
        assert!(text.contains(says), "{name}: {text}");
        assert!(text.contains("help"), "{name}: the help is missing: {text}");
        assert!(text.contains(name), "{name}: the file name is missing: {text}");
        assert!(!text.contains("panicked"), "{name}: {text}");
        let expected = if name == "property.json" { [2, 3] } else { [2, 2] };
        assert!(expected.contains(&output.status.code().unwrap()), "{name}: {:?}", output.status);
    }
    let shape = diagnose(&scratch("shape.json", b"{\"apimDoctor\": \"snapshot/v1\",\n \"exchanges\": 5}"));
    let leak = diagnose(&scratch("leak.json", br#"{"apimDoctor": "snapshot/v1", "exchanges": "hunter2"}"#));
    assert!(!stderr(&leak).contains("hunter2"), "{}", stderr(&leak));
    assert!(stderr(&shape).contains(":2:"), "the line and column are missing: {}", stderr(&shape));
}

#[test]
fn missing_files_and_folders_are_reported() {
    let missing = program(&["diagnose", "--snapshot", "no/such/file.json"]);
    assert!(stderr(&missing).contains("does not exist"), "{}", stderr(&missing));
    assert_eq!(missing.status.code(), Some(2));
    let folder = program(&["diagnose", "--snapshot", "src/render"]);
    assert!(stderr(&folder).contains("`src/render` holds no file that can be read"), "{}", stderr(&folder));
    assert_eq!(folder.status.code(), Some(2));
}

/// A folder with the broken fixture in several forms, and things that are none.
fn folder_of_files() -> PathBuf {
    let folder = scratch("inside/.hidden.json", b"{").parent().unwrap().to_owned();
    let below = folder.join("deep/er");
    fs::create_dir_all(&below).unwrap();
    fs::copy(&*BROKEN, below.join("broken.json")).unwrap();
    fs::write(folder.join("notes.txt"), "not for this program").unwrap();
    folder
}

#[test]
fn files_folders_patterns_and_standard_input_are_read_without_an_option() {
    let expected = stdout(&program(&["diagnose", &BROKEN, "-o", "json"]));
    assert!(expected.contains("\"verdict\":\"fail\""));
    let folder = folder_of_files();
    let plain = |text: String| text.replace(&*BROKEN, "FILE");
    for given in [folder.clone(), folder.join("deep/*/*.json"), folder.join("d*")] {
        let given = given.display().to_string();
        let output = program(&["diagnose", &given, "-o", "json"]);
        let file = folder.join("deep/er/broken.json").display().to_string();
        assert_eq!(stdout(&output).replace(&file, "FILE"), plain(expected.clone()), "{given}: {}", stderr(&output));
        assert_eq!(output.status.code(), Some(1));
    }
    let piped = Command::new(env!("CARGO_BIN_EXE_apim-doctor"))
        .args(["diagnose", "-", "-o", "json"])
        .stdin(fs::File::open(&*BROKEN).unwrap())
        .output()
        .unwrap();
    assert_eq!(stdout(&piped).replace("standard input", "FILE"), plain(expected));
}

#[test]
fn a_zip_is_read_and_bounded() {
    let folder = scratch("zips/x", b"").parent().unwrap().to_owned();
    let zip = |name: &str, script: &str| {
        let file = folder.join(name);
        let script =
            format!("import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED)\n{script}");
        assert!(Command::new("python3").args(["-c", &script]).arg(&file).arg(&*BROKEN).status().unwrap().success());
        program(&["diagnose", file.to_str().unwrap()])
    };
    let good = zip(
        "good.zip",
        "z.write(sys.argv[2], 'a/b.json'); z.writestr('__MACOSX/a.json', 'x'); z.writestr('c.txt', '')",
    );
    assert_eq!(good.status.code(), Some(1), "{}", stderr(&good));
    assert!(stdout(&good).contains("fail") && stderr(&good).is_empty(), "{}", stderr(&good));
    let empty = zip("empty.zip", "z.writestr('c.txt', '')");
    assert_eq!(empty.status.code(), Some(2));
    assert!(stderr(&empty).contains("no file in it ends in"), "{}", stderr(&empty));
    let torn = folder.join("torn.zip");
    let whole = fs::read(folder.join("good.zip")).unwrap();
    fs::write(&torn, &whole[..whole.len() / 2]).unwrap();
    let torn = program(&["diagnose", torn.to_str().unwrap()]);
    assert_eq!(torn.status.code(), Some(2));
    assert!(stderr(&torn).contains("cannot be unpacked"), "{}", stderr(&torn));
}

#[test]
fn a_file_for_an_id_and_an_id_for_a_file_say_what_was_meant() {
    for (arguments, says) in [
        (
            vec!["diagnose", "--snapshot", "/subscriptions/s/resourceGroups/g"],
            "is a resource id, and `--snapshot` takes a file",
        ),
        (vec!["diagnose", "apim1"], "is neither a file nor a resource id"),
        (vec!["diagnose", "no/apim.json"], "does not exist"),
        (vec!["diagnose", "no/*.json"], "fits no file"),
        (vec!["collect", &BROKEN, "-f", "x"], "is a file, and a resource id is expected here"),
    ] {
        let output = program(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let text = stderr(&output).replace("│", " ");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(says), "{arguments:?}: {text}");
    }
}

#[test]
fn help_of_each_command_shows_two_examples_that_are_accepted() {
    let help = stdout(&program(&["--help"]));
    let commands = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let is_name = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    let names: Vec<&str> = commands.lines().filter(is_name).filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() > 9, "{names:?}");
    for name in names.into_iter().filter(|name| *name != "help") {
        let text = stdout(&program(&[name, "--help"]));
        let examples = text.split("Examples:").nth(1).unwrap_or_else(|| panic!("`{name}` has no examples"));
        let lines: Vec<&str> = examples.lines().filter(|line| line.starts_with("  apim-doctor")).collect();
        assert!(lines.len() >= 2, "{name}: {lines:?}");
        for line in lines {
            let command = line.split(['|', '>', '<']).next().unwrap();
            let mut words = shlex::split(command).unwrap();
            words.remove(0);
            words.push("--help".to_owned());
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            assert_eq!(program(&words).status.code(), Some(0), "{line}");
        }
    }
}

#[test]
fn two_hundred_megabytes_of_zeros_are_refused() {
    let file = scratch("nothing.json", b"");
    fs::File::options().write(true).open(&file).unwrap().set_len(200 << 20).unwrap();
    let output = diagnose(&file);
    fs::remove_file(&file).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("not JSON"), "{}", stderr(&output).chars().take(500).collect::<String>());
}

#[test]
fn one_bad_file_does_not_stop_the_others() {
    let bad = scratch("bad.json", b"{");
    let output = program(&["diagnose", "--snapshot", bad.to_str().unwrap(), "--snapshot", &BROKEN, "-o", "json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("bad.json"));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["verdict"], "fail");
}

#[test]
fn an_unreadable_resource_is_unknown_and_reported() {
    let text = fs::read_to_string(&*BROKEN).unwrap();
    let bent = text.replace("\"accessPolicies\": []", "\"accessPolicies\": \"none\"");
    assert_ne!(text, bent);
    let output =
        program(&["diagnose", "--snapshot", scratch("bent.json", bent.as_bytes()).to_str().unwrap(), "-o", "json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("the vault could not be read"), "{}", stderr(&output));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["verdict"], "unknown");
}

#[test]
fn the_fixed_recording_passes() {
    let fixed = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixed.json");
    let output = program(&["diagnose", "--snapshot", &BROKEN, "--write-fixed", fixed.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let again = diagnose(&fixed);
    assert_eq!(again.status.code(), Some(0), "{}{}", stdout(&again), stderr(&again));
}

#[test]
fn an_unreadable_recording_is_not_written_again() {
    let text = fs::read_to_string(&*BROKEN).unwrap();
    let with = |tags: &str| text.replacen("\"tags\": {", &format!("\"tags\": {{\"deep\": {tags},"), 1);
    let many = with(&format!("{}{}", "[".repeat(300), "]".repeat(300)));
    let surrogate = with("\"\\ud800\"");
    let number = with("1e999");
    for (name, bad) in [("many", many), ("surrogate", surrogate), ("number", number)] {
        assert_ne!(text, bad);
        let file = scratch(&format!("unwritable-{name}.json"), bad.as_bytes());
        let target = scratch(&format!("unwritable-{name}-fixed.json"), b"as it was");
        let args = ["diagnose", "--snapshot", file.to_str().unwrap(), "--write-fixed", target.to_str().unwrap()];
        let output = program(&args);
        assert_eq!(output.status.code(), Some(2), "{name}: {}", stderr(&output));
        assert_eq!(fs::read_to_string(&target).unwrap(), "as it was", "{name}");
        let place = format!("unwritable-{name}.json:");
        let said = stderr(&output).split_whitespace().collect::<String>();
        let after = said.split(&place).nth(1).unwrap_or_default();
        assert!(after.starts_with(|c: char| c.is_ascii_digit()), "{name}: {}", stderr(&output));
    }
}

#[test]
fn secret_values_are_never_printed() {
    let text = fs::read_to_string(&*BROKEN).unwrap();
    let secret = "hunter2-do-not-print";
    let planted = text.replace("\"value\": \"<redacted>\"", &format!("\"value\": \"{secret}\""));
    let planted = planted.replacen(
        "\"exchanges\": [",
        &format!(
            "\"observations\": [{{\"error\": \"AccountKey={secret};x\"}}],\n\"exchanges\": [\n  {{\"request\": \"GET \
             https://kv.vault.azure.net/secrets/a\", \"status\": 200, \"body\": {{\"value\": \"{secret}\", \"id\": \
             \"https://kv.vault.azure.net/secrets/a\", \"attributes\": {{\"enabled\": true}}}}}},"
        ),
        1,
    );
    let planted = planted.replace("AccountKey=", "password: x; client_secret=x; Bearer x1234567890123456; AccountKey=");
    assert!(planted.matches(secret).count() >= 2);
    let file = scratch("planted.json", planted.as_bytes());
    let fixed = Path::new(env!("CARGO_TARGET_TMPDIR")).join("planted-fixed.json");
    for extra in [&["-v"][..], &["-o", "json"]] {
        let mut args = vec!["diagnose", "--snapshot", file.to_str().unwrap(), "--write-fixed", fixed.to_str().unwrap()];
        args.extend(extra);
        let output = program(&args);
        assert!(!stdout(&output).contains(secret) && !stderr(&output).contains(secret), "{extra:?}");
    }
    assert!(!fs::read_to_string(&fixed).unwrap().contains(secret));
}

#[test]
fn can_shows_the_role() {
    let text = fs::read_to_string(&*BROKEN).unwrap();
    let start = text.find("\"principalId\": \"").unwrap() + 16;
    let principal = &text[start..start + 36];
    let scope_start = text.find("/secrets/gateway-tls?").unwrap();
    let line = &text[text[..scope_start].rfind("GET ").unwrap() + 4..scope_start];
    let scope = format!("{line}/secrets/gateway-tls");
    let ask = |principal: &str, extra: &[&str]| {
        let action = "Microsoft.KeyVault/vaults/secrets/getSecret/action";
        let mut args = vec!["can", principal, action, &scope, "--snapshot", &BROKEN];
        args.extend(extra);
        program(&args)
    };
    let stranger = ask("00000000-1111-2222-3333-444444444444", &["-o", "json"]);
    let answer: serde_json::Value = serde_json::from_slice(&stranger.stdout).unwrap();
    assert_eq!(answer["answer"], "denied");
    assert_eq!(stranger.status.code(), Some(1));
    let known: serde_json::Value = serde_json::from_slice(&ask(principal, &["-o", "json"]).stdout).unwrap();
    assert!(["allowed", "denied"].contains(&known["answer"].as_str().unwrap()));
    assert!(!stdout(&ask(principal, &[])).is_empty());
}
