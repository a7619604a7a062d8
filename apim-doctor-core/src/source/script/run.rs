//! Follows a script from its first line to its last, as far as its values are literal.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::base::Map;
use crate::source::script::found::{Found, Signed};
use crate::source::script::kind::Language;
use crate::source::script::powershell::variable;
use crate::source::script::tree::{Argument, Block, Expr, Form, Stage, Statement, assigned};
use crate::source::script::value::{HOLE, Kind, MOST, Value, joined};

/// How many expressions and statements are followed in all: loops and functions repeat them.
const STEPS: usize = 200_000;
/// How deep functions call each other.
const CALLS: usize = 12;
/// How deep values stand in each other.
const DEEPEST: usize = 200;
/// How often a loop over literal values is followed.
const ROUNDS: usize = 64;

/// The variables, by name.
pub(super) type Scope = Map<String, Value>;

/// A script that is followed.
pub(super) struct Run<'t> {
    pub language: Language,
    /// Whether the script stands in a pipeline, which replaces `$(name)` in it.
    pub is_pipeline: bool,
    pub scope: Scope,
    functions: Map<String, &'t Block>,
    called: BTreeSet<String>,
    calls: usize,
    depth: usize,
    steps: usize,
    /// What each change of a variable replaced, so that it can be taken back.
    changes: Vec<(String, Option<Value>)>,
    /// The requests, in the order of the lines that send them.
    pub found: Vec<Found>,
    /// What the script signs in with, and to which subscription.
    pub signed: Signed,
    /// Things to know of what else it does: where, what, and what to do.
    pub notes: Vec<(usize, &'static str, &'static str)>,
}

impl<'t> Run<'t> {
    pub(super) fn new(language: Language, scope: Scope) -> Self {
        Self {
            language,
            is_pipeline: false,
            scope,
            functions: Map::default(),
            called: BTreeSet::new(),
            calls: 0,
            depth: 0,
            steps: STEPS,
            changes: Vec::new(),
            found: Vec::new(),
            signed: Signed::default(),
            notes: Vec::new(),
        }
    }

    /// Whether everything was followed.
    pub(super) fn is_whole(&self) -> bool {
        self.steps > 0
    }

    /// Follows a script, and then the functions that nothing in it calls.
    pub(super) fn script(&mut self, script: &'t Block) {
        self.parameters(script, Vec::new(), &BTreeMap::new());
        self.statements(&script.body);
        let mut names: Vec<String> = self.functions.keys().cloned().collect();
        names.sort();
        for name in names {
            let Some(block) = self.functions.get(&name).copied().filter(|_| !self.called.contains(&name)) else {
                continue;
            };
            let before = self.changes.len();
            self.called.insert(name);
            self.parameters(block, Vec::new(), &BTreeMap::new());
            self.statements(&block.body);
            self.take_back(before, |_| true);
        }
    }

    fn statements(&mut self, statements: &'t [Statement]) -> Vec<Value> {
        let mut printed = Vec::new();
        for statement in statements {
            if self.steps == 0 {
                break;
            }
            self.steps -= 1;
            self.statement(statement, &mut printed);
            printed.truncate(MOST + 1);
        }
        printed
    }

    fn statement(&mut self, statement: &'t Statement, printed: &mut Vec<Value>) {
        match statement {
            Statement::Assign { name, adds, value } => {
                let value = self.value(value);
                let value = match (adds, self.scope.get(name)) {
                    (true, Some(before)) => before.clone().plus(&value, value.at),
                    (true, None) => Value::unknown("a variable that is set at run time", value.at),
                    (false, _) => value,
                };
                self.set(name, value);
            }
            Statement::Put { name, key, value } => {
                let (key, value) = (self.value(key), self.value(value));
                let own = self.scope.get(name).cloned();
                match (own.as_ref().map(|own| &own.kind), key.known()) {
                    (Some(Kind::Table(table, is_open)), Some(key)) if table.len() < MOST => {
                        let mut table = (**table).clone();
                        table.insert(key.to_ascii_lowercase(), value);
                        let at = own.as_ref().map_or(0, |own| own.at);
                        self.set(name, Value::new(Kind::Table(table.into(), *is_open), at));
                    }
                    _ => self.forget(name, value.at),
                }
            }
            Statement::Run(expr) => {
                let value = self.value(expr);
                printed.push(value);
            }
            Statement::Branches { of, is_whole } => printed.extend(self.branches(of, *is_whole)),
            Statement::Each { name, list, body } => {
                let at = list.at;
                let list = self.value(list);
                printed.extend(self.each(name, &list, body, at));
            }
            Statement::Loop(body) => self.unknown_times(body),
            Statement::Function { name, block } => {
                self.functions.insert(name.clone(), block);
            }
            Statement::Sequence(body) => printed.extend(self.statements(body)),
            Statement::Forget(names) => names.iter().for_each(|name| self.forget(name, 0)),
        }
    }

