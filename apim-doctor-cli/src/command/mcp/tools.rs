//! The tools: name, description, the schema of the input, and the command line that answers it.

use std::sync::Arc;

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::Value;

use crate::command::mcp::input::{Can, Check, Diagnose, Explain, Input, WhatIf};
use crate::command::mcp::line::{Line, Wrong};

/// A command that is served.
pub(super) struct Served {
    /// Its name, which is that of the command.
    pub name: &'static str,
    title: &'static str,
    description: &'static str,
    world: World,
    /// How to get a smaller result.
    pub narrow: &'static str,
    /// The schema of its input.
    schema: fn() -> JsonObject,
    /// The command line that answers an input.
    pub line: fn(JsonObject) -> Result<Line, Wrong>,
}

/// What a tool deals with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum World {
    /// Only what the client passes.
    Given,
    /// Also Azure, if no files are given.
    Azure,
}

/// All of them.
pub(super) const TOOLS: [Served; 5] = [
    Served {
        name: "diagnose",
        title: "Explain why an Azure service cannot reach its Key Vault or storage account",
        description: "Evaluates the access paths of API Management, apps, Application Gateway and backups to Key Vault and \
            storage, from Azure itself or from files: eight gates for each path, the root cause, the smallest fix, and the \
            data that is missing. Give `files` or `recording`; or, to ask Azure, `resourceGroup` and `name`, `resources`, or \
            `subscription`. The result is `report/v1`: read `headline`, `findings` and `gaps` first. A verdict `unknown` is \
            not `pass`.",
        world: World::Azure,
        narrow: "name one instance (`name`, `resources`), or one kind of `consumer`",
        schema: schema::<Diagnose>,
        line: line::<Diagnose>,
    },
    Served {
        name: "explain",
        title: "Explain an error text or a code",
        description: "Says what an error text of Azure, Terraform, Bicep or an app can mean: the causes, best first, how to \
            tell them apart, and how to fix each; or what a code of a finding means. It needs no data and sends nothing. The \
            result is `explanation/v1`, or the page of the code. `recognized: false` means that the text is not known, not \
            that all is well.",
        world: World::Given,
        narrow: "pass only the part of the log with the error",
        schema: schema::<Explain>,
        line: line::<Explain>,
    },
    Served {
        name: "can",
        title: "Check who has permission for what",
        description: "Says whether a principal may do an action at a scope in Azure, and through which role assignment; \
            without `principal`, who may; without `action`, what the principal may do. It reads `files` or `recording`, or \
            asks Azure. The result is `answer/v1`, `who/v1` or `what/v1`, and the answer is `allowed`, `denied` or `unknown`.",
        world: World::Azure,
        narrow: "ask about one principal, one action and one scope",
        schema: schema::<Can>,
        line: line::<Can>,
    },
    Served {
        name: "check",
        title: "Check templates and plans before they are deployed",
        description: "Evaluates the access paths that ARM templates, Bicep, Terraform plans and what-if output describe, \
            before they are deployed. Nothing is changed and no compiler runs. The result is `report/v1`; its fixes have a \
            `diff` for the files where possible. A verdict `unknown` is not `pass`: the files do not say it, and `against` \
            may.",
        world: World::Azure,
        narrow: "give fewer `paths`, or one kind of `consumer`",
        schema: schema::<Check>,
        line: line::<Check>,
    },
    Served {
        name: "what-if",
        title: "Show what a change would break",
        description: "Tries a change, such as a hardening of a vault, on a recording in memory: which access paths it breaks, \
            at which gate, and what to do first so that it does not. Nothing is sent to Azure. Give `files` or `recording`, \
            and `set`, `delete`, `patch` or `apply`; `rules` lists what `apply` knows. The result is `report/v1` of the state \
            after the change, with `change` at each path, and `preparations`.",
        world: World::Given,
        narrow: "try one change at a time, or give one kind of `consumer`",
        schema: schema::<WhatIf>,
        line: line::<WhatIf>,
    },
];

impl Served {
    /// As the protocol describes it.
    pub(super) fn described(&self) -> Tool {
        let annotations = ToolAnnotations::new()
            .read_only(true)
            .destructive(false)
            .idempotent(true)
            .open_world(self.world == World::Azure);
        Tool::new(self.name, self.description, Arc::new((self.schema)())).with_title(self.title).annotate(annotations)
    }
}

/// Reads an input, and makes a command line of it.
fn line<I: Input>(input: JsonObject) -> Result<Line, Wrong> {
    let input: I = serde_path_to_error::deserialize(Value::Object(input)).map_err(|error| {
        let field = error.path().to_string();
        let text = error.inner().to_string();
        let name = field.split(['.', '[']).next().unwrap_or_default();
        match schema::<I>().get("properties").and_then(|properties| properties.get(name)) {
            Some(property) => {
                let got = text.split(", expected").next().unwrap_or_default();
                Wrong::new(field, format!("{got}: expected {}", expected(property)))
            }
            // A field that does not exist: the text lists those that do.
            None => Wrong::new(field, text),
        }
    })?;
    input.line()
}

/// What a property takes, in words.
fn expected(property: &Value) -> String {
    let text = |name: &str| property.get(name).and_then(Value::as_str).unwrap_or_default();
    let kind = match text("type") {
        "array" => "a list of texts",
        "boolean" => "`true` or `false`",
        "integer" => "a whole number",
        "object" => "an object",
        "string" => "a text",
        _ => "one of its values",
    };
    format!("{kind}. {}", text("description"))
}

/// The schema of an input. Some clients do not know types such as `["string", "null"]`, so a field is left out and never
/// `null` here.
fn schema<I: Input>() -> JsonObject {
    let generator = SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true)
        .with_transform(RecursiveTransform(plain))
        .into_generator();
    let Value::Object(mut schema) = generator.into_root_schema_for::<I>().to_value() else { return JsonObject::new() };
    for name in ["$schema", "title", "description"] {
        schema.remove(name);
    }
    schema
}

/// Leaves out what says that a field may be `null` or absent, and line breaks of the source.
fn plain(schema: &mut Schema) {
    let null = Value::from("null");
    if let Some(Value::Array(any)) = schema.remove("anyOf") {
        let value = any.into_iter().find(|one| one.get("type") != Some(&null));
        let fields = value.as_ref().and_then(Value::as_object).into_iter().flatten();
        fields.for_each(|(name, value)| _ = schema.ensure_object().entry(name).or_insert_with(|| value.clone()));
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|one| *one != null);
        if let Some(only) = types.pop().filter(|_| types.is_empty()) {
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.replace('\n', " ");
    }
    for name in ["default", "format"] {
        schema.remove(name);
    }
}
