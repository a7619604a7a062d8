//! Scripts that stand in the steps of a pipeline: Azure Pipelines, GitHub Actions and their kin.
//!
//! Source for variables: <https://learn.microsoft.com/azure/devops/pipelines/process/variables> (read 2026-11-30).

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::source::script::kind::{Language, language};
use crate::source::script::value::HOLE;

/// How deep a pipeline is followed, and how many values it may hold.
const DEEPEST: usize = 64;
const MOST: usize = 50_000;

/// A script in a pipeline.
pub(super) struct Step {
    pub language: Language,
    pub text: String,
    /// The line of its first line, and how many columns stand before each line.
    pub line: usize,
    pub indent: usize,
    /// Variables of the pipeline with literal values.
    pub variables: BTreeMap<String, String>,
    /// Environment variables with literal values.
    pub environment: BTreeMap<String, String>,
    /// The service connection that the step signs in with.
    pub connection: Option<String>,
    /// It goes on where the step before it in the same list ended.
    pub continues: bool,
}

enum Node {
    Scalar { text: String, line: usize, column: usize, is_block: bool },
    Map(Vec<(String, Node)>),
    List(Vec<Node>),
    Other,
}

/// The scripts in a pipeline. `Err`: the line at which it is not YAML, or is nested too deeply.
pub(super) fn steps(text: &str) -> Result<Vec<Step>, usize> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for root in parse(text)? {
        walk(&root, &Names::default(), &lines, &mut found);
    }
    Ok(found)
}

fn parse(text: &str) -> Result<Vec<Node>, usize> {
    let mut open: Vec<(Node, Option<String>)> = Vec::new();
    let (mut roots, mut count) = (Vec::new(), 0);
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| error.marker().line())?;
        let line = span.start.line();
        count += 1;
        if open.len() > DEEPEST || count > MOST {
            return Err(line);
        }
        let node = match event {
            Event::Scalar(text, style, ..) => {
                let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
                let quote = usize::from(matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted));
                Node::Scalar { text: text.into_owned(), line, column: span.start.col() + quote, is_block }
            }
            Event::Alias(_) => Node::Other,
            Event::SequenceStart(..) => {
                open.push((Node::List(Vec::new()), None));
                continue;
            }
            Event::MappingStart(..) => {
                open.push((Node::Map(Vec::new()), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some((node, _)) => node,
                None => continue,
            },
            _ => continue,
        };
        match open.last_mut() {
            None => roots.push(node),
            Some((Node::List(items), _)) => items.push(node),
            Some((Node::Map(entries), key)) => match (key.take(), node) {
                (None, Node::Scalar { text, .. }) => *key = Some(text),
                (None, _) => *key = Some(String::new()),
                (Some(name), node) => entries.push((name, node)),
            },
            Some(_) => {}
        }
    }
    Ok(roots)
}

/// The names with literal values at a place of the pipeline.
#[derive(Clone, Default)]
struct Names {
    variables: BTreeMap<String, String>,
    parameters: BTreeMap<String, String>,
    environment: BTreeMap<String, String>,
}

impl Names {
    fn extend(&mut self, entries: &[(String, Node)]) {
        for (key, node) in entries {
            match key.as_str() {
                "variables" => self.set(node, "value", |names| &mut names.variables),
                "parameters" => self.set(node, "default", |names| &mut names.parameters),
                "env" => self.set(node, "value", |names| &mut names.environment),
                _ => {}
            }
        }
    }

    fn set(&mut self, node: &Node, value: &str, of: fn(&mut Names) -> &mut BTreeMap<String, String>) {
        let pairs: Vec<(String, String)> = match node {
            Node::Map(entries) => entries
                .iter()
                .filter_map(|(name, node)| match node {
                    Node::Scalar { text, .. } => Some((name.clone(), text.clone())),
                    _ => None,
                })
                .collect(),
            Node::List(items) => items
                .iter()
                .filter_map(|item| {
                    let Node::Map(entries) = item else { return None };
                    Some((scalar(entries, "name")?.to_owned(), scalar(entries, value)?.to_owned()))
                })
                .collect(),
            _ => Vec::new(),
        };
        for (name, text) in pairs {
            let text = self.expanded(&text);
            of(self).insert(name, text);
        }
    }

    /// A text with the expressions that are known replaced, and holes for the others.
    fn expanded(&self, text: &str) -> String {
        let text = replaced(text, "${{", "}}", |own| self.expression(own).unwrap_or_else(|| HOLE.to_string()));
        replaced(&text, "$(", ")", |own| {
            let is_name = !own.is_empty() && own.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
            match (is_name, self.variables.get(own)) {
                (true, Some(value)) => value.clone(),
                _ => HOLE.to_string(),
            }
        })
    }

    /// The value of what stands in `${{ … }}`.
    fn expression(&self, text: &str) -> Option<String> {
        let text = text.trim();
        let known = |start: &str, of: &BTreeMap<String, String>| of.get(text.strip_prefix(start)?).cloned();
        known("parameters.", &self.parameters)
            .or_else(|| known("variables.", &self.variables))
            .or_else(|| known("env.", &self.environment))
    }
}

