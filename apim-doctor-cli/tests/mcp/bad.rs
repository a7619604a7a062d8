//! Bad input: the client learns which field is wrong, nothing is written, and the server goes on.

use std::fs;
use std::path::Path;

use rmcp::ServiceError;
use serde_json::{Value, json};

use crate::fixture;
use crate::session::{HIDDEN, Raw, Session, error, folder, texts};

#[tokio::test]
async fn a_tool_that_does_not_exist_is_an_error_of_the_protocol() {
    let session = Session::start().await;
    for name in ["collect", "", "diagnose ", "--fix", "../diagnose"] {
        let Err(ServiceError::McpError(error)) = session.try_call(name, json!({})).await else { panic!("{name}") };
        assert_eq!(error.code.0, -32602, "{name}");
        assert!(error.message.contains("expected one of diagnose, explain, can, check, what-if"), "{}", error.message);
    }
}

#[tokio::test]
async fn an_error_names_the_field_and_what_is_expected() {
    let session = Session::start().await;
    let long = "x".repeat(30_000);
    for (tool, input, says) in [
        ("diagnose", json!({"fles": ["a.json"]}), "`fles`: unknown field `fles`, expected one of `files`, "),
        ("diagnose", json!({"writeFixed": "a.json"}), "`writeFixed`: unknown field"),
        (
            "diagnose",
            json!({"files": "a.json"}),
            "`files`: invalid type: string \"a.json\": expected a list of texts. Files to",
        ),
        (
            "diagnose",
            json!({"files": ["a.json", 5]}),
            "`files[1]`: invalid type: integer `5`: expected a list of texts",
        ),
        (
            "diagnose",
            json!({"timeout": "soon"}),
            "`timeout`: invalid type: string \"soon\": expected a whole number. Without",
        ),
        ("diagnose", json!({"timeout": -1}), "`timeout`: invalid value: integer `-1`: expected a whole number"),
        (
            "diagnose",
            json!({"askVault": "yes"}),
            "`askVault`: invalid type: string \"yes\": expected `true` or `false`",
        ),
        ("diagnose", json!({"auth": "magic"}), "`auth`: unknown variant `magic`: expected one of its values"),
        ("diagnose", json!({"cloud": "evil.toml"}), "`cloud`: unknown variant `evil.toml`"),
        ("diagnose", json!({"files": [""]}), "`files`: expected a text that is not empty"),
        ("diagnose", json!({"files": ["-"]}), "`files`: expected the name of a file: `-` is standard input"),
        ("diagnose", json!({"files": ["a\u{0}b"]}), "`files`: expected a text without the character NUL"),
        ("diagnose", json!({"files": [long]}), "`files`: expected at most 24576 bytes, and it has 30000"),
        (
            "diagnose",
            json!({"files": ["/dev/zero"]}),
            "`files`: expected a file or a folder, and `/dev/zero` is neither",
        ),
        ("diagnose", json!({"resources": ["a.json"]}), "`resources`: expected ids like `/subscriptions/…`"),
        ("diagnose", json!({"recording": "{}", "error": "-"}), "`error`: expected an error text"),
        ("explain", json!({}), "`error`: expected exactly one of `error`, `errorFile` and `code`"),
        ("explain", json!({"error": "a", "code": "b"}), "`error`: expected exactly one of"),
        ("explain", json!({"error": " \n"}), "`error`: expected a text that is not empty"),
        ("explain", json!({"code": "/etc/passwd"}), "`code`: expected a code like"),
        ("can", json!({"principal": "p", "action": "a"}), "`principal`: expected `principal`, `action` and `scope`"),
        ("check", json!({}), "`paths`: expected exactly one of `paths` and `text`"),
        ("check", json!({"paths": ["a"], "fix": true}), "`fix`: unknown field `fix`"),
        ("check", json!({"paths": ["a"], "diffBase": "main"}), "`diffBase`: unknown field"),
        ("what-if", json!({}), "`files`: expected `files` or `recording`"),
        ("what-if", json!({"recording": "{}", "patch": {}}), "`patch`: expected `files` with it"),
        ("what-if", json!({"files": ["a"], "patch": []}), "`patch`: invalid type: sequence: expected an object"),
    ] {
        let text = error(&session.call(tool, input.clone()).await);
        assert!(text.starts_with(says), "{tool} {input}: {text}");
        assert!(!["u64", "usize", "Vec", "struct"].iter().any(|name| text.contains(name)), "{text}");
    }
}