    fn set(&mut self, name: &str, value: Value) {
        let before = self.scope.insert(name.to_owned(), value);
        self.changes.push((name.to_owned(), before));
    }

    fn unset(&mut self, name: &str) {
        let before = self.scope.remove(name);
        self.changes.push((name.to_owned(), before));
    }

    /// Nothing is known of any variable.
    pub(super) fn forget_everything(&mut self) {
        self.changes.extend(self.scope.drain().map(|(name, value)| (name, Some(value))));
    }

    /// Takes the changes since a mark back, as far as they are of these variables.
    fn take_back(&mut self, mark: usize, is_meant: impl Fn(&str) -> bool) {
        let mut kept = Vec::new();
        while self.changes.len() > mark {
            let Some((name, before)) = self.changes.pop() else { break };
            if !is_meant(&name) {
                kept.push((name, before));
                continue;
            }
            match before {
                Some(value) => self.scope.insert(name, value),
                None => self.scope.remove(&name),
            };
        }
        self.changes.extend(kept.into_iter().rev());
    }

    pub(super) fn forget(&mut self, name: &str, at: usize) {
        self.set(name, Value::unknown(format!("the value of `{name}` depends on what happens at run time"), at));
    }

    /// Follows each branch from the same state. What they disagree about is not known afterwards.
    fn branches(&mut self, of: &'t [Vec<Statement>], is_whole: bool) -> Vec<Value> {
        let mut after: Vec<BTreeMap<String, Option<Value>>> = Vec::new();
        let mut printed: Vec<Vec<Value>> = Vec::new();
        for branch in of {
            let before = self.changes.len();
            printed.push(self.statements(branch));
            let changed = self.changes.get(before..).unwrap_or_default().iter().map(|(name, _)| name.clone());
            let changed: BTreeSet<String> = changed.collect();
            let now = |name: String| (self.scope.get(&name).cloned(), name);
            after.push(changed.into_iter().map(now).map(|(value, name)| (name, value)).collect());
            self.take_back(before, |_| true);
        }
        if !is_whole {
            after.push(BTreeMap::new());
            printed.push(Vec::new());
        }
        let names: BTreeSet<String> = after.iter().flat_map(|changed| changed.keys().cloned()).collect();
        for name in names {
            let before = self.scope.get(&name).cloned();
            let mut values = after.iter().map(|changed| changed.get(&name).unwrap_or(&before));
            let first = values.next().unwrap_or(&before).clone();
            match first.clone().filter(|_| values.all(|other| *other == first)) {
                Some(value) => self.set(&name, value),
                None => {
                    let at = first.map_or(0, |value| value.at);
                    let why = format!("the value of `{name}` depends on a condition");
                    self.set(&name, Value::unknown(why, at));
                }
            }
        }
        let mut all = printed.into_iter();
        let first = all.next().unwrap_or_default();
        match all.all(|other| other == first) {
            true => first,
            false => vec![Value::unknown("a value that depends on a condition", first.first().map_or(0, |v| v.at))],
        }
    }

