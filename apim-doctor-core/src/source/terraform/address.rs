//! Addresses of Terraform resources and references to them.

use std::sync::Arc;

/// A key of `count` or `for_each`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Index {
    Number(i64),
    Text(Arc<str>),
}

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Name(Arc<str>),
    Index(Index),
}

impl Step {
    /// The name, where it is one.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Step::Name(name) => Some(name),
            Step::Index(_) => None,
        }
    }
}

/// The module calls from the root to a module, each with its key.
pub(super) type ModulePath = Vec<(Arc<str>, Option<Index>)>;

/// What an expression refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reference {
    Resource { data: bool, kind: Arc<str>, name: Arc<str>, key: Option<Index>, path: Vec<Step> },
    Module { name: Arc<str>, key: Option<Index>, output: Option<Arc<str>>, path: Vec<Step> },
    Variable { name: Arc<str>, path: Vec<Step> },
    Local(Arc<str>),
    EachKey,
    EachValue(Vec<Step>),
    Count,
    Other,
}

/// The steps of an address or a reference; nothing where it is malformed.
pub(super) fn steps(text: &str) -> Option<Vec<Step>> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        if let Some(inner) = rest.strip_prefix("[\"") {
            let (name, after) = quoted(inner)?;
            found.push(Step::Index(Index::Text(name.into())));
            rest = after.strip_prefix(']')?;
        } else if let Some(inner) = rest.strip_prefix('[') {
            let (number, after) = inner.split_once(']')?;
            found.push(Step::Index(Index::Number(number.parse().ok()?)));
            rest = after;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (name, after) = rest.split_at_checked(end)?;
            if name.is_empty() {
                return None;
            }
            // `identity.0` is the old way to write `identity[0]`.
            let is_number = !found.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
            found.push(match name.parse().ok().filter(|_| is_number) {
                Some(number) => Step::Index(Index::Number(number)),
                None => Step::Name(name.into()),
            });
            rest = after;
        }
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None if rest.is_empty() => return Some(found),
            None => {}
        }
    }
}

/// A text up to its closing quote, and what comes after it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut found = String::new();
    let mut chars = text.char_indices();
    while let Some((at, letter)) = chars.next() {
        match letter {
            '"' => return Some((found, text.get(at + 1..)?)),
            '\\' => found.push(chars.next()?.1),
            letter => found.push(letter),
        }
    }
    None
}

/// The module path of a module's address: `module.a["x"].module.b`.
pub(super) fn module_path(address: &str) -> ModulePath {
    let mut path = ModulePath::new();
    let mut steps = steps(address).unwrap_or_default().into_iter().peekable();
    while let Some(step) = steps.next() {
        let (Some("module"), Some(Step::Name(name))) = (step.name(), steps.next()) else { break };
        path.push((name, index(&mut steps)));
    }
    path
}

fn index(steps: &mut std::iter::Peekable<impl Iterator<Item = Step>>) -> Option<Index> {
    match steps.next_if(|step| matches!(step, Step::Index(_)))? {
        Step::Index(index) => Some(index),
        Step::Name(_) => None,
    }
}

/// What a text among `references` names.
pub(super) fn reference(text: &str) -> Reference {
    let mut all = steps(text).unwrap_or_default().into_iter().peekable();
    let Some(Step::Name(head)) = all.next() else { return Reference::Other };
    let data = &*head == "data";
    match &*head {
        "each" => match all.next() {
            Some(step) if step.name() == Some("value") => Reference::EachValue(all.collect()),
            Some(step) if step.name() == Some("key") => Reference::EachKey,
            _ => Reference::Other,
        },
        "count" => Reference::Count,
        "path" | "terraform" | "self" | "ephemeral" => Reference::Other,
        "local" | "var" | "module" => {
            let Some(Step::Name(name)) = all.next() else { return Reference::Other };
            match &*head {
                "local" => Reference::Local(name),
                "var" => Reference::Variable { name, path: all.collect() },
                _ => {
                    let key = index(&mut all);
                    let output = match all.next() {
                        Some(Step::Name(output)) => Some(output),
                        _ => None,
                    };
                    Reference::Module { name, key, output, path: all.collect() }
                }
            }
        }
        _ => {
            let kind = match data {
                true => match all.next() {
                    Some(Step::Name(kind)) => kind,
                    _ => return Reference::Other,
                },
                false => head.clone(),
            };
            let Some(Step::Name(name)) = all.next() else { return Reference::Other };
            Reference::Resource { data, kind, name, key: index(&mut all), path: all.collect() }
        }
    }
}

/// The references of an expression that are not the beginning of another: after each, Terraform lists the ones that contain it.
pub(super) fn whole<'t>(references: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
    let mut found: Vec<&str> = Vec::new();
    for text in references {
        let is_part = found.last().is_some_and(|last| {
            let rest = last.strip_prefix(text);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        });
        if !is_part {
            found.push(text);
        }
    }
    found
}