#[tokio::test]
async fn what_the_command_line_refuses_is_an_error_with_its_help() {
    let session = Session::start().await;
    let file = fixture::file("checks/firewall.user-assigned-not-trusted/broken");
    for (tool, input, says) in [
        ("diagnose", json!({"files": ["no/such/file.json"]}), "does not exist"),
        ("diagnose", json!({"recording": "hello"}), "this is not JSON"),
        ("diagnose", json!({"files": [file], "consumer": ["nonsense"]}), "`nonsense` is not a kind of consumer"),
        ("diagnose", json!({"files": [file], "askVault": true}), "only applies to live runs"),
        ("diagnose", json!({"subscription": "mine"}), "is not a subscription id"),
        ("diagnose", json!({"files": [file], "asOf": "today"}), "expected a time"),
        ("diagnose", json!({"timeout": 100_000, "name": "a"}), "100000 is not in 1..=3600"),
        ("diagnose", json!({}), "no resource was given"),
        ("explain", json!({"code": "firewall.nonsense"}), "does not exist"),
        ("can", json!({"principal": "me", "files": [file]}), "is not an object id"),
        ("check", json!({"paths": ["no/such"]}), "no/such"),
        ("what-if", json!({"files": [file]}), "no change was given"),
        ("what-if", json!({"files": [file], "set": ["x"]}), "help:"),
    ] {
        let text = error(&session.call(tool, input.clone()).await);
        let words = text.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
        assert!(words.contains(says), "{tool} {input}: {text}");
        assert!(!text.contains('\u{1b}'), "{text}");
        assert!(words.contains("help:") || words.contains("For more information"), "the help is missing: {text}");
    }
}

/// Puts a value in place of every text of an input.
fn planted(schema: &Value, value: &str) -> Value {
    match schema["type"].as_str() {
        Some("array") => json!([planted(&schema["items"], value)]),
        Some("string") => json!(value),
        Some("object") => json!({value: {"a": value}}),
        _ => Value::Null,
    }
}

#[tokio::test]
async fn no_value_becomes_an_option() {
    let folder = folder("options");
    let file = fixture::file("checks/firewall.user-assigned-not-trusted/broken");
    fs::copy(file, folder.join("a.json")).unwrap();
    let session = Session::start_in(&folder, &[]).await;
    let mut calls = 0;
    for tool in session.client.list_all_tools().await.unwrap() {
        let fields = tool.input_schema["properties"].as_object().unwrap();
        let paths = if tool.name == "check" { "paths" } else { "files" };
        for (field, schema) in fields {
            for value in
                ["--write-fixed=x", "--output=json=x", "-f=x", "-fx", "--write-changed=x", "--open", "--fix", "--help"]
            {
                let value = planted(schema, value);
                if value.is_null() || schema.get("enum").is_some() {
                    continue;
                }
                let mut input = json!({field: value});
                if field != paths && fields.contains_key(paths) {
                    input[paths] = json!(["a.json"]);
                }
                let result = session.call(&tool.name, input.clone()).await;
                let text = texts(&result).join("\n");
                assert!(!text.contains("Usage:") || result.is_error == Some(true), "{} {input}: {text}", tool.name);
                assert!(!text.contains("unexpected argument"), "{} {input}: {text}", tool.name);
                calls += 1;
            }
        }
    }
    assert!(calls > 200, "{calls}");
    let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["a.json"]);
}

