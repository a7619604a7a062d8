//! Values as texts: as the engine writes them, and canonically with symbols in braces.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::template::place::{FileId, Span};
use crate::template::value::{Context, Kind, Part, Symbol, Unknown, Value, Why};

/// How long a text may become.
pub(crate) const LONGEST: usize = 4 << 20;

/// The canonical text of a value: itself where it is a known text, symbols in braces. Equal symbols have equal texts.
pub(crate) fn canonical(value: &Value) -> Arc<str> {
    match &value.kind {
        Kind::String(text) | Kind::Number(text) => text.clone(),
        Kind::Symbol(symbol) => {
            let mut text = String::new();
            write_symbol(symbol, &mut text);
            text.into()
        }
        Kind::Unknown(_) => "{unknown}".into(),
        Kind::Int(number) => number.to_string().into(),
        Kind::Bool(value) => value.to_string().into(),
        Kind::Null => "null".into(),
        Kind::Array(_) | Kind::Object(_) => write_canonical(value).into(),
    }
}

/// The canonical text in lower case: by this, ids are compared.
pub(crate) fn key(value: &Value) -> Arc<str> {
    let text = canonical(value);
    let text: Arc<str> = match text.bytes().any(|b| b.is_ascii_uppercase()) {
        true => text.to_ascii_lowercase().into(),
        false => text,
    };
    match text.strip_suffix('/') {
        Some(rest) if !rest.is_empty() => rest.into(),
        _ => text,
    }
}

/// A canonical text in which no slash stands in braces: an id with symbols has the segments that it will have.
pub(crate) fn safe(text: &str) -> Cow<'_, str> {
    if !text.contains('{') {
        return Cow::Borrowed(text);
    }
    let mut depth = 0u32;
    let letter = |letter: char| {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if letter == '/' && depth > 0 { '|' } else { letter }
    };
    Cow::Owned(text.chars().map(letter).collect())
}

/// Writes the canonical text of a symbol.
pub(crate) fn write_symbol(symbol: &Symbol, into: &mut String) {
    let result = match symbol {
        Symbol::Text(parts) => {
            for part in parts {
                match part {
                    Part::Known(text) => into.push_str(text),
                    Part::Symbol(symbol) => write_symbol(symbol, into),
                }
            }
            return;
        }
        Symbol::Context(context) => write!(into, "{{{}}}", context_text(*context)),
        Symbol::Parameter { name, span } if span.file == FileId(0) => write!(into, "{{parameters('{name}')}}"),
        Symbol::Parameter { name, span } => write!(into, "{{parameters('{name}')#{}}}", span.file.0),
        Symbol::Principal(id) => write!(into, "{{principal:{id}}}"),
        Symbol::Client(id) => write!(into, "{{client:{id}}}"),
        Symbol::Property { resource, path } => write!(into, "{{{resource}:{}}}", path.join(".")),
        Symbol::Computed { function, arguments } => write!(into, "{{{function}({})}}", arguments.join(",")),
        Symbol::Listed { function, resource, path } if path.is_empty() => write!(into, "{{{function}({resource})}}"),
        Symbol::Listed { function, resource, path } => {
            write!(into, "{{{function}({resource}).{}}}", path.join("."))
        }
        Symbol::Resource(handle) if handle.path.is_empty() => write!(into, "{{{}}}", handle.id),
        Symbol::Resource(handle) => write!(into, "{{{}:{}}}", handle.id, handle.path.join(".")),
    };
    // Writing to a text does not fail.
    result.unwrap_or_default();
}

fn context_text(context: Context) -> &'static str {
    match context {
        Context::Tenant => "tenant().tenantId",
        Context::Subscription => "subscription().subscriptionId",
        Context::SubscriptionName => "subscription().displayName",
        Context::ResourceGroup => "resourceGroup().name",
        Context::Location => "resourceGroup().location",
        Context::DeploymentLocation => "deployment().location",
        Context::ManagementGroup => "managementGroup().name",
        Context::DeploymentName => "deployment().name",
        Context::Deployer => "deployer().objectId",
        Context::DeployerClient => "deployer().clientId",
    }
}

/// Writes a value as `string()` does: without blanks. Symbols make it unknown, because their text is.
pub(crate) fn write(value: &Value) -> Result<String, Arc<Unknown>> {
    let mut text = String::new();
    match write_into(value, &mut text, false) {
        Ok(()) if text.len() <= LONGEST => Ok(text),
        Ok(()) => Err(limit(value.span)),
        Err(unknown) => Err(unknown),
    }
}

/// Writes a value with symbols and what is unknown in braces.
pub(crate) fn write_canonical(value: &Value) -> String {
    let mut text = String::new();
    // With `canonical` nothing is refused but what is too large; the start of it is enough to tell values apart.
    let _cut = write_into(value, &mut text, true);
    text
}

fn limit(span: Span) -> Arc<Unknown> {
    Arc::new(Unknown::new(Why::Limit, span))
}

fn write_into(value: &Value, into: &mut String, braces: bool) -> Result<(), Arc<Unknown>> {
    if into.len() > LONGEST {
        return Err(limit(value.span));
    }
    match &value.kind {
        Kind::Null => into.push_str("null"),
        Kind::Bool(true) => into.push_str("true"),
        Kind::Bool(false) => into.push_str("false"),
        Kind::Int(number) => write!(into, "{number}").unwrap_or_default(),
        Kind::Number(number) => into.push_str(number),
        Kind::String(text) => quote(text, into),
        Kind::Symbol(_) if braces => quote(&canonical(value), into),
        Kind::Unknown(_) if braces => into.push_str("\"{unknown}\""),
        Kind::Symbol(symbol) => {
            let mut name = String::new();
            write_symbol(symbol, &mut name);
            let why = Why::Runtime(name.into());
            return Err(Arc::new(Unknown::new(why, value.span)));
        }
        Kind::Unknown(unknown) => return Err(unknown.clone()),
        Kind::Array(array) => {
            if let Some(unknown) = array.open.as_ref().filter(|_| !braces) {
                return Err(unknown.clone());
            }
            into.push('[');
            for (number, item) in array.items.iter().enumerate() {
                if number > 0 {
                    into.push(',');
                }
                write_into(item, into, braces)?;
            }
            into.push(']');
        }
        Kind::Object(object) => {
            if let Some(unknown) = object.open.as_ref().filter(|_| !braces) {
                return Err(unknown.clone());
            }
            into.push('{');
            for (number, (key, value)) in object.entries().iter().enumerate() {
                if number > 0 {
                    into.push(',');
                }
                quote(&key.text, into);
                into.push(':');
                write_into(value, into, braces)?;
            }
            into.push('}');
        }
    }
    Ok(())
}

/// Writes a text as a JSON string.
pub(crate) fn quote(text: &str, into: &mut String) {
    into.push('"');
    for letter in text.chars() {
        match letter {
            '"' => into.push_str("\\\""),
            '\\' => into.push_str("\\\\"),
            '\n' => into.push_str("\\n"),
            '\r' => into.push_str("\\r"),
            '\t' => into.push_str("\\t"),
            '\u{8}' => into.push_str("\\b"),
            '\u{c}' => into.push_str("\\f"),
            letter if (letter as u32) < 0x20 => write!(into, "\\u{:04x}", letter as u32).unwrap_or_default(),
            letter => into.push(letter),
        }
    }
    into.push('"');
}
