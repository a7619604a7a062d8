//! Hostile names: printed lines run only the intended commands, and the names stay arguments.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::{all_blocks, blocks, common, fixtures, walk_texts};

/// Payloads in names. `>PWN` creates a file if a shell interprets it.
const PAYLOADS: &[&str] = &[
    "$(>PWN)",
    "`>PWN`",
    ";>PWN;",
    "'>PWN'",
    "\">PWN\"",
    "'$(>PWN)'",
    "\\\">PWN",
    "\\'>PWN",
    "${IFS}>PWN",
    "&>PWN&",
    "|>PWN",
    "\n>PWN\n",
    "\r\n>PWN",
    "\u{1b}]0;owned\u{7}",
    "\u{202e}",
    "\u{2028}>PWN",
    " >PWN #",
    "{a,b}",
    "*",
    "~",
    "!!",
    "%41",
    "ü 名",
    "<PWN",
    "(>PWN)",
    "]=@PWN",
    "${x}%{y}",
    "\u{0}>PWN",
];

/// Stubs for the printed commands. Each stub only logs its arguments.
const STUBS: &[&str] = &["az", "nslookup", "nameresolver", "tcpping", "curl", "nc", "openssl"];

/// Returns the names in a recording: those in ids, and those in their own properties.
fn names(document: &Value) -> BTreeSet<String> {
    const KEYS: &[&str] = &[
        "name",
        "displayName",
        "roleName",
        "hostName",
        "principalId",
        "clientId",
        "identityClientId",
        "keyVaultSecretName",
    ];
    let mut found = BTreeSet::new();
    fn collect(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                for (key, inner) in map {
                    ids(key, found);
                    if let Some(text) = inner.as_str().filter(|_| KEYS.contains(&key.as_str())) {
                        found.insert(text.to_owned());
                    }
                    collect(inner, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
            Value::String(text) => ids(text, found),
            _ => {}
        }
    }
    /// Collects names of groups, resources and secrets.
    fn ids(text: &str, found: &mut BTreeSet<String>) {
        let path = text.split('?').next().unwrap_or_default();
        let words: Vec<&str> = path.split('/').collect();
        for pair in words.windows(2) {
            let named = [
                "resourceGroups",
                "resourcegroups",
                "service",
                "vaults",
                "userAssignedIdentities",
                "secrets",
                "sites",
                "virtualNetworks",
                "subnets",
                "networkSecurityGroups",
                "routeTables",
                "privateEndpoints",
                "privateDnsZones",
                "storageAccounts",
                "namedValues",
                "certificates",
                "shares",
                "networkSecurityPerimeters",
                "slots",
            ];
            if named.contains(&pair[0]) {
                found.insert(pair[1].split(['.', ')']).next().unwrap_or_default().to_owned());
            }
        }
    }
    collect(document, &mut found);
    found.retain(|name| name.len() > 2 && !name.contains('/') && !name.starts_with("Microsoft."));
    found
}

/// Printed lines, each with the hostile name in it.
type Lines = BTreeMap<String, String>;

/// Replaces one name in one recording at a time, and returns every printed line.
fn hostile_lines(refused: &mut usize) -> Lines {
    let mut lines = Lines::new();
    let mut turn = 0;
    for (file, bytes) in fixtures() {
        if file.ends_with("fixed.json") || file.ends_with("blind.json") {
            continue;
        }
        let document: Value = serde_json::from_slice(&bytes).unwrap();
        for name in names(&document) {
            turn += 1;
            let payload = PAYLOADS[turn % PAYLOADS.len()];
            let hostile = match turn % 5 {
                0 => format!("-Zz9{payload}9zZ"),
                1 => format!("@Zz9{payload}9zZ"),
                _ => format!("Zz9{payload}9zZ"),
            };
            let mut changed = document.clone();
            walk_texts(&mut changed, &|text| text.replace(&name, &hostile));
            let report = common::report(&file, changed.to_string().into_bytes());
            // Where to run a command is prose, which `Page` cleans for terminals and which is not pasted.
            for line in blocks(&report).concat().into_iter().filter(|line| !line.starts_with("#from ")) {
                assert!(!line.chars().any(char::is_control), "{file}: {name}: {line:?}");
                *refused += usize::from(line.starts_with("# not printed"));
                lines.insert(line, hostile.clone());
            }
        }
    }
    lines
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("hostile-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("empty")).unwrap();
    folder
}

/// Runs lines in `bash`, with a stub for every printed command. Returns the arguments of each call.
fn run(folder: &Path, lines: &[String]) -> Vec<(usize, Vec<String>)> {
    let stubs: String =
        STUBS.iter().map(|name| format!("{name}() {{ printf '%s\\0' \"L=$L\" {name} \"$@\" END >&3; }}\n")).collect();
    let script = format!(
        "{stubs}PATH=\nL=0\nwhile IFS= read -r line <&4; do L=$((L+1)); eval \"$line\" </dev/null >/dev/null 2>&1; done\nexit 0\n"
    );
    std::fs::write(folder.join("lines"), lines.join("\n") + "\n").unwrap();
    std::fs::write(folder.join("script"), script).unwrap();
    let status = Command::new("bash")
        .current_dir(folder.join("empty"))
        .args(["--norc", "-c", "exec 3>../log 4<../lines; . ../script"])
        .status()
        .unwrap();
    assert!(status.success());
    let left: Vec<_> = std::fs::read_dir(folder.join("empty")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.is_empty(), "a name was executed: {left:?}");
    let log = String::from_utf8(std::fs::read(folder.join("log")).unwrap()).unwrap();
    let mut calls: Vec<(usize, Vec<String>)> = Vec::new();
    let mut words = log.split('\0');
    while let Some(number) = words.next().and_then(|word| word.strip_prefix("L=")) {
        calls.push((
            number.parse::<usize>().unwrap() - 1,
            words.by_ref().take_while(|word| *word != "END").map(str::to_owned).collect(),
        ));
    }
    calls
}

/// Decodes percent-encoding.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let hex: Option<Vec<u8>> = (byte == b'%').then(|| ahead.by_ref().take(2).collect());
        match hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(&hex).ok()?, 16).ok()) {
            Some(value) => {
                bytes.push(value);
                rest = ahead;
            }
            None => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns whether an argument contains the complete hostile name, in any encoding.
fn is_whole(argument: &str, name: &str) -> bool {
    let lower = |text: &str| text.to_lowercase();
    let name = name.trim_start_matches(['-', '@']);
    let ascii = |json: String| -> String {
        let escape = |c: char| {
            if c.is_control() || ('\u{2000}'..='\u{206f}').contains(&c) {
                format!("\\u{:04x}", u32::from(c))
            } else {
                c.to_string()
            }
        };
        json.chars().map(escape).collect()
    };
    let json = ascii(Value::from(name).to_string());
    let json = json.trim_matches('"');
    let in_query = json.replace('`', "\\u0060");
    let twice = ascii(Value::from(json).to_string());
    let forms = [name, json, &in_query, twice.trim_matches('"')];
    let texts = [lower(argument), lower(&decoded(argument))];
    forms.iter().any(|form| texts.iter().any(|text| text.contains(&lower(form))))
}

#[test]
fn a_hostile_name_stays_a_complete_argument() {
    let mut refused = 0;
    let lines = hostile_lines(&mut refused);
    assert!(lines.len() > 600, "only {} lines", lines.len());
    assert!(refused > 10, "only {refused} lines were refused");
    let folder = folder();
    let printed: Vec<String> = lines.keys().cloned().collect();
    let is_shell = |line: &str| {
        STUBS.iter().any(|stub| line.starts_with(&format!("{stub} "))) || line.starts_with("PRINCIPAL_ID=")
    };
    let shell: Vec<String> = printed.iter().filter(|line| is_shell(line)).cloned().collect();
    let calls = run(&folder, &shell);
    let mut complaints = Vec::new();
    let called: BTreeSet<usize> = calls.iter().map(|(at, _)| *at).collect();
    for (at, line) in shell.iter().enumerate() {
        if !called.contains(&at) {
            complaints.push(format!("does not run: {line}"));
        }
    }
    for (at, words) in &calls {
        let name = &lines[&shell[*at]];
        for word in words.iter().filter(|word| word.contains("Zz9") || word.contains("zz9")) {
            if !is_whole(word, name) {
                complaints.push(format!("{name:?} is not complete in {word:?} of {}", shell[*at]));
            }
        }
    }
    // Some interactive shells run comments, and users may copy the command in a comment.
    let comments: Vec<String> = printed
        .iter()
        .filter_map(|line| line.strip_prefix("# "))
        .flat_map(|text| {
            let inner = text.find(": az ").map(|at| text[at + 2..].to_owned());
            std::iter::once(format!(": {text}")).chain(inner)
        })
        .collect();
    assert!(comments.len() > 20, "only {} comments", comments.len());
    run(&folder, &comments);
    std::fs::remove_dir_all(&folder).unwrap();
    common::assert_none("hostile names", &complaints);
}

/// Attacks that worked before: each one prints lines that execute and inject nothing.
#[test]
fn recorded_attacks_stay_data() {
    common::with_shared("recorded_attacks_stay_data", "cases/reports/attack", |attacks| {
        for (file, says) in
            [("02-shell-resource-group", "rg$(touch${IFS}PWN)"), ("03-escape-bicep", ""), ("04-snippet-hcl", "")]
        {
            let name = format!("{file}.snapshot.json");
            let bytes = std::fs::read(attacks.join(&name)).unwrap();
            let report = common::report(&name, bytes);
            let lines: Vec<String> = blocks(&report).concat();
            assert!(!lines.is_empty(), "{file}");
            let folder = folder();
            let calls = run(&folder, &lines);
            std::fs::remove_dir_all(&folder).unwrap();
            if !says.is_empty() {
                let groups =
                    calls.iter().flat_map(|(_, words)| words.windows(2).filter(|pair| pair[0] == "--resource-group"));
                assert!(groups.map(|pair| &pair[1]).any(|group| group == says), "{file}: {calls:?}");
            }
            for fix in report.findings.iter().flat_map(|finding| &finding.fixes) {
                for text in fix.az.iter().chain(&fix.bicep).chain(&fix.terraform) {
                    let odd = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
                    assert!(!text.chars().any(odd), "{file}: {text:?}");
                }
                let Some(terraform) = &fix.terraform else { continue };
                let body = hcl_edit::parser::parse_body(terraform).unwrap();
                let injected =
                    body.blocks().any(|block| block.labels.iter().any(|label| label.as_str() == "null_resource"));
                assert!(!injected, "{file}: {terraform}");
            }
        }
    });
}

#[test]
fn powershell_parses_its_lines() {
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&tree_sitter_powershell::LANGUAGE.into()).unwrap();
    let mut seen = 0;
    let mut hostile = BTreeSet::new();
    for (block, _) in all_blocks().iter().flat_map(|block| block.iter()).filter_map(|line| {
        line.split_once("PowerShell on a Windows DNS server in Azure: ").map(|(_, rest)| (rest.to_owned(), ()))
    }) {
        hostile.insert(block);
    }
    for line in &hostile {
        let tree = parser.parse(line, None).unwrap();
        assert!(!tree.root_node().has_error(), "{line}");
        assert_eq!(tree.root_node().named_child(0).map(|list| list.named_child_count()), Some(1), "{line}");
        seen += 1;
    }
    assert!(seen > 0, "no PowerShell lines");
}
