//! Output files are written completely or not at all, are readable by their owner only, and never replace an input.

#![cfg(unix)]
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
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

static BROKEN: LazyLock<String> = LazyLock::new(|| fixture::file("checks/firewall.user-assigned-not-trusted/broken"));

/// Creates a folder for one test, with a recording in it.
fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("files").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    fs::copy(&*BROKEN, folder.join("in.json")).unwrap();
    folder
}

fn run(folder: &Path, line: &str) -> Output {
    // Limits and redirections need a shell.
    Command::new("bash")
        .args(["-c", line])
        .current_dir(folder)
        .env("D", env!("CARGO_BIN_EXE_apim-doctor"))
        .env("LC_ALL", "C.UTF-8")
        .env("COLUMNS", "160")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn listed(folder: &Path) -> Vec<String> {
    let mut all: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    all.sort();
    all
}

#[test]
fn output_files_are_readable_by_their_owner_only() {
    let folder = scratch("mode");
    fs::write(folder.join("a.txt"), "old").unwrap();
    fs::set_permissions(folder.join("a.txt"), fs::Permissions::from_mode(0o644)).unwrap();
    for (file, line) in [
        ("a.txt", "$D diagnose --snapshot in.json -f a.txt"),
        ("b.json", "$D diagnose --snapshot in.json -o json -f b.json"),
        ("c.json", "$D diagnose --snapshot in.json --write-fixed c.json"),
        ("d.json", "$D permissions --scope /subscriptions/x -f d.json"),
        ("e.txt", "$D can 11111111-2222-3333-4444-555555555555 a/b /x --snapshot in.json -f e.txt"),
        ("f.txt", "$D demo -f f.txt"),
    ] {
        run(&folder, line);
        let known = fs::metadata(folder.join(file)).unwrap_or_else(|_| panic!("{line}"));
        assert_eq!(known.permissions().mode() & 0o777, 0o600, "{line}");
        assert!(known.len() > 20, "{line}");
    }
}

#[test]
fn a_failed_write_is_reported_and_does_not_change_the_file() {
    let folder = scratch("fails");
    fs::create_dir(folder.join("folder")).unwrap();
    for line in [
        // Simulates a full disk: no file may grow.
        "trap '' XFSZ; ulimit -f 0; $D diagnose --snapshot in.json -v -f out",
        "trap '' XFSZ; ulimit -f 0; $D diagnose --snapshot in.json -q --write-fixed out",
        "trap '' XFSZ; ulimit -f 0; $D permissions --scope /x -f out",
        "$D diagnose --snapshot in.json -f /dev/full",
        "$D diagnose --snapshot in.json -q --write-fixed /dev/full",
        "$D diagnose --snapshot in.json > /dev/full",
        "$D --help > /dev/full",
        "$D man > /dev/full",
        "$D rules -o json > /dev/full",
        "$D diagnose --snapshot in.json -f missing/out",
        "$D diagnose --snapshot in.json -q --write-fixed missing/out",
        "$D diagnose --snapshot in.json -f folder",
        "$D permissions --scope /x -f folder",
        "$D collect /subscriptions/x -f folder --cloud missing.toml",
    ] {
        fs::write(folder.join("out"), "as it was").unwrap();
        let output = run(&folder, line);
        assert_eq!(output.status.code(), Some(2), "{line}: {}", text(&output.stderr));
        assert!(!output.stderr.is_empty() && !text(&output.stderr).contains(".apim-doctor-"), "{line}");
        assert_eq!(fs::read_to_string(folder.join("out")).unwrap(), "as it was", "{line}");
        assert_eq!(listed(&folder), ["folder", "in.json", "out"], "{line}");
    }
}

#[test]
fn an_incomplete_recording_is_not_written() {
    let folder = scratch("deep");
    let deep = format!("{}1{}", "[".repeat(3_000), "]".repeat(3_000));
    let recording = fs::read_to_string(&*BROKEN).unwrap();
    let inside = recording.replacen("\"exchanges\"", &format!("\"more\": {deep}, \"exchanges\""), 1);
    fs::write(folder.join("deep.json"), inside).unwrap();
    fs::write(folder.join("list.json"), "[]").unwrap();
    for line in [
        "$D diagnose --snapshot deep.json -q --write-fixed out.json",
        "$D diagnose --snapshot in.json --snapshot deep.json -q --write-fixed out.json",
        "$D diagnose --snapshot in.json --snapshot list.json -q --write-fixed out.json",
    ] {
        fs::write(folder.join("out.json"), "as it was").unwrap();
        let output = run(&folder, line);
        assert_eq!(output.status.code(), Some(2), "{line}: {}", text(&output.stderr));
        assert_eq!(fs::read_to_string(folder.join("out.json")).unwrap(), "as it was", "{line}");
    }
}

#[test]
fn an_output_file_never_replaces_an_input_or_another_output() {
    let folder = scratch("apart");
    symlink("in.json", folder.join("link")).unwrap();
    fs::hard_link(folder.join("in.json"), folder.join("hard")).unwrap();
    symlink(".", folder.join("here")).unwrap();
    fs::write(folder.join("cloud.toml"), "").unwrap();
    let before = fs::read(folder.join("in.json")).unwrap();
    for line in [
        "$D diagnose --snapshot in.json -f in.json",
        "$D diagnose --snapshot in.json --write-fixed ./in.json",
        "$D diagnose --snapshot in.json --write-fixed link",
        "$D diagnose --snapshot link --write-fixed in.json",
        "$D diagnose --snapshot hard -f in.json",
        "$D diagnose --snapshot here/in.json -f in.json",
        "$D diagnose --snapshot in.json --write-fixed out -f out",
        "$D diagnose --snapshot in.json --write-fixed here/out -f out",
        "$D diagnose --snapshot in.json --write-fixed -",
        "$D diagnose --snapshot in.json --write-fixed - -f -",
        "$D diagnose --snapshot in.json --write-fixed out > out",
        "$D diagnose --snapshot - -f in.json < in.json",
        "$D diagnose --snapshot - --snapshot - < in.json",
        "$D diagnose --snapshot - --error - < in.json",
        "$D can 11111111-2222-3333-4444-555555555555 a/b /x --snapshot in.json -f link",
        "$D diagnose /subscriptions/x --cloud cloud.toml -f cloud.toml",
        "$D collect /x --cloud cloud.toml -f cloud.toml",
        "$D probe kv1.vault.azure.net --cloud cloud.toml -f cloud.toml",
    ] {
        let output = run(&folder, line);
        assert_eq!(output.status.code(), Some(2), "{line}: {}", text(&output.stderr));
        let says = text(&output.stderr);
        assert!(says.contains("would") && says.contains("help"), "{line}: {says}");
        assert!(output.stdout.is_empty(), "{line}");
        assert_eq!(fs::read(folder.join("in.json")).unwrap(), before, "{line}");
    }
    let both = run(&folder, "$D diagnose --snapshot in.json -f /dev/null --write-fixed /dev/null");
    assert_eq!(both.status.code(), Some(1), "{}", text(&both.stderr));
}

#[test]
fn a_hyphen_means_a_standard_stream_for_every_file_option() {
    let folder = scratch("hyphen");
    let piped = run(&folder, "$D diagnose --snapshot - -f - < in.json");
    assert_eq!(piped.status.code(), Some(1), "{}", text(&piped.stderr));
    let words = |text: String| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(
        words(text(&piped.stdout)),
        words(text(&run(&folder, "$D diagnose --snapshot in.json").stdout).replace("in.json:", "standard input:"))
    );
    let fixed =
        run(&folder, "$D diagnose --snapshot in.json -f report.txt --write-fixed - | $D diagnose --snapshot - -q");
    assert!(text(&fixed.stdout).starts_with("✓ All 2 access paths work"), "{}", text(&fixed.stdout));
    let role = run(&folder, "$D permissions --scope /subscriptions/x -f -");
    assert!(text(&role.stdout).contains("AssignableScopes"));
    let about =
        run(&folder, "echo 'Caller is not authorized to perform action on resource.' | $D explain --error-file -");
    assert_eq!(about.status.code(), Some(0), "{}", text(&about.stderr));
    let error = run(&folder, "echo 'ForbiddenByRbac' | $D diagnose --snapshot in.json --error - -f -");
    assert!(!error.stdout.is_empty());
    assert_eq!(listed(&folder), ["in.json", "report.txt"]);
}

#[test]
fn writing_through_a_link_keeps_the_link() {
    let folder = scratch("link");
    fs::create_dir(folder.join("elsewhere")).unwrap();
    fs::write(folder.join("elsewhere/out"), "old").unwrap();
    symlink("elsewhere/out", folder.join("out")).unwrap();
    let output = run(&folder, "$D diagnose --snapshot in.json -q -f out");
    assert_eq!(output.status.code(), Some(1));
    assert!(fs::symlink_metadata(folder.join("out")).unwrap().file_type().is_symlink());
    assert!(fs::read_to_string(folder.join("elsewhere/out")).unwrap().starts_with("✗ 2 of 2"));
    assert_eq!(listed(&folder.join("elsewhere")), ["out"]);
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let folder = scratch("pipe");
    for line in ["$D diagnose --snapshot in.json -v", "$D rules", "$D schema report", "$D --help", "$D man"] {
        let output = run(&folder, &format!("{line} | true; exit ${{PIPESTATUS[0]}}"));
        assert!([0, 1].contains(&output.status.code().unwrap()), "{line}: {:?}", output.status);
        assert_eq!(text(&output.stderr), "", "{line}");
    }
}

/// The file is replaced atomically: a reader sees the complete old file or the complete new file.
#[test]
fn a_file_is_replaced_atomically() {
    let folder = scratch("rename");
    fs::write(folder.join("out"), "old").unwrap();
    let mut old = fs::File::open(folder.join("out")).unwrap();
    run(&folder, "$D diagnose --snapshot in.json -o json -f out");
    let mut seen = String::new();
    old.read_to_string(&mut seen).unwrap();
    assert_eq!(seen, "old");
    assert_ne!(old.metadata().unwrap().ino(), fs::metadata(folder.join("out")).unwrap().ino());
}
