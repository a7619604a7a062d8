//! Texts that hold symbols: put together, taken apart, written canonically.

use std::sync::Arc;

use crate::template::canonical::{self, LONGEST};
use crate::template::place::Span;
use crate::template::value::{Context, Kind, Part, Symbol, Unknown, Value, Why};

pub(crate) use crate::template::canonical::{canonical, key, safe};

/// Puts a text together from known pieces and symbols.
#[derive(Default)]
pub(crate) struct Builder {
    parts: Vec<Part>,
    tail: String,
    length: usize,
}

impl Builder {
    /// Adds a known piece.
    pub(crate) fn text(&mut self, text: &str) {
        self.length = self.length.saturating_add(text.len());
        if self.length <= LONGEST {
            self.tail.push_str(text);
        }
    }

    /// Adds a part.
    pub(crate) fn part(&mut self, part: &Part) {
        match part {
            Part::Known(text) => self.text(text),
            Part::Symbol(symbol) => self.symbol(symbol),
        }
    }

    fn symbol(&mut self, symbol: &Arc<Symbol>) {
        if let Symbol::Text(parts) = &**symbol {
            return parts.iter().for_each(|part| self.part(part));
        }
        if !self.tail.is_empty() {
            self.parts.push(Part::Known(std::mem::take(&mut self.tail).into()));
        }
        self.length = self.length.saturating_add(64);
        if self.length <= LONGEST {
            self.parts.push(Part::Symbol(symbol.clone()));
        }
    }

    /// Adds a value as text.
    pub(crate) fn value(&mut self, value: &Value) -> Result<(), Arc<Unknown>> {
        match &value.kind {
            Kind::String(text) | Kind::Number(text) => self.text(text),
            Kind::Null => {}
            Kind::Bool(true) => self.text("True"),
            Kind::Bool(false) => self.text("False"),
            Kind::Int(number) => self.text(itoa(*number).as_str()),
            Kind::Symbol(symbol) => self.symbol(symbol),
            Kind::Unknown(unknown) => return Err(unknown.clone()),
            Kind::Array(_) | Kind::Object(_) => self.text(&canonical::write(value)?),
        }
        Ok(())
    }

    /// The text, or the symbol that it is.
    pub(crate) fn finish(mut self, span: Span) -> Value {
        if self.length > LONGEST {
            return Value::unknown(Why::Limit, span);
        }
        if self.parts.is_empty() {
            return Value::string(self.tail, span);
        }
        if !self.tail.is_empty() {
            self.parts.push(Part::Known(self.tail.into()));
        }
        if let [Part::Symbol(symbol)] = self.parts.as_slice() {
            return Value::new(Kind::Symbol(symbol.clone()), span);
        }
        Value::symbol(Symbol::Text(self.parts), span)
    }
}

fn itoa(number: i64) -> String {
    number.to_string()
}

/// The parts of a text; `None` if it is not a text.
pub(crate) fn parts(value: &Value) -> Option<Vec<Part>> {
    match &value.kind {
        Kind::String(text) => Some(vec![Part::Known(text.clone())]),
        Kind::Symbol(symbol) => match &**symbol {
            Symbol::Text(parts) => Some(parts.clone()),
            _ => Some(vec![Part::Symbol(symbol.clone())]),
        },
        _ => None,
    }
}

/// Splits a text at delimiters; `None` where a symbol may hold one of them.
pub(crate) fn split(value: &Value, delimiters: &[&str]) -> Option<Vec<Value>> {
    let mut pieces = Vec::new();
    let mut current = Builder::default();
    for part in parts(value)? {
        match part {
            Part::Symbol(symbol) => {
                if delimiters.iter().any(|delimiter| may_hold(&symbol, delimiter)) {
                    return None;
                }
                current.symbol(&symbol);
            }
            Part::Known(text) => {
                let mut rest = &*text;
                while let Some((before, after)) = first_split(rest, delimiters) {
                    current.text(before);
                    pieces.push(std::mem::take(&mut current).finish(value.span));
                    rest = after;
                }
                current.text(rest);
            }
        }
    }
    pieces.push(current.finish(value.span));
    Some(pieces)
}

