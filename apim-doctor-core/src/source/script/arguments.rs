//! The arguments of commands.

use std::collections::BTreeMap;

use crate::source::script::run::{KEYS, Run, flat};
use crate::source::script::tree::{Argument, Block, Command, Expr, Form};
use crate::source::script::value::{Kind, Value, joined};

/// Arguments of a cmdlet, by name in lower case; those without a name stand behind each other.
pub(super) struct Arguments {
    pub named: BTreeMap<String, Value>,
    pub plain: Vec<Value>,
    /// A table was splatted that may hold any name.
    pub is_open: bool,
}

impl Arguments {
    /// The value of a parameter: by its name, or by a start of it that is long enough.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        let starts = |own: &&String| own.len() >= 4 && name.starts_with(own.as_str());
        self.named.get(name).or_else(|| self.named.iter().find(|(own, _)| starts(own)).map(|(_, value)| value))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(super) fn any(&self, names: &[&str]) -> Option<Value> {
        names.iter().find_map(|name| self.get(name)).cloned()
    }

    /// What is not written and may come from a table that is not known.
    pub(super) fn slot(&self, names: &[&str], at: usize) -> Option<Value> {
        let open = || self.is_open.then(|| Value::unknown("a table of arguments that is not known", at));
        self.any(names).or_else(open)
    }
}

/// Parameters of the cmdlets that take no value.
const SWITCHES: &[&str] = &[
    "identity",
    "useconnectedaccount",
    "anonymous",
    "passthru",
    "asjob",
    "force",
    "confirm",
    "whatif",
    "verbose",
    "debug",
    "serviceprincipal",
    "local",
    "compress",
    "wait",
    "usedeviceauthentication",
    "first",
];

impl<'t> Run<'t> {
    pub(super) fn arguments(&mut self, command: &'t Command) -> Arguments {
        let mut found = Arguments { named: BTreeMap::new(), plain: Vec::new(), is_open: false };
        let mut open: Option<(String, usize)> = None;
        let mut blocks: Vec<&'t Block> = Vec::new();
        for argument in &command.arguments {
            match argument {
                Argument::Named { value: Some(Expr { form: Form::Block(block), .. }), .. } => blocks.push(block),
                Argument::Value(Expr { form: Form::Block(block), .. }) => {
                    open = None;
                    blocks.push(block);
                }
                Argument::Named { name, at, value } => {
                    if let Some((before, at)) = open.take() {
                        found.named.insert(before, Value::text("", at));
                    }
                    let name = name.trim_start_matches('-').to_ascii_lowercase();
                    match value {
                        Some(value) => {
                            let value = self.value(value);
                            let is_off = value.piece().is_empty() || &*value.piece() == "false";
                            if !(SWITCHES.contains(&name.as_str()) && is_off) {
                                found.named.insert(name, value);
                            }
                        }
                        None if SWITCHES.contains(&name.as_str()) => {
                            found.named.insert(name, Value::text("", *at));
                        }
                        None => open = Some((name, *at)),
                    }
                }
                Argument::Value(value) => {
                    let value = self.value(value);
                    match open.take() {
                        Some((name, _)) => drop(found.named.insert(name, value)),
                        None => found.plain.push(value),
                    }
                }
                Argument::Splat(name) => match self.scope.get(name).map(|table| table.kind.clone()) {
                    Some(Kind::Table(table, is_open)) => {
                        let own = table.iter().filter(|(key, _)| key.as_str() != KEYS);
                        found.named.extend(own.map(|(key, value)| (key.clone(), value.clone())));
                        found.is_open |= is_open;
                    }
                    Some(Kind::List(items)) => found.plain.extend(items.iter().cloned()),
                    _ => found.is_open = true,
                },
            }
        }
        if let Some((name, at)) = open {
            found.named.insert(name, Value::text("", at));
        }
        // A block that is passed on may run.
        let values = found.any(&["argumentlist", "args"]).and_then(|list| list.items()).unwrap_or_default();
        blocks.into_iter().for_each(|block| drop(self.block(block, values.clone())));
        found
    }

    /// The words of a command of a shell, or of a program in PowerShell.
    pub(super) fn words(&mut self, command: &'t Command) -> Vec<Value> {
        let mut words = Vec::new();
        for argument in &command.arguments {
            match argument {
                Argument::Named { name, at, value } => {
                    let value = value.as_ref().map(|value| self.value(value));
                    match value {
                        Some(value) => {
                            let sign = if name.starts_with("--") { "=" } else { ":" };
                            let start = Value::text(format!("{name}{sign}"), *at);
                            words.push(joined(&[start, value], *at));
                        }
                        None => words.push(Value::text(name.as_str(), *at)),
                    }
                }
                Argument::Value(value) => words.push(self.value(value)),
                Argument::Splat(name) => words.extend(self.scope.get(name).and_then(Value::items).unwrap_or_default()),
            }
        }
        flat(words)
    }
}
