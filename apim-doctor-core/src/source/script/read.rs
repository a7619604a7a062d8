//! From the text of a script to its requests.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::base::ResourceId;
use crate::model::form::REDACTED;
use crate::model::script::{Key, Means, ScriptRequest, Signer, Spot, Written};
use crate::model::{Input, SetAside};
use crate::source::InputError;
use crate::source::redact;
use crate::source::script::found::Found;
use crate::source::script::kind::{Language, ScriptKind};
use crate::source::script::pipeline::{Step, steps};
use crate::source::script::place::Lines;
use crate::source::script::powershell::PowerShell;
use crate::source::script::run::{Run, Scope};
use crate::source::script::said::ScriptRead;
use crate::source::script::shell::Shell;
use crate::source::script::syntax::{Piece, parse};
use crate::source::script::value::{HOLE, Value};

/// What is known before a script starts.
#[derive(Default)]
struct Before {
    scope: Scope,
    is_pipeline: bool,
    connection: Option<String>,
}

/// Reads a script or a pipeline.
pub(super) fn read(input: &Input, kind: ScriptKind, text: &str) -> ScriptRead {
    let mut read = ScriptRead::default();
    let file: Arc<str> = input.name.as_str().into();
    match kind {
        ScriptKind::Plain(language) => {
            follow(&file, language, text, &Lines::of(text), Before::default(), &mut read);
        }
        ScriptKind::Pipeline => match steps(text) {
            Ok(steps) => {
                let mut scope = Scope::default();
                for step in steps {
                    let lines = Lines::inside(&step.text, step.line, step.indent);
                    let own = if step.continues { std::mem::take(&mut scope) } else { Scope::default() };
                    let before = before(&step, own);
                    scope = follow(&file, step.language, &step.text, &lines, before, &mut read);
                }
            }
            Err(line) => {
                let message = "the pipeline is not YAML that can be read, or is nested too deeply".to_owned();
                let error = InputError::fatal(&input.name, message, "correct it, or give the script itself");
                read.problem = Some(error.at(line.max(1), 1));
            }
        },
    }
    if read.problem.is_none() && read.requests.is_empty() {
        read.aside.push(SetAside {
            file: input.name.clone(),
            line: 1,
            what: "a script that sends no request for a backup or a restore of API Management".to_owned(),
            help: "give the script that calls `Backup-AzApiManagement`, `az apim backup` or `az rest`".to_owned(),
        });
    }
    read
}

/// The variables of the pipeline that a step is part of.
fn before(step: &Step, mut scope: Scope) -> Before {
    for (name, text) in &step.variables {
        let value = literal(text);
        scope.insert(format!("macro:{}", name.to_ascii_lowercase()), value.clone());
        let exported = name.to_ascii_uppercase().replace('.', "_");
        scope.insert(environment(step.language, &exported), value);
    }
    for (name, text) in &step.environment {
        scope.insert(environment(step.language, name), literal(text));
    }
    Before { scope, is_pipeline: true, connection: step.connection.clone() }
}

fn literal(text: &str) -> Value {
    let why = text.contains(HOLE).then(|| "an expression of the pipeline".into());
    Value { why, ..Value::text(text, 0) }
}

fn environment(language: Language, name: &str) -> String {
    match language {
        Language::Shell => name.to_owned(),
        Language::PowerShell => format!("env:{}", name.to_ascii_lowercase()),
    }
}