fn first_split<'t>(text: &'t str, delimiters: &[&str]) -> Option<(&'t str, &'t str)> {
    let found = delimiters.iter().filter(|d| !d.is_empty()).filter_map(|d| Some((text.find(d)?, d.len())));
    let (at, len) = found.min_by_key(|(at, len)| (*at, usize::MAX - len))?;
    Some((text.get(..at)?, text.get(at + len..)?))
}

/// Whether a symbol's text may hold another text.
fn may_hold(symbol: &Symbol, text: &str) -> bool {
    match symbol {
        Symbol::Text(parts) => parts.iter().any(|part| match part {
            Part::Known(known) => known.contains(text),
            Part::Symbol(symbol) => may_hold(symbol, text),
        }),
        // A parameter that is called a name is not a path.
        Symbol::Parameter { name, .. } if text == "/" => !name.to_ascii_lowercase().ends_with("name"),
        Symbol::Context(Context::DeploymentName | Context::SubscriptionName) => text != "/",
        Symbol::Context(Context::ResourceGroup | Context::ManagementGroup) => {
            !text.contains(['/', '\\', ',', ';', '@', ':', '|', '?', '#', '%', '&', '+', ' '])
        }
        _ => match alphabet(symbol) {
            Alphabet::Guid => text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-'),
            Alphabet::LowerLetters => text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()),
            Alphabet::Any => true,
        },
    }
}

enum Alphabet {
    Guid,
    LowerLetters,
    Any,
}

fn alphabet(symbol: &Symbol) -> Alphabet {
    match symbol {
        Symbol::Context(Context::Tenant | Context::Subscription | Context::Deployer | Context::DeployerClient)
        | Symbol::Principal(_)
        | Symbol::Client(_) => Alphabet::Guid,
        Symbol::Context(Context::Location | Context::DeploymentLocation) => Alphabet::LowerLetters,
        Symbol::Computed { function, .. } if &**function == "guid" => Alphabet::Guid,
        Symbol::Computed { function, .. } if &**function == "uniqueString" => Alphabet::LowerLetters,
        _ => Alphabet::Any,
    }
}

/// Whether a symbol's text has no capital letter.
fn is_lower(symbol: &Symbol) -> bool {
    match symbol {
        Symbol::Computed { function, .. } => matches!(&**function, "guid" | "uniqueString" | "toLower"),
        _ => !matches!(alphabet(symbol), Alphabet::Any),
    }
}

/// How long the text of a symbol is, where that is known.
fn symbol_length(symbol: &Symbol) -> Option<usize> {
    match symbol {
        Symbol::Computed { function, .. } if &**function == "uniqueString" => Some(13),
        Symbol::Text(parts) => parts_length(parts),
        _ => matches!(alphabet(symbol), Alphabet::Guid).then_some(36),
    }
}

fn part_length(part: &Part) -> Option<usize> {
    match part {
        Part::Known(text) => Some(text.encode_utf16().count()),
        Part::Symbol(symbol) => symbol_length(symbol),
    }
}

fn parts_length(parts: &[Part]) -> Option<usize> {
    parts.iter().map(part_length).sum()
}

/// How long a text is, in UTF-16 units as the engine counts.
pub(crate) fn length(value: &Value) -> Option<usize> {
    parts_length(&parts(value)?)
}

/// The least length of a text.
pub(crate) fn least_length(value: &Value) -> usize {
    let parts = parts(value).unwrap_or_default();
    parts.iter().map(|part| part_length(part).unwrap_or(0)).fold(0, usize::saturating_add)
}

/// A text in lower or upper case.
pub(crate) fn change_case(value: &Value, upper: bool, span: Span) -> Option<Value> {
    let mut builder = Builder::default();
    for part in parts(value)? {
        match part {
            Part::Known(text) => builder.text(&if upper { text.to_uppercase() } else { text.to_lowercase() }),
            Part::Symbol(symbol) if !upper && is_lower(&symbol) => builder.symbol(&symbol),
            Part::Symbol(symbol) => {
                let function = if upper { "toUpper" } else { "toLower" };
                builder.symbol(&Arc::new(computed_symbol(function, std::slice::from_ref(&symbol_value(&symbol)))));
            }
        }
    }
    Some(builder.finish(span))
}

