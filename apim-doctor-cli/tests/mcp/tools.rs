//! What a client sees of the tools.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rmcp::model::Tool;
use serde_json::{Value, json};

use crate::session::Session;

async fn tools() -> Vec<Tool> {
    Session::start().await.client.list_all_tools().await.unwrap()
}

#[tokio::test]
async fn the_server_says_which_tool_to_take_and_that_unknown_is_not_pass() {
    let session = Session::start().await;
    let server = session.client.peer_info().unwrap();
    let named = server.server_info.clone().unwrap();
    assert_eq!((named.name.as_str(), named.version.as_str()), ("apim-doctor", env!("CARGO_PKG_VERSION")));
    let instructions = server.instructions.clone().unwrap();
    assert!(instructions.contains("`unknown` is not `pass`"), "{instructions}");
    let tools = session.client.list_all_tools().await.unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| &*tool.name).collect();
    assert_eq!(names, ["diagnose", "explain", "can", "check", "what-if"]);
    for tool in &tools {
        assert!(instructions.contains(&format!("`{}`", tool.name)), "{}", tool.name);
        let hints = tool.annotations.clone().unwrap();
        assert_eq!(
            (hints.read_only_hint, hints.destructive_hint, hints.idempotent_hint),
            (Some(true), Some(false), Some(true))
        );
        let asks_azure = ["diagnose", "can", "check"].contains(&&*tool.name);
        assert_eq!(hints.open_world_hint, Some(asks_azure), "{}", tool.name);
    }
    let listed = serde_json::to_string(&tools).unwrap();
    assert!(listed.len() < 20_000, "the list of tools has {} bytes: models read it at each start", listed.len());
}

/// What fields are called whose option has another name.
const RENAMED: &[(&str, &str)] = &[
    ("files", "snapshot"),
    ("recording", "snapshot"),
    ("scripts", "script"),
    // Arguments without a name.
    ("resources", ""),
    ("code", ""),
    ("principal", "what"),
    ("action", "who"),
    ("scope", ""),
    ("paths", ""),
    ("text", ""),
];

/// Options that no tool has, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    ("output", "a tool prints JSON"),
    ("color", "it is for terminals"),
    ("verbose", "it changes nothing in JSON"),
    ("quiet", "it would hide warnings"),
    ("help", "the descriptions are in the list of tools"),
    ("fail-on", "the exit status is not shown"),
    ("config", "the server passes its own on"),
    ("isolated", "the server passes its own on"),
    ("watch", "a tool answers once"),
    ("all", "a run over a tenant takes longer than clients wait"),
    ("management-group", "as `all`"),
    ("shard", "as `all`"),
    ("checkpoint", "it writes a file"),
    ("output-file", "it writes a file"),
    ("write-fixed", "it writes a file"),
    ("write-changed", "it writes a file"),
    ("write-baseline", "it writes a file"),
    ("fix", "it writes files"),
    ("allow-dirty", "it writes files"),
    ("open", "it starts a browser"),
    ("bicep-cli", "it starts Bicep"),
    ("diff-base", "it starts git"),
];

/// Options that make no difference for questions about permissions.
const LEFT_OUT_OF_CAN: &[&str] = &["ask-storage", "ask-vault", "read-settings"];