fn scalar<'n>(entries: &'n [(String, Node)], name: &str) -> Option<&'n str> {
    entries.iter().find(|(own, _)| own == name).and_then(|(_, node)| match node {
        Node::Scalar { text, .. } => Some(text.as_str()),
        _ => None,
    })
}

/// A text with everything between two marks replaced.
fn replaced(text: &str, open: &str, close: &str, value: impl Fn(&str) -> String) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once(open) {
        let Some((inner, behind)) = after.split_once(close) else { break };
        out.push_str(before);
        out.push_str(&value(inner));
        rest = behind;
    }
    out.push_str(rest);
    out
}

fn walk(node: &Node, names: &Names, lines: &[&str], found: &mut Vec<Step>) {
    match node {
        Node::List(items) => items.iter().for_each(|item| walk(item, names, lines, found)),
        Node::Map(entries) => {
            let mut names = names.clone();
            names.extend(entries);
            // The inputs of a task stand beside its environment.
            for (key, inner) in entries {
                match inner {
                    Node::Scalar { .. } => found.extend(step(key, inner, entries, &names, lines)),
                    Node::List(items) if is_script(key) => {
                        for (n, item) in items.iter().enumerate() {
                            let own = step(key, item, entries, &names, lines);
                            found.extend(own.map(|step| Step { continues: n > 0, ..step }));
                        }
                    }
                    _ => walk(inner, &names, lines, found),
                }
            }
        }
        Node::Scalar { .. } | Node::Other => {}
    }
}

/// Whether a key holds a script.
fn is_script(key: &str) -> bool {
    let keys = ["run", "bash", "sh", "pwsh", "powershell", "script", "inlinescript", "inline"];
    keys.contains(&key.to_ascii_lowercase().as_str())
}

fn step(key: &str, node: &Node, beside: &[(String, Node)], names: &Names, lines: &[&str]) -> Option<Step> {
    let Node::Scalar { text, line, column, is_block } = node else { return None };
    if !is_script(key) || text.trim().is_empty() {
        return None;
    }
    let said = ["shell", "scriptType", "azurePowerShellVersion", "pwsh"];
    let said: Vec<(&str, &str)> = said.iter().filter_map(|name| Some((*name, scalar(beside, name)?))).collect();
    let language = match (key.to_ascii_lowercase().as_str(), said.as_slice()) {
        ("pwsh" | "powershell", _) => Language::PowerShell,
        ("bash" | "sh", _) => Language::Shell,
        (_, [("shell", shell), ..]) if shell.contains("pwsh") || shell.contains("powershell") => Language::PowerShell,
        (_, [("scriptType", own), ..]) if own.starts_with("ps") => Language::PowerShell,
        (_, [("shell" | "scriptType", own), ..]) if own.contains("sh") => Language::Shell,
        (_, [("azurePowerShellVersion", _), ..]) => Language::PowerShell,
        _ => language(text),
    };
    let (line, indent) = match is_block {
        true => block_place(lines, *line, text),
        false => (*line, *column),
    };
    let connection =
        ["azureSubscription", "ConnectedServiceName", "connectedServiceNameARM", "azureResourceManagerConnection"];
    let connection = connection.iter().find_map(|name| scalar(beside, name)).map(|text| names.expanded(text));
    Some(Step {
        language,
        text: filled(text, names),
        line,
        indent,
        variables: names.variables.clone(),
        environment: names.environment.clone(),
        connection: connection.filter(|text| !text.contains(HOLE)),
        continues: false,
    })
}

/// The line of the first line of a block, and how far it is indented.
fn block_place(lines: &[&str], line: usize, text: &str) -> (usize, usize) {
    let first = text.lines().find(|own| !own.trim().is_empty()).unwrap_or_default();
    let empty = text.lines().take_while(|own| own.trim().is_empty()).count();
    // The parser names the line of the sign or the line after it.
    let from = line.saturating_sub(1);
    let found =
        lines.iter().enumerate().skip(from).take(empty + 3).find(|(_, own)| own.ends_with(first) && !first.is_empty());
    match found {
        Some((n, own)) => (n + 1 - empty.min(n), own.len().saturating_sub(first.len())),
        None => (line, 0),
    }
}

/// A script with what stands in `${{ … }}` replaced: by its value if that is known, else by a hole that is as long.
fn filled(text: &str, names: &Names) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once("${{") {
        let Some((inner, behind)) = after.split_once("}}") else { break };
        out.push_str(before);
        match names.expression(inner).filter(|value| is_plain(value)) {
            Some(value) => out.push_str(&value),
            None => {
                out.push(HOLE);
                let left = (inner.len() + 5).saturating_sub(HOLE.len_utf8());
                out.extend(std::iter::repeat_n('_', left));
            }
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// Whether a value means itself wherever it stands in a script.
fn is_plain(value: &str) -> bool {
    !value.contains(HOLE) && value.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
}
