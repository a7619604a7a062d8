//! The JSON Schema of a configuration, which editors use.

use clap::builder::ArgAction;
use clap::{Arg, Command};
use serde_json::{Map, Value, json};

use super::OPTIONS;

/// The schema (draft 2020-12). The descriptions and values of options are those of the command line.
pub(crate) fn schema(command: &Command) -> Value {
    let mut properties: Map<String, Value> =
        OPTIONS.iter().filter_map(|name| Some((name.to_string(), option(find(command, name)?)))).collect();
    let level = json!({"enum": ["error", "warning", "info", "off"], "description": "What a finding counts as."});
    let text = |description: &str| json!({"type": "string", "description": description});
    let code = text("A code, or a glob such as `latent.*`. `apim-doctor rules` lists all codes.");
    let resource =
        text("Only for findings about these resources or paths of these callers: a name, or a glob over ids.");
    let path = text("Only for what is declared in these files: a glob over paths below the folder of this file.");
    let reason = text("Why.");
    properties.insert("levels".to_owned(), json!({
        "type": "object", "additionalProperties": level, "description": "Codes or globs, and what their findings count as.",
    }));
    properties.insert(
        "level".to_owned(),
        json!({
            "type": "array", "description": "What some findings of a code count as.",
            "items": {
                "type": "object", "additionalProperties": false, "required": ["code", "level"],
                "properties": {"code": code, "level": level, "resource": resource, "path": path, "reason": reason},
            },
        }),
    );
    properties.insert(
        "suppress".to_owned(),
        json!({
            "type": "array", "description": "Findings that do not count.",
            "items": {
                "type": "object", "additionalProperties": false, "required": ["code", "reason"],
                "properties": {
                    "code": code, "resource": resource, "path": path, "reason": reason,
                    "until": text("The last day on which it counts, such as 2027-03-31."),
                },
            },
        }),
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "apim-doctor.toml",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

fn find<'c>(command: &'c Command, name: &str) -> Option<&'c Arg> {
    let commands = command.get_subcommands().chain(std::iter::once(command));
    let mut options = commands.flat_map(Command::get_arguments);
    options.find(|arg| arg.get_long() == Some(name))
}

fn option(arg: &Arg) -> Value {
    let values: Vec<String> =
        arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).filter(|_| !is_flag(arg)).collect();
    let one = match (is_flag(arg), values.is_empty()) {
        (true, _) => json!({"type": "boolean"}),
        (false, false) => json!({"enum": values}),
        (false, true) => json!({"type": ["string", "integer"]}),
    };
    let is_list = matches!(arg.get_action(), ArgAction::Append);
    let mut value = if is_list { json!({"anyOf": [one, {"type": "array", "items": one}]}) } else { one };
    if let (Some(members), Some(help)) = (value.as_object_mut(), arg.get_help()) {
        members.insert("description".to_owned(), json!(help.to_string()));
    }
    value
}

fn is_flag(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::SetTrue)
}