    /// Follows a loop over literal values round by round, and any other loop once.
    fn each(&mut self, name: &str, list: &Value, body: &'t [Statement], at: usize) -> Vec<Value> {
        match list.items().filter(|items| items.len() <= ROUNDS) {
            Some(items) => {
                let mut printed = Vec::new();
                for item in flat(items) {
                    self.set(name, item);
                    printed.extend(self.statements(body));
                }
                printed
            }
            None => {
                let why = list.why.clone().unwrap_or_else(|| "a list that is read at run time".into());
                self.forget_all(body, at);
                // An object of a list that is read is one more that is read.
                let item = match &list.kind {
                    Kind::Key(_) | Kind::Table(..) => list.clone(),
                    _ => Value::unknown(why, at),
                };
                self.set(name, item);
                let printed = self.statements(body);
                self.forget_all(body, at);
                self.forget(name, at);
                match printed.is_empty() {
                    true => printed,
                    false => vec![Value::unknown("what a loop prints", at)],
                }
            }
        }
    }

    fn unknown_times(&mut self, body: &'t [Statement]) {
        self.forget_all(body, 0);
        self.statements(body);
        self.forget_all(body, 0);
    }

    fn forget_all(&mut self, body: &[Statement], at: usize) {
        assigned(body).iter().for_each(|name| self.forget(name, at));
    }

    /// The value of an expression.
    pub(super) fn value(&mut self, expr: &'t Expr) -> Value {
        if self.steps == 0 || self.depth > DEEPEST {
            return Value::unknown("the script is too large to follow", expr.at);
        }
        self.steps -= 1;
        self.depth += 1;
        let value = self.form(expr);
        self.depth -= 1;
        value
    }

    fn form(&mut self, expr: &'t Expr) -> Value {
        let at = expr.at;
        match &expr.form {
            Form::Text(text) => {
                let text = self.with_macros(text);
                let is_open = text.contains(HOLE);
                let why = is_open.then(|| Rc::from("an expression of the pipeline"));
                Value { why, ..Value::text(&*text, at) }
            }
            Form::Parts(parts) => {
                let parts: Vec<Value> = parts.iter().map(|part| self.value(part)).collect();
                joined(&parts, at)
            }
            Form::Sum(one, other) => {
                let (one, other) = (self.value(one), self.value(other));
                one.plus(&other, at)
            }
            Form::Format(template, values) => {
                let (template, values) = (self.value(template), self.value(values));
                let values = values.items().unwrap_or_else(|| vec![values.clone()]);
                format(&template, &values, at)
            }
            Form::Variable(name) => self.variable(name, at),
            Form::Or(name, otherwise) => {
                let otherwise = self.value(otherwise);
                match self.scope.get(name) {
                    Some(value) if value.known().is_some_and(|text| !text.is_empty()) => value.clone(),
                    // The default is what the script says; the caller may set another.
                    None => otherwise,
                    Some(_) => Value::unknown(format!("the value of `{name}` depends on what happens at run time"), at),
                }
            }
            Form::Member(owner, name) => match &owner.form {
                Form::Variable(own) if own == "env" => self.variable(&format!("env:{name}"), at),
                _ => self.value(owner).member(name, at),
            },
            Form::Index(owner, key) => {
                let (owner, key) = (self.value(owner), self.value(key));
                owner.index(&key, at)
            }
            Form::Method(owner, name, values) => {
                let owner = self.value(owner);
                if name == "foreach"
                    && let [Expr { form: Form::Block(block), .. }] = values.as_slice()
                {
                    return self.for_each(&owner, block, at);
                }
                let values: Vec<Value> = values.iter().map(|value| self.value(value)).collect();
                method(&owner, name, &values, at)
            }
            Form::List(items) => {
                let items: Vec<Value> = items.iter().map(|item| self.value(item)).collect();
                list(items, at)
            }
            Form::Table(entries) => {
                let mut table = BTreeMap::new();
                for (key, value) in entries.iter().take(MOST) {
                    let value = self.value(value);
                    table.insert(key.to_ascii_lowercase(), value);
                }
                let names: Vec<Value> = entries.iter().map(|(key, _)| Value::text(key.as_str(), at)).collect();
                table.insert(KEYS.to_owned(), Value::new(Kind::List(names.into()), at));
                Value::new(Kind::Table(table.into(), false), at)
            }
            Form::Pipeline(stages) => self.pipeline(stages, at),
            Form::Printed(statements) => match self.statements(statements) {
                printed if printed.len() == 1 => printed.into_iter().next().unwrap_or_else(|| Value::text("", at)),
                printed => list(printed, at),
            },
            Form::Block(block) => {
                // A block that is passed to something that is not known may run.
                self.block(block, Vec::new());
                Value::unknown("a script block", at)
            }
            Form::Other => Value::unknown("an expression that is not followed", at),
        }
    }

