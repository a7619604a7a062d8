//! What a release ships with the program: a manual page of each command, and an installer for Windows that parses.
//! `.ci/release/test.py` tests the rest.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn program(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_apim-doctor")).args(args).output().unwrap()
}

/// The commands that the help of a command lists.
fn listed(path: &[String]) -> Vec<Vec<String>> {
    let args: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
    let help = String::from_utf8(program(&args).stdout).unwrap();
    let commands = help.split("\nCommands:\n").nth(1).unwrap_or_default().split("\n\n").next().unwrap();
    let is_name = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    let names = commands.lines().filter(is_name).map(|line| line.split_whitespace().next().unwrap());
    names.filter(|name| *name != "help").map(|name| [path, &[name.to_owned()]].concat()).collect()
}

#[test]
fn each_command_has_a_manual_page() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("manual");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let written = program(&["man", "--all-to", folder.to_str().unwrap()]);
    assert!(written.status.success() && written.stdout.is_empty() && written.stderr.is_empty(), "{written:?}");

    let mut commands = vec![vec![]];
    for at in 0.. {
        let Some(path) = commands.get(at) else { break };
        let below = listed(path);
        commands.extend(below);
    }
    let mut expected = BTreeSet::new();
    for path in &commands {
        let name = format!("{}.1", [&["apim-doctor".to_owned()], path.as_slice()].concat().join("-"));
        let file = folder.join(&name);
        let args: Vec<&str> = ["man"].into_iter().chain(path.iter().map(String::as_str)).collect();
        let printed = program(&args);
        assert!(printed.status.success(), "{args:?}");
        assert_eq!(
            String::from_utf8_lossy(&fs::read(&file).unwrap()),
            String::from_utf8_lossy(&printed.stdout),
            "{name}"
        );
        let text = String::from_utf8(printed.stdout).unwrap();
        let title = format!(".TH {}", name.trim_end_matches(".1"));
        assert!(text.contains(&title) && text.contains(".SH SYNOPSIS"), "{name}: {text}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // `man` runs as another user.
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o644, "{name}");
        }
        expected.insert(name);
    }
    let names = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.collect::<BTreeSet<_>>(), expected);
    assert!(expected.len() > 20 && expected.contains("apim-doctor-roles-check.1"), "{expected:?}");
}

#[test]
fn a_page_that_does_not_exist_is_reported_with_those_that_do() {
    for (args, says) in [
        (&["man", "rolls"][..], "`apim-doctor` has no command `rolls`"),
        (&["man", "roles", "chek"], "expected one of check, smallest"),
        (&["man", "demo", "list"], "it has no commands of its own"),
        (&["man", "demo", "--all-to", "x"], "cannot be used with"),
        (&["man", "--all-to", "no/such/folder"], "cannot be written"),
    ] {
        let output = program(args);
        let text = String::from_utf8(output.stderr).unwrap().replace('│', " ");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(output.status.code(), Some(2), "{args:?}: {text}");
        assert!(text.contains(says) && output.stdout.is_empty(), "{args:?}: {text}");
    }
}

#[test]
fn powershell_parses_the_installer() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.ci/release/install.ps1");
    let text = fs::read_to_string(file).unwrap();
    // Windows PowerShell reads a file without a byte order mark as ANSI.
    assert!(text.is_ascii());
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&tree_sitter_powershell::LANGUAGE.into()).unwrap();
    let tree = parser.parse(&text, None).unwrap();
    assert!(!tree.root_node().has_error(), "{}", tree.root_node().to_sexp());
}