fn symbol_value(symbol: &Arc<Symbol>) -> Value {
    Value::new(Kind::Symbol(symbol.clone()), Span::NONE)
}

/// The first characters of a text; `None` where a symbol would be cut.
pub(crate) fn prefix(value: &Value, count: usize, span: Span) -> Option<Value> {
    let mut builder = Builder::default();
    let mut left = count;
    for part in parts(value)? {
        if left == 0 {
            break;
        }
        match (&part, part_length(&part)) {
            (_, Some(length)) if length <= left => {
                builder.part(&part);
                left -= length;
            }
            (Part::Known(text), _) => {
                builder.text(&take_units(text, left));
                left = 0;
            }
            (Part::Symbol(symbol), Some(_)) => {
                let arguments = [symbol_value(symbol), Value::new(Kind::Int(i64::try_from(left).ok()?), Span::NONE)];
                builder.symbol(&Arc::new(computed_symbol("take", &arguments)));
                left = 0;
            }
            _ => return None,
        }
    }
    Some(builder.finish(span))
}

/// What is left of a text without its first characters; `None` where a symbol would be cut.
pub(crate) fn suffix(value: &Value, start: usize, span: Span) -> Option<Value> {
    let mut builder = Builder::default();
    let mut left = start;
    for part in parts(value)? {
        match (&part, part_length(&part)) {
            _ if left == 0 => builder.part(&part),
            (_, Some(length)) if length <= left => left -= length,
            (Part::Known(text), _) => {
                builder.text(&skip_units(text, left));
                left = 0;
            }
            (Part::Symbol(_), _) => return None,
        }
    }
    (left == 0).then(|| builder.finish(span))
}

/// The first UTF-16 units of a text.
pub(crate) fn take_units(text: &str, count: usize) -> String {
    if text.is_ascii() {
        return text.get(..count.min(text.len())).unwrap_or(text).to_owned();
    }
    let units: Vec<u16> = text.encode_utf16().take(count).collect();
    String::from_utf16_lossy(&units)
}

/// The UTF-16 units of a text from one on.
pub(crate) fn skip_units(text: &str, count: usize) -> String {
    if text.is_ascii() {
        return text.get(count.min(text.len())..).unwrap_or_default().to_owned();
    }
    let units: Vec<u16> = text.encode_utf16().skip(count).collect();
    String::from_utf16_lossy(&units)
}

/// Whether a text starts or ends with another without regard to case, as far as that is known.
pub(crate) fn starts_with(value: &Value, other: &str, at_end: bool) -> Option<bool> {
    let parts = parts(value)?;
    let edge = if at_end { parts.last() } else { parts.first() };
    let Some(Part::Known(text)) = edge else { return other.is_empty().then_some(true) };
    let (text, other) = (text.to_lowercase(), other.to_lowercase());
    let (has, could) = if at_end {
        (text.ends_with(&other), other.ends_with(&text))
    } else {
        (text.starts_with(&other), other.starts_with(&text))
    };
    match has {
        true => Some(true),
        false if parts.len() > 1 && could => None,
        false => Some(false),
    }
}

/// Whether a text holds another; `Some(false)` only where no symbol may bring it.
pub(crate) fn holds(value: &Value, other: &str) -> Option<bool> {
    let parts = parts(value)?;
    let known = |part: &Part| matches!(part, Part::Known(text) if text.contains(other));
    if parts.iter().any(known) {
        return Some(true);
    }
    match parts.as_slice() {
        [Part::Known(_)] => Some(false),
        _ => None,
    }
}

/// A pure function of symbols.
pub(crate) fn computed(function: &str, arguments: &[Value], span: Span) -> Value {
    Value::symbol(computed_symbol(function, arguments), span)
}

fn computed_symbol(function: &str, arguments: &[Value]) -> Symbol {
    /// Longer arguments are told apart by a hash, or nested calls would double the text each time.
    const LONG: usize = 1024;
    let argument = |value: &Value| {
        let text = canonical(value);
        match text.len() > LONG {
            true => {
                let start: String = text.chars().take(64).collect();
                format!("{start}…#{:016x}", crate::template::value::hash(&text)).into()
            }
            false => text,
        }
    };
    Symbol::Computed { function: function.into(), arguments: arguments.iter().map(argument).collect() }
}
