//! Compares every printed command with the options of azure-cli 2.91 (`../shared/data/az-commands.jsonl`).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{all_blocks, common};

/// Options that every command has.
const GLOBAL: &[&str] =
    &["--debug", "--help", "--only-show-errors", "--output", "-o", "--query", "--subscription", "--verbose"];

/// Commands that need an extension, and the extension.
const EXTENSIONS: &[(&str, &str)] =
    &[("az network perimeter ", "nsp"), ("az monitor log-analytics query ", "log-analytics")];

struct Known {
    options: Vec<String>,
    required: Vec<Vec<String>>,
    flags: Vec<String>,
    choices: BTreeMap<String, Vec<String>>,
    positional: bool,
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|v| v.as_str().unwrap().to_owned()).collect()
}

fn table(text: &str) -> BTreeMap<String, Known> {
    let known = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        let choices = row["choices"].as_object().into_iter().flatten();
        let known = Known {
            options: texts(&row["options"]),
            required: row["required"].as_array().into_iter().flatten().map(texts).collect(),
            flags: texts(&row["flags"]),
            choices: choices.map(|(option, values)| (option.clone(), texts(values))).collect(),
            positional: row["positional"].as_array().is_some_and(|all| !all.is_empty()),
        };
        (row["command"].as_str().unwrap().to_owned(), known)
    };
    text.lines().map(known).collect()
}

/// Returns the `az` commands in a line. They can be in a comment or an assignment, or be separated by `;`.
fn commands(line: &str) -> Vec<String> {
    let line = match line.strip_prefix("# ") {
        Some(comment) if comment.contains("needs: az extension add") => return Vec::new(),
        Some(comment) => match comment.find(": az ") {
            Some(at) => &comment[at + 2..],
            None => return Vec::new(),
        },
        None => line,
    };
    let line = match line.split_once("=$(az ") {
        Some((_, rest)) => format!("az {}", rest.strip_suffix(')').unwrap()),
        None => line.to_owned(),
    };
    line.split("; ").filter(|part| part.starts_with("az ")).map(str::to_owned).collect()
}

/// Returns whether a value is in capitals: a placeholder that the user replaces.
fn is_placeholder(value: &str) -> bool {
    value.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

fn complaints(table: &BTreeMap<String, Known>, line: &str, block: &[String]) -> Vec<String> {
    if let Some((_, extension)) = EXTENSIONS.iter().find(|(command, _)| line.starts_with(command)) {
        let needs = format!("needs: az extension add --name {extension}");
        let says = block.iter().any(|line| line.contains(&needs));
        return if says { Vec::new() } else { vec![format!("does not name its extension `{extension}`")] };
    }
    let Some(words) = shlex::split(line) else { return vec!["unclosed quote".to_owned()] };
    let named = |len: usize| Some((len, table.get(&words.get(1..len)?.join(" "))?));
    let Some((len, known)) = (2..=words.len()).rev().find_map(named) else {
        return vec!["unknown command".to_owned()];
    };
    let mut found = Vec::new();
    let mut given: Vec<&str> = Vec::new();
    let mut rest = words[len..].iter().map(String::as_str).peekable();
    while let Some(word) = rest.next() {
        let (option, attached) = word.split_once('=').map_or((word, None), |(o, v)| (o, Some(v)));
        if !option.starts_with('-') {
            if !known.positional {
                found.push(format!("`{word}` does not belong to an option"));
            }
            continue;
        }
        let mut values: Vec<&str> = attached.into_iter().collect();
        while let Some(value) = rest.next_if(|next| !next.starts_with('-')) {
            values.push(value);
        }
        if !known.options.iter().any(|own| own == option) && !GLOBAL.contains(&option) {
            found.push(format!("unknown option `{option}`"));
        }
        match (known.flags.iter().any(|flag| flag == option), values.is_empty()) {
            (true, false) => found.push(format!("`{option}` does not accept a value")),
            (false, true) => found.push(format!("`{option}` needs a value")),
            _ => {}
        }
        for value in values.iter().filter(|value| !is_placeholder(value)) {
            let choices = known.choices.get(option);
            if choices.is_some_and(|all| !all.iter().any(|choice| choice.eq_ignore_ascii_case(value))) {
                found.push(format!("`{option}` does not accept `{value}`"));
            }
        }
        given.push(option);
    }
    let by_id = given.contains(&"--ids");
    let missing =
        known.required.iter().filter(|spellings| !by_id && !spellings.iter().any(|s| given.contains(&s.as_str())));
    found.extend(missing.map(|spellings| format!("`{}` is missing", spellings.join("` or `"))));
    found
}

#[test]
fn azure_cli_accepts_every_printed_command() {
    common::with_shared("azure_cli_accepts_every_printed_command", "data", |folder| {
        let table = table(&std::fs::read_to_string(folder.join("az-commands.jsonl")).unwrap());
        assert!(table.len() > 1000);
        let blocks = all_blocks();
        let (mut seen, mut found) = (0, Vec::new());
        for (block, line) in blocks.iter().flat_map(|block| block.iter().map(move |line| (block, line))) {
            for command in commands(line) {
                seen += 1;
                let own = complaints(&table, &command, block);
                found.extend(own.into_iter().map(|why| format!("{why}: {command}")));
            }
        }
        assert!(seen > 600, "only {seen} commands");
        found.sort();
        found.dedup();
        common::assert_none("commands of azure-cli", &found);
        for (wrong, why) in [
            ("az keyvault shine --name kv1", "unknown command"),
            ("az keyvault show --name kv1 --ids x", "unknown option `--ids`"),
            ("az keyvault update --bypass None", "is missing"),
            ("az keyvault update --name kv1 --bypass Azure", "does not accept `Azure`"),
            ("az role assignment list --all true", "does not accept a value"),
            ("az network perimeter show --name p", "extension"),
        ] {
            let found = complaints(&table, wrong, &[]).join(", ");
            assert!(found.contains(why), "{wrong}: {found}");
        }
    });
}