#[tokio::test]
async fn a_file_that_is_named_like_an_option_is_a_file() {
    let folder = folder("named");
    let file = fixture::file("checks/firewall.user-assigned-not-trusted/broken");
    fs::copy(file, folder.join("--write-fixed=x")).unwrap();
    fs::copy("../fixtures/judged/bicep-vault-name/main.bicep", folder.join("--fix.bicep")).unwrap();
    let session = Session::start_in(&folder, &[]).await;
    let result = session.call("diagnose", json!({"files": ["--write-fixed=x"]})).await;
    assert_eq!(result.structured_content.unwrap()["verdict"], "fail");
    let result = session.call("check", json!({"paths": ["--fix.bicep"]})).await;
    assert_eq!(result.is_error, Some(false), "{:?}", texts(&result));
    assert!(!folder.join("x").exists());
}

#[tokio::test]
async fn a_huge_text_is_read_or_refused() {
    let session = Session::start().await;
    let refusal = "Client address is not authorized and caller is not a trusted service. ";
    let large = format!("{}{refusal}", "nothing to see here\n".repeat(200_000));
    let result = session.call("explain", json!({"error": large})).await;
    assert_eq!(result.is_error, Some(false), "{:?}", texts(&result));
    let huge = "x".repeat((16 << 20) + 1);
    let text = error(&session.call("explain", json!({"error": huge})).await);
    assert!(text.starts_with("`error`: expected at most 16 MiB: write it to a file"), "{text}");
    // As an argument, because the recording is read from standard input.
    let text = error(&session.call("diagnose", json!({"recording": "{}", "error": large})).await);
    assert!(text.starts_with("`error`: expected at most 24576 bytes"), "{text}");
}

#[tokio::test]
async fn a_result_that_is_too_large_is_an_error_that_says_how_to_narrow_it() {
    let session = Session::start().await;
    // The same setting many times, each of which is an access path.
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/worlds/named-value.json");
    let mut recording: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let exchanges = recording["exchanges"].as_array_mut().unwrap();
    let list = exchanges.iter_mut().find(|one| one["request"].as_str().unwrap().contains("/namedValues?")).unwrap();
    let values = list["body"]["value"].as_array_mut().unwrap();
    let model = values.iter().find(|value| value["properties"]["keyVault"].is_object()).cloned().unwrap();
    let name = model["name"].as_str().unwrap();
    for n in 0..400 {
        let copy = model.to_string().replace(&format!("\"{name}\""), &format!("\"copy-{n}\""));
        let copy = copy.replace(&format!("/namedValues/{name}"), &format!("/namedValues/copy-{n}"));
        values.push(serde_json::from_str(&copy).unwrap());
    }
    let file = folder("large").join("large.json");
    fs::write(&file, recording.to_string()).unwrap();
    let text = error(&session.call("diagnose", json!({"files": [file]})).await);
    assert_eq!(
        text,
        "the result is larger than 4 MiB: name one instance (`name`, `resources`), or one kind of `consumer`"
    );
    let result = session.call("explain", json!({"code": "dns.not-forwarded"})).await;
    assert_eq!(result.is_error, Some(false));
}

#[tokio::test]
async fn lines_that_are_no_messages_do_not_end_a_session() {
    let deep = "[".repeat(100_000);
    let garbage: [&[u8]; 10] = [
        b"hello",
        b"",
        b"{",
        b"[]",
        b"\xff\xfe\x00",
        b"{\"jsonrpc\":\"2.0\"}",
        b"{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}",
        b"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"tools/list\"}",
        b"{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"tools/call\",\"params\":5}",
        deep.as_bytes(),
    ];
    let mut raw = Raw::start();
    raw.say(b"hello").await;
    raw.say(b"").await;
    raw.greet().await;
    for line in garbage {
        raw.say(line).await;
    }
    raw.call("real", "explain", json!({"code": "dns.not-forwarded"})).await;
    let answer = raw.answer("real").await;
    assert_eq!(answer["result"]["isError"], false, "{answer}");
    // `Raw::next` has looked at each line.
    assert!(raw.seen.len() >= 2);
}

#[tokio::test]
async fn a_message_hides_nothing() {
    let mut raw = Raw::greeted().await;
    let name: String = HIDDEN.iter().collect();
    raw.call("hidden", &name, json!({})).await;
    // `Raw::next` looks for such characters in the line; what it says is the same.
    let message = raw.answer("hidden").await["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with(&format!("tool `{name}` does not exist")), "{message:?}");
}