    /// A literal with the variables of the pipeline in it replaced.
    fn with_macros<'x>(&self, text: &'x str) -> Cow<'x, str> {
        if !self.is_pipeline || !text.contains("$(") {
            return Cow::Borrowed(text);
        }
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("$(") {
            let Some((name, behind)) = after.split_once(')') else { break };
            out.push_str(before);
            match self.scope.get(&format!("macro:{}", name.to_ascii_lowercase())) {
                Some(value) => out.push_str(&value.piece()),
                None => out.push(HOLE),
            }
            rest = behind;
        }
        out.push_str(rest);
        Cow::Owned(out)
    }

    fn variable(&self, name: &str, at: usize) -> Value {
        match self.scope.get(name) {
            Some(value) => Value { variable: Some(name.into()), ..value.clone() },
            None => {
                let why = match name.strip_prefix("env:") {
                    Some(own) => format!("environment variable `{own}` is set outside of the script"),
                    None => format!("`{name}` is set outside of the script"),
                };
                Value { variable: Some(name.into()), ..Value::unknown(why, at) }
            }
        }
    }

    fn pipeline(&mut self, stages: &'t [Stage], at: usize) -> Value {
        let mut input: Option<Value> = None;
        for stage in stages {
            let value = match stage {
                Stage::Value(expr) => self.value(expr),
                Stage::Command(command) => self.command(command, input.take()),
            };
            input = Some(value);
        }
        input.unwrap_or_else(|| Value::text("", at))
    }

    /// `ForEach-Object { … }`: the items are `$_`.
    pub(super) fn for_each(&mut self, input: &Value, block: &'t Block, at: usize) -> Value {
        let kept = self.scope.get("_").cloned();
        let printed = self.each("_", input, &block.body, at);
        match kept {
            Some(kept) => self.set("_", kept),
            None => self.unset("_"),
        }
        list(printed, at)
    }

    /// A script block with these arguments.
    pub(super) fn block(&mut self, block: &'t Block, values: Vec<Value>) -> Value {
        let before = self.changes.len();
        self.parameters(block, values, &BTreeMap::new());
        let printed = self.statements(&block.body);
        self.take_back(before, |_| true);
        list(printed, 0)
    }

    /// Whether the script has a function of this name.
    pub(super) fn has_function(&self, name: &str) -> bool {
        self.functions.contains_key(name)
    }

    /// Calls a function of the script.
    pub(super) fn call(&mut self, name: &str, arguments: &'t [Argument], input: Option<Value>, at: usize) -> Value {
        let Some(block) = self.functions.get(name).copied() else { return Value::unknown("a function", at) };
        self.called.insert(name.to_owned());
        if self.calls >= CALLS {
            return Value::unknown("functions that call each other too often", at);
        }
        let (mut named, mut values) = (BTreeMap::new(), Vec::new());
        let mut open: Option<String> = None;
        for argument in arguments {
            match argument {
                Argument::Named { name, value, .. } => {
                    let own = parameter(block, name.trim_start_matches('-'));
                    match (value, own) {
                        (Some(value), Some((own, _))) => {
                            let value = self.value(value);
                            named.insert(own, value);
                        }
                        (None, Some((own, false))) => open = Some(own),
                        _ => {}
                    }
                }
                Argument::Value(value) => {
                    let value = self.value(value);
                    match open.take() {
                        Some(own) => drop(named.insert(own, value)),
                        None => values.push(value),
                    }
                }
                Argument::Splat(table) => {
                    let table = self.variable(table, at);
                    if let Kind::Table(entries, _) = &table.kind {
                        for (key, value) in entries.iter() {
                            named.extend(parameter(block, key).map(|(own, _)| (own, value.clone())));
                        }
                    }
                }
            }
        }
        self.calls += 1;
        let before = self.changes.len();
        match self.language {
            Language::PowerShell => {
                if let Some(input) = input {
                    self.set("_", input);
                }
                self.parameters(block, values, &named);
            }
            Language::Shell => self.positional(&flat(values)),
        }
        let printed = self.statements(&block.body);
        self.calls -= 1;
        // A function of a shell sets the variables of the whole script.
        let is_shell = self.language == Language::Shell;
        self.take_back(before, |name| !is_shell || name.chars().all(|c| c.is_ascii_digit() || c == '@'));
        list(printed, at)
    }

    /// `$1`, `$2` and so on.
    fn positional(&mut self, values: &[Value]) {
        for (n, value) in values.iter().enumerate() {
            self.set(&(n + 1).to_string(), value.clone());
        }
        self.set("@", Value::new(Kind::List(values.to_vec().into()), 0));
    }

    /// Gives the parameters of a block their values: named, by position, or by default.
    fn parameters(&mut self, block: &'t Block, values: Vec<Value>, named: &BTreeMap<String, Value>) {
        let mut values = values.into_iter();
        for parameter in &block.parameters {
            let given = match named.get(&parameter.name) {
                Some(value) => Some(value.clone()),
                None if parameter.is_switch => None,
                None => values.next(),
            };
            let value = match (given, &parameter.default) {
                (Some(value), _) => value,
                (None, Some(default)) => self.value(default),
                (None, None) => {
                    Value::unknown(format!("parameter `{}` gets its value when the script runs", parameter.name), 0)
                }
            };
            self.set(&parameter.name, value);
        }
    }
}