/// Follows one script; the variables at its end.
fn follow(
    file: &Arc<str>,
    language: Language,
    text: &str,
    lines: &Lines,
    before: Before,
    read: &mut ScriptRead,
) -> Scope {
    let mut aside = |spot: Spot, what: &str, help: &str| {
        let (file, what, help) = (file.to_string(), what.to_owned(), help.to_owned());
        read.aside.push(SetAside { file, line: spot.line, what, help });
    };
    let grammar = match language {
        Language::PowerShell => tree_sitter_powershell::LANGUAGE.into(),
        Language::Shell => tree_sitter_bash::LANGUAGE.into(),
    };
    const SHORTER: &str = "give the part that sends the request for the backup";
    let Some(tree) = parse(&grammar, text) else {
        aside(lines.spot(0), "a script that takes too long to parse", SHORTER);
        return Scope::default();
    };
    let root = Piece { node: tree.root_node(), source: text };
    let (script, errors) = match language {
        Language::PowerShell => {
            let mut lower = PowerShell::new(tree.root_node().has_error());
            (lower.script(root), lower.progress.errors)
        }
        Language::Shell => {
            let mut lower = Shell::new();
            (lower.script(root), lower.progress.errors)
        }
    };
    if let Some(first) = errors.first() {
        const HELP: &str = "correct it there; values that are set in it are not known";
        aside(lines.spot(*first), "a part of the script that could not be parsed", HELP);
    }
    let mut run = Run::new(language, before.scope);
    run.is_pipeline = before.is_pipeline;
    run.script(&script);
    if !run.is_whole() {
        aside(lines.spot(0), "a script that is too large to follow to its end", SHORTER);
    }
    for (at, what, help) in &run.notes {
        aside(lines.spot(*at), what, help);
    }
    let signer = match (run.signed.signer.clone(), before.connection) {
        (None | Some(Signer::Unknown), Some(name)) => Some(Signer::Connection(shown(&name))),
        (signer, _) => signer,
    };
    let module = run.signed.module.clone().or_else(|| required(text));
    let requests = run.found.iter().map(|found| request(file, found, lines, (&signer, &module)));
    read.requests.extend(requests);
    run.scope
}

/// A text without secrets.
fn shown(text: &str) -> String {
    redact::name(text)
}

fn request(
    file: &Arc<str>,
    found: &Found,
    lines: &Lines,
    (signer, module): (&Option<Signer>, &Option<String>),
) -> ScriptRequest {
    let mut body = Map::new();
    let (mut places, mut open, mut written) = (Vec::new(), Vec::new(), Vec::new());
    let mut take = |pointer: &'static str, value: &Option<Value>| -> Option<String> {
        let value = value.as_ref()?;
        places.push((pointer, lines.spot(value.at)));
        // What looks like a secret is not a name.
        let known = value.known().filter(|text| !shown(text).contains(REDACTED)).map(|text| text.to_string());
        written.push((
            pointer,
            match (&value.variable, &known) {
                (Some(name), _) => Written::Variable(name.to_string()),
                (None, Some(text)) => Written::Literal(text.clone()),
                (None, None) => Written::Other,
            },
        ));
        if known.is_none() {
            let why = value.why.as_deref().unwrap_or("a value that is not a name");
            open.push((pointer, shown(why)));
        }
        known
    };
    let parts = [
        ("/storageAccount", &found.account),
        ("/containerName", &found.container),
        ("/backupName", &found.blob),
        ("/accessType", &found.access),
        ("/clientId", &found.client_id),
    ];
    for (pointer, value) in parts {
        if let Some(text) = take(pointer, value) {
            body.insert(pointer.trim_start_matches('/').to_owned(), Json::from(text));
        }
    }
    let (subscription, group) = (take("/subscription", &found.subscription), take("/resourceGroup", &found.group));
    let (instance, version) = (take("/instance", &found.instance), take("/apiVersion", &found.version));
    take("/context", &found.context);
    // An identity's context has no key, whatever the access type is.
    if matches!(found.key, Key::Fetched | Key::Given) {
        body.insert("accessKey".to_owned(), Json::from(REDACTED));
    }
    ScriptRequest {
        file: file.clone(),
        at: lines.spot(found.at),
        places,
        means: found.means,
        restores: found.restores,
        subscription,
        group,
        instance,
        key: found.key,
        version,
        module: module.clone().filter(|_| found.means == Means::Cmdlet),
        signer: signer.clone(),
        open,
        written,
        body: Json::Object(body),
        instance_id: ResourceId::new(""),
    }
}

/// The version of Az.ApiManagement that `#Requires` asks for.
///
/// Source: <https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_requires> (read
/// 2026-11-30).
fn required(text: &str) -> Option<String> {
    let is_required =
        |line: &&str| line.trim_start().get(..9).is_some_and(|word| word.eq_ignore_ascii_case("#requires"));
    let line = text.lines().filter(is_required).find(|line| line.contains("Az.ApiManagement"))?;
    let lower = line.to_ascii_lowercase();
    let marks = ["requiredversion", "maximumversion"];
    let at = marks.iter().find_map(|mark| Some(lower.find(mark)? + mark.len()))?;
    let rest = line.get(at..)?.trim_start_matches([' ', '=', '\'', '"']);
    Some(rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect())
}