/// The options of a command, as its help lists them.
fn options(command: &str) -> BTreeSet<String> {
    let help =
        std::process::Command::new(env!("CARGO_BIN_EXE_apim-doctor")).args([command, "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let (_, options) = help.split_once("\nOptions:").unwrap();
    let named = options.lines().filter_map(|line| {
        let line = line.trim_start();
        let line =
            line.get(..4).filter(|short| short.starts_with('-') && short.ends_with(", ")).map_or(line, |_| &line[4..]);
        line.strip_prefix("--")
    });
    let is_name = |c: char| c.is_ascii_lowercase() || c == '-';
    named.map(|rest| rest.split(|c| !is_name(c)).next().unwrap().to_owned()).collect()
}

fn kebab(field: &str) -> String {
    let letter = |c: char| if c.is_ascii_uppercase() { format!("-{}", c.to_ascii_lowercase()) } else { c.to_string() };
    field.chars().map(letter).collect()
}

#[tokio::test]
async fn each_option_of_a_command_is_a_field_or_is_left_out_for_a_reason() {
    for tool in tools().await {
        let fields = tool.input_schema["properties"].as_object().unwrap();
        let option = |field: &String| match RENAMED.iter().find(|(name, _)| name == field) {
            Some((_, option)) => (*option).to_owned(),
            None => kebab(field),
        };
        let served: BTreeSet<String> = fields.keys().map(option).filter(|name| !name.is_empty()).collect();
        let real = options(&tool.name);
        assert!(real.contains("help") && real.contains("output"), "{real:?}");
        let unknown: Vec<&String> = served.difference(&real).filter(|name| *name != "who" && *name != "what").collect();
        assert!(unknown.is_empty(), "{}: no such options: {unknown:?}", tool.name);
        let of_can = LEFT_OUT_OF_CAN.iter().filter(|_| tool.name == "can");
        let left: BTreeSet<&str> = LEFT_OUT.iter().map(|(name, _)| name).chain(of_can).copied().collect();
        let missing: Vec<&String> = real.difference(&served).filter(|name| !left.contains(name.as_str())).collect();
        assert!(missing.is_empty(), "{}: neither served nor left out: {missing:?}", tool.name);
        let writes: Vec<&String> = served.iter().filter(|name| left.contains(name.as_str())).collect();
        assert!(writes.is_empty(), "{}: left out and served: {writes:?}", tool.name);
    }
}

/// Every schema within a schema.
fn schemas<'s>(schema: &'s Value, found: &mut Vec<&'s Value>) {
    found.push(schema);
    let members = schema.get("properties").and_then(Value::as_object).into_iter().flat_map(|all| all.values());
    let items = ["items", "additionalProperties"].into_iter().filter_map(|name| schema.get(name));
    for inner in members.chain(items) {
        schemas(inner, found);
    }
}

#[tokio::test]
async fn each_field_is_described_and_of_a_type_that_every_client_knows() {
    for tool in tools().await {
        let schema = Value::Object((*tool.input_schema).clone());
        assert_eq!(schema["type"], "object");
        assert_eq!(schema["additionalProperties"], json!(false), "{}", tool.name);
        jsonschema::draft202012::meta::validate(&schema).unwrap();
        for (field, property) in schema["properties"].as_object().unwrap() {
            let description = property["description"].as_str().unwrap_or_default();
            assert!(
                description.ends_with('.') && !description.contains('\n'),
                "{}: `{field}`: {description}",
                tool.name
            );
        }
        let mut all = Vec::new();
        schemas(&schema, &mut all);
        for one in all.iter().filter(|one| one.is_object()) {
            for odd in ["$ref", "anyOf", "nullable", "format", "default"] {
                assert!(one.get(odd).is_none(), "{}: {one}", tool.name);
            }
            let values = one.get("enum").and_then(Value::as_array).into_iter().flatten();
            assert!(values.into_iter().all(Value::is_string), "{}: {one}", tool.name);
            assert!(one.get("oneOf").is_some() || one["type"].is_string() || one.get("enum").is_some(), "{one}");
        }
    }
}

/// The page has a row for each tool, and a row for each field.
#[tokio::test]
async fn the_page_lists_the_tools_and_their_fields() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/mcp.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let (before, rest) = text.split_once("<!-- tools -->\n").unwrap();
    let (shown, after) = rest.split_once("<!-- /tools -->").unwrap();
    let mut rows = String::from("| tool | answers | fields |\n|---|---|---|\n");
    let tools: BTreeMap<usize, Tool> = tools().await.into_iter().enumerate().collect();
    for tool in tools.values() {
        let fields = tool.input_schema["properties"].as_object().unwrap();
        let fields: Vec<String> = fields.keys().map(|field| format!("`{field}`")).collect();
        let title = tool.title.as_deref().unwrap();
        rows.push_str(&format!("| `{}` | {title} | {} |\n", tool.name, fields.join(", ")));
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&page, format!("{before}<!-- tools -->\n{rows}<!-- /tools -->{after}")).unwrap();
    } else {
        assert_eq!(shown, rows, "docs/mcp.md is stale; run the tests with UPDATE_DOCS=1");
    }
}