/// The key under which a table keeps the names of its keys as they were written.
pub(super) const KEYS: &str = "\u{e001}keys";

/// A parameter that a name or its start means, and whether it is a switch.
fn parameter(block: &Block, name: &str) -> Option<(String, bool)> {
    let name = variable(name);
    let exact = block.parameters.iter().find(|own| own.name == name);
    let mut starts = block.parameters.iter().filter(|own| own.name.starts_with(&name));
    let found = exact.or_else(|| starts.next().filter(|_| starts.next().is_none()))?;
    Some((found.name.clone(), found.is_switch))
}

/// Lists in a list are one list.
pub(super) fn flat(items: Vec<Value>) -> Vec<Value> {
    let mut all = Vec::new();
    for item in items {
        match &item.kind {
            Kind::List(inner) if all.len() < MOST => all.extend(inner.iter().take(MOST).cloned()),
            _ => all.push(item),
        }
    }
    all
}

/// A list of what was printed; of one value, the value.
fn list(items: Vec<Value>, at: usize) -> Value {
    let items = flat(items);
    match items.len() > MOST {
        true => Value::unknown("a list with many items", at),
        false => Value::new(Kind::List(items.into()), at),
    }
}

/// What a method returns.
fn method(owner: &Value, name: &str, values: &[Value], at: usize) -> Value {
    let (Some(text), known) = (owner.known(), values.iter().map(Value::known).collect::<Option<Vec<_>>>()) else {
        return match (&owner.kind, name) {
            (Kind::Key(_), _) | (_, "tostring") => owner.clone(),
            _ => Value::unknown("what a method returns", at),
        };
    };
    let text = match (name, known.as_deref()) {
        ("tolower" | "tolowerinvariant", _) => text.to_lowercase(),
        ("toupper" | "toupperinvariant", _) => text.to_uppercase(),
        ("trim", Some([])) => text.trim().to_owned(),
        ("tostring", Some([])) => text.to_string(),
        ("replace", Some([from, to])) if !from.is_empty() => text.replace(&**from, to),
        _ => return Value::unknown("what a method returns", at),
    };
    Value::text(text, at)
}

/// `{0}` and the like, replaced.
fn format(template: &Value, values: &[Value], at: usize) -> Value {
    let Some(text) = template.known() else { return Value::unknown("a computed text", at) };
    let mut out = text.to_string();
    for (n, value) in values.iter().enumerate().take(16) {
        out = out.replace(&format!("{{{n}}}"), &value.piece());
    }
    // What is left is formatted in a way of its own.
    if out.contains(['{', '}']) {
        return Value::unknown("a computed text", at);
    }
    let why = values.iter().find_map(|value| value.why.clone()).or_else(|| Some("a computed value".into()));
    let is_open = out.contains(HOLE);
    Value { why: why.filter(|_| is_open), ..Value::text(out, at) }
}
