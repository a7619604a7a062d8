//! `explain --error` and `diagnose --error`: pasted texts and their explanations.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod fixture;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use serde_json::Value;

const MESSAGE: &str = "Failed to access KeyVault Secret https://kv-shop.vault.azure.net/secrets/gateway-tls using Managed \
                       Service Identity of Api Management service. Check if Managed Identity of Type: UserAssigned, \
                       ClientId: 11111111-2222-3333-4444-555555555555 and ObjectId: \
                       66666666-7777-8888-9999-aaaaaaaaaaaa has GET permissions on secrets in the KeyVault Access Policies.";

fn program(args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_apim-doctor"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("LC_ALL", "C.UTF-8")
        .env("COLUMNS", "100")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The program may exit without reading its input.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn scratch(name: &str, bytes: &[u8]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("explain");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join(name);
    fs::write(&file, bytes).unwrap();
    file
}

fn explained(args: &[&str], input: &[u8]) -> Value {
    json(&program(&[&["explain", "-o", "json"], args].concat(), input))
}

#[test]
fn a_text_is_read_from_the_argument_a_file_and_standard_input() {
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(MESSAGE.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let (plain, wide) = (scratch("plain.txt", MESSAGE.as_bytes()), scratch("wide.txt", &wide));
    let all = [
        explained(&["--error", MESSAGE], b""),
        explained(&["--error", "-"], MESSAGE.as_bytes()),
        explained(&["--error-file", plain.to_str().unwrap()], b""),
        explained(&["--error-file", wide.to_str().unwrap()], b""),
    ];
    for explained in all {
        assert_eq!(explained["message"], "apim.key-vault-secret-access");
        assert_eq!(explained["causes"][0]["code"], "firewall.user-assigned-not-trusted");
        assert_eq!(explained["misleading"], true);
        assert_eq!(explained["extracted"]["vault"], "kv-shop");
        assert_eq!(explained["extracted"]["object"], "secrets/gateway-tls");
        let command = explained["causes"][0]["confirm"][1]["command"].as_str().unwrap();
        assert!(command.contains("--name kv-shop"), "{command}");
    }
}

#[test]
fn an_explanation_follows_its_schema() {
    let schema = json(&program(&["schema", "explanation"], b""));
    let validator = jsonschema::validator_for(&schema).unwrap();
    for text in [MESSAGE, "an unknown text"] {
        let explained = explained(&["--error", text], b"");
        let errors: Vec<String> = validator.iter_errors(&explained).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new());
        for field in ["apimDoctor", "recognized", "message", "misleading", "extracted", "gates", "causes", "rulesOut"] {
            assert!(explained.get(field).is_some(), "{field}");
        }
    }
}

#[test]
fn several_messages_are_all_explained_most_specific_first() {
    let paste = format!(
        "2026-11-21 09:00:01 ERROR 403 (Forbidden)\n{MESSAGE}\n\nAKV10032: Invalid issuer. Expected one of \
                         https://sts.windows.net/a/, found https://sts.windows.net/b/.\n"
    );
    let explained = explained(&["--error", "-"], paste.as_bytes());
    assert_eq!(explained["message"], "apim.key-vault-secret-access");
    let others: Vec<&str> =
        explained["others"].as_array().unwrap().iter().map(|o| o["causes"][0]["code"].as_str().unwrap()).collect();
    assert!(others.contains(&"identity.wrong-tenant"), "{others:?}");
}

#[test]
fn an_unknown_text_is_not_an_error_but_an_unreadable_file_is() {
    for text in ["", "hello world"] {
        let explained = explained(&["--error", text], b"");
        assert_eq!(explained["recognized"], false);
        assert!(explained["advice"].as_str().unwrap().contains("inner"));
        assert_eq!(explained["causes"], serde_json::json!([]));
    }
    let status = |args: &[&str]| program(&[&["explain"], args].concat(), b"").status.code();
    let binary = scratch("binary", b"\x7fELF\0\0\0");
    assert_eq!(status(&["--error-file", binary.to_str().unwrap()]), Some(2));
    assert_eq!(status(&["--error-file", "/nowhere"]), Some(2));
    assert_eq!(status(&[]), Some(2));
    assert_eq!(status(&["dns.zone-not-linked", "--error", "x"]), Some(2));
}

#[test]
fn a_log_of_fifty_megabytes_is_searched() {
    let mut log = b"2026-11-21T09:00:00Z INFO nothing to see here, move along please\n".repeat(770_000);
    log.extend_from_slice(MESSAGE.as_bytes());
    assert_eq!(explained(&["--error", "-"], &log)["message"], "apim.key-vault-secret-access");
}

#[test]
fn secrets_in_a_pasted_text_are_never_printed() {
    let paste = format!(
        "{MESSAGE} https://st.blob.core.windows.net/c?sv=1&sig=TOPSECRETSIGNATURE%3D&se=2 AccountKey=TOPSECRETKEY==; \
         Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.TOPSECRETTOKEN.abc ClientSecret=TOPSECRETCLIENT"
    );
    for format in ["terminal", "json"] {
        let output = program(&["explain", "-v", "-o", format, "--error", &paste], b"");
        assert!(!String::from_utf8_lossy(&output.stdout).contains("TOPSECRET"), "{format}");
        assert!(!String::from_utf8_lossy(&output.stderr).contains("TOPSECRET"), "{format}");
    }
}

static BLIND: LazyLock<String> =
    LazyLock::new(|| fixture::file("checks/caller.message-contradicts-configuration/blind"));
static BROKEN: LazyLock<String> = LazyLock::new(|| fixture::file("checks/firewall.trusted-services-off/broken"));
static UNSEEN: LazyLock<String> = LazyLock::new(|| fixture::file("checks/firewall.trusted-services-off/blind"));
const REFUSED: &str = "Access denied. Caller was not found on any access policy.\r\n\
                       Vault: kv-contoso-gw-14b2;location=westeurope";

fn gate(report: &Value, name: &str) -> String {
    let gates = report["paths"][0]["gates"].as_array().unwrap();
    gates.iter().find(|gate| gate["gate"] == name).unwrap()["verdict"].as_str().unwrap().to_owned()
}

#[test]
fn a_text_proves_gates_without_data_and_never_makes_a_path_pass() {
    let report = |args: &[&str]| {
        json(&program(&[&["diagnose", "-o", "json", "--fail-on", "never", "--snapshot"], args].concat(), b""))
    };
    assert_eq!(gate(&report(&[&UNSEEN]), "firewall"), "unknown");
    let told = report(&[&UNSEEN, "--error", REFUSED]);
    assert_eq!(gate(&told, "firewall"), "pass");
    assert_eq!(told["paths"][0]["verdict"], "unknown");
    assert_eq!(gate(&report(&[&BLIND]), "firewall"), "pass", "the recording contains the text");
    let other = report(&[&UNSEEN, "--error", &REFUSED.replace("kv-contoso-gw-14b2", "kv-other")]);
    assert_eq!(gate(&other, "firewall"), "unknown", "another vault's answer proves nothing");
    let contradicted = report(&[&BROKEN, "--error", REFUSED]);
    assert_eq!(contradicted["paths"][0]["rootCause"], "firewall.trusted-services-off");
    let codes: Vec<&str> =
        contradicted["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"caller.message-contradicts-configuration"), "{codes:?}");
}

#[test]
fn explain_knows_every_code_of_a_message() {
    let rules = json(&program(&["rules", "-o", "json"], b""));
    let titles: BTreeMap<&str, &Value> =
        rules.as_array().unwrap().iter().map(|rule| (rule["code"].as_str().unwrap(), &rule["summary"])).collect();
    for (_, samples) in apim_doctor_core::testing::known_messages() {
        for cause in apim_doctor_core::explain(samples[0]).first.causes {
            assert_eq!(titles[cause.code.as_str()], cause.title.as_ref());
        }
    }
    for code in ["caller.operator-lacks-permission", "platform.agent-not-ready", "authorization.no-grant"] {
        let page = json(&program(&["explain", code, "-o", "json"], b""));
        assert_eq!(page["code"], code);
        assert_eq!(&page["summary"], titles[code]);
    }
    assert!(!program(&["explain", "caller.no-such-code"], b"").status.success());
}

/// The lines that an explanation takes in a terminal of 80 columns.
fn height(text: &str) -> usize {
    let output = Command::new(env!("CARGO_BIN_EXE_apim-doctor"))
        .args(["explain", "--error", text])
        .env("COLUMNS", "80")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().lines().count()
}

#[test]
fn an_explanation_fits_a_screen() {
    let samples = apim_doctor_core::testing::known_messages().filter_map(|(id, samples)| Some((id, *samples.first()?)));
    let mut heights: Vec<(usize, &str)> = samples.map(|(id, sample)| (height(sample), id)).collect();
    heights.sort_unstable();
    let usual = heights[heights.len() * 8 / 10];
    assert!(usual.0 <= 25, "eight of ten texts take up to {} lines ({})", usual.0, usual.1);
    let longest = heights.last().unwrap();
    assert!(longest.0 <= 32, "{} takes {} lines", longest.1, longest.0);
}

#[test]
fn words_without_an_option_are_explained_as_what_they_are() {
    let explain = |args: &[&str]| program(&[&["explain"], args].concat(), b"");
    let words = explain(&["Client", "address", "is", "not", "authorized"]);
    assert!(String::from_utf8_lossy(&words.stdout).contains("vault-firewall: "));
    let file = scratch("words.txt", MESSAGE.as_bytes());
    let from_file = explain(&[file.to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&from_file.stdout).contains("apim.key-vault-secret-access"));
    let mistyped = explain(&["firewall.source-not-alowed"]);
    assert_eq!(mistyped.status.code(), Some(2), "a mistyped code is not taken for a text");
}

#[test]
fn a_quote_points_at_its_words_in_the_given_text() {
    let text = "\u{1b}[31mERROR\u{1b}[0m {\\\"error\\\": \\\"The managed identity\\r\\n was not found\\\"}";
    let explained = explained(&["--error", text], b"");
    let quote = &explained["causes"][0]["because"][0];
    let (start, end) = (quote["start"].as_u64().unwrap() as usize, quote["end"].as_u64().unwrap() as usize);
    assert_eq!(&text[start..end], "managed identity\\r\\n was not found");
    assert_eq!(quote["text"], "managed identity … not found");
}

#[test]
fn a_text_about_something_else_gets_one_line() {
    let output = program(&["explain", "--error", "QuotaExceeded: exceeding approved Total Regional Cores quota"], b"");
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with("This is not about access: "), "{text}");
}
